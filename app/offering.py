"""What an owner can offer: gathers the inputs of the offer checks for the use case and for the queries.

The same numbers stand behind `SubmitOffer`, `CheckOffer` and an asset's day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from app.bridge import schedules
from app.trading import matched_of_withdrawn
from domain.checks import MAX_LINES, OfferContext, offer_findings, remaining
from domain.commands import SubmitOffer
from domain.errors import Finding, Refused, refuse
from domain.flexibility.assets import AssetBaseline, Direction, FlexAsset, Headroom, headroom
from domain.flexibility.commodity import Commodity
from domain.flexibility.grids import Network, Schedule
from domain.flexibility.market import Award, FlexOffer, MarketSession
from domain.ids import AssetId, OfferId, PartyId, RegionId, SessionId
from domain.lifecycle import OfferState
from domain.parties import Party, Principal
from domain.ports import UnitOfWork
from domain.time import DeliveryDay
from domain.units import Series

MOST_TOGETHER = 20


@dataclass(frozen=True, kw_only=True)
class Reach:
    """An asset's day: the DSO's schedule [n_steps] MW, the owner's baseline if any, and the stricter headroom."""

    schedule_p_mw: Series
    baseline: AssetBaseline | None
    headroom: Headroom


def schedule_of(uow: UnitOfWork, region_id: RegionId, day: date) -> schedules.ScheduleFacts:
    """The region's day as uploaded, read with the network that it was uploaded for.

    Raises:
        Refused: `no_network`, `no_schedule`.
    """
    if not uow.find(Network, id=region_id):
        raise refuse("no_network", "region_id", "The region's network is not there yet.")
    days = uow.find(Schedule, region_id=region_id, delivery_day=day)
    if not days:
        raise refuse("no_schedule", "delivery_day", f"The schedules of {day:%d.%m.%Y} are not there yet.")
    return schedules.read(days[0].network_document, days[0].document, day)


def reach(uow: UnitOfWork, asset: FlexAsset, day: date) -> Reach:
    """What an asset can change on a day. Raises `Refused` as `schedule_of` does, and `unknown_unit`."""
    planned = schedule_of(uow, asset.region_id, day)
    if asset.unit_id not in planned.p_mw:
        sentence = f"The schedules of {day:%d.%m.%Y} do not name the unit of {asset.name}."
        raise refuse("unknown_unit", "asset_id", sentence)
    return _reach(uow, asset, planned)


def _reach(uow: UnitOfWork, asset: FlexAsset, planned: schedules.ScheduleFacts) -> Reach:
    p_mw, q_mvar = planned.p_mw[asset.unit_id], planned.q_mvar.get(asset.unit_id, ())
    found = uow.find(AssetBaseline, asset_id=asset.id, delivery_day=planned.day)
    baseline = found[0] if found else None
    own = (baseline.p_mw,) if baseline else ()
    room = headroom(asset, p_mw, *own, q_mvar=q_mvar, day=DeliveryDay(day=planned.day))
    return Reach(schedule_p_mw=p_mw, baseline=baseline, headroom=room)


def taken_mw(
    uow: UnitOfWork,
    party_id: PartyId,
    session_id: SessionId,
    direction: Direction,
    commodity: Commodity = Commodity.P,
    *,
    without: Sequence[OfferId] = (),
    beside: Sequence[SubmitOffer] = (),
) -> dict[AssetId, Series]:
    """Per asset, what the party's submitted or locked offers of a session, direction and commodity take, what was
    matched in trading of those it withdrew, and what the DSO has called.

    without : offers that are about to be withdrawn; beside : offers that are about to be sent with this one
    """
    standing = (OfferState.SUBMITTED, OfferState.LOCKED)
    found = uow.find(FlexOffer, party_id=party_id, session_id=session_id, state=standing)
    offers: list[FlexOffer | SubmitOffer] = [
        *(offer for offer in found if offer.id not in without),
        *(offer for offer in beside if offer.session_id == session_id),
    ]
    taken = matched_of_withdrawn(uow, party_id, session_id, direction, commodity)
    called = called_directly(uow, session_id, party_id=party_id, direction=direction, commodity=commodity)
    for award in called:
        taken[award.asset_id] = _sum(taken.get(award.asset_id), award.accepted_mw)
    alike = [offer for offer in offers if (offer.direction, offer.commodity) == (direction, commodity)]
    for line in (line for offer in alike for line in offer.lines):
        taken[line.asset_id] = _sum(taken.get(line.asset_id), line.quantity_mw)
    return taken


def called_directly(uow: UnitOfWork, session_id: SessionId, **where: object) -> tuple[Award, ...]:
    """What the DSO has called of a session's offers by itself; it is in the book no more."""
    return uow.find(Award, session_id=session_id, direct=True, **where)


def _sum(before: Series | None, more: Series) -> Series:
    return tuple(a + b for a, b in zip(before, more, strict=True)) if before else more


