"""The editor of an offer (MKP-SRV-OFF): its words, its services (MKP-SRV-DES), terms and SLA."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.commands.place import EditServiceOffer, PublishServiceOffer
from domain.errors import Finding, Refused
from domain.marketplace.offers import LONGEST_TEXT, LONGEST_TITLE, ServiceOffer, ServiceOfferState
from domain.marketplace.services import ServiceTerms
from domain.marketplace.words import PlayerRole, ServiceType
from views.pages.context import PageContext
from views.pages.later import in_turn
from views.pages.place_description import DescriptionEditor, TermsForm, terms_rules
from views.state.place_drafts import TERMS_FIELD_OF, DescriptionDraft, by_draft, description_of, draft_of
from views.state.place_offers import offerable
from views.widgets import ProblemList, text
from views.widgets.forms import Problem

_FIELD: dict[str, Any] = {"size": "small", "sizing_mode": "stretch_width", "margin": (5, 12)}
_OWN = ("service_type", "title", "text")
_TERMS_PX = 420


class OfferForm:
    """Words and services at the left, terms and what to do at the right; findings stand at their fields."""

    def __init__(self, context: PageContext, role: PlayerRole, on_saved: Callable[[str], None]) -> None:
        self._context, self._on_saved = context, on_saved
        self._offer: ServiceOffer | None = None
        self._shown: object = ()
        kinds = offerable(role)
        self.kind = pmu.Select(
            label="Service type", options=kinds, value=next(iter(kinds.values()), None), **_FIELD
        )
        self.title = pmu.TextInput(label="Title", max_length=LONGEST_TITLE, **_FIELD)
        self.text = pmu.TextAreaInput(label="About it (optional)", rows=2, max_length=LONGEST_TEXT, **_FIELD)
        self.services = DescriptionEditor()
        self.terms = TermsForm()
        self.problems = ProblemList({"service_type": self.kind, "title": self.title, "text": self.text})
        self.publish = pmu.Button(
            label="Publish", variant="contained", icon="campaign", on_click=in_turn(self._on_publish)
        )
        self.save = pmu.Button(label="Save changes", variant="contained", on_click=in_turn(self._on_save))
        self.again = pmu.Button(label="Publish again", variant="outlined", on_click=in_turn(self._on_publish))
        self.kind.param.watch(in_turn(self._on_kind), "value")
        beside = self.problems.beside
        left = pn.Column(
            beside("service_type"),
            beside("title"),
            beside("text"),
            text("Services of this offer", margin=(8, 12, 0, 12)),
            self.services.view,
            sizing_mode="stretch_width",
            margin=0,
        )
        right = pn.Column(
            text("Price and promises", margin=(0, 12)),
            self.terms.view,
            self.problems.view,
            pn.Row(self.publish, self.save, self.again, margin=(4, 12, 12, 12)),
            width=_TERMS_PX,
            margin=0,
        )
        self.view = pn.Row(left, right, sizing_mode="stretch_width", margin=0)
        self._start(None)

    def show(self, offer: ServiceOffer | None) -> None:
        """This offer, or a new one; what is typed stays while it is the same."""
        shown = None if offer is None else (offer.id, offer.version)
        if shown == self._shown:
            return
        self._shown = shown
        self._start(offer)

    def _start(self, offer: ServiceOffer | None) -> None:
        self._offer = offer
        self.title.value = "" if offer is None else offer.title
        self.text.value = "" if offer is None else offer.text
        self.kind.disabled = offer is not None
        if offer is not None:
            self.kind.value = offer.service_type.value
        drafts = [DescriptionDraft()] if offer is None else [draft_of(one) for one in offer.descriptions]
        self.services.show(drafts)
        self.services.set_type(self._kind)
        self.terms.show(ServiceTerms() if offer is None else offer.terms)
        self.problems.show([])
        open_now = offer is not None and offer.state is ServiceOfferState.PUBLISHED
        self.publish.visible = offer is None
        self.save.visible = open_now
        self.again.visible = offer is not None and not open_now

    @property
    def _kind(self) -> ServiceType:
        return ServiceType(self.kind.value) if self.kind.value else ServiceType.INDIVIDUAL_DATA

    def _on_kind(self, _event: Any) -> None:
        self.services.set_type(self._kind)

    def _typed(self) -> dict[str, Any]:
        return {
            "title": self.title.value or "",
            "text": self.text.value or "",
            "descriptions": tuple(description_of(draft) for draft in self.services.drafts),
            "terms": self.terms.terms(),
        }

    def _on_publish(self, _event: Any) -> None:
        self._carry_out(lambda: PublishServiceOffer(service_type=self._kind, **self._typed()), "published")

    def _on_save(self, _event: Any) -> None:
        offer = self._offer
        if offer is not None:
            self._carry_out(lambda: EditServiceOffer(offer_id=offer.id, **self._typed()), "changed")

    def _carry_out(self, command: Callable[[], Any], done: str) -> None:
        try:
            offer = self._context.desk.do(command())
        except Refused as refused:
            self._find(refused.findings)
            return
        self._find(())
        self._context.notify(f"{offer.title} is {done}.", "success")
        self._on_saved(offer.id)

    def _find(self, findings: Sequence[Finding]) -> None:
        """Each finding at its field, of the service that it is about."""
        rules = {name: name for name in _OWN} | terms_rules()
        single, rest = by_draft(findings, rules)
        self.services.find(single)
        terms = set(TERMS_FIELD_OF.values())
        self.terms.problems.show([Problem(*found) for found in rest if found[0] in terms])
        self.problems.show([Problem(*found) for found in rest if found[0] not in terms])
