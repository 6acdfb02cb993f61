"""Forms of the energy service: a provider offers and answers, a requester acquires and calls up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models.platform import AcquisitionRow, CallUpRow, FlexibilityRow
from domain.commands.platform import AnswerCallUp, WithdrawEnergyService
from domain.errors import Refused
from domain.platform.energy_service import CallUpState, FlexibilityState
from domain.time import DeliveryDay, market_day
from views.pages.context import PageContext
from views.pages.later import in_turn
from views.state.common import local, short, step_labels
from views.state.platform_energy import acquire_command, call_command, kw, offer_command, steps_of
from views.state.spans import by_field
from views.widgets import Problem, ProblemList, text, toggles

LOOK: dict[str, Any] = {"size": "small", "margin": (6, 12), "sizing_mode": "stretch_width"}
Done = Callable[[str], None]
"""What to say after it was done."""


class Form:
    """Fields, their problems and a button; `send()` makes and executes a command, and says what was done."""

    def __init__(self, context: PageContext, fields: dict[str, Any], rules: dict[str, str], done: Done) -> None:
        self._context, self._rules, self._done = context, rules, done
        self.fields = fields
        self.problems = ProblemList(fields)

    def button(self, label: str, act: Callable[[], str], **look: Any) -> pmu.Button:
        return pmu.Button(label=label, on_click=in_turn(lambda _event: self._act(act)), **look)

    def _act(self, act: Callable[[], str]) -> None:
        try:
            said = act()
        except Refused as refused:
            self.problems.show([Problem(*found) for found in by_field(refused.findings, self._rules)])
            return
        self.problems.show([])
        self._done(said)


class OfferForm(Form):
    """Provider: an even offer within a day."""

    def __init__(self, context: PageContext, done: Done) -> None:
        day = market_day(context.market_now()) + timedelta(days=1)
        labels = step_labels(DeliveryDay(day=day))
        starts = {label: k for k, label in enumerate(labels)}
        ends = {label: k for k, label in enumerate([*labels[1:], "24:00"])}
        fields: dict[str, Any] = {
            "area": pmu.TextInput(label="Area", max_length=80, **LOOK),
            "direction": toggles(
                "Direction", options={"Less consumption": "up", "More consumption": "down"}, value="up"
            ),
            "day": pmu.DatePicker(label="Delivery day", value=day, **LOOK),
            "first": pmu.Select(label="From", options=starts, value=68, **LOOK),
            "last": pmu.Select(label="Until", options=ends, value=75, **LOOK),
            "power_mw": pmu.TextInput(label="Power, kW", value="", **LOOK),
            "price_eur_per_mwh": pmu.TextInput(label="Price, EUR/MWh", value="", **LOOK),
            "acquire_until": pmu.TextInput(label="Can be acquired until so many hours before", value="1", **LOOK),
            "made_from": pmu.TextInput(label="Made from", max_length=400, **LOOK),
        }
        rules = {name: name for name in fields} | {"starts_at": "day", "delivery_day": "day"}
        super().__init__(context, fields, rules, done)
        beside = self.problems.beside
        fields["direction"].margin = (6, 12)
        self.view = pn.Column(
            beside("area"),
            beside("direction"),
            beside("day"),
            pn.Row(beside("first"), beside("last"), sizing_mode="stretch_width", margin=0),
            pn.Row(beside("power_mw"), beside("price_eur_per_mwh"), sizing_mode="stretch_width", margin=0),
            beside("acquire_until"),
            beside("made_from"),
            self.problems.view,
            self.button("Offer to subscribers", self._send, variant="contained", margin=(8, 12, 12, 12)),
            sizing_mode="stretch_width",
            margin=0,
        )

    def _send(self) -> str:
        value = {name: field.value for name, field in self.fields.items()}
        command = offer_command(
            area=value["area"] or "",
            direction=value["direction"],
            day=value["day"],
            first=value["first"],
            last=value["last"],
            power=value["power_mw"] or "",
            price=value["price_eur_per_mwh"] or "",
            hours=value["acquire_until"] or "",
            source=value["made_from"] or "",
        )
        made = self._context.desk.do(command)
        return f"Offered to your subscribers: {short(made.id)}."


class ChosenOffer(Form):
    """Provider: withdraw the offer that is looked at. Requester: acquire of it."""

    def __init__(self, context: PageContext, done: Done, *, provider: bool) -> None:
        fields: dict[str, Any] = {"power_mw": pmu.TextInput(label="Power, kW", value="", **LOOK)}
        super().__init__(context, fields, {"power_mw": "power_mw"}, done)
        self._row: FlexibilityRow | None = None
        self._words = text("", "muted", margin=(4, 12))
        self._send = self.button(
            "Withdraw" if provider else "Acquire",
            self._withdraw if provider else self._acquire,
            variant="outlined" if provider else "contained",
            margin=(8, 12, 12, 12),
        )
        asked = [] if provider else [self.problems.beside("power_mw")]
        self.view = pn.Column(
            self._words, *asked, self.problems.view, self._send, sizing_mode="stretch_width", margin=0
        )

    def show(self, row: FlexibilityRow | None) -> None:
        self._row = row
        self._send.disabled = row is None or row.flexibility.state is not FlexibilityState.OPEN
        self._words.object = text(_offer_words(row), "muted").object

    def _withdraw(self) -> str:
        assert self._row is not None
        self._context.desk.do(WithdrawEnergyService(flexibility_id=self._row.flexibility.id))
        return "Withdrawn; what was acquired stays."

    def _acquire(self) -> str:
        assert self._row is not None
        self._context.desk.do(acquire_command(self._row, self.fields["power_mw"].value or ""))
        return f"{self._row.provider} is asked; its answer comes to this page."


def _offer_words(row: FlexibilityRow | None) -> str:
    if row is None:
        return "Choose an offer."
    made = row.flexibility
    free = f" {kw(row.free_mw)} kW are free." if row.free_mw is not None else ""
    return f"{made.area}, {local(made.starts_at)}, {made.price_eur_per_mwh:.2f} EUR/MWh.{free}"


class CallForm(Form):
    """Requester: call up of the acquisition that is looked at."""

    def __init__(self, context: PageContext, done: Done) -> None:
        fields: dict[str, Any] = {
            "first": pmu.Select(label="From", options={}, **LOOK),
            "last": pmu.Select(label="Until", options={}, **LOOK),
            "power_mw": pmu.TextInput(label="Power, kW", value="", **LOOK),
        }
        rules = {"starts_at": "first", "ends_at": "last", "power_mw": "power_mw"}
        super().__init__(context, fields, rules, done)
        self._row: AcquisitionRow | None = None
        self._words = text("Choose an acquisition.", "muted", margin=(4, 12))
        self._send = self.button("Call up", self._call, variant="contained", margin=(8, 12, 12, 12))
        span = (self.problems.beside("first"), self.problems.beside("last"))
        self._fill = pn.Column(
            pn.Row(*span, sizing_mode="stretch_width", margin=0),
            self.problems.beside("power_mw"),
            self.problems.view,
            self._send,
            sizing_mode="stretch_width",
            margin=0,
            visible=False,
        )
        self.view = pn.Column(self._words, self._fill, sizing_mode="stretch_width", margin=0)

    def show(self, row: AcquisitionRow | None) -> None:
        before, self._row = self._row, row
        self._fill.visible = row is not None
        has = row is not None and bool(row.acquisition.status) and bool(row.acquisition.power_mw)
        self._send.disabled = not has
        if row is None:
            return
        words = f"{kw(row.acquisition.power_mw)} kW of {row.peer}, {local(row.flexibility.starts_at)}."
        self._words.object = text(words if has else "Nothing was acquired here yet.", "muted").object
        if before is None or before.acquisition.id != row.acquisition.id:
            names = [local(at, "%H:%M") for at in steps_of(row.flexibility)]
            self.fields["first"].param.update(options={name: k for k, name in enumerate(names[:-1])}, value=0)
            ends = {name: k for k, name in enumerate(names[1:])}
            self.fields["last"].param.update(options=ends, value=len(names) - 2)

    def _call(self) -> str:
        assert self._row is not None
        value = {name: field.value for name, field in self.fields.items()}
        self._context.desk.do(call_command(self._row, value["first"], value["last"], value["power_mw"] or ""))
        return f"{self._row.peer} is called up; its answer comes to this page."


class AnswerForm(Form):
    """Provider: answer the call-up that is looked at."""

    def __init__(self, context: PageContext, done: Done) -> None:
        fields: dict[str, Any] = {"reason": pmu.TextInput(label="Reason of a refusal", max_length=400, **LOOK)}
        super().__init__(context, fields, {"reason": "reason"}, done)
        self._row: CallUpRow | None = None
        self._words = text("Choose a call-up.", "muted", margin=(4, 12))
        self._yes = self.button("We deliver", lambda: self._answer(True), variant="contained", icon="check")
        self._no = self.button("Refuse", lambda: self._answer(False), variant="outlined")
        self._fill = pn.Column(
            self.problems.beside("reason"),
            self.problems.view,
            pn.Row(self._yes, self._no, margin=(8, 12, 12, 12)),
            sizing_mode="stretch_width",
            margin=0,
            visible=False,
        )
        self.view = pn.Column(self._words, self._fill, sizing_mode="stretch_width", margin=0)

    def show(self, row: CallUpRow | None) -> None:
        self._row = row
        self._fill.visible = row is not None
        waits = row is not None and row.call_up.state is CallUpState.REQUESTED
        self._yes.disabled = self._no.disabled = not waits
        if row is not None:
            made = row.call_up
            words = f"{row.peer}: {kw(made.power_mw)} kW, {local(made.starts_at)}–{local(made.ends_at, '%H:%M')}."
            self._words.object = text(words if waits else f"{words} It is {made.state.value}.", "muted").object

    def _answer(self, delivers: bool) -> str:
        assert self._row is not None
        reason = self.fields["reason"].value or ""
        self._context.desk.do(
            AnswerCallUp(call_up_id=self._row.call_up.id, delivers=delivers, reason="" if delivers else reason)
        )
        return "Acknowledged." if delivers else "Refused; the requester is told why."
