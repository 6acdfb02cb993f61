"""Energy services as their page sees them: offers, acquisitions, call-ups, and what is asked for next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
import param
from numpy.typing import NDArray

from app.queries.models.platform import (
    AcquisitionRow,
    CallUpRow,
    FlexibilityRow,
    ListAcquisitions,
    ListCallUps,
    ListFlexibilities,
)
from domain.commands.platform import AcquireFlexibility, CallUpFlexibility, OfferEnergyService
from domain.errors import refuse
from domain.flexibility.assets import Direction
from domain.ids import AcquisitionId, FlexibilityId, SubscriptionId
from domain.platform.energy_service import CallUpState, Flexibility
from domain.time import MTU, DeliveryDay, market_day
from domain.units import energy_mwh
from views.state.common import MISSING, local, number, short, utc
from views.state.door import Door

Floats = NDArray[np.float64]
PLACES = 3
KILO = Decimal(1000)
"""Households offer kilowatts: the page is in kW and kWh."""


class EnergyState(param.Parameterized):
    """What the address keeps."""

    flexibility = param.String(default="")
    acquisition = param.String(default="")
    call_up = param.String(default="")


@dataclass(frozen=True, kw_only=True)
class EnergyFacts:
    """Everything that the page shows."""

    offers: tuple[FlexibilityRow, ...]
    acquisitions: tuple[AcquisitionRow, ...]
    call_ups: tuple[CallUpRow, ...]

    def offer(self, id: str) -> FlexibilityRow | None:
        """The one that is looked at, else the first."""
        return next((row for row in self.offers if row.flexibility.id == id), next(iter(self.offers), None))

    def acquisition(self, id: str) -> AcquisitionRow | None:
        return next((row for row in self.acquisitions if row.acquisition.id == id), None)

    def call_up(self, id: str) -> CallUpRow | None:
        return next((row for row in self.call_ups if row.call_up.id == id), None)

    @property
    def waiting(self) -> int:
        """Call-ups without an answer."""
        return sum(row.call_up.state is CallUpState.REQUESTED for row in self.call_ups)


def energy_facts(door: Door) -> EnergyFacts:
    return EnergyFacts(
        offers=door.ask(ListFlexibilities()),
        acquisitions=door.ask(ListAcquisitions()),
        call_ups=door.ask(ListCallUps()),
    )


def offer_record(row: FlexibilityRow) -> dict[str, Any]:
    made = row.flexibility
    return {
        "id": made.id,
        "state": made.state.value,
        "area": made.area,
        "span": f"{local(made.starts_at)}–{local(made.ends_at, '%H:%M')}",
        "span_utc": f"{utc(made.starts_at)} to {utc(made.ends_at)}",
        "direction": made.direction.value,
        "energy_kwh": float(energy_mwh(made.power_mw) * KILO),
        "price": float(made.price_eur_per_mwh),
        "acquired_kw": float(row.acquired_mw * KILO),
        "until": local(made.acquire_until, "%a %H:%M"),
        "until_utc": utc(made.acquire_until),
        "provider": row.provider,
        "from": made.made_from,
    }


def acquisition_record(row: AcquisitionRow) -> dict[str, Any]:
    made = row.acquisition
    return {
        "id": made.id,
        "state": made.status.value if made.status else "waits",
        "power_kw": float(made.power_mw * KILO),
        "peer": row.peer,
        "area": row.flexibility.area,
        "span": f"{local(row.flexibility.starts_at)}–{local(row.flexibility.ends_at, '%H:%M')}",
        "span_utc": f"{utc(row.flexibility.starts_at)} to {utc(row.flexibility.ends_at)}",
        "asked": local(made.asked_at, "%a %H:%M"),
        "asked_utc": utc(made.asked_at),
        "reason": made.reason or MISSING,
        "offer": short(made.flexibility_id),
    }


def call_up_record(row: CallUpRow) -> dict[str, Any]:
    made = row.call_up
    return {
        "id": made.id,
        "state": made.state.value,
        "power_kw": float(made.power_mw * KILO),
        "energy_kwh": float(made.energy_mwh * KILO),
        "peer": row.peer,
        "span": f"{local(made.starts_at)}–{local(made.ends_at, '%H:%M')}",
        "span_utc": f"{utc(made.starts_at)} to {utc(made.ends_at)}",
        "worth_eur": float(made.energy_mwh * row.flexibility.price_eur_per_mwh),
        "reason": made.reason or MISSING,
    }


def curves_of(
    offer: Flexibility, acquisitions: Sequence[AcquisitionRow], call_ups: Sequence[CallUpRow]
) -> tuple[DeliveryDay, dict[str, Floats]]:
    """The day that an offer begins on, and over it what is offered, acquired and called up, [n_steps] kW; nothing
    outside of the offer's time."""
    day = DeliveryDay(day=market_day(offer.starts_at))
    at = [day.instant(step) for step in range(day.n_steps)]
    offered = np.full(day.n_steps, np.nan)
    for step, instant in enumerate(at):
        index = (instant - offer.starts_at) // MTU
        if 0 <= index < len(offer.power_mw):
            offered[step] = float(offer.power_mw[index] * KILO)
    of_it = [row.acquisition for row in acquisitions if row.acquisition.flexibility_id == offer.id]
    acquired = sum((one.power_mw for one in of_it if one.status), Decimal(0))
    called = np.full(day.n_steps, np.nan)
    standing = [
        row.call_up
        for row in call_ups
        if row.call_up.flexibility_id == offer.id and row.call_up.state is not CallUpState.REFUSED
    ]
    for step, instant in enumerate(at):
        of_step = [float(one.power_mw * KILO) for one in standing if one.starts_at <= instant < one.ends_at]
        if of_step:
            called[step] = sum(of_step)
    return day, {
        "offered": offered,
        "acquired": np.where(np.isnan(offered), np.nan, float(acquired * KILO)),
        "called": called,
    }


