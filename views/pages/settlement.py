"""A participant's settlement: contract, statements in versions, their lines and days, and invoices."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import panel as pn

from domain.flexibility.commodity import Commodity
from domain.parties import Role
from domain.time import DeliveryDay
from domain.units import total
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.filling import Filling
from views.pages.settlement_parts import AwardDay, Invoices, lines_book, versions_book
from views.state.common import number, with_reactive
from views.state.settlement import OwnStatements
from views.state.settlement_records import contract_words, line_records, version_records
from views.widgets import KeyFigure, KeyFigures, csv_button, empty_state, panel
from views.widgets.markup import html_pane, tag

LINK = {"id": "statement", "award": "award", "method": "method"}
_WAITING = "It appears here when the market operator has validated a session after delivery and issued it."


class StatementsPage:
    """Key figures and the chosen version's lines; under them an award's day, versions, invoices and contract.

    again : called when another version is chosen, which may be of another day
    """

    def __init__(self, context: PageContext, state: OwnStatements, again: Callable[[], None]) -> None:
        self._state, self._again = state, again
        self._figures = KeyFigures([])
        self._lines = lines_book(self._on_line)
        self._versions = versions_book(self._on_version)
        self._day = AwardDay(DeliveryDay(day=state.row.session.delivery_day), context.theme, self._on_method)
        self._invoices = Invoices(state.file, with_party=False)
        self._contracts = html_pane("", margin=(0, 4))
        self.draw()

    @property
    def themed(self) -> list[Any]:
        return [self._day.plot]

    def main(self) -> list[Any]:
        lines = panel(
            "Lines of the statement, MWh and Mvarh",
            self._lines.view,
            tools=[pn.HSpacer(), csv_button("statement.csv", self._lines.csv)],
        )
        below = pn.Row(
            pn.Column(self._day.view, sizing_mode="stretch_width", margin=0),
            pn.Column(
                panel("Versions", self._versions.view),
                self._invoices.view,
                panel("Contract", self._contracts),
                width=796,
                margin=0,
            ),
            sizing_mode="stretch_width",
            margin=0,
        )
        return [self._figures.view, lines, below]

    def draw(self) -> None:
        """Everything shown, from the state."""
        state = self._state
        row = state.row
        self._figures.show(key_figures(state))
        show_fitted(self._lines, line_records(row), most_px=320)
        show_fitted(self._versions, version_records(state.rows), most_px=220)
        self._invoices.show(state.invoices)
        self._contracts.object = contracts_markup(state)
        self._draw_day()

    def _draw_day(self) -> None:
        self._day.show(self._state.delivery(self._state.awards()), self._state.method)

    def _on_line(self, record: Any) -> None:
        if record["award_id"]:
            self._state.award = record["award_id"]
            self._draw_day()

    def _on_method(self, method: str) -> None:
        if method != self._state.method:
            self._state.method = method
            self._draw_day()

    def _on_version(self, record: Any) -> None:
        chosen = next(row for row in self._state.rows if row.statement.id == record["id"])
        self._state.choose(chosen)
        self._again()


def key_figures(state: OwnStatements) -> list[KeyFigure]:
    row = state.row
    statement = row.statement
    change = "" if row.correction_eur is None else f"{row.correction_eur:+,.2f} EUR against version before"
    awards = [line for line in statement.lines if line.award_id]
    awarded = {c: total([line.awarded_mwh for line in awards if line.commodity is c]) for c in Commodity}
    missing = {c: total([line.missing_mwh for line in awards if line.commodity is c]) for c in Commodity}
    about = f"{row.session.delivery_day:%a %d %b %Y}"
    return [
        KeyFigure("Session", row.region.name, "", about),
        KeyFigure("Version", f"{statement.revision}", "", statement.state.value),
        KeyFigure("Awarded", number(awarded[Commodity.P], 3), "MWh", with_reactive("", awarded[Commodity.Q])),
        KeyFigure("Missing", number(missing[Commodity.P], 3), "MWh", with_reactive("", missing[Commodity.Q])),
        KeyFigure("Cleared", number(statement.cleared_eur), "EUR", "before delivery"),
        KeyFigure(
            "You get" if statement.amount_eur >= 0 else "You pay", number(abs(statement.amount_eur)), "EUR", change
        ),
    ]


def contracts_markup(state: OwnStatements) -> str:
    """Each contract's terms as sentences; all text escaped."""
    entries = "".join(
        tag("dt", escape(name)) + tag("dd", escape(words)) for name, words in contract_words(state.contracts)
    )
    return tag("dl", entries, class_="facts") if entries else tag("p", "No contract.", class_="text muted")


def _build(context: PageContext) -> Content:
    state = OwnStatements(context.desk)
    context.location.sync(state, LINK)
    terms = html_pane("", margin=(0, 4))  # the contract is worth knowing before there is a statement

    def refresh() -> None:
        state.refresh()
        terms.object = contracts_markup(state)

    filling = Filling(
        context,
        {news.SETTLEMENT, news.PARTIES},
        refresh=refresh,
        shape=lambda: state.row.session.delivery_day if state.row else None,
        build=lambda seen: StatementsPage(seen, state, lambda: filling.again()),
        empty=lambda: panel("Settlement", empty_state("No statement is issued yet.", _WAITING), terms),
    )
    return filling.content()


_ROLES = frozenset({Role.DSO, Role.ESP, Role.AGGREGATOR, Role.BRP})

PAGES = (Page(path="/settlement", title="Settlement", nav="Settlement", roles=_ROLES, build=_build),)