def deliverable(uow: UnitOfWork, session: MarketSession, offers: Iterable[FlexOffer]) -> frozenset[OfferId]:
    """The offers that their confirmed assets can still deliver by the day's present schedules and baselines.

    Earlier offers come first; one that no longer fits beside them takes nothing. Where the day has no schedules
    there is nothing to measure by, and only the confirmation counts.
    """
    offers = sorted(offers, key=lambda offer: (offer.submitted_at, offer.id))
    assets = _assets(uow, (line.asset_id for offer in offers for line in offer.lines))
    confirmed = {id: asset for id, asset in assets.items() if asset.may_offer}
    rooms = _rooms(uow, session, confirmed)
    taken: dict[tuple[AssetId, Direction, Commodity], Series] = {}
    for award in called_directly(uow, session.id):
        key = (award.asset_id, award.direction, award.commodity)
        taken[key] = _sum(taken.get(key), award.accepted_mw)
    standing: set[OfferId] = set()
    for offer in offers:
        keys = [(line.asset_id, offer.direction, offer.commodity) for line in offer.lines]
        asked = {key: _sum(taken.get(key), line.quantity_mw) for key, line in zip(keys, offer.lines, strict=True)}
        fits = rooms is None or all(
            _within(quantity, rooms.get(id), direction, commodity)
            for (id, direction, commodity), quantity in asked.items()
        )
        if fits and all(line.asset_id in confirmed for line in offer.lines):
            taken |= asked
            standing.add(offer.id)
    return frozenset(standing)


def _rooms(
    uow: UnitOfWork, session: MarketSession, assets: Mapping[AssetId, FlexAsset]
) -> dict[AssetId, Headroom] | None:
    """By asset; one that the day's schedules do not name is left out. None without schedules."""
    try:
        planned = schedule_of(uow, session.region_id, session.delivery_day)
    except Refused:
        return None
    return {
        id: _reach(uow, asset, planned).headroom for id, asset in assets.items() if asset.unit_id in planned.p_mw
    }


def _within(asked: Series, room: Headroom | None, direction: Direction, commodity: Commodity) -> bool:
    return room is not None and all(left >= 0 for left in remaining(room.of(direction, commodity), asked))


def offer_of(
    id: OfferId, principal: Principal, session: MarketSession, command: SubmitOffer, submitted_at: datetime
) -> FlexOffer:
    """What a party sends, as it stands in the session's book."""
    return FlexOffer(
        id=id,
        party_id=principal.party_id,
        session_id=session.id,
        region_id=session.region_id,
        direction=command.direction,
        lines=command.lines,
        price_eur_per_mwh=command.price_eur_per_mwh,
        submitted_at=submitted_at,
        commodity=command.commodity,
        terms=command.terms,
    )


def check_offers(
    uow: UnitOfWork, principal: Principal, commands: Sequence[SubmitOffer], replaces: Sequence[OfferId] = ()
) -> list[Finding]:
    """Findings of offers that are sent together, each field with the offer's place; empty means `PlaceOffers`
    would take them. Raises `Refused` as `check_offer`."""
    if not 1 <= len(commands) <= MOST_TOGETHER:
        sentence = f"1 to {MOST_TOGETHER} offers can be sent together; these are {len(commands)}."
        return [Finding(code="out_of_range", field="offers", sentence=sentence)]
    if len({command.session_id for command in commands}) > 1:
        sentence = "Offers that are sent together belong to one session."
        return [Finding(code="malformed", field="offers", sentence=sentence)]
    return [
        replace(finding, field=f"offers[{k}].{finding.field}")
        for k, command in enumerate(commands)
        for finding in check_offer(uow, principal, command, without=replaces, beside=_readable(commands[:k]))
    ]


def _readable(commands: Sequence[SubmitOffer]) -> list[SubmitOffer]:
    """Those whose series are as long as each other; the rest have findings of their own."""
    return [
        command
        for command in commands
        if all(len(line.quantity_mw) == len(command.price_eur_per_mwh) for line in command.lines)
    ]


def check_offer(
    uow: UnitOfWork,
    principal: Principal,
    command: SubmitOffer,
    *,
    without: Sequence[OfferId] = (),
    beside: Sequence[SubmitOffer] = (),
) -> list[Finding]:
    """Findings of an offer in the market's present state; empty means `SubmitOffer` would take it.

    without, beside : as `taken_mw`

    Raises:
        Refused: `not_found` without such a session; `no_network`, `no_schedule` when nothing can be checked.
    """
    session = uow.get(MarketSession, command.session_id)
    assets = _assets(uow, (line.asset_id for line in command.lines[:MAX_LINES]))
    own = [asset for asset in assets.values() if asset.owner_id == principal.party_id]
    context = OfferContext(
        party=uow.get(Party, principal.party_id),
        session=session,
        market=uow.market,
        assets=assets,
        headroom_mw={
            asset.id: reach(uow, asset, session.delivery_day).headroom.of(command.direction, command.commodity)
            for asset in own
            if asset.region_id == session.region_id
        },
        taken_mw=taken_mw(
            uow,
            principal.party_id,
            session.id,
            command.direction,
            command.commodity,
            without=without,
            beside=beside,
        ),
    )
    return offer_findings(command, context)


def _assets(uow: UnitOfWork, ids: Iterable[AssetId]) -> dict[AssetId, FlexAsset]:
    return {asset.id: asset for asset in uow.find(FlexAsset, id=tuple(dict.fromkeys(ids)))}
