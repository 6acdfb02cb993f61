"""Requests of one's own (MKP-SRV-SUB): a wish list is composed, providers that meet it are found and asked."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models.place import (
    GetServiceOffer,
    ListMatches,
    ListRegistrations,
    ListServiceRequests,
    Matches,
    ServiceRequestRow,
)
from domain.commands.place import RequestServices, WithdrawServiceRequest
from domain.errors import Refused
from domain.ids import ServiceOfferId, ServiceRequestId
from domain.marketplace.offers import LONGEST_TEXT, LONGEST_TITLE
from domain.marketplace.requests import ServiceRequestState
from domain.marketplace.words import Environment, ServiceType
from domain.parties import Role
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import attempt, utc_on_hover, whole_on_hover
from views.pages.later import in_turn
from views.pages.place_ask import AskForm
from views.pages.place_description import DescriptionEditor, side_by_side
from views.plots.book import Column
from views.state.place_deals import (
    found_ids,
    found_words,
    provider_records,
    request_facts,
    request_record,
    unmet_words,
)
from views.state.place_drafts import DescriptionDraft, by_draft, description_of, draft_of
from views.state.place_pick import RequestPick
from views.state.place_words import ENVIRONMENTS, TYPES
from views.widgets import Book, ConfirmDialog, FactList, ProblemList, csv_button, empty_state, panel, text
from views.widgets.forms import Problem

REQUESTS = (
    Column("state", "State", "state", width_px=112),
    Column("title", "Request", min_px=180),
    Column("type", "Type", width_px=130),
    Column("wishes", "Wishes", "count", width_px=72),
    Column("proposals", "Proposals", "count", width_px=88),
    Column("subscriptions", "Subscriptions", "count", width_px=112),
    Column("at", "Asked", "time", width_px=140),
    Column("at_utc", "UTC"),
)
PROVIDERS = (
    Column("asked", "Asked", width_px=64),
    Column("name", "Provider", min_px=150),
    Column("meets", "Meets", width_px=80),
    Column("offers", "Offers", min_px=160),
    Column("price_eur", "EUR a month", "figure", width_px=108),
)
_FIELD: dict[str, Any] = {"size": "small", "sizing_mode": "stretch_width", "margin": (5, 12)}
_SIDE_PX = 430


class RequestsPage:
    """Own requests and who meets the picked one at the top, asking a provider at the right, the composer below."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = RequestPick()
        context.location.sync(
            self.state,
            {
                "request_id": "request",
                "provider_id": "provider",
                "offer_id": "offer",
                "found": "found",
                "environment": "environment",
            },
        )
        self._rows: dict[str, ServiceRequestRow] = {}
        self._found: Matches | None = None
        self._book = Book(REQUESTS, on_pick=self._on_pick)
        utc_on_hover(self._book, "at")
        whole_on_hover(self._book, "title")
        self._none = empty_state("You have asked for nothing yet.", "Compose a request below and publish it.")
        self._facts = FactList()
        self._unmet = text("", margin=(0, 12, 8, 12))
        self._providers = Book(PROVIDERS, on_pick=self._on_provider)
        whole_on_hover(self._providers, "offers")
        self._nobody = text("Nobody meets a wish of it now; offers come and go.", "muted", margin=(0, 12, 12, 12))
        self._found_words = text("", margin=(0, 12))
        self.everybody = _small("Look at all providers", self._on_everybody)
        self._narrowed = pn.Row(
            self._found_words, pn.HSpacer(), self.everybody, sizing_mode="stretch_width", margin=0
        )
        self._matches = panel("Who meets it", self._facts.view, self._unmet, self._nobody, self._providers.view)
        self._dialog = ConfirmDialog()
        self.withdraw = _small("Withdraw", self._on_withdraw)
        self.ask = AskForm(context, self.refresh)
        self.composer = Composer(context, self._on_published)
        self.refresh()
        self._start_from_offer()
        self._start_from_localisation()
        context.live.subscribe(self._on_news, {news.DEALS, news.CATALOGUE, news.PLAYERS})

    def main(self) -> list[Any]:
        requests = panel(
            "Your requests",
            self._none,
            self._book.view,
            tools=[pn.HSpacer(), self.withdraw, csv_button("requests.csv", self._book.csv)],
        )
        left = pn.Column(
            requests,
            self._narrowed,
            self._matches,
            panel("Compose a request", self.composer.view),
            sizing_mode="stretch_width",
            margin=0,
        )
        right = pn.Column(panel("Ask a provider", self.ask.view), width=_SIDE_PX, margin=0)
        return [pn.Row(left, right, sizing_mode="stretch_width", margin=0), self._dialog.view]

    def refresh(self) -> None:
        """Ask again and patch; what is typed stays."""
        rows = self._context.desk.ask(ListServiceRequests())
        self._rows = {row.request.id: row for row in rows}
        self._show_narrowed()
        show_fitted(self._book, [request_record(row) for row in rows], most_px=240)
        self._book.view.visible, self._none.visible = bool(rows), not rows
        self._show_picked()

    def _show_picked(self) -> None:
        row = self._rows.get(self.state.request_id)
        self._book.mark("id", self.state.request_id)
        is_open = row is not None and row.request.state is ServiceRequestState.OPEN
        self.withdraw.disabled = not is_open
        self._facts.show([] if row is None else request_facts(row.request))
        self._found = None
        if row is not None and is_open:
            self._found = self._context.desk.ask(
                ListMatches(request_id=row.request.id, provider_ids=found_ids(self.state.found))
            )
        records = [] if self._found is None else provider_records(self._found)
        show_fitted(self._providers, records, most_px=220)
        self._providers.view.visible = bool(records)
        self._nobody.visible = self._found is not None and not records
        unmet = "" if self._found is None else unmet_words(self._found)
        self._unmet.object = text(unmet).object
        self._unmet.visible = bool(unmet and records)
        self._matches.visible = row is not None
        self._show_provider()

    def _show_provider(self) -> None:
        there = [record["id"] for record in self._providers.records]
        provider = self.state.provider_id if self.state.provider_id in there else next(iter(there), "")
        self._providers.mark("id", provider)
        self.ask.show(self._found, provider)

    def _start_from_offer(self) -> None:
        """As the catalogue's button leads here: a wish for each service of the offer."""
        if not self.state.offer_id:
            return
        try:
            row = self._context.desk.ask(GetServiceOffer(offer_id=ServiceOfferId(self.state.offer_id)))
        except Refused:
            return  # it is not to be had any more
        offer = row.offer
        self.composer.start(
            environment=offer.environment,
            service_type=offer.service_type,
            title=offer.title,
            drafts=[draft_of(one) for one in offer.descriptions],
        )

    def _start_from_localisation(self) -> None:
        """As the localisation's button leads here: a request in the environment where it looked."""
        if self.state.environment in {one.value for one in Environment}:
            self.composer.fields["environment"].value = self.state.environment

    def _show_narrowed(self) -> None:
        """Whom a localisation found, by name; ids that nobody has are left out of the words."""
        found = found_ids(self.state.found)
        self._narrowed.visible = bool(found)
        if found:
            rows = self._context.desk.ask(ListRegistrations())
            said = found_words(found, {row.registration.id: row.company_name for row in rows})
            self._found_words.object = text(said).object

    def _on_everybody(self, _event: Any) -> None:
        self.state.param.update(found="", environment="")
        self.refresh()

    def _on_pick(self, record: Any) -> None:
        self.state.request_id, self.state.provider_id = record["id"], ""
        self._show_picked()

    def _on_provider(self, record: Any) -> None:
        self.state.provider_id = record["id"]
        self._show_provider()

    def _on_published(self, request_id: str) -> None:
        self.state.param.update(request_id=request_id, provider_id="", offer_id="")
        self.refresh()

    def _on_withdraw(self, _event: Any) -> None:
        request = self._rows[self.state.request_id].request
        consequence = "Proposals that stand on it are declined. Subscriptions that came of it stay."
        title = f"Withdraw {request.title}?"
        self._dialog.ask(title, consequence, "Withdraw", lambda: self._withdraw(request.id))

    def _withdraw(self, request_id: ServiceRequestId) -> None:
        command = WithdrawServiceRequest(request_id=request_id)
        if attempt(self._context, lambda: self._context.desk.do(command), "The request is withdrawn."):
            self.refresh()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


