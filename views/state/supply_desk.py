"""What the composer works on: the session, the assets chosen, what they have left, and what is asked near them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import param

from app.queries.models import (
    AssetDay,
    CheckOffers,
    Floats,
    GetAssetDay,
    GetNodalPrices,
    ListPrices,
    OfferCheck,
    OfferTrial,
    SessionRow,
    TryOffers,
)
from domain.commands import SubmitOffer
from domain.errors import Finding, Refused
from domain.flexibility.assets import Direction, FlexAsset
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import FlexOffer, PriceKind
from domain.flexibility.trading import is_continuous
from domain.ids import OfferId
from domain.lifecycle import SessionState
from domain.time import DeliveryDay
from domain.units import Series
from views.state.common import floats
from views.state.door import Door
from views.state.supply_composer import add, left_to_offer, near
from views.state.supply_facts import SupplyFacts

ZERO = Decimal(0)


class ComposerState(param.Parameterized):
    """What a link can preset: session, commodity and direction, a request to answer, an offer to change and the
    price that it shall not exceed."""

    session_id = param.String(default="")
    power = param.Selector(default="P", objects=["P", "Q"])
    direction = param.Selector(default="down", objects=["down", "up"])
    request_id = param.String(default="")
    offer_id = param.String(default="")
    price = param.String(default="")


LINK = {
    "session_id": "session",
    "power": "power",
    "direction": "direction",
    "request_id": "request",
    "offer_id": "offer",
    "price": "price",
}


def open_sessions(facts: SupplyFacts) -> list[SessionRow]:
    """Sessions that take offers now: auctions before continuous ones, the earliest gate first."""
    rows = [row for row in facts.sessions if row.session.state is SessionState.OPEN]
    return sorted(rows, key=lambda row: (is_continuous(row.session), row.session.gate_closes_at))


def confirmed_in(facts: SupplyFacts, row: SessionRow) -> list[FlexAsset]:
    return [a for a in facts.assets if a.region_id == row.session.region_id and a.may_offer]


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The chosen assets' day in the session, [n_steps], in the unit of the commodity.

    `left_mw`: per asset; `room_mw`: their sum; `baseline_mw`: injection of P of all; `up_mw`, `down_mw`: what they
    can change at all; `need_mw`: requests near them, `cap`: the highest price one of them would pay; `left_mvar`:
    per asset the reactive power that is left in the direction.
    """

    day: DeliveryDay
    commodity: Commodity
    direction: Direction
    asset_ids: tuple[str, ...]
    left_mw: tuple[Series, ...]
    left_mvar: tuple[Series, ...]
    room_mw: Series
    baseline_mw: Series
    up_mw: Series
    down_mw: Series
    need_mw: Series
    cap: Decimal | None
    refusal: tuple[Finding, ...] = ()


def bench(
    door: Door,
    row: SessionRow,
    assets: Sequence[FlexAsset],
    kind: tuple[Commodity, Direction],
    facts: SupplyFacts,
    replaces: Sequence[OfferId] = (),
) -> Bench:
    """Ask each asset's day; a refusal (no schedules yet) is kept as findings and leaves no room.

    replaces : own offers that take nothing, since they are about to be withdrawn
    """
    day = DeliveryDay(day=row.session.delivery_day)
    refusal: tuple[Finding, ...] = ()
    seen: list[AssetDay] = []
    try:
        seen = [door.ask(GetAssetDay(asset_id=asset.id, delivery_day=day.day)) for asset in assets]
    except Refused as refused:
        refusal = refused.findings
    commodity, direction = kind
    gone = [row.offer for row in facts.offers if row.offer.id in replaces]
    left = tuple(_left(asset_day, direction, commodity, gone) for asset_day in seen)
    in_session = [r for r in facts.requests if r.session_id == row.session.id]
    close = near(in_session, commodity, direction, frozenset(asset.bus for asset in assets))
    n = day.n_steps
    return Bench(
        day=day,
        commodity=commodity,
        direction=direction,
        asset_ids=tuple(asset_day.asset.id for asset_day in seen),
        left_mw=left,
        left_mvar=tuple(_left(asset_day, direction, Commodity.Q, gone) for asset_day in seen),
        room_mw=add(left, n),
        baseline_mw=add([_injection(asset_day) for asset_day in seen], n),
        up_mw=add([asset_day.headroom.of(Direction.UP, commodity) for asset_day in seen], n),
        down_mw=add([asset_day.headroom.of(Direction.DOWN, commodity) for asset_day in seen], n),
        need_mw=add([r.quantity_mw for r in close], n),
        cap=max((r.price_cap_eur_per_mwh for r in close), default=None),
        refusal=refusal,
    )


