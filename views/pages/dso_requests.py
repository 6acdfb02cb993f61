"""From needs to FlexRequests: what the grid proposes, what the DSO makes of it, and what it has published."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import CongestedRow, GetWhatIf, GridView, ListCongestedRegions, Plan, ProposedRequest
from domain.errors import Refused
from domain.flexibility.commodity import Commodity
from domain.ids import WhatIfId
from domain.units import energy_mwh, total
from views import news
from views.pages.context import Content, PageContext
from views.pages.dso_balance import BalancePanel
from views.pages.dso_day import NO_REGION, DayChoice
from views.pages.dso_drafts import DraftTable
from views.pages.dso_own_requests import OwnRequests
from views.pages.dso_parts import link_button
from views.pages.later import in_turn
from views.pages.themes import Themes
from views.state.common import local, number, with_reactive
from views.state.dso_drafts import command_of, drafts_from, keep_edits, require_some
from views.state.dso_facts import MarketFacts, Place, grid_view, market_facts
from views.state.dso_prices import References, how, references, with_suggested
from views.state.dso_room import RoomState
from views.state.spans import plural
from views.widgets import (
    KeyFigure,
    KeyFigures,
    ProblemList,
    empty_state,
    panel,
    text,
    toggles,
)
from views.widgets.forms import Problem

PLANS = {"P and Q": Plan.PQ.value, "P only": Plan.P.value}
MAY_CHANGE = "The least change that cures the day"
CARRIED = "Carried over from a what-if"
NO_CURE = {
    Plan.P: ("No change of P alone cures this day.", "Look whether P and Q together do."),
    Plan.PQ: ("No change of P and Q was found that cures this day.", "Look whether P alone does."),
}


class RequestsPage:
    """Proposals above, own requests below."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = RoomState()
        self._where = DayChoice(
            context,
            self.state,
            ("region_id", "day", "plan", "what_if", "request"),
            self.refresh,
            by_region={"what_if": "", "request": ""},
            by_day={"what_if": "", "request": ""},
        )
        self.themes = Themes(context.theme)
        self._here: Place | None = None
        self._facts = MarketFacts(requests=(), offers=None, result=None)
        self._carried: tuple[ProposedRequest, ...] | None = None
        self._regions: tuple[CongestedRow, ...] = ()
        self._drafts: DraftTable | None = None
        self._drafts_of: object = None
        self._strip = KeyFigures([])
        self._plan = toggles(
            "What may change", options=PLANS, value=self.state.plan, size="small", width=180, margin=(0, 8)
        )
        self._plan.param.watch(self._on_plan, "value")
        self._problems = ProblemList({})
        self._known = References(day_ahead_eur_per_mwh=None, local=None, local_day=None)
        self._how = text("", "muted", align="center", margin=(0, 12))
        self._accept = pmu.Button(
            label="Accept suggested caps", variant="outlined", on_click=in_turn(self._on_accept), margin=(0, 8)
        )
        self._balance = BalancePanel(self.themes)
        self._publish = pmu.Button(
            label="Publish", variant="contained", icon="campaign", on_click=in_turn(self._on_publish)
        )
        self._proposals = pn.Column(sizing_mode="stretch_width", margin=0)
        self._own = OwnRequests(context, self.state, self.refresh)
        self.refresh()
        context.live.subscribe(self._on_news, {news.MARKET, news.GRID})

    def main(self) -> list[Any]:
        own = self._own.view(self._where.region, self._where.day)
        return [self._strip.view, self._proposals, self._balance.view, own, self._own.dialog.view]

    def refresh(self) -> None:
        """Ask again; own edits stay where the grid's proposal is the same."""
        door = self._context.desk
        self._here = here = self._where.find()
        if here is None:
            self._say(*NO_REGION)
            return
        self._facts = market_facts(door, here.row)
        self._known = references(door, here)
        self._regions = door.ask(ListCongestedRegions(region_id=here.region.id))
        view = grid_view(door, here)
        self._carried = self._carry()
        self._show_proposals(here, view)
        self._balance.show(here, view, [] if view is None else self._proposed(view), self._facts)
        self._own.show(here, self._facts.requests)
        self._strip.show(self._figures(here))

    def _figures(self, here: Place) -> list[KeyFigure]:
        live = self._facts.live_requests
        of = {c: total([energy_mwh(r.quantity_mw) for r in live if r.commodity is c]) for c in Commodity}
        session = here.row.session if here.row else None
        return [
            KeyFigure("Region", here.region.name, "", f"{here.day:%a %d %b %Y}"),
            KeyFigure("Session", session.state.value if session else "none planned"),
            KeyFigure("Gate closes", local(session.gate_closes_at) if session else "–"),
            KeyFigure("Published requests", str(len(live))),
            KeyFigure("Requested", number(of[Commodity.P]), "MWh", with_reactive("", of[Commodity.Q])),
        ]

    def _show_proposals(self, here: Place, view: GridView | None) -> None:
        data = link_button("Go to data", f"/dso/data{here.link}", icon="upload")
        if view is None or view.before is None:
            self._say("The needs of this day are not known yet.", "They follow from network and schedules.", data)
        elif here.row is None:
            self._say(
                "No session is planned for this day.", "The market operator plans sessions; look again then."
            )
        elif not view.before.needs and not self._carried:
            room = link_button("Go to the control room", f"/dso{here.link}", "outlined")
            self._say("The grid needs nothing on this day.", "No element passes a limit.", room)
        elif not self._proposed(view):
            self._say(*NO_CURE[Plan(self.state.plan)], self._plan)
        else:
            self._show_drafts(here, view)

    def _proposed(self, view: GridView) -> list[ProposedRequest]:
        """The rows of the plan looked at: of a what-if that was carried over, else of the day's needs."""
        rows = view.proposed if self._carried is None else self._carried
        return [row for row in rows if row.plan == self.state.plan]

    def _carry(self) -> tuple[ProposedRequest, ...] | None:
        if not self.state.what_if:
            return None
        try:
            asked = self._context.desk.ask(GetWhatIf(what_if_id=WhatIfId(self.state.what_if)))
        except Refused:
            return None  # a link of another DSO, or of another database
        return None if asked.solved is None else asked.solved.proposed

    def _say(self, what: str, then: str, *actions: Any) -> None:
        self._leave_drafts()
        self._proposals[:] = [panel("Proposed requests", empty_state(what, then, *actions))]

    def _leave_drafts(self) -> None:
        if self._drafts is not None:
            self.themes.drop(self._drafts.chart)
        self._drafts = self._drafts_of = None

    def _show_drafts(self, here: Place, view: GridView) -> None:
        if here.row is None:
            return
        own = [request for request in self._facts.requests if request.dso_id == here.region.dso_id]
        fresh = drafts_from(self._proposed(view), here.row.session, own)
        key = (here.region.id, here.day, self.state.what_if)
        if self._drafts is None or self._drafts_of != key:
            self._leave_drafts()
            self._drafts = DraftTable(here.delivery, self.themes.name, self._label_publish)
            self._drafts_of = key
            self.themes.add(self._drafts.chart)
            self._drafts.show(fresh, self._regions)
            table = panel(
                "Proposed requests",
                self._drafts.table,
                self._how,
                self._problems.view,
                tools=[
                    text(
                        MAY_CHANGE if self._carried is None else CARRIED, "muted", align="center", margin=(0, 12)
                    ),
                    self._plan,
                    pn.HSpacer(),
                    self._accept,
                    self._publish,
                ],
            )
            self._proposals[:] = [table, self._drafts.quantity]
        else:
            self._drafts.show(keep_edits(fresh, self._drafts.drafts), self._regions)
        self._label_publish()

    def _on_accept(self, _event: Any) -> None:
        """Every ticked draft gets the suggested cap; each can still be edited."""
        if self._drafts is not None:
            self._drafts.show(with_suggested(self._drafts.drafts, self._known))
            self._context.notify("The suggested caps are in the table.", "success")

    def _label_publish(self) -> None:
        n = sum(draft.include for draft in self._drafts.drafts) if self._drafts else 0
        self._publish.label = f"Publish {plural(n, 'request')}" if n else "Nothing to publish"
        self._publish.disabled = self._accept.disabled = n == 0
        self._how.object = text(how(self._known), "muted").object

    def _on_publish(self, _event: Any) -> None:
        if self._drafts is None or self._here is None or self._here.row is None:
            return
        problems, n_done = self._publish_all(self._drafts)
        self._problems.show(problems)
        if n_done:
            words = "1 request is published." if n_done == 1 else f"{n_done} requests are published."
            self._context.notify(words, "success")
        self.refresh()

    def _publish_all(self, table: DraftTable) -> tuple[list[Problem], int]:
        """Publish each ticked draft. It comes back unticked, so that a second click sends nothing again."""
        problems: list[Problem] = []
        n_done = 0
        try:
            require_some(table.drafts)
        except Refused as refused:
            return [Problem("", finding.sentence) for finding in refused.findings], 0
        session = self._here.row.session  # type: ignore[union-attr]
        for draft in table.drafts:
            if not draft.include:
                continue
            try:
                self._context.desk.do(command_of(draft, session))
                n_done += 1
            except Refused as refused:
                problems += [Problem("", f"{draft.words}: {finding.sentence}") for finding in refused.findings]
        return problems, n_done

    def _on_plan(self, event: Any) -> None:
        self.state.plan = event.new
        self.refresh()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def build(context: PageContext) -> Content:
    page = RequestsPage(context)
    return Content(main=page.main(), owner=page, themed=(page.themes,))
