"""Wholesale prices as lines over bands from the lowest to the highest local price of each region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, GlyphRenderer, HoverTool, LegendItem
from bokeh.plotting import figure
from numpy.typing import NDArray

from views import theme as look
from views.plots.furniture import day_canvas, legend_above

Floats = NDArray[np.floating]
Pair = tuple[Floats, Floats]
UNIT = "EUR/MWh"
_LINES = (("text", "solid"), ("primary", "dashed"))
_BANDS = (("low", " "), ("high", "right_diagonal_line"), ("normal", "dot"), ("watch", "horizontal_line"))
"""Colour and hatch: bands are told apart without colour too."""


@dataclass
class PriceBands:
    """The chart's handle."""

    figure: figure
    source: ColumnDataSource
    lines: Mapping[str, GlyphRenderer]
    bands: Mapping[str, GlyphRenderer]
    items: Mapping[str, LegendItem]
    labels: Sequence[str]

    def show(self, lines: Mapping[str, Floats], bands: Mapping[str, Pair]) -> None:
        """Draw these in place, each series [n_steps]; what is missing is taken off chart and legend."""
        data: dict[str, Any] = {"step": np.arange(len(self.labels), dtype=float), "label": list(self.labels)}
        blank = np.full(len(self.labels), np.nan)
        for key, renderer in self.lines.items():
            data[key] = np.asarray(lines.get(key, blank), float)
            renderer.visible = self.items[key].visible = key in lines
        for key, renderer in self.bands.items():
            data[f"low {key}"], data[f"high {key}"] = bands.get(key, (blank, blank))
            renderer.visible = self.items[key].visible = key in bands
        shown = np.concatenate([*lines.values(), *(side for pair in bands.values() for side in pair), np.zeros(1)])
        margin = 0.06 * (float(shown.max() - shown.min()) or 1.0)
        self.figure.y_range.update(start=float(shown.min()) - margin, end=float(shown.max()) + margin)
        self.source.data = data

    def restyle(self, name: look.ThemeName) -> None:
        """Switch the colours in place."""
        t = look.tokens(name)
        for (tone, _dash), renderer in zip(_LINES, self.lines.values(), strict=False):
            renderer.glyph.line_color = getattr(t, tone)
        for k, renderer in enumerate(self.bands.values()):
            color = getattr(t, _BANDS[k % len(_BANDS)][0])
            renderer.glyph.update(fill_color=color, hatch_color=color)


def price_bands(
    lines: Mapping[str, str],
    bands: Mapping[str, str],
    labels: Sequence[str],
    *,
    theme: look.ThemeName = "light",
    height_px: int = 420,
) -> PriceBands:
    """An empty chart over `labels`; `lines` (at most two) and `bands` map keys to names in the legend."""
    f = day_canvas(labels, height_px, tools="save", y_axis_label=UNIT)
    sides = [f"{side} {key}" for key in bands for side in ("low", "high")]
    blank = np.full(len(labels), np.nan)
    source = ColumnDataSource(
        {
            "step": np.arange(len(labels), dtype=float),
            "label": list(labels),
            **dict.fromkeys((*lines, *sides), blank),
        }
    )
    areas = {key: _band(f, source, key, _BANDS[k % len(_BANDS)][1]) for k, key in enumerate(bands)}
    curves = {
        key: f.step("step", key, source=source, mode="center", line_width=2, line_dash=dash)
        for key, (_tone, dash) in zip(lines, _LINES, strict=False)
    }
    names = {**lines, **bands}
    items = {key: LegendItem(label=names[key], renderers=[r]) for key, r in {**curves, **areas}.items()}
    legend_above(f, list(items.values()))
    anywhere = f.vbar("step", top=1e9, bottom=-1e9, width=1.0, source=source, fill_alpha=0, line_alpha=0)
    tooltips = [("", "@label"), *((name, f"@{{{key}}}{{0.00}} {UNIT}") for key, name in lines.items())]
    tooltips += [
        (name, f"@{{low {key}}}{{0.00}} to @{{high {key}}}{{0.00}} {UNIT}") for key, name in bands.items()
    ]
    f.add_tools(HoverTool(renderers=[anywhere], mode="vline", tooltips=tooltips))
    plot = PriceBands(f, source, curves, areas, items, labels)
    plot.restyle(theme)
    return plot


def _band(f: figure, source: ColumnDataSource, key: str, hatch: str) -> GlyphRenderer:
    return f.varea_step(
        "step",
        f"low {key}",
        f"high {key}",
        source=source,
        step_mode="center",
        fill_alpha=0.3,
        hatch_pattern=hatch,
        hatch_alpha=0.6,
        hatch_weight=1,
    )
