"""A requester asks for data: customers' consents through the provider, and the activation of a service."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.commands import Command
from domain.errors import Refused
from domain.parties import Role
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext, Side
from views.pages.dso_parts import link_button, utc_on_hover, whole_on_hover
from views.pages.later import in_turn
from views.plots.book import Column
from views.state.platform_asks import (
    AskForm,
    AsksFacts,
    AsksState,
    activation_command,
    ask_record,
    ask_words,
    asks_facts,
    chosen_ask,
    consent_command,
    needs_places,
    refused_records,
    service_words,
    told_record,
    usual_days,
)
from views.state.spans import by_field
from views.widgets import Book, Problem, ProblemList, csv_button, empty_state, panel, text
from views.widgets.tables import Record

ASKS = (
    Column("state", "State", "state", width_px=110),
    Column("peer", "Provider", min_px=100),
    Column("service", "Service", min_px=210),
    Column("points", "Points", "count", width_px=68),
    Column("n_asked", "Customers asked", "count", width_px=122),
    Column("n_refused", "Not asked for", "count", width_px=104),
    Column("period", "For", min_px=190),
    Column("period_utc", "UTC"),
    Column("asked", "Asked", "time", width_px=104),
    Column("asked_utc", "UTC"),
)
REFUSED = (
    Column("pod", "Point of delivery", min_px=160),
    Column("why", "Why nobody is asked", min_px=260),
    Column("code", "Code", width_px=140),
)
TOLD = (
    Column("state", "State", "state", width_px=140),
    Column("peer", "Provider", min_px=100),
    Column("points", "Points of delivery", min_px=290),
    Column("period", "For", min_px=190),
    Column("period_utc", "UTC"),
    Column("at", "Told for", "time", width_px=144),
    Column("at_utc", "UTC"),
)
_LOOK: dict[str, Any] = {"size": "small", "margin": (6, 12), "sizing_mode": "stretch_width"}
_RULES = {
    "description_id": "service",
    "subscription_id": "service",
    "pod_ids": "pods",
    "selection.localisation": "places",
    "starts_at": "first",
    "selection.period_start": "first",
    "ends_at": "last",
    "selection.period_end": "last",
    "data_details": "data",
    "processing_details": "processing",
    "refreshes": "refreshes",
}
_OF_AGREEMENT = _RULES | {"starts_at": "until", "ends_at": "until"}
_SIDE_PX = 400


class AsksPage:
    """What was asked and told at the left, the form at the right."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = AsksState()
        context.location.sync(self.state, {"subscription": "subscription", "ask": "ask"})
        self._facts: AsksFacts = asks_facts(context.desk)
        self._asks = Book(ASKS, on_pick=self._on_pick)
        self._refused, self._told = Book(REFUSED), Book(TOLD)
        utc_on_hover(self._asks, "period", "asked")
        utc_on_hover(self._told, "period", "at")
        whole_on_hover(self._asks, "peer", "service")
        whole_on_hover(self._refused, "pod", "why")
        whole_on_hover(self._told, "peer", "points")
        self._no_asks = empty_state("You have asked for no consent yet.", "Choose a service at the right and ask.")
        self._no_told = empty_state("No customer has agreed yet.", "You are told here as soon as one does.")
        self._answer = text("", margin=(4, 12))
        first, last = usual_days(context.market_now())
        self.service = pmu.Select(label="Service", options={}, **_LOOK)
        self._words = text("", "muted", margin=(0, 12))
        self.pods = pmu.TextAreaInput(label="Points of delivery", rows=4, max_length=500_000, **_LOOK)
        self.places = pmu.TextAreaInput(label="Places, one each line, such as DE/Kiel", rows=2, **_LOOK)
        self.first = pmu.DatePicker(label="First day", value=first, **_LOOK)
        self.last = pmu.DatePicker(label="Last day", value=last, **_LOOK)
        self.data = pmu.TextInput(label="Which data, in the customer's words", max_length=1000, **_LOOK)
        self.processing = pmu.TextInput(label="What you do with them", max_length=1000, **_LOOK)
        self.until = pmu.DatePicker(label="Agreement until (optional)", **_LOOK)
        self.refreshes = pmu.Select(label="The activation gives", options={}, **_LOOK)
        self.fields = {
            "service": self.service,
            "pods": self.pods,
            "places": self.places,
            "first": self.first,
            "last": self.last,
            "data": self.data,
            "processing": self.processing,
            "until": self.until,
            "refreshes": self.refreshes,
        }
        self.problems = ProblemList(self.fields)
        self.ask = pmu.Button(label="Ask for consents", variant="contained", on_click=in_turn(self._on_ask))
        self.activate = pmu.Button(
            label="Request activation", variant="contained", on_click=in_turn(self._on_activate)
        )
        self._none = empty_state(
            "No subscription is in force.",
            "Subscribe to a provider's service on the EU Market Place; then you can ask for its data here.",
            link_button("Subscriptions", "/platform/subscriptions"),
        )
        self.service.param.watch(in_turn(lambda _event: self._show_service()), "value")
        self._form = self._make_form()
        self._show()
        context.live.subscribe(self._on_news, {news.PLATFORM, news.CLOCK})

    def _make_form(self) -> pn.Column:
        beside = self.problems.beside
        return pn.Column(
            beside("service"),
            self._words,
            beside("pods"),
            beside("places"),
            pn.Row(beside("first"), beside("last"), margin=0),
            beside("data"),
            beside("processing"),
            text("Left empty, both are as in the subscription.", "muted", margin=(0, 12)),
            beside("until"),
            beside("refreshes"),
            self.problems.view,
            pn.Row(self.ask, self.activate, margin=(8, 8, 12, 4)),
            sizing_mode="stretch_width",
            margin=0,
        )

    def main(self) -> list[Any]:
        asks = panel(
            "What you asked for",
            self._no_asks,
            self._asks.view,
            self._answer,
            self._refused.view,
            tools=[pn.HSpacer(), csv_button("asked.csv", self._asks.csv)],
        )
        told = panel(
            "Consents you were told of",
            self._no_told,
            self._told.view,
            tools=[pn.HSpacer(), csv_button("consents.csv", self._told.csv)],
        )
        left = pn.Column(asks, told, sizing_mode="stretch_width", margin=0)
        right = pn.Column(panel("Ask for data", self._none, self._form), width=_SIDE_PX, margin=0)
        return [pn.Row(left, right, sizing_mode="stretch_width", margin=0)]

    def draw(self) -> None:
        """Ask again and show; what somebody has typed stays."""
        self._facts = asks_facts(self._context.desk)
        self._show()

    def _show(self) -> None:
        facts = self._facts
        show_fitted(self._asks, [ask_record(ask, facts) for ask in facts.asks], most_px=260)
        self._asks.view.visible, self._no_asks.visible = bool(facts.asks), not facts.asks
        show_fitted(self._told, [told_record(told, facts) for told in facts.told], most_px=300)
        self._told.view.visible, self._no_told.visible = bool(facts.told), not facts.told
        chosen = chosen_ask(facts.asks, self.state.ask)
        self._asks.mark("id", chosen.id if chosen else "")
        self._answer.object = text(ask_words(chosen) if chosen else "").object
        refused = refused_records(chosen) if chosen else []
        show_fitted(self._refused, refused, most_px=200)
        self._refused.view.visible = bool(refused)
        self._offer(facts)

    def _offer(self, facts: AsksFacts) -> None:
        offered = facts.offered()
        kept = self.service.value
        if kept not in offered.values():
            named = (each for each in offered.values() if each[0] == self.state.subscription)
            kept = next(named, next(iter(offered.values()), None))
        self.service.param.update(options=offered, value=kept)
        self._none.visible, self._form.visible = not offered, bool(offered)
        self._show_service()

    def _show_service(self) -> None:
        service = self._chosen_service()
        if service is None:
            return
        self._words.object = text(service_words(service), "muted").object
        places = needs_places(service)
        self.places.visible, self.pods.visible = places, not places
        self.ask.disabled = not service.consent_mandatory
        refreshable = self._facts.refreshable(*self.service.value)
        kept = self.refreshes.value if self.refreshes.value in refreshable.values() else ""
        self.refreshes.param.update(options=refreshable, value=kept)
        self.refreshes.visible = len(refreshable) > 1

    def _chosen_service(self) -> Any:
        return None if self.service.value is None else self._facts.service(*self.service.value)

    def _filled(self) -> AskForm:
        return AskForm(
            service=self._chosen_service(),
            subscription_id=self.service.value[0] if self.service.value else "",
            pods=(self.pods.value or "") if self.pods.visible else "",
            places=(self.places.value or "") if self.places.visible else "",
            first=self.first.value,
            last=self.last.value,
            data_details=self.data.value or "",
            processing_details=self.processing.value or "",
            refreshes=self.refreshes.value or "",
            until=self.until.value,
        )

    def _on_ask(self, _event: Any) -> None:
        self._send(lambda: consent_command(self._filled()), "The provider is asked; it asks the customers.")

    def _on_activate(self, _event: Any) -> None:
        self._send(
            lambda: activation_command(self._filled()),
            "The provider is asked; its answer comes to Activations.",
            _OF_AGREEMENT,
        )

    def _send(self, make: Any, done: str, rules: dict[str, str] = _RULES) -> None:
        try:
            command: Command = make()
            made = self._context.desk.do(command)
        except Refused as refused:
            self.problems.show([Problem(*found) for found in by_field(refused.findings, rules)])
            return
        self.problems.show([])
        self.state.ask = made.id
        self._context.notify(done, "success")
        self.draw()

    def _on_pick(self, picked: Record) -> None:
        self.state.ask = picked["id"]
        self._show()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.draw()


def _build(context: PageContext) -> Content:
    page = AsksPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/platform/asks",
        title="Ask for data",
        nav="Ask for data",
        roles=frozenset({Role.REQUESTER}),
        build=_build,
        side=Side.PLATFORM,
    ),
)
