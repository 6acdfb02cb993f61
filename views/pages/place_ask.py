"""Asking one provider for its terms: what is asked, from when to when, and until when it may answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models.place import Matches
from domain.commands.place import AskForProposal
from domain.errors import Refused, refuse
from domain.time import MARKET_ZONE
from views.pages.context import PageContext
from views.pages.later import in_turn
from views.pages.place_description import TermsForm, side_by_side, terms_rules
from views.state.place_deals import asked_terms, lines_for, matches_of, times_of
from views.state.place_drafts import TERMS_FIELD_OF
from views.state.spans import by_field
from views.widgets import FactList, ProblemList, text
from views.widgets.forms import Problem

_FIELD: dict[str, Any] = {"size": "small", "sizing_mode": "stretch_width", "margin": (5, 12)}
_TIMES = {"starts_at": "starts_at", "ends_at": "ends_at", "deadline": "deadline"}
ANSWER_WITHIN = timedelta(days=14)


class AskForm:
    """The picked provider's services that meet the wishes, terms to begin with, and times."""

    def __init__(self, context: PageContext, on_done: Callable[[], None]) -> None:
        self._context, self._on_done = context, on_done
        self._found: Matches | None = None
        self._provider = self._key = ""
        self._none = text("Pick a request and a provider that meets it.", "muted", margin=(4, 12, 12, 12))
        self._asked = text("It is asked already; see the proposals.", margin=(4, 12, 12, 12))
        self._facts = FactList()
        self.terms = TermsForm()
        self.times: dict[str, Any] = {
            "starts_at": pmu.DatePicker(label="First day (empty: now)", **_FIELD),
            "ends_at": pmu.DatePicker(label="Last day (empty: open)", **_FIELD),
            "deadline": pmu.DatePicker(label="To be answered until", **_FIELD),
        }
        self.problems = ProblemList(self.times)
        self.send = pmu.Button(
            label="Ask for terms",
            variant="contained",
            icon="send",
            on_click=in_turn(self._on_send),
            margin=(4, 12, 12, 12),
        )
        beside = self.problems.beside
        self._form = pn.Column(
            text("Terms asked for; the provider may offer others.", "muted", margin=(0, 12)),
            self.terms.view,
            side_by_side(beside("starts_at"), beside("ends_at")),
            beside("deadline"),
            self.problems.view,
            self.send,
            sizing_mode="stretch_width",
            margin=0,
        )
        self.view = pn.Column(
            self._none, self._facts.view, self._asked, self._form, sizing_mode="stretch_width", margin=0
        )

    def show(self, found: Matches | None, provider_id: str) -> None:
        one = None
        if found is not None:
            one = next((p for p in found.providers if p.provider_id == provider_id), None)
        key = f"{found.request.id} {provider_id}" if found is not None and one is not None else ""
        another, self._key = key != self._key, key
        self._found, self._provider = found, provider_id
        self._none.visible = one is None
        self._asked.visible = one is not None and one.proposal_id is not None
        self._form.visible = one is not None and one.proposal_id is None
        if found is None or one is None:
            self._facts.show([])
            return
        services = "\n".join(match.description.short_description for match in matches_of(found, provider_id))
        self._facts.show([("Provider", one.provider_name), ("Services", services)])
        if another:
            self.terms.show(asked_terms(found, provider_id))
            today = self._context.market_now().astimezone(MARKET_ZONE).date()
            self.times["starts_at"].value = self.times["ends_at"].value = None
            self.times["deadline"].value = today + ANSWER_WITHIN
            self.problems.show([])

    def _on_send(self, _event: Any) -> None:
        if self._found is None:
            return
        try:
            self._context.desk.do(self._command(self._found))
        except Refused as refused:
            found = by_field(refused.findings, terms_rules() | _TIMES)
            terms = set(TERMS_FIELD_OF.values())
            self.terms.problems.show([Problem(*one) for one in found if one[0] in terms])
            self.problems.show([Problem(*one) for one in found if one[0] not in terms])
            return
        self.problems.show([])
        self.terms.problems.show([])
        self._context.notify("The provider is asked. Its answer comes into your proposals.", "success")
        self._on_done()

    def _command(self, found: Matches) -> AskForProposal:
        dates = {name: field.value for name, field in self.times.items()}
        if dates["deadline"] is None:
            raise refuse("missing", "deadline", "Choose a day.")
        times = times_of(dates["starts_at"], dates["ends_at"], dates["deadline"], self._context.market_now())
        return AskForProposal(
            request_id=found.request.id,
            lines=lines_for(found, self._provider),
            terms=self.terms.terms(),
            **times,
        )