def decimal_of(text: str, field: str) -> Decimal:
    """Raises `Refused`: `malformed` for what is no number."""
    try:
        return Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        raise refuse("malformed", field, "Give a number such as 0.25.") from None


def offer_command(
    *, area: str, direction: str, day: date, first: int, last: int, power: str, price: str, hours: str, source: str
) -> OfferEnergyService:
    """An even offer from one quarter hour of a day to another. Raises `Refused` for numbers that are none."""
    delivery = DeliveryDay(day=day)
    start = delivery.instant(first)
    if last < first:
        raise refuse("out_of_range", "last", "It ends before it begins.")
    return OfferEnergyService(
        area=area,
        direction=Direction(direction),
        starts_at=start,
        power_mw=(_mw_of(power),) * (last - first + 1),
        price_eur_per_mwh=decimal_of(price, "price_eur_per_mwh"),
        acquire_until=start - timedelta(hours=float(_hours(hours))),
        made_from=source,
    )


def _hours(text: str) -> Decimal:
    hours = decimal_of(text, "acquire_until")
    if not hours.is_finite() or not 0 <= hours <= 720:
        raise refuse("out_of_range", "acquire_until", "Give 0 to 720 hours.")
    return hours


def acquire_command(row: FlexibilityRow, power: str) -> AcquireFlexibility:
    """Under the subscription that the offer was told under."""
    subscription_id = row.subscription_ids[0] if row.subscription_ids else SubscriptionId("")
    return AcquireFlexibility(
        flexibility_id=FlexibilityId(row.flexibility.id),
        subscription_id=subscription_id,
        power_mw=_mw_of(power),
    )


def steps_of(offer: Flexibility) -> list[datetime]:
    """The starts of an offer's quarter hours, and its end."""
    return [offer.starts_at + k * MTU for k in range(len(offer.power_mw) + 1)]


def call_command(row: AcquisitionRow, first: int, last: int, power: str) -> CallUpFlexibility:
    """From the first to the last quarter hour of what was offered."""
    steps = steps_of(row.flexibility)
    return CallUpFlexibility(
        acquisition_id=AcquisitionId(row.acquisition.id),
        starts_at=steps[first],
        ends_at=steps[last + 1],
        power_mw=_mw_of(power),
    )


def kw(power_mw: Decimal | None) -> str:
    """A power in MW as kW, for people."""
    return number(None if power_mw is None else power_mw * KILO, PLACES)


def _mw_of(power_kw: str) -> Decimal:
    return decimal_of(power_kw, "power_mw") / KILO
