"""Voltage as a field under the lines: every pixel the mean of the buses near it, weighted by inverse distance.

The weights are made once; the browser draws each step's field from them, so that scrubbing sends nothing. It is a
picture to find a region by, not a measurement: between buses there is no voltage.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bokeh.models import ColumnDataSource, CustomJS, GlyphRenderer
from numpy.typing import NDArray

from views import theme as look
from views.plots.gridmap import GridMap
from views.plots.models import Floats

_DRAW = (Path(__file__).parent / "js" / "contour.js").read_text(encoding="utf-8")
N_X = 96
"""Pixels across."""
NEAR = 8
"""Buses that count for a pixel."""
REACH = 0.12
"""How far from the nearest bus the field is drawn, as a share of the map's larger side."""


@dataclass(frozen=True, eq=False)
class Weights:
    """Which buses make a pixel, and how much: `index`, `weight` [n_pixel, n_near], rows from the south-west.

    Weights of a pixel add up to 1; beyond reach they are NaN. x, y, dw, dh in km; shape (n_y, n_x).
    """

    index: NDArray[np.int32]
    weight: NDArray[np.float32]
    shape: tuple[int, int]
    x: float
    y: float
    dw: float
    dh: float

    def field(self, vm_pu: Floats) -> NDArray[np.float32]:
        """The field [n_y, n_x] of voltages [n_bus]; buses that are NaN (no supply) do not count."""
        values = np.asarray(vm_pu, np.float32)[self.index]
        counts = np.isfinite(values) & np.isfinite(self.weight)
        weight = np.where(counts, self.weight, 0).sum(axis=1)
        total = np.where(counts, self.weight * np.where(counts, values, 0), 0).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(weight > 0, total / weight, np.nan).reshape(self.shape).astype(np.float32)


def weights(xy_km: Floats, n_x: int = N_X) -> Weights:
    """Weights 1/distance² of the nearest buses for a grid of square pixels around them all."""
    xy = np.asarray(xy_km, float)
    low, high = xy.min(axis=0), xy.max(axis=0)
    side = float(max(high - low)) or 1.0
    low, high = low - REACH * side, high + REACH * side
    pixel = float(high[0] - low[0]) / n_x
    n_y = max(1, int(np.ceil((high[1] - low[1]) / pixel)))
    px = low[0] + pixel * (np.arange(n_x) + 0.5)
    py = low[1] + pixel * (np.arange(n_y) + 0.5)
    places = np.column_stack([np.tile(px, n_y), np.repeat(py, n_x)])
    distance = np.hypot(places[:, None, 0] - xy[None, :, 0], places[:, None, 1] - xy[None, :, 1])
    n_near = min(NEAR, len(xy))
    index = np.argpartition(distance, n_near - 1, axis=1)[:, :n_near]
    near = np.take_along_axis(distance, index, axis=1)
    weight = 1.0 / np.maximum(near, 0.25 * pixel) ** 2
    weight /= weight.sum(axis=1, keepdims=True)
    weight[near.min(axis=1) > REACH * side] = np.nan
    return Weights(
        index.astype(np.int32),
        weight.astype(np.float32),
        (n_y, n_x),
        float(low[0]),
        float(low[1]),
        pixel * n_x,
        pixel * n_y,
    )


@dataclass
class Contour:
    """The layer's handle; its weights are made when it is first shown."""

    grid: GridMap
    near: ColumnDataSource
    field: ColumnDataSource
    image: GlyphRenderer

    def show(self, visible: bool) -> None:
        """Draw it or take it away."""
        if visible and not len(self.near.data["index"]):
            self._fill()
        self.image.visible = visible
        self.grid.show_voltage_bar(visible)

    def restyle(self, name: look.ThemeName) -> None:
        """Its colours are those of the map's voltage scale."""
        scale = self.grid.voltage_bar.color_mapper
        palette = look.voltage_palette(name, *self.grid.median_limits, scale.low, scale.high)
        self.image.glyph.color_mapper.palette = palette

    def _fill(self) -> None:
        made = weights(self.grid.grid.xy_km())
        vm_pu = np.asarray(self.grid.buses.data["vm"])
        self.field.data = {
            "image": [made.field(vm_pu)],
            **{key: [getattr(made, key)] for key in ("x", "y", "dw", "dh")},
        }
        self.near.data = {"index": made.index.ravel(), "weight": made.weight.ravel()}  # last: it draws


def contour(grid: GridMap) -> Contour:
    """A hidden field under the lines of a map, coloured by the map's voltage scale, limits marked on its bar."""
    field = ColumnDataSource({key: [] for key in ("image", "x", "y", "dw", "dh")}, name="fd-contour")
    near = ColumnDataSource({"index": np.zeros(0, np.int32), "weight": np.zeros(0, np.float32)}, tags=[NEAR])
    image = grid.figure.image(
        "image",
        x="x",
        y="y",
        dw="dw",
        dh="dh",
        source=field,
        color_mapper=grid.voltage_bar.color_mapper.clone(nan_color="rgba(0, 0, 0, 0)"),
        level="underlay",
        global_alpha=0.5,
        visible=False,
    )
    layer = Contour(grid, near, field, image)
    grid.all_vm.tags = [len(grid.grid.bus_name)]
    args = {"state": grid.state, "near": near, "field": field, "all_vm": grid.all_vm, "image": image}
    draw = CustomJS(args=args, code=_DRAW)
    grid.state.js_on_change("step", draw)
    for source in (near, grid.all_vm):
        source.js_on_change("data", draw)
    return layer
