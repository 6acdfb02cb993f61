"""The market operator's validation and settlement of a session, with statements, invoices and contracts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn

from app.queries.models import SettlementView
from domain.parties import Role
from domain.time import DeliveryDay
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import choice, offer_choices, whole_on_hover
from views.pages.filling import Filling
from views.pages.fmo_contracts import ContractsTab
from views.pages.fmo_settlement_steps import Steps
from views.pages.later import in_turn
from views.pages.pods import PodsTab
from views.pages.settlement_parts import AMOUNTS, AwardDay, Invoices, lines_book, versions_book
from views.plots.book import Column
from views.state.common import number, with_reactive
from views.state.settlement import SettlementRoom
from views.state.settlement_records import award_records, finding_records, line_records, version_records
from views.widgets import Book, KeyFigure, KeyFigures, csv_button, empty_state, panel, tabs

LINK = {"id": "session", **{key: key for key in ("tab", "award", "method", "statement", "asset")}}
TABS = {
    "validation": "Validation",
    "statements": "Statements and invoices",
    "contracts": "Contracts",
    "pods": "Points of delivery",
}
AWARDS = (
    Column("findings", "Findings", width_px=84),
    Column("party", "Participant", min_px=110),
    Column("what", "Asset", min_px=150),
    Column("power", "Power", width_px=76),
    *AMOUNTS,
)
FINDINGS = (
    Column("stops", "Stops", width_px=72),
    Column("what", "Asset", width_px=132),
    Column("sentence", "Finding", min_px=180),
)


class SettlementPage:
    """Session and key figures on top, then validation, statements and contracts as tabs."""

    def __init__(self, context: PageContext, room: SettlementRoom, on_session: Callable[[str], None]) -> None:
        self._room, self._on_session = room, on_session
        self._session = choice("Session", self._on_choice, width=300)
        self._session.margin = (14, 8, 4, 4)
        self._figures = KeyFigures([])
        self._awards = Book(AWARDS, on_pick=self._on_award)
        self._findings = Book(FINDINGS, on_pick=self._on_award)
        whole_on_hover(self._findings, "what", "sentence")
        whole_on_hover(self._awards, "party", "what")
        day = DeliveryDay(day=room.row.session.delivery_day)
        self._day = AwardDay(day, context.theme, self._on_method)
        self._steps = Steps(context, room)
        self._versions = versions_book(self._on_version, of_all=True)
        self._lines = lines_book(self._on_award)
        self._invoices = Invoices(room.file, with_party=True)
        self._contracts = ContractsTab(context, room)
        self._pods = PodsTab(context, room, self._renew)
        self._nothing = empty_state("Nothing is settled yet.", "Upload the meter readings, then settle.")
        self._tabs = tabs(
            (TABS["validation"], self._validation()),
            (TABS["statements"], self._statements()),
            (TABS["contracts"], self._contracts.view),
            (TABS["pods"], self._pods.view),
            active=list(TABS).index(room.tab),
        )
        self.draw()
        self._tabs.param.watch(in_turn(self._on_tab), "active")

    @property
    def themed(self) -> list[Any]:
        return [self._day.plot]

    def main(self) -> list[Any]:
        return [self._session, self._figures.view, self._tabs]

    def _validation(self) -> pn.Column:
        awards = panel(
            "Awards and what was delivered, MWh and Mvarh",
            self._awards.view,
            self._nothing,
            tools=[pn.HSpacer(), csv_button("settlement-awards.csv", self._awards.csv)],
        )
        self._findings_panel = panel(
            "Findings",
            self._findings.view,
            tools=[pn.HSpacer(), csv_button("findings.csv", self._findings.csv)],
        )
        left = pn.Column(awards, self._day.view, sizing_mode="stretch_width", margin=0)
        right = pn.Column(self._steps.view, self._findings_panel, width=424, margin=0)
        return pn.Row(left, right, sizing_mode="stretch_width", margin=0)

    def _statements(self) -> pn.Column:
        self._lines_panel = panel(
            "Lines of the chosen version, MWh and Mvarh",
            self._lines.view,
            tools=[pn.HSpacer(), csv_button("statement.csv", self._lines.csv)],
        )
        above = pn.Row(
            pn.Column(panel("Versions", self._versions.view), sizing_mode="stretch_width", margin=0),
            pn.Column(self._invoices.view, width=630, margin=0),
            sizing_mode="stretch_width",
            margin=0,
        )
        return pn.Column(above, self._lines_panel, sizing_mode="stretch_width", margin=0)

    def draw(self) -> None:
        """Everything shown, from the state."""
        room = self._room
        names = {f"{row.region.name}, {row.session.delivery_day:%a %d %b %Y}": row.session.id for row in room.rows}
        offer_choices(self._session, names, room.id)
        self._figures.show(key_figures(room))
        rows = room.view.statements
        awards = award_records(rows)
        show_fitted(self._awards, awards, most_px=300)
        self._awards.view.visible, self._nothing.visible = bool(awards), not awards
        findings = finding_records(rows)
        show_fitted(self._findings, findings, most_px=400)
        self._findings_panel.visible = bool(findings)
        self._steps.draw()
        show_fitted(self._versions, version_records(room.versions), most_px=320)
        self._invoices.show(room.invoices)
        self._contracts.draw()
        self._pods.draw()
        self._draw_lines()
        self._draw_day()

    def _renew(self) -> None:
        """After a point of delivery was mapped, which no page but the owner's is told of otherwise."""
        self._room.refresh()
        self.draw()

    def _draw_lines(self) -> None:
        chosen = self._room.chosen
        self._lines_panel.visible = chosen is not None
        show_fitted(self._lines, line_records(chosen) if chosen else [], most_px=400)

    def _draw_day(self) -> None:
        awards = [record["award_id"] for record in self._awards.records]
        self._day.show(self._room.delivery(awards), self._room.method)

    def _on_award(self, record: Any) -> None:
        if record["award_id"]:
            self._room.award = record["award_id"]
            self._draw_day()

    def _on_method(self, method: str) -> None:
        if method != self._room.method:
            self._room.method = method
            self._draw_day()

    def _on_version(self, record: Any) -> None:
        self._room.statement = record["id"]
        self._draw_lines()

    def _on_choice(self, event: Any) -> None:
        if event.new and event.new != self._room.id:
            self._on_session(event.new)

    def _on_tab(self, event: Any) -> None:
        self._room.tab = list(TABS)[event.new]