def _left(day: AssetDay, direction: Direction, commodity: Commodity, gone: Sequence[FlexOffer]) -> Series:
    """What own offers leave of the headroom, those that are gone aside."""
    lines = [
        line.quantity_mw
        for offer in gone
        if (offer.direction, offer.commodity) == (direction, commodity)
        for line in offer.lines
        if line.asset_id == day.asset.id
    ]
    room, taken = day.headroom.of(direction, commodity), day.offered.of(direction, commodity)
    freed = add(lines, len(room))
    return left_to_offer(room, tuple(max(ZERO, t - f) for t, f in zip(taken, freed, strict=True)))


def _injection(day: AssetDay) -> Series:
    return day.schedule_p_mw if day.baseline is None else day.baseline.p_mw


@dataclass(frozen=True, kw_only=True)
class GoingPrices:
    """Prices beside the offer's, [n_steps] floats; None where there are none."""

    local: Floats | None = None
    day_ahead: Floats | None = None


def going_prices(
    door: Door, row: SessionRow, bus: str, kind: tuple[Commodity, Direction], facts: SupplyFacts
) -> GoingPrices:
    """The region's last published price at a bus of what is offered, and the day-ahead price of the day."""
    commodity, direction = kind
    n_steps = DeliveryDay(day=row.session.delivery_day).n_steps
    series = door.ask(ListPrices(delivery_day=row.session.delivery_day))
    ahead = next((s.price_eur_per_mwh for s in series if s.kind is PriceKind.DAY_AHEAD), ())
    of_energy = commodity is Commodity.P and len(ahead) == n_steps
    return GoingPrices(
        local=_local_price(door, row, bus, commodity, direction, n_steps, facts),
        day_ahead=floats(ahead) if of_energy else None,
    )


def _local_price(
    door: Door,
    row: SessionRow,
    bus: str,
    commodity: Commodity,
    direction: Direction,
    n_steps: int,
    facts: SupplyFacts,
) -> Floats | None:
    """None without a published result, without prices in it, or of a day of another length."""
    told = [
        other.session
        for other in facts.sessions
        if other.session.region_id == row.session.region_id and other.session.state is SessionState.PUBLISHED
    ]
    if not told:
        return None
    last = max(told, key=lambda session: session.delivery_day)
    try:
        prices = door.ask(GetNodalPrices(session_id=last.id))
    except Refused:
        return None
    parts = None if prices is None else prices.p if commodity is Commodity.P else prices.q
    if prices is None or parts is None or bus not in prices.bus_ids:
        return None
    values: Floats = getattr(parts, direction.value)[:, prices.bus_ids.index(bus)]
    return values if len(values) == n_steps else None


def check(door: Door, offers: Sequence[SubmitOffer], replaces: Sequence[OfferId]) -> OfferCheck | Refused:
    """The market's own check; a refusal of the question itself is an answer too."""
    try:
        return door.ask(CheckOffers(offers=tuple(offers), replaces=tuple(replaces)))
    except Refused as refused:
        return refused


def attempt(
    door: Door, offers: Sequence[SubmitOffer], replaces: Sequence[OfferId], asker: str
) -> OfferTrial | Refused:
    """The dry clearing; it may take seconds, so ask it off the loop."""
    try:
        return door.ask(TryOffers(offers=tuple(offers), replaces=tuple(replaces), asker=asker))
    except Refused as refused:
        return refused