class Composer:
    """A wish list as it is typed."""

    def __init__(self, context: PageContext, on_published: Any) -> None:
        self._context, self._on_published = context, on_published
        self.fields: dict[str, Any] = {
            "environment": pmu.Select(
                label="Environment", options=ENVIRONMENTS, value=Environment.REGULATED.value, **_FIELD
            ),
            "service_type": pmu.Select(
                label="Service type", options=TYPES, value=ServiceType.INDIVIDUAL_DATA.value, **_FIELD
            ),
            "title": pmu.TextInput(label="Title of the request", max_length=LONGEST_TITLE, **_FIELD),
            "data_details": pmu.TextAreaInput(
                label="What data you are after (optional)", rows=2, max_length=LONGEST_TEXT, **_FIELD
            ),
            "processing_details": pmu.TextAreaInput(
                label="What the data are for", rows=2, max_length=LONGEST_TEXT, **_FIELD
            ),
        }
        self.wishes = DescriptionEditor()
        self.problems = ProblemList(self.fields)
        self.publish = pmu.Button(
            label="Publish the request",
            variant="contained",
            icon="campaign",
            on_click=in_turn(self._on_publish),
            margin=(4, 12, 12, 12),
        )
        self.fields["service_type"].param.watch(in_turn(self._on_type), "value")
        beside = self.problems.beside
        self.view = pn.Column(
            side_by_side(beside("environment"), beside("service_type")),
            beside("title"),
            side_by_side(beside("data_details"), beside("processing_details")),
            text("Services wished for", margin=(8, 12, 0, 12)),
            self.wishes.view,
            self.problems.view,
            self.publish,
            sizing_mode="stretch_width",
            margin=0,
        )

    def start(
        self, *, environment: Environment, service_type: ServiceType, title: str, drafts: list[DescriptionDraft]
    ) -> None:
        """Fill it in."""
        self.fields["environment"].value = environment.value
        self.fields["service_type"].value = service_type.value
        self.fields["title"].value = title
        self.wishes.show(drafts)
        self.wishes.set_type(service_type)

    def _on_type(self, event: Any) -> None:
        self.wishes.set_type(ServiceType(event.new))

    def _on_publish(self, _event: Any) -> None:
        typed = {name: self.fields[name].value or "" for name in ("title", "data_details", "processing_details")}
        command = RequestServices(
            environment=Environment(self.fields["environment"].value),
            wishes=tuple(description_of(draft) for draft in self.wishes.drafts),
            **typed,
        )
        try:
            request = self._context.desk.do(command)
        except Refused as refused:
            single, rest = by_draft(refused.findings, {name: name for name in self.fields}, "wishes")
            self.wishes.find(single)
            self.problems.show([Problem(*found) for found in rest])
            return
        self.wishes.find({})
        self.problems.show([])
        self._context.notify(f"{request.title} is published. Ask the providers that meet it.", "success")
        self._on_published(request.id)


def _small(label: str, on_click: Any) -> pmu.Button:
    return pmu.Button(label=label, variant="outlined", size="small", margin=(0, 4), on_click=in_turn(on_click))


def _build(context: PageContext) -> Content:
    page = RequestsPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/requester/requests",
        title="Requests",
        nav="Requests",
        roles=frozenset({Role.REQUESTER}),
        build=_build,
    ),
)
