"""Panels with a title, empty states, plain text, and the pane for figures."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmu

from views.widgets.markup import html_pane, tag

_FIGURE_MARGIN = (0, 8, 4, 4)


def panel(title: str, *content: Any, tools: Sequence[Any] = (), fill: bool = False, **options: Any) -> pmu.Paper:
    """A sheet with a title at the left and tools at the right of its head.

    fill : stretch in both directions (a map); otherwise as high as the content
    """
    head = pn.Row(
        html_pane(tag("h2", escape(title), class_="panel-title"), align="center"),
        *tools,
        sizing_mode="stretch_width",
        margin=(8, 12, 0, 12),
    )
    sizing = "stretch_both" if fill else "stretch_width"
    return pmu.Paper(head, *content, elevation=0, variant="outlined", sizing_mode=sizing, margin=4, **options)


def figure_pane(figure: Any) -> pn.pane.Bokeh:
    """A Bokeh figure in a page. Sizes and styles are the figure's own: Panel does not hand on the pane's."""
    figure.margin = _FIGURE_MARGIN
    return pn.pane.Bokeh(figure)


def empty_state(what: str, next_step: str, *actions: Any) -> pn.Column:
    """What is not there yet, and what to do next; `actions` are buttons."""
    words = tag("p", escape(what), class_="empty-what") + tag("p", escape(next_step), class_="empty-next")
    body = html_pane(tag("div", words, class_="empty"))
    return pn.Column(body, pn.Row(*actions, align="center"), sizing_mode="stretch_width", margin=(16, 12))


def text(content: str, style: str = "body", **options: Any) -> pn.pane.HTML:
    """A paragraph of any text, escaped; style "body" or "muted"."""
    return html_pane(tag("p", escape(content), class_=f"text {style}"), **options)
