"""What a DSO may call by itself before the gate, which of it is picked, and what became of its calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import param

from app.queries.models import (
    DirectCall,
    ListDirectCalls,
    ListOfferedFlexibility,
    ListSessions,
    OfferedFlexibility,
    Stretch,
)
from domain.commands import CallOffer
from domain.errors import refuse
from domain.flexibility.assets import Direction
from domain.flexibility.calls import block, signed_mw, worth_eur
from domain.flexibility.commodity import Commodity
from domain.ids import CallId
from domain.lifecycle import ActivationState
from domain.time import MTU, DeliveryDay, market_day
from domain.units import energy_mwh
from views.state.common import MISSING, local, number, power_words, utc
from views.state.door import Door
from views.state.dso_drafts import parse_decimal
from views.state.dso_room import ZONE_PREFIX
from views.state.spans import plural, span, span_utc

ZERO = Decimal(0)
FIELDS = {"flexible_power": "quantity", "activation_time": "first", "duration": "last"}
"""What findings of a call are about -> the form's field."""


@dataclass(frozen=True, kw_only=True)
class Steps:
    """A stretch of time as quarter hours `first` to `last` - 1 of a delivery day."""

    day: DeliveryDay
    first: int
    last: int

    @classmethod
    def of(cls, stretch: Stretch) -> Steps:
        day = DeliveryDay(day=market_day(stretch.starts_at))
        last = day.step(stretch.ends_at - MTU)
        return cls(day=day, first=day.step(stretch.starts_at) or 0, last=(last or 0) + 1)

    def words(self) -> str:
        return f"{self.day.day:%d %b} {span(self.day, self.first, self.last - 1)}"

    def utc(self) -> str:
        return span_utc(self.day, self.first, self.last - 1)

    def starts(self) -> dict[str, int]:
        """Local time -> quarter hour at which a call may begin."""
        return {self.day.label(step): step for step in range(self.first, self.last)}

    def ends(self) -> dict[str, int]:
        """Local time -> quarter hour before which a call may end."""
        steps = range(self.first + 1, self.last + 1)
        return {"24:00" if step == self.day.n_steps else self.day.label(step): step for step in steps}


class DirectCalls(param.Parameterized):
    """`offer` is the picked entry's key, `call` the picked call's."""

    offer = param.String(default="")
    call = param.String(default="")

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door
        self.planned = False
        self.offers: tuple[OfferedFlexibility, ...] = ()
        self.none: tuple[OfferedFlexibility, ...] = ()
        self.calls: tuple[DirectCall, ...] = ()

    def refresh(self) -> None:
        self.planned = bool(self._door.ask(ListSessions()))
        offered = self._door.ask(ListOfferedFlexibility())
        self.offers = tuple(entry for entry in offered if entry.open_to_call)
        self.none = tuple(entry for entry in offered if not entry.stretch.power_mw)
        self.calls = self._door.ask(ListDirectCalls())

    @property
    def picked(self) -> OfferedFlexibility | None:
        """The entry that is picked; a link may name the offer alone."""
        wanted = (entry for entry in self.offers if self.offer in (key_of(entry), entry.offer_id))
        return next(wanted, None) if self.offer else None

    @property
    def picked_call(self) -> DirectCall | None:
        return next((call for call in self.calls if call.call_id == self.call), None) if self.call else None


def key_of(entry: OfferedFlexibility) -> str:
    """An offer has an entry for each stretch of time in which nothing changes."""
    return f"{entry.offer_id}.{entry.stretch.starts_at:%Y%m%dT%H%M}"


def plain(quantity: Decimal) -> str:
    """A quantity without needless zeros."""
    return f"{quantity.normalize():f}"


def command_of(entry: OfferedFlexibility, call_id: CallId, quantity: str, first: int, last: int) -> CallOffer:
    """The call of a part of an entry.

    Raises:
        Refused: `missing`, `not_finite`, `out_of_range` on `flexible_power`; `out_of_range` on `duration`.
    """
    most = abs(entry.stretch.power_mw)
    asked = parse_decimal(quantity, "flexible_power", "a quantity")
    power = entry.stretch.commodity.units.power
    if not ZERO < asked <= most:
        raise refuse("out_of_range", "flexible_power", f"Call more than 0 and at most {plain(most)} {power}.")
    if entry.granularity_mw and asked % entry.granularity_mw:
        sentence = f"Call a multiple of {plain(entry.granularity_mw)} {power}."
        raise refuse("not_callable", "flexible_power", sentence)
    if last <= first:
        raise refuse("out_of_range", "duration", "The end has to be after the start.")
    day = Steps.of(entry.stretch).day
    return CallOffer(
        call_id=call_id,
        party_id=entry.party_id,
        offer_id=entry.offer_id,
        power_mw=signed_mw(asked, direction_of(entry.stretch)),
        starts_at=day.instant(first),
        duration_s=Decimal((last - first) * int(MTU.total_seconds())),
        price_eur_per_mwh=entry.price_eur_per_mwh,
        commodity=entry.stretch.commodity,
    )