def key_figures(room: SettlementRoom) -> list[KeyFigure]:
    """Volumes, amounts, and the balance, which must be 0.00."""
    view = room.view
    missing = view.awarded_mwh - view.delivered_mwh
    reactive = view.awarded_mvarh - view.delivered_mvarh
    balanced = view.balance_eur == 0
    settled = bool(view.statements)
    return [
        KeyFigure("Readings", f"{view.n_metered} of {view.n_assets}", "", "assets with an award"),
        KeyFigure(
            "Awarded",
            number(view.awarded_mwh if settled else None, 3),
            "MWh",
            with_reactive("", view.awarded_mvarh),
        ),
        KeyFigure(
            "Delivered",
            number(view.delivered_mwh if settled else None, 3),
            "MWh",
            with_reactive("", view.delivered_mvarh),
        ),
        KeyFigure("Missing", number(missing if settled else None, 3), "MWh", with_reactive("", reactive)),
        KeyFigure(
            "To pay",
            number(view.to_pay_eur if settled else None),
            "EUR",
            f"of {number(view.cleared_eur)} cleared" if settled else "",
        ),
        KeyFigure(
            "Balance",
            number(view.balance_eur if settled else None),
            "EUR",
            _balance_note(view, settled=settled, balanced=balanced),
            severity="normal" if balanced else "critical",
        ),
    ]


def _balance_note(view: SettlementView, *, settled: bool, balanced: bool) -> str:
    if not settled:
        return ""
    return f"with {number(view.coupling_eur)} at the coupling point" if balanced else "must be 0.00"


def _build(context: PageContext) -> Content:
    room = SettlementRoom(context.desk)
    context.location.sync(room, LINK)

    def go_to(session_id: str) -> None:
        room.param.update(id=session_id, award="", statement="")
        filling.again()

    filling = Filling(
        context,
        {news.SETTLEMENT, news.MARKET, news.CLOCK, news.ASSETS, news.PARTIES},
        refresh=room.refresh,
        shape=lambda: room.row.session.id if room.row is not None else None,
        build=lambda seen: SettlementPage(seen, room, go_to),
        empty=_empty,
    )
    return filling.content()


def _empty() -> Any:
    hint = "Plan a session; it is settled after its delivery day."
    return panel("Validation and settlement", empty_state("There is no session to settle.", hint))


PAGES = (
    Page(
        path="/fmo/settlement",
        title="Validation and settlement",
        nav="Settlement",
        roles=frozenset({Role.FMO}),
        build=_build,
    ),
)
