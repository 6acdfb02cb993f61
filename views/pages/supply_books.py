"""A supplier's books: own offers to withdraw, awards and their activations to answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.commands import AcknowledgeActivation, RefuseActivation, WithdrawOffer
from domain.errors import Refused
from domain.ids import OfferId
from views.pages.context import PageContext
from views.pages.dso_parts import align_right, attempt, link_button, utc_on_hover, whole_on_hover
from views.pages.later import in_turn
from views.pages.supply_columns import AWARDS, OFFERS
from views.state.spans import by_field
from views.state.supply_again import Again, again
from views.state.supply_calls import decline_record, declines
from views.state.supply_facts import PortfolioState, SupplyFacts, award_record, offer_records
from views.widgets import Book, ConfirmDialog, ProblemList, csv_button, empty_state, panel, text
from views.widgets.forms import Problem
from views.widgets.markup import html_pane, tag

_OFFERED = (
    "Withdraw this offer?",
    "It leaves the market for good. You can compose another before the gate closes.",
    "Withdraw offer",
)
_DECLINED = (
    "Take this back?",
    "The DSO no longer reads that you have no flexibility there. You can say it again before the gate closes.",
    "Take back",
)


class OfferBook:
    """Own offers; the picked one can be withdrawn before the gate."""

    def __init__(self, context: PageContext, state: PortfolioState, refresh: Callable[[], None]) -> None:
        self._context, self._state, self._refresh = context, state, refresh
        self._facts: SupplyFacts
        self._can = Again()
        self._book = Book(OFFERS, height_px=190, on_pick=self._on_pick)
        utc_on_hover(self._book, "span")
        whole_on_hover(self._book, "asset", "terms")
        align_right(self._book, "price")
        self._none = empty_state(
            "You have no offers yet.",
            "Compose one from your confirmed assets.",
            link_button("Compose an offer", "/supply/compose"),
        )
        self.dialog = ConfirmDialog()
        self._take_back = in_turn(self._withdraw_now)
        self._again = link_button("Change", "/supply/compose", "outlined")
        self._again.disabled = True
        self._withdraw = pmu.Button(
            label="Withdraw", variant="outlined", disabled=True, on_click=in_turn(self._on_withdraw), margin=(0, 8)
        )
        csv = csv_button("offers.csv", self._book.csv)
        compose = link_button("Compose an offer", "/supply/compose")
        self._why = html_pane("", margin=(0, 12, 8, 12))
        self._why_room = pn.Column(
            self._why, max_height=130, scroll="y", sizing_mode="stretch_width", margin=0, visible=False
        )
        self.view = panel(
            "Offers",
            self._none,
            self._book.view,
            self._why_room,
            tools=[pn.HSpacer(), csv, self._withdraw, self._again, compose],
        )

    def show(self, facts: SupplyFacts) -> None:
        self._facts = facts
        records = [*offer_records(facts), *map(decline_record, declines(facts.offered))]
        self._book.show(records)
        self._book.view.visible, self._none.visible = bool(records), not records
        picked = self._book.mark("offer_id", self._state.offer)
        self._withdraw.disabled = picked is None or not picked["withdrawable"]
        self._offer_again()
        self._explain(records)

    def _offer_again(self) -> None:
        """The button that opens the composer with the picked offer, at the price that would have been accepted."""
        row = next((row for row in self._facts.offers if row.offer.id == self._state.offer), None)
        self._can = again(row, self._facts) if row is not None else Again()
        href = self._can.href or "/supply/compose"
        self._again.param.update(label=self._can.label or "Change", href=href, disabled=not self._can.href)

    def _on_pick(self, record: Any) -> None:
        self._state.offer = record["offer_id"]
        self._withdraw.disabled = not record["withdrawable"]
        self._offer_again()
        self._explain([record])

    def _explain(self, records: Sequence[Mapping[str, Any]]) -> None:
        """What the clearing says of the picked offer; a hint while none is picked that it says something of."""
        told = next((r["why"] for r in records if r["offer_id"] == self._state.offer), [])
        said = [*told, *([self._can.words] if self._can.words else [])]
        hint = ["Pick an offer to read why it was not accepted in full."] if any(r["why"] for r in records) else []
        style = f"text {'body' if said else 'muted'}"
        self._why.object = "".join(tag("p", escape(line), class_=style) for line in said or hint)
        self._why_room.visible = bool(said or hint)

    def _on_withdraw(self, _event: Any) -> None:
        if self._state.offer:
            none = any(entry.offer_id == self._state.offer for entry in declines(self._facts.offered))
            self.dialog.ask(*(_DECLINED if none else _OFFERED), self._take_back)

    def _withdraw_now(self) -> None:
        picked, self._state.offer = self._state.offer, ""
        if picked:
            command = WithdrawOffer(offer_id=OfferId(picked))
            attempt(self._context, lambda: self._context.desk.do(command), "It is withdrawn.")
        self._refresh()


class AwardBook:
    """Awards and their activations, from publication on: acknowledge, or refuse with a reason."""

    def __init__(self, context: PageContext, refresh: Callable[[], None]) -> None:
        self._context, self._refresh = context, refresh
        self._picked: str | None = None
        self._book = Book(AWARDS, height_px=150, on_pick=self._on_pick)
        utc_on_hover(self._book, "span")
        self._none = text(
            "Awards appear here when a session's result is published.", "muted", margin=(4, 12, 12, 12)
        )
        self._acknowledge = pmu.Button(
            label="Acknowledge",
            variant="contained",
            disabled=True,
            on_click=in_turn(self._on_acknowledge),
            margin=(0, 8),
        )
        self._refuse = pmu.Button(
            label="Refuse", variant="outlined", disabled=True, on_click=in_turn(self._on_refuse), margin=(0, 8)
        )
        self._reason = pmu.TextInput(label="Reason of a refusal", size="small", max_length=200, margin=(4, 12))
        self._problems = ProblemList({"reason": self._reason})
        self._form = pn.Column(
            self._problems.beside("reason"), self._problems.view, sizing_mode="stretch_width", visible=False
        )
        self.view = panel(
            "Awards and activations",
            self._none,
            self._book.view,
            self._form,
            tools=[
                pn.HSpacer(),
                link_button("Settlement", "/settlement", "text"),
                csv_button("awards.csv", self._book.csv),
                self._acknowledge,
                self._refuse,
            ],
        )

    def show(self, facts: SupplyFacts) -> None:
        records = [award_record(row, facts) for row in facts.awards]
        self._book.show(records)
        self._book.view.visible, self._none.visible = bool(records), not records
        self._allow(any(r["activation_id"] == self._picked and r["open"] for r in records))

    def _allow(self, answerable: bool) -> None:
        self._acknowledge.disabled = self._refuse.disabled = not answerable
        self._form.visible = answerable

    def _on_pick(self, record: Any) -> None:
        self._picked = record["activation_id"]
        self._problems.show([])
        self._allow(record["open"])

    def _on_acknowledge(self, _event: Any) -> None:
        if self._picked is not None:
            command = AcknowledgeActivation(activation_id=self._picked)  # type: ignore[arg-type]
            attempt(self._context, lambda: self._context.desk.do(command), "The activation is acknowledged.")
            self._refresh()

    def _on_refuse(self, _event: Any) -> None:
        if self._picked is None:
            return
        command = RefuseActivation(activation_id=self._picked, reason=self._reason.value)  # type: ignore[arg-type]
        try:
            self._context.desk.do(command)
        except Refused as refused:
            self._problems.show([Problem(*found) for found in by_field(refused.findings, {"reason": "reason"})])
            return
        self._problems.show([])
        self._reason.value = ""
        self._context.notify("The activation is refused.", "success")
        self._refresh()
