"""The merit order of one step: offers by price, cheapest first, as wide as they are large."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from bokeh.models import ColumnDataSource, GlyphRenderer, HoverTool, Label, Range1d, Span
from bokeh.plotting import figure

from views import theme as look
from views.plots.models import MeritOrder


@dataclass
class MeritOrderPlot:
    """The chart's handle."""

    figure: figure
    source: ColumnDataSource
    offered: GlyphRenderer
    awarded: GlyphRenderer
    need: Span
    need_text: Label
    hover: HoverTool

    def show(self, order: MeritOrder) -> None:
        """Draw another step, in place."""
        columns = merit_columns(order)
        reach = max(float(columns["right"].max(initial=0.0)), order.required_p_mw or 0.0) or 1.0
        top = float(columns["price"].max(initial=0.0)) or 1.0
        self.figure.x_range.update(start=0.0, end=1.05 * reach)
        self.figure.y_range.update(start=min(0.0, 1.15 * float(columns["price"].min(initial=0.0))), end=1.15 * top)
        self.figure.xaxis.axis_label = f"Offered, {order.power_unit} (cheapest first)"
        self.figure.yaxis.axis_label = order.price_unit
        self.hover.tooltips = _tooltips(order)
        self.need.visible = self.need_text.visible = order.required_p_mw is not None
        if order.required_p_mw is not None:
            self.need.location = order.required_p_mw
            is_left = order.required_p_mw < 0.4 * reach
            self.need_text.update(
                x=order.required_p_mw,
                y=1.15 * top,
                x_offset=6 if is_left else -6,
                text_align="left" if is_left else "right",
                text=f"needed {order.required_p_mw:.3f} {order.power_unit}",
            )
        self.source.data = columns

    def restyle(self, name: look.ThemeName) -> None:
        """Switch the colours in place."""
        t = look.tokens(name)
        self.offered.glyph.update(fill_color=t.faint, line_color=t.normal, hatch_color=t.normal)
        self.awarded.glyph.update(fill_color=t.primary, line_color=t.paper)
        self.need.line_color = t.alarm
        self.need_text.text_color = t.alarm_text


def merit_order(order: MeritOrder, *, theme: look.ThemeName = "light", height_px: int = 220) -> MeritOrderPlot:
    """Blocks as wide as their power and as high as their price; the awarded part is filled, the rest hatched; the
    need is a line.

    Raises ValueError when the arrays differ in length.
    """
    f = figure(
        height=height_px,
        sizing_mode="stretch_width",
        tools="save",
        toolbar_location=None,
        x_range=Range1d(0, 1),
        y_range=Range1d(0, 1),
        outline_line_color=None,
        min_border=4,
    )
    f.xgrid.visible = False
    source = ColumnDataSource({})
    block = {"bottom": 0, "top": "price", "source": source}
    source.data = merit_columns(order)
    offered = f.quad(left="left", right="right", hatch_pattern="/", hatch_scale=8, hatch_weight=0.5, **block)
    awarded = f.quad(left="left", right="awarded_to", **block)
    need = Span(dimension="height", line_width=2, line_dash=[6, 3])
    need_text = Label(
        x=0,
        y=0,
        x_offset=-6,
        y_offset=-4,
        text_align="right",
        text_baseline="top",
        text_font=look.FONT,
        text_font_size="12px",
    )
    f.add_layout(need)
    f.add_layout(need_text)
    hover = HoverTool(renderers=[offered])
    f.add_tools(hover)
    plot = MeritOrderPlot(f, source, offered, awarded, need, need_text, hover)
    plot.show(order)
    plot.restyle(theme)
    return plot


def _tooltips(order: MeritOrder) -> list[tuple[str, str]]:
    return [
        ("Offer", "@name"),
        ("Offered", f"@p_mw{{0.000}} {order.power_unit}"),
        ("Awarded", f"@awarded_p_mw{{0.000}} {order.power_unit}"),
        ("Price", f"@price{{0.00}} {order.price_unit}"),
    ]


def merit_columns(order: MeritOrder) -> dict[str, np.ndarray]:
    """Sorted by price, then by name; left and right edges are cumulated MW."""
    p_mw, price = np.asarray(order.p_mw, float), np.asarray(order.price_eur_per_mwh, float)
    awarded = np.zeros_like(p_mw) if order.awarded_p_mw is None else np.asarray(order.awarded_p_mw, float)
    name = np.asarray(order.name, dtype=object)
    if not len(name) == len(p_mw) == len(price) == len(awarded):
        raise ValueError("name, p_mw, price_eur_per_mwh, awarded_p_mw: one entry per offer each")
    sorting = np.lexsort((name.astype(str), price))
    right = np.cumsum(p_mw[sorting])
    left = right - p_mw[sorting]
    return {
        "name": name[sorting],
        "p_mw": p_mw[sorting],
        "price": price[sorting],
        "awarded_p_mw": awarded[sorting],
        "left": left,
        "right": right,
        "awarded_to": left + awarded[sorting],
    }
