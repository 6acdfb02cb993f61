"""Two values side by side for each of a few names: what two clearings gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from bokeh.models import ColumnDataSource, FactorRange, GlyphRenderer, HoverTool, LegendItem, Span
from bokeh.plotting import figure
from bokeh.transform import dodge

from views import theme as look
from views.plots.furniture import legend_above
from views.plots.models import Floats

_ROW_PX, _EDGE_PX = 40, 76
_SIDES = (("left", -0.19), ("right", 0.19))


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """name : [n], each once; left, right : [n] in `unit`."""

    name: Sequence[str]
    left: Floats
    right: Floats
    unit: str


@dataclass
class PairBarsPlot:
    """The chart's handle."""

    figure: figure
    source: ColumnDataSource
    bars: Sequence[GlyphRenderer]
    items: Sequence[LegendItem]
    hover: HoverTool
    zero: Span

    def show(self, pairs: Pairs, left: str, right: str) -> None:
        """Draw these pairs; `left` and `right` name the sides in the legend."""
        names = list(reversed([str(name) for name in pairs.name]))  # Bokeh counts upwards, people read downwards
        values = {side: np.asarray(getattr(pairs, side), float)[::-1] for side, _ in _SIDES}
        ends = np.concatenate([*values.values(), np.zeros(1)])
        margin = 0.06 * (float(np.ptp(ends)) or 1.0)
        self.figure.x_range.update(
            start=float(ends.min()) - margin * (ends.min() < 0), end=float(ends.max()) + margin
        )
        self.figure.y_range.factors = names
        self.figure.height = _EDGE_PX + _ROW_PX * max(1, len(names))
        self.figure.xaxis.axis_label = pairs.unit
        self.hover.tooltips = [
            ("", "@name"),
            (left, f"@left{{0,0.00}} {pairs.unit}"),
            (right, f"@right{{0,0.00}} {pairs.unit}"),
        ]
        for item, label in zip(self.items, (left, right), strict=True):
            item.label = {"value": label}
        self.source.data = {"name": names, **values}

    def restyle(self, name: look.ThemeName) -> None:
        """Switch the colours in place."""
        t = look.tokens(name)
        plain, hatched = self.bars
        plain.glyph.update(fill_color=t.primary, line_color=t.primary)
        hatched.glyph.update(fill_color=t.faint, line_color=t.text, hatch_color=t.text)
        self.zero.line_color = t.muted


def pair_bars(pairs: Pairs, left: str, right: str, *, theme: look.ThemeName = "light") -> PairBarsPlot:
    """Lying bars, the left side filled and the right one hatched, from zero; each name once."""
    f = figure(
        y_range=FactorRange(factors=[]),
        x_range=(0, 1),
        height=_EDGE_PX,
        sizing_mode="stretch_width",
        tools="",
        toolbar_location=None,
        outline_line_color=None,
        min_border=4,
        min_border_right=24,
    )
    f.ygrid.visible = False
    source = ColumnDataSource({"name": [], "left": [], "right": []}, name="fd-pairs")
    bars = [
        f.hbar(
            y=dodge("name", -offset, range=f.y_range),
            right=side,
            left=0,
            height=0.34,
            source=source,
            hatch_pattern="blank" if side == "left" else "right_diagonal_line",
            hatch_scale=8,
            hatch_weight=1,
        )
        for side, offset in _SIDES
    ]
    items = [
        LegendItem(label={"value": label}, renderers=[bar]) for label, bar in zip((left, right), bars, strict=True)
    ]
    legend_above(f, items)
    zero = Span(location=0, dimension="height", line_width=1)
    f.add_layout(zero)
    hover = HoverTool(renderers=bars)
    f.add_tools(hover)
    plot = PairBarsPlot(f, source, bars, items, hover, zero)
    plot.show(pairs, left, right)
    plot.restyle(theme)
    return plot
