"""Proposals between a requester and a provider: what was asked and offered, and what each side may do now."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models.place import GetAgreement, ListProposals, ListServiceRequests, ProposalRow
from domain.commands import Command
from domain.commands.place import AcceptGeneralAgreement, AcceptProposal, DeclineProposal, OfferTerms
from domain.errors import Refused
from domain.marketplace.requests import STANDING, ProposalState
from domain.parties import Role
from views import news
from views.pages.books import picked_or_first, show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import utc_on_hover, whole_on_hover
from views.pages.later import in_turn
from views.pages.place_description import TermsForm, terms_rules
from views.plots.book import Column
from views.state.place_deals import (
    proposal_facts,
    proposal_record,
    proposal_state,
    request_facts,
    request_record,
    terms_lines,
)
from views.state.place_drafts import TERMS_FIELD_OF
from views.state.place_pick import ProposalPick
from views.state.spans import by_field
from views.widgets import (
    Book,
    Comparison,
    ConfirmDialog,
    FactList,
    KeyFigure,
    KeyFigures,
    ProblemList,
    csv_button,
    empty_state,
    panel,
    text,
)
from views.widgets.forms import Problem

PROPOSALS = (
    Column("turn", "Turn", width_px=64),
    Column("state", "State", "state", width_px=108),
    Column("other", "With", min_px=120),
    Column("request", "Request", min_px=170),
    Column("services", "Services", min_px=220),
    Column("price_eur", "EUR a month", "figure", width_px=108),
    Column("deadline", "Answer until", "time", width_px=140),
    Column("deadline_utc", "UTC"),
)
REQUESTS = (
    Column("title", "Request", min_px=180),
    Column("requester", "Requester", min_px=140),
    Column("type", "Type", width_px=130),
    Column("wishes", "Wishes", "count", width_px=72),
    Column("at", "Asked", "time", width_px=140),
    Column("at_utc", "UTC"),
)
_FIELD: dict[str, Any] = {"size": "small", "sizing_mode": "stretch_width", "margin": (5, 12)}
_SIDE_PX = 430
_NONE = {
    Role.PROVIDER: ("Nobody has asked you yet.", "Requesters ask for terms when your offers meet their wishes."),
    Role.REQUESTER: ("You have asked nobody yet.", "Compose a request and ask a provider that meets it."),
}


class ProposalsPage:
    """The book at the left, what the picked proposal says and what can be done at the right."""

    def __init__(self, context: PageContext) -> None:
        self._context, self._side = context, context.principal.role
        self.state = ProposalPick()
        context.location.sync(self.state, {"proposal_id": "proposal", "request_id": "request"})
        self._rows: dict[str, ProposalRow] = {}
        self._strip = KeyFigures([])
        self._book = Book(PROPOSALS, on_pick=self._on_pick)
        utc_on_hover(self._book, "deadline")
        whole_on_hover(self._book, "other", "request", "services")
        self._none = empty_state(*_NONE[self._side])
        self._requests = Book(REQUESTS, on_pick=self._on_pick_request)
        utc_on_hover(self._requests, "at")
        whole_on_hover(self._requests, "title", "requester")
        self._no_request = text("No open request is met by your offers.", "muted", margin=(0, 12, 12, 12))
        self._request = FactList()
        self._dialog = ConfirmDialog()
        self.answer = Answer(context, self._dialog, self.refresh)
        self.refresh()
        context.live.subscribe(self._on_news, {news.DEALS, news.CATALOGUE, news.PLAYERS})

    def main(self) -> list[Any]:
        proposals = panel(
            "Proposals",
            self._none,
            self._book.view,
            tools=[pn.HSpacer(), csv_button("proposals.csv", self._book.csv)],
        )
        left = [proposals]
        if self._side is Role.PROVIDER:
            requests = (self._no_request, self._requests.view, self._request.view)
            left.append(panel("Open requests that your offers meet", *requests))
        both = pn.Row(
            pn.Column(*left, sizing_mode="stretch_width", margin=0),
            pn.Column(panel("Proposal", self.answer.view), width=_SIDE_PX, margin=0),
            sizing_mode="stretch_width",
            margin=0,
        )
        return [self._strip.view, both, self._dialog.view]

    def refresh(self) -> None:
        """Ask again and patch; what is typed stays."""
        rows = self._context.desk.ask(ListProposals())
        self._rows = {row.proposal.id: row for row in rows}
        show_fitted(self._book, [proposal_record(row, self._side) for row in rows], most_px=420)
        self._book.view.visible, self._none.visible = bool(rows), not rows
        self._strip.show(figures(rows))
        self.state.proposal_id = picked_or_first(self.state.proposal_id, self._rows)
        self._show_picked()
        if self._side is Role.PROVIDER:
            self._show_requests()

    def _show_requests(self) -> None:
        rows = self._context.desk.ask(ListServiceRequests())
        show_fitted(self._requests, [request_record(row) for row in rows], most_px=260)
        self._requests.view.visible, self._no_request.visible = bool(rows), not rows
        self._requests.mark("id", self.state.request_id)
        picked = next((row.request for row in rows if row.request.id == self.state.request_id), None)
        wishes = [] if picked is None else [("Wishes", "\n".join(w.short_description for w in picked.wishes))]
        self._request.show([] if picked is None else [*request_facts(picked), *wishes])

    def _show_picked(self) -> None:
        self._book.mark("id", self.state.proposal_id)
        self.answer.show(self._rows.get(self.state.proposal_id))

    def _on_pick(self, record: Any) -> None:
        self.state.proposal_id = record["id"]
        self._show_picked()

    def _on_pick_request(self, record: Any) -> None:
        self.state.request_id = record["id"]
        self._show_requests()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


class Answer:
    """A provider offers terms; a requester accepts them; either side declines with a reason."""

    def __init__(self, context: PageContext, dialog: ConfirmDialog, on_done: Any) -> None:
        self._context, self._dialog, self._on_done = context, dialog, on_done
        self._provides = context.principal.role is Role.PROVIDER
        self._row: ProposalRow | None = None
        self._shown: object = None
        self._none = text("Pick a proposal in the table.", "muted", margin=(4, 12, 12, 12))
        self._facts = FactList()
        self._terms = Comparison()
        self.terms = TermsForm()
        self.reason = pmu.TextInput(label="Reason to decline", max_length=400, **_FIELD)
        self.problems = ProblemList({"reason": self.reason})
        self.agree = pmu.Checkbox(label="My company accepts the general agreement", margin=(5, 12))
        self.offer = pmu.Button(label="Offer these terms", variant="contained", on_click=in_turn(self._on_offer))
        self.accept = pmu.Button(
            label="Accept and subscribe", variant="contained", icon="check", on_click=in_turn(self._on_accept)
        )
        self.decline = pmu.Button(label="Decline", variant="outlined", on_click=in_turn(self._on_decline))
        self.open = pmu.Button(label="Open the subscription", variant="outlined", href="/place/subscriptions")
        self.open.target = "_self"
        self._offered = pn.Column(
            text("Your terms", margin=(4, 12, 0, 12)), self.terms.view, sizing_mode="stretch_width", margin=0
        )
        self._reason = self.problems.beside("reason")
        self.view = pn.Column(
            self._none,
            self._facts.view,
            self._terms.view,
            self._offered,
            self._reason,
            self.agree,
            self.problems.view,
            pn.Row(self.offer, self.accept, self.decline, self.open, margin=(4, 12, 12, 12)),
            sizing_mode="stretch_width",
            margin=0,
        )

    def show(self, row: ProposalRow | None) -> None:
        self._row = row
        one = None if row is None else row.proposal
        standing = row is not None and not row.expired and row.proposal.state in STANDING
        self._none.visible = row is None
        self._facts.show([] if row is None else proposal_facts(row))
        titles = ["Asked", "Offered" if one is not None and one.answered_at else "As asked"]
        self._terms.show(titles if row is not None else [], [] if row is None else terms_lines(row))
        self._terms.view.visible = row is not None
        self._offered.visible = self.offer.visible = standing and self._provides
        offered = one is not None and one.state is ProposalState.OFFERED
        self.accept.visible = standing and offered and not self._provides
        acts = self.accept.visible or self.offer.visible
        self.agree.visible = acts and not self._context.desk.ask(GetAgreement()).accepted
        self._reason.visible = self.decline.visible = standing
        self.open.visible = one is not None and one.subscription_id is not None
        if one is not None and one.subscription_id is not None:
            self.open.href = f"/place/subscriptions?subscription={one.subscription_id}"
        shown = None if one is None else (one.id, one.version)
        if shown != self._shown:
            self._shown = shown
            self.reason.value = ""
            self.agree.value = False
            self.problems.show([])
            if one is not None:
                self.terms.show(one.terms)

    def _on_offer(self, _event: Any) -> None:
        row = self._row
        if row is None or not self._agreed():
            return
        try:
            command = OfferTerms(proposal_id=row.proposal.id, terms=self.terms.terms())
        except Refused as refused:
            self._find(refused)
            return
        self._do(command, f"{row.requester_name} has your terms and may accept them.")

    def _on_accept(self, _event: Any) -> None:
        row = self._row
        if row is None or not self._agreed():
            return
        command = AcceptProposal(proposal_id=row.proposal.id, version=row.proposal.version)
        self._do(command, f"Subscribed. {row.provider_name}'s platform and yours are told.")

    def _agreed(self) -> bool:
        """Accept the general agreement on the way, when that is ticked; what it is needed for says so itself."""
        if not (self.agree.visible and self.agree.value):
            return True
        version = self._context.desk.ask(GetAgreement()).version
        return self._carried_out(AcceptGeneralAgreement(version=version))

    def _on_decline(self, _event: Any) -> None:
        row = self._row
        if row is not None:
            other = row.requester_name if self._provides else row.provider_name
            command = DeclineProposal(proposal_id=row.proposal.id, reason=self.reason.value or "")
            self._do(command, f"Declined; {other} is told.")

    def _do(self, command: Command, said: str) -> None:
        if self._carried_out(command):
            self._context.notify(said, "success")
            self._on_done()

    def _carried_out(self, command: Command) -> bool:
        try:
            self._context.desk.do(command)
        except Refused as refused:
            self._find(refused)
            return False
        self.problems.show([])
        self.terms.problems.show([])
        return True

    def _find(self, refused: Refused) -> None:
        found = by_field(refused.findings, terms_rules() | {"reason": "reason"})
        terms = set(TERMS_FIELD_OF.values())
        self.terms.problems.show([Problem(*one) for one in found if one[0] in terms])
        self.problems.show([Problem(*one) for one in found if one[0] not in terms])


def figures(rows: tuple[ProposalRow, ...]) -> list[KeyFigure]:
    """What waits for whom."""
    states = [proposal_state(row) for row in rows]
    yours = sum(row.turn for row in rows)
    standing = states.count("asked") + states.count("offered")
    return [
        KeyFigure("Your turn", str(yours), "", "", "watch" if yours else "normal"),
        KeyFigure("Waiting for the other side", str(standing - yours)),
        KeyFigure("Accepted", str(states.count("accepted")), "", "subscribed"),
        KeyFigure("Declined", str(states.count("declined"))),
        KeyFigure("Expired", str(states.count("expired"))),
    ]


def _build(context: PageContext) -> Content:
    page = ProposalsPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/place/proposals",
        title="Proposals",
        nav="Proposals",
        roles=frozenset({Role.PROVIDER, Role.REQUESTER}),
        build=_build,
    ),
)
