"""Direct calls: offers that the DSO may call by itself before the gate, and what became of its calls."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import OfferedFlexibility
from domain.commands import CallOffer, WithdrawCall
from domain.errors import Refused
from domain.ids import CallId, new_id
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, PageContext
from views.pages.dso_parts import align_right, attempt, link_button, utc_on_hover, whole_on_hover
from views.pages.filling import Filling
from views.pages.later import in_turn
from views.plots.book import Column
from views.state.dso_calls import (
    FIELDS,
    DirectCalls,
    Steps,
    call_record,
    call_words,
    command_of,
    direction_of,
    figure_values,
    offer_record,
    plain,
)
from views.state.spans import by_field
from views.widgets import (
    Book,
    ConfirmDialog,
    KeyFigure,
    KeyFigures,
    ProblemList,
    csv_button,
    empty_state,
    panel,
    text,
)
from views.widgets.forms import Problem

OFFERS = (
    Column("state", "State", "state", width_px=120),
    Column("party", "Participant", width_px=88),
    Column("place", "Place", min_px=112),
    Column("power", "Power", width_px=66),
    Column("direction", "Direction", width_px=76),
    Column("quantity", "Quantity", "mw", width_px=76),
    Column("span", "From–to", width_px=136),
    Column("price", "EUR/MWh|Mvarh", "price", width_px=120),
    Column("granularity", "Multiple of", width_px=86),
    Column("until", "Until", "time", width_px=100),
    Column("span_utc", "From–to, UTC"),
    Column("until_utc", "Until, UTC"),
)
CALLS = (
    Column("state", "State", "state", width_px=134),
    Column("party", "Participant", min_px=84, width_px=100),
    Column("place", "Place", min_px=116),
    Column("power", "Power", width_px=72),
    Column("direction", "Direction", width_px=82),
    Column("quantity", "Quantity", "mw", width_px=84),
    Column("span", "From–to", width_px=140),
    Column("price", "EUR/MWh|Mvarh", "price", width_px=126),
    Column("called", "Called", "time", width_px=104),
    Column("reason", "Reason of a refusal", min_px=130),
    Column("span_utc", "From–to, UTC"),
    Column("called_utc", "Called, UTC"),
)
FORM_PX = 380


class CallsPage:
    """Offers and the form for the picked one on top; the DSO's calls under them."""

    def __init__(self, context: PageContext, state: DirectCalls, refresh: Any) -> None:
        self._context, self.state, self._refresh = context, state, refresh
        self._figures = KeyFigures([])
        self._offers = Book(OFFERS, on_pick=self._on_offer)
        utc_on_hover(self._offers, "span", "until")
        whole_on_hover(self._offers, "party", "place")
        align_right(self._offers, "granularity")
        asks = link_button("Publish a request", "/dso/requests", "outlined")
        words = "Offers that may be called directly come over InterFlex, as answers to your requests."
        self._no_offers = empty_state("No offer is open to your call.", words, asks)
        self._calls = Book(CALLS, on_pick=self._on_call)
        utc_on_hover(self._calls, "span", "called")
        whole_on_hover(self._calls, "party", "place", "reason")
        self._no_calls = text("You have called nothing yet. Pick an offer above.", "muted", margin=(4, 12, 12, 12))
        self._about = text("", margin=(4, 12))
        self._form = pn.Column(sizing_mode="stretch_width", margin=0)
        self._filled_for: tuple[object, ...] | None = None
        wide: dict[str, Any] = {"size": "small", "sizing_mode": "stretch_width", "min_width": 0, "margin": (6, 12)}
        self.quantity = pmu.TextInput(label="Quantity, MW", disabled=True, **wide)
        self.first = pmu.Select(label="From", options={}, disabled=True, **wide)
        self.last = pmu.Select(label="To", options={}, disabled=True, **wide)
        fields = {"quantity": self.quantity, "first": self.first, "last": self.last}
        self._problems = ProblemList(fields)
        self.call = pmu.Button(
            label="Call",
            variant="contained",
            disabled=True,
            on_click=in_turn(self._on_ask),
            margin=(4, 12, 12, 12),
        )
        self.take_back = pmu.Button(
            label="Take back",
            variant="outlined",
            disabled=True,
            on_click=in_turn(self._on_take_back),
            margin=(0, 8),
        )
        self.dialog = ConfirmDialog()
        self._command: CallOffer | None = None
        self._call_now, self._back_now = in_turn(self._on_called), in_turn(self._on_taken_back)
        self.draw()

    @property
    def themed(self) -> list[Any]:
        return []

    def main(self) -> list[Any]:
        beside = self._problems.beside
        self._form.extend(
            [
                beside("quantity"),
                pn.Row(beside("first"), beside("last"), sizing_mode="stretch_width", margin=0),
                self._problems.view,
                self.call,
            ]
        )
        form = panel("Call an offer", self._about, self._form)
        form.param.update(sizing_mode=None, width=FORM_PX)
        tools = [pn.HSpacer(), csv_button("callable-offers.csv", self._offers.csv)]
        offers = panel("Offers you may call before the gate", self._no_offers, self._offers.view, tools=tools)
        tools = [pn.HSpacer(), csv_button("calls.csv", self._calls.csv), self.take_back]
        calls = panel("Your calls, until their delivery is over", self._no_calls, self._calls.view, tools=tools)
        top = pn.Row(offers, form, sizing_mode="stretch_width", margin=0)
        return [self._figures.view, top, calls, self.dialog.view]

    def draw(self) -> None:
        """Everything shown, from the state; what is being typed stays while its offer is the same."""
        state = self.state
        self._figures.show([KeyFigure(label, *rest) for label, rest in figure_values(state).items()])
        records = [offer_record(entry) for entry in (*state.offers, *state.none)]
        show_fitted(self._offers, records, most_px=360)
        self._offers.view.visible, self._no_offers.visible = bool(records), not records
        calls = [call_record(call) for call in state.calls]
        show_fitted(self._calls, calls, most_px=330)
        self._calls.view.visible, self._no_calls.visible = bool(calls), not calls
        self._draw_picked()
        self._calls.mark("call_id", state.call)
        self._allow_take_back()

    def _draw_picked(self) -> None:
        entry = self.state.picked
        self._offers.mark("key", "" if entry is None else offer_record(entry)["key"])
        self._form.visible = entry is not None
        for widget in (self.quantity, self.first, self.last, self.call):
            widget.disabled = entry is None
        self._about.object = text(_about(entry), "muted" if entry is None else "body").object
        shape = None if entry is None else (entry.offer_id, entry.stretch, entry.granularity_mw)
        if shape == self._filled_for:
            return
        self._filled_for = shape
        self._problems.show([])
        if entry is None:
            self.quantity.value = ""
            self.first.options = self.last.options = {}
            return
        steps = Steps.of(entry.stretch)
        self.quantity.label = f"Quantity, {entry.stretch.commodity.units.power}"
        self.quantity.value = plain(abs(entry.stretch.power_mw))
        self.first.param.update(options=steps.starts(), value=steps.first)
        self.last.param.update(options=steps.ends(), value=steps.last)

    def _allow_take_back(self) -> None:
        call = self.state.picked_call
        self.take_back.disabled = call is None or not call.revocable

    def _on_offer(self, record: Any) -> None:
        self.state.offer = record["key"]
        self._draw_picked()

    def _on_call(self, record: Any) -> None:
        self.state.call = record["call_id"]
        self._allow_take_back()

    def _on_ask(self, _event: Any) -> None:
        entry = self.state.picked
        if entry is None:
            return
        try:
            self._command = command_of(
                entry, CallId(new_id("FA")), self.quantity.value, self.first.value, self.last.value
            )
        except Refused as refused:
            self._say(refused)
            return
        self._problems.show([])
        self.dialog.ask("Call this flexibility?", call_words(self._command, entry.place), "Call", self._call_now)

    def _on_called(self) -> None:
        command, self._command = self._command, None
        if command is None:
            return
        try:
            self._context.desk.do(command)
        except Refused as refused:
            self._say(refused)
        else:
            self.state.call = command.call_id
            self._context.notify("The flexibility is called.", "success")
        self._refresh()

    def _say(self, refused: Refused) -> None:
        self._problems.show([Problem(*found) for found in by_field(refused.findings, FIELDS)])

    def _on_take_back(self, _event: Any) -> None:
        if self.state.picked_call is not None:
            words = "The quantity goes back into the book, and its owner is told."
            self.dialog.ask("Take back this call?", words, "Take back", self._back_now)

    def _on_taken_back(self) -> None:
        call, self.state.call = self.state.picked_call, ""
        if call is not None:
            command = WithdrawCall(call_id=call.call_id, party_id=call.party_id)
            attempt(self._context, lambda: self._context.desk.do(command), "The call is taken back.")
        self._refresh()


def _about(entry: OfferedFlexibility | None) -> str:
    if entry is None:
        return "Pick an offer in the table."
    row, units = offer_record(entry), entry.stretch.commodity.units
    left = plain(abs(entry.stretch.power_mw))
    return (
        f"{row['party']} at {row['place']}: {left} {units.power} {direction_of(entry.stretch).value} left, "
        f"{row['span']}, at {row['price']} {units.price}. Type: {entry.flex_type}. Call it until {row['until']}."
    )


def build(context: PageContext) -> Content:
    state = DirectCalls(context.desk)
    context.location.sync(state, {"offer": "offer", "call": "call"})
    filling = Filling(
        context,
        {news.MARKET, news.CLOCK},
        refresh=state.refresh,
        shape=lambda: state.planned or None,
        build=lambda seen: CallsPage(seen, state, lambda: filling.again()),
        empty=_empty,
    )
    return filling.content()


def _empty() -> Any:
    hint = "This page fills when the market operator plans a session."
    return panel("Direct calls", empty_state("No session is planned in your regions.", hint))
