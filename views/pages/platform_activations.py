"""Activation of services, for both sides: what was asked and confirmed, why not the rest, and the agreements."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.commands import Command
from domain.commands.platform import DecideActivation, EndAgreement
from domain.errors import Refused
from domain.parties import Role
from domain.platform.activations import ServiceActivation, ServiceAgreement
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext, Side
from views.pages.dso_parts import link_button, utc_on_hover, whole_on_hover
from views.pages.later import in_turn
from views.pages.platform_subscriptions import facts_list
from views.plots.book import Column
from views.state.platform_activations import (
    ActivationsFacts,
    ActivationsState,
    activation_lines,
    activation_record,
    activations_facts,
    agreement_record,
    may_decide,
    may_end,
    refused_records,
)
from views.state.spans import by_field
from views.widgets import Book, ConfirmDialog, Problem, ProblemList, csv_button, empty_state, panel
from views.widgets.markup import html_pane
from views.widgets.tables import Record

ACTIVATIONS = (
    Column("status", "Answer", "state", width_px=118),
    Column("peer", "Other side", min_px=120),
    Column("service", "Service", min_px=130),
    Column("selection", "Selected", min_px=200),
    Column("n_asked", "Asked for", "count", width_px=92),
    Column("n_confirmed", "Confirmed", "count", width_px=100),
    Column("n_refused", "Refused", "count", width_px=86),
    Column("asked", "Requested", "time", width_px=116),
    Column("asked_utc", "UTC"),
)
REFUSED = (
    Column("pod", "Point of delivery", min_px=140),
    Column("why", "Why not", min_px=220),
)
AGREEMENTS = (
    Column("state", "State", "state", width_px=110),
    Column("peer", "Other side", min_px=120),
    Column("service", "Service", min_px=130),
    Column("n_points", "Points", "count", width_px=80),
    Column("period", "For", min_px=200),
    Column("period_utc", "UTC"),
    Column("ended", "Ended early", "time", width_px=120),
    Column("ended_utc", "UTC"),
)
_SIDE_PX = 420
_EMPTY = {
    Role.PROVIDER: ("No requester has asked to activate a service yet.", "Requests are answered here by rule."),
    Role.REQUESTER: ("You have requested no activation yet.", "Choose a service and request it."),
}


class ActivationsPage:
    """Requests and agreements at the left; the picked one at the right, with what can be done to it."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = ActivationsState()
        context.location.sync(self.state, {"activation": "activation", "agreement": "agreement"})
        self._facts: ActivationsFacts = activations_facts(context.desk)
        self.dialog = ConfirmDialog()
        self._activations = Book(ACTIVATIONS, on_pick=self._on_activation)
        self._agreements = Book(AGREEMENTS, on_pick=self._on_agreement)
        self._refused = Book(REFUSED)
        utc_on_hover(self._activations, "asked")
        utc_on_hover(self._agreements, "period", "ended")
        whole_on_hover(self._activations, "peer", "service", "selection")
        whole_on_hover(self._agreements, "peer", "service")
        whole_on_hover(self._refused, "pod", "why")
        asks = () if context.principal.role is Role.PROVIDER else (link_button("Ask for data", "/platform/asks"),)
        self._none = empty_state(*_EMPTY[context.principal.role], *asks)
        self._no_agreement = empty_state("There is no agreement.", "One is made of each confirmed request.")
        self._lines = html_pane("", margin=(0, 4))
        look: dict[str, Any] = {"size": "small", "margin": (6, 12), "sizing_mode": "stretch_width"}
        self.reason = pmu.TextInput(label="Reason", max_length=1000, **look)
        self.problems = ProblemList({"reason": self.reason})
        self.accept = pmu.Button(label="Accept", variant="contained", on_click=in_turn(self._on_accept))
        self.refuse = pmu.Button(label="Refuse", variant="outlined", on_click=in_turn(self._on_refuse))
        self.end = pmu.Button(label="End the agreement", variant="outlined", on_click=in_turn(self._on_end))
        self._acts = pn.Column(
            self.problems.beside("reason"),
            self.problems.view,
            pn.Row(self.accept, self.refuse, self.end, margin=(4, 8, 12, 4)),
            sizing_mode="stretch_width",
            margin=0,
        )
        self._picked = panel("The request that is picked", self._lines, self._refused.view, self._acts)
        self._show()
        context.live.subscribe(self._on_news, {news.PLATFORM, news.CLOCK})

    def main(self) -> list[Any]:
        activations = panel(
            "Requests to activate",
            self._none,
            self._activations.view,
            tools=[pn.HSpacer(), csv_button("activations.csv", self._activations.csv)],
        )
        agreements = panel(
            "Agreements",
            self._no_agreement,
            self._agreements.view,
            tools=[pn.HSpacer(), csv_button("agreements.csv", self._agreements.csv)],
        )
        left = pn.Column(activations, agreements, sizing_mode="stretch_width", margin=0)
        return [
            pn.Row(left, pn.Column(self._picked, width=_SIDE_PX, margin=0), sizing_mode="stretch_width", margin=0),
            self.dialog.view,
        ]

    def draw(self) -> None:
        """Ask again and show."""
        self._facts = activations_facts(self._context.desk)
        self._show()

    def _show(self) -> None:
        facts = self._facts
        show_fitted(self._activations, [activation_record(each, facts) for each in facts.activations], most_px=320)
        self._activations.view.visible, self._none.visible = bool(facts.activations), not facts.activations
        show_fitted(self._agreements, [agreement_record(each, facts) for each in facts.agreements], most_px=320)
        self._agreements.view.visible = bool(facts.agreements)
        self._no_agreement.visible = not facts.agreements
        activation, agreement = self.activation, self.agreement
        self._activations.mark("id", activation.id if activation else "")
        self._agreements.mark("id", agreement.id if agreement else "")
        refused = refused_records(activation) if activation else []
        self._lines.object = facts_list(activation_lines(activation)) if activation else ""
        show_fitted(self._refused, refused, most_px=260)
        self._refused.view.visible = bool(refused)
        self.accept.visible = self.refuse.visible = may_decide(activation)
        self.end.visible = may_end(agreement)
        self._acts.visible = may_decide(activation) or may_end(agreement)
        self._picked.visible = activation is not None

    @property
    def activation(self) -> ServiceActivation | None:
        """The one that is looked at: as picked, else the agreement's, else the newest."""
        made = next((a.activation_id for a in self._facts.agreements if a.id == self.state.agreement), "")
        wanted = self.state.activation or made
        found = self._facts.activations
        return next((each for each in found if each.id == wanted), found[0] if found else None)

    @property
    def agreement(self) -> ServiceAgreement | None:
        """That of the activation, else the one picked."""
        activation = self.activation
        wanted = activation.agreement_id if activation and activation.agreement_id else self.state.agreement
        return next((each for each in self._facts.agreements if each.id == wanted), None)

    def _on_activation(self, picked: Record) -> None:
        self.state.param.update(activation=picked["id"], agreement="")
        self._show()

    def _on_agreement(self, picked: Record) -> None:
        self.state.param.update(activation="", agreement=picked["id"])
        self._show()

    def _on_accept(self, _event: Any) -> None:
        if self.activation is not None:
            self._send(DecideActivation(activation_id=self.activation.id, accept=True), "The service is active.")

    def _on_refuse(self, _event: Any) -> None:
        if self.activation is not None:
            reason = self.reason.value or ""
            command = DecideActivation(activation_id=self.activation.id, accept=False, reason=reason)
            self._send(command, "The requester is told why not.")

    def _on_end(self, _event: Any) -> None:
        agreement = self.agreement
        if agreement is None:
            return
        reason = self.reason.value or ""
        consequence = "No values go out under it from now on. A new request is needed to begin again."
        command = EndAgreement(agreement_id=agreement.id, reason=reason)
        done = "The agreement has ended."
        self.dialog.ask("End this agreement?", consequence, "End it", lambda: self._send(command, done))

    def _send(self, command: Command, done: str) -> None:
        try:
            self._context.desk.do(command)
        except Refused as refused:
            found = by_field(refused.findings, {"reason": "reason"})
            self.problems.show([Problem(*each) for each in found])
            return
        self.problems.show([])
        self.reason.value = ""
        self._context.notify(done, "success")
        self.draw()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.draw()


def _build(context: PageContext) -> Content:
    page = ActivationsPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/platform/activations",
        title="Activations and agreements",
        nav="Activations",
        roles=frozenset({Role.PROVIDER, Role.REQUESTER}),
        build=_build,
        side=Side.PLATFORM,
    ),
)
