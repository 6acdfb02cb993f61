"""Names and values as a list, and several of them side by side. All text is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import panel as pn

from views.widgets.markup import html_pane, tag

Facts = Sequence[tuple[str, str]]


def facts_markup(facts: Facts) -> str:
    """A list of names and values."""
    return tag("dl", "".join(tag("dt", escape(k)) + tag("dd", escape(v)) for k, v in facts), class_="facts")


Line = tuple[str, Sequence[str], bool]
"""A name, the value of each column, and whether they differ."""


def comparison_markup(titles: Sequence[str], lines: Sequence[Line]) -> str:
    """One column for each title; a row whose values differ is marked with a word and not by colour alone."""
    head = tag("td", "") + "".join(tag("th", escape(title), scope="col") for title in titles)
    rows = "".join(_row(*line) for line in lines)
    return tag("table", tag("thead", tag("tr", head)) + tag("tbody", rows), class_="compare")


def _row(name: str, values: Sequence[str], differ: bool) -> str:
    mark = tag("span", "differs", class_="differs") if differ else ""
    head = tag("th", escape(name) + mark, scope="row")
    cells = "".join(tag("td", escape(value)) for value in values)
    return tag("tr", head + cells, class_="differ" if differ else "same")


class FactList:
    """Names and values on a page; `show` replaces them."""

    def __init__(self) -> None:
        self.view: pn.pane.HTML = html_pane("")

    def show(self, facts: Facts) -> None:
        markup = facts_markup(facts) if facts else ""
        if self.view.object != markup:
            self.view.object = markup


class Comparison:
    """Several things side by side on a page."""

    def __init__(self) -> None:
        self.view: pn.pane.HTML = html_pane("", margin=(4, 12, 12, 12), styles={"overflow-x": "auto"})

    def show(self, titles: Sequence[str], lines: Sequence[Line]) -> None:
        markup = comparison_markup(titles, lines) if titles else ""
        if self.view.object != markup:
            self.view.object = markup