def call_words(command: CallOffer, place: str) -> str:
    """What a call takes and costs, for the question before it."""
    units = command.commodity.units
    steps = Steps.of(
        Stretch(
            power_mw=command.power_mw,
            commodity=command.commodity,
            starts_at=command.starts_at,
            ends_at=command.starts_at + MTU * int(command.duration_s / Decimal(int(MTU.total_seconds()))),
        )
    )
    quantity = block(abs(command.power_mw), steps.first, steps.last, steps.day.n_steps)
    cost = worth_eur(quantity, (command.price_eur_per_mwh,) * steps.day.n_steps)
    way = "up" if command.power_mw > 0 else "down"
    where, price = place.removeprefix(ZONE_PREFIX), number(command.price_eur_per_mwh)
    return (
        f"{plain(abs(command.power_mw))} {units.power} {way} of {command.party_id} at {where}, {steps.words()}, "
        f"at {price} {units.price}: {number(cost)} EUR. "
        "It leaves the book; you can take it back until it is answered or the gate closes."
    )


def direction_of(stretch: Stretch) -> Direction:
    return Direction.UP if stretch.power_mw > 0 else Direction.DOWN


def energy_of(stretches: Iterable[Stretch], commodity: Commodity) -> Decimal:
    """MWh or Mvarh of stretches, without sign."""
    return sum(
        (
            energy_mwh((abs(stretch.power_mw),) * (steps.last - steps.first))
            for stretch in stretches
            if stretch.commodity is commodity
            for steps in (Steps.of(stretch),)
        ),
        ZERO,
    )


def _timed(stretch: Stretch) -> dict[str, Any]:
    steps = Steps.of(stretch)
    return {
        "power": power_words(stretch.commodity),
        "direction": direction_of(stretch).value,
        "quantity": abs(stretch.power_mw),
        "span": steps.words(),
        "span_utc": steps.utc(),
    }


def offer_record(entry: OfferedFlexibility) -> dict[str, Any]:
    """An entry as a row; a zero offer says so and has no quantity."""
    row = {
        "state": "open to call",
        "party": entry.party_id,
        "place": entry.place.removeprefix(ZONE_PREFIX),
        **_timed(entry.stretch),
        "price": entry.price_eur_per_mwh,
        "granularity": plain(entry.granularity_mw) if entry.granularity_mw else "any",
        "until": local(entry.deadline, "%d %b %H:%M"),
        "until_utc": utc(entry.deadline),
        "type": entry.flex_type,
        "key": key_of(entry),
    }
    if entry.stretch.power_mw:
        return row
    return row | {
        "state": "no flexibility",
        "direction": MISSING,
        "quantity": None,
        "price": None,
        "granularity": MISSING,
    }


def call_record(call: DirectCall) -> dict[str, Any]:
    return {
        "state": call.state.value,
        "party": call.party_id,
        "place": call.place.removeprefix(ZONE_PREFIX) or MISSING,
        **_timed(call.stretch),
        "price": call.price_eur_per_mwh,
        "called": local(call.called_at, "%d %b %H:%M"),
        "called_utc": utc(call.called_at),
        "reason": call.reason or MISSING,
        "call_id": call.call_id,
        "revocable": call.revocable,
    }


def figure_values(state: DirectCalls) -> dict[str, tuple[str, str, str]]:
    """Label -> value, unit, note of the strip at the top; a call counts once, however many stretches it has."""
    of = {c: energy_of((e.stretch for e in state.offers), c) for c in Commodity}
    called = [call for call in state.calls if call.state is not ActivationState.REFUSED]
    taken = {c: energy_of((call.stretch for call in called), c) for c in Commodity}
    n = {s: len({call.call_id for call in state.calls if call.state is s}) for s in ActivationState}
    offers = len({entry.offer_id for entry in state.offers})
    return {
        "Offers open to call": (
            str(offers),
            "",
            f"{plural(len({e.party_id for e in state.offers}), 'participant')}",
        ),
        "Quantity": (number(of[Commodity.P], 3), "MWh", _reactive(of)),
        "Called": (number(taken[Commodity.P], 3), "MWh", _reactive(taken)),
        "To be answered": (str(n[ActivationState.REQUESTED]), "", ""),
        "Acknowledged": (str(n[ActivationState.ACKNOWLEDGED]), "", ""),
        "Refused": (str(n[ActivationState.REFUSED]), "", ""),
    }


def _reactive(of: dict[Commodity, Decimal]) -> str:
    return f"{number(of[Commodity.Q], 3)} Mvarh" if of[Commodity.Q] else ""
