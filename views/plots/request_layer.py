"""Own requests on a map: a ring around every bus that one asks at, full in its quarter hours and faint outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bokeh.models import ColumnDataSource, CustomJS, GlyphRenderer, HoverTool

from views import theme as look
from views.plots.gridmap import GridMap
from views.plots.gridmap_parts import flat
from views.plots.models import RequestOnMap

_STEP = (Path(__file__).parent / "js" / "requests_step.js").read_text(encoding="utf-8")
FAINT, FULL = 0.2, 1.0
_MARKER = {"up": "triangle", "down": "inverted_triangle"}


@dataclass
class RequestLayer:
    """The layer's handle."""

    grid: GridMap
    rings: ColumnDataSource
    quantity: ColumnDataSource
    glyph: GlyphRenderer
    hover: HoverTool

    def set_requests(self, requests: Sequence[RequestOnMap]) -> None:
        """Show these; a bus of several requests has a ring for each, the later ones wider."""
        self.rings.data = _columns(requests, self.grid.grid.xy_km(), self.grid.state.step)
        n_steps = self.grid.state.last + 1
        series = [np.asarray(request.quantity, float) for request in requests] or [np.zeros(n_steps)]
        self.quantity.tags = [len(series)]
        self.quantity.data = {"v": flat(np.column_stack(series))}  # its change redraws: last

    def show(self, visible: bool) -> None:
        """Draw them or take them away."""
        self.glyph.visible = visible

    def restyle(self, name: look.ThemeName) -> None:
        """Switch the colours in place."""
        self.glyph.glyph.line_color = look.tokens(name).primary


def request_layer(grid: GridMap, theme: look.ThemeName = "light") -> RequestLayer:
    """A hidden layer without requests yet."""
    rings = ColumnDataSource(_columns((), grid.grid.xy_km(), 0), name="fd-room-requests")
    glyph = grid.figure.scatter(
        "x",
        "y",
        source=rings,
        marker="marker",
        size="size",
        line_width=2,
        fill_alpha=0.0,
        line_alpha="alpha",
        visible=False,
    )
    # "@name" is escaped by Bokeh; never use {safe} here, names are typed by people.
    hover = HoverTool(
        renderers=[glyph],
        tooltips=[("Request", "@name"), ("Asked now", "@now{0.000} @unit @direction")],
        attachment="below",
    )
    grid.figure.add_tools(hover)
    quantity = ColumnDataSource({"v": np.zeros(grid.state.last + 1, np.float32)}, tags=[1])
    step = CustomJS(args={"state": grid.state, "rings": rings, "quantity": quantity}, code=_STEP)
    grid.state.js_on_change("step", step)
    quantity.js_on_change("data", step)
    layer = RequestLayer(grid, rings, quantity, glyph, hover)
    layer.restyle(theme)
    return layer


def _columns(requests: Sequence[RequestOnMap], xy: np.ndarray, step: int) -> dict[str, object]:
    rows = [(k, request, bus) for k, request in enumerate(requests) for bus in request.buses]
    now = [float(request.quantity[step]) for _, request, _ in rows]
    return {
        "x": [float(xy[bus, 0]) for *_, bus in rows],
        "y": [float(xy[bus, 1]) for *_, bus in rows],
        "request": [k for k, *_ in rows],
        "name": [request.name for _, request, _ in rows],
        "direction": [request.direction for _, request, _ in rows],
        "unit": [request.unit for _, request, _ in rows],
        "marker": [_MARKER[request.direction] for _, request, _ in rows],
        "size": [16 + 5 * (k % 3) for k, *_ in rows],
        "now": now,
        "alpha": [FULL if value else FAINT for value in now],
    }
