"""Requests and offers by place, power and time: the same entities as the desks', in InterFlex's words (D3.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from app.offering import check_offer, reach, taken_mw
from app.places import Place, place_of
from app.usecases.offers import add_offer, declined
from app.usecases.requests import publish
from app.windows import Window, soonest, window_of
from domain.checks import MAX_LINES, accepts_offers, accepts_requests, gate_findings, remaining
from domain.commands import (
    EndCallTime,
    OfferFlexibility,
    PublishRequest,
    RequestFlexibility,
    SubmitOffer,
)
from domain.errors import Finding, raise_if, refuse
from domain.events import CallTimeEnded, OfferOpenToCall
from domain.flexibility.assets import Direction, FlexAsset
from domain.flexibility.calls import ZERO, CallTerms, Decline, block
from domain.flexibility.market import FlexOffer, FlexRequest, OfferLine
from domain.flexibility.trading import is_continuous
from domain.ids import PartyId
from domain.lifecycle import MAY_OFFER, OfferState
from domain.parties import Party, Principal, Region
from domain.ports import UnitOfWork
from domain.texts import text_findings
from domain.time import DeliveryDay, instant_findings
from domain.units import MAX_P_MW, MAX_PRICE_EUR_PER_MWH, number_findings, price_findings


def request_flexibility(uow: UnitOfWork, principal: Principal, command: RequestFlexibility) -> FlexRequest:
    """A FlexRequest at a place of the DSO's grid. It names no price, so any that the market allows is accepted.

    Raises:
        Refused: as `place_of` and `window_of`; all findings of `publish_request`.
    """
    place = place_of(uow, command.place, uow.find(Region, dso_id=principal.party_id))
    raise_if([*_power_findings(command.power_mw), *instant_findings(command.deadline, "deadline")])
    starts_at = command.starts_at or soonest(
        uow, place.region_id, command.deadline, lambda session: accepts_requests(session, uow.market)
    )
    window = window_of(uow, place.region_id, starts_at, command.duration_s)
    published = PublishRequest(
        session_id=window.session.id,
        congestion_point=command.place,
        buses=place.buses,
        direction=_direction(command.power_mw),
        quantity_mw=block(abs(command.power_mw), window.first, window.last, window.n_steps),
        price_cap_eur_per_mwh=MAX_PRICE_EUR_PER_MWH,
        deadline=command.deadline,
        commodity=command.commodity,
    )
    return publish(uow, principal, published, command.request_id)


def offer_flexibility(uow: UnitOfWork, principal: Principal, command: OfferFlexibility) -> FlexOffer | Decline:
    """An offer of the own assets at a place, open to the DSO's call, or that there is none.

    Raises:
        Refused: as `place_of` and `window_of`; findings of price, granularity, deadline; `beyond_asset` when the
            assets hold less; `rules_conflict` in a continuous session; all findings of `submit_offer`.
    """
    place = place_of(uow, command.place, uow.find(Region))
    window = window_of(uow, place.region_id, command.starts_at, command.duration_s)
    raise_if(_offer_findings(uow, command, window))
    if not command.power_mw:
        return _decline(uow, principal, command, window)
    submitted = _submission(uow, principal, command, window, place)
    raise_if(check_offer(uow, principal, submitted))
    offer = add_offer(uow, principal, submitted, command.offer_id)
    uow.add(
        CallTerms(
            id=offer.id,
            session_id=offer.session_id,
            region_id=offer.region_id,
            party_id=offer.party_id,
            place=command.place,
            until=command.deadline,
            granularity_mw=command.granularity_mw,
            flex_type=command.flex_type,
        )
    )
    uow.record(
        OfferOpenToCall(
            offer_id=offer.id, session_id=offer.session_id, region_id=offer.region_id, party_id=offer.party_id
        )
    )
    return offer


def _direction(power_mw: Decimal) -> Direction:
    return Direction.UP if power_mw > 0 else Direction.DOWN


def _power_findings(power_mw: Decimal, unit: str = "MW") -> list[Finding]:
    if not power_mw:
        return [Finding(code="zero_quantity", field="flexible_power", sentence="Nothing is asked for.")]
    return number_findings(abs(power_mw), "flexible_power", unit=unit, places=6, low=ZERO, high=MAX_P_MW)


def _offer_findings(uow: UnitOfWork, command: OfferFlexibility, window: Window) -> list[Finding]:
    """What is implausible about an offer (D3.5, finding 003)."""
    units = command.commodity.units
    power = abs(command.power_mw)
    found = number_findings(power, "flexible_power", unit=units.power, places=6, low=ZERO, high=MAX_P_MW)
    found += number_findings(
        command.granularity_mw, "granularity", unit=units.power, places=6, low=ZERO, high=power
    )
    found += price_findings(command.price_eur_per_mwh, "flex_price", units.price)
    found += text_findings(command.flex_type, "flex_type")
    found += instant_findings(command.deadline, "deadline") or _deadline_findings(uow, command)
    if is_continuous(window.session):
        sentence = "The session is matched continuously; place an offer there, it trades at once."
        found.append(Finding(code="rules_conflict", field="activation_time", sentence=sentence))
    return found


def _deadline_findings(uow: UnitOfWork, command: OfferFlexibility) -> list[Finding]:
    rows = (
        (command.deadline > uow.market, "deadline_passed", "The deadline is in the past."),
        (command.deadline <= command.starts_at, "out_of_range", "The deadline is after the activation time."),
    )
    return [Finding(code=code, field="deadline", sentence=words) for holds, code, words in rows if not holds]


def _submission(
    uow: UnitOfWork, principal: Principal, command: OfferFlexibility, window: Window, place: Place
) -> SubmitOffer:
    direction = _direction(command.power_mw)
    groups = _own_assets(uow, principal, place)
    offers = [_lines(uow, principal, command, window, direction, assets) for assets in groups]
    best = max(offers, key=lambda lines: sum(max(line.quantity_mw) for line in lines), default=())
    held = sum((max(line.quantity_mw) for line in best), ZERO)
    if held < abs(command.power_mw):
        unit = command.commodity.units.power
        sentence = f"Your confirmed assets there have {held} {unit} left to offer in that time."
        raise refuse("beyond_asset", "flexible_power", sentence)
    return SubmitOffer(
        session_id=window.session.id,
        direction=direction,
        lines=best,
        price_eur_per_mwh=(command.price_eur_per_mwh,) * window.n_steps,
        commodity=command.commodity,
    )


def _own_assets(uow: UnitOfWork, principal: Principal, place: Place) -> list[list[FlexAsset]]:
    """The party's confirmed assets at a place; of an independent aggregator by balance responsible party, as one
    offer takes assets of one only."""
    found = uow.find(FlexAsset, owner_id=principal.party_id, region_id=place.region_id, state=MAY_OFFER)
    there = [asset for asset in found if asset.bus in place.buses]
    if not uow.get(Party, principal.party_id).independent:
        return [there]
    groups: dict[PartyId | None, list[FlexAsset]] = {}
    for asset in there:
        groups.setdefault(asset.brp_id, []).append(asset)
    return list(groups.values())


def _lines(
    uow: UnitOfWork,
    principal: Principal,
    command: OfferFlexibility,
    window: Window,
    direction: Direction,
    assets: Sequence[FlexAsset],
) -> tuple[OfferLine, ...]:
    """The power over the assets, in their order, each as far as it reaches all the time."""
    taken = taken_mw(uow, principal.party_id, window.session.id, direction, command.commodity)
    left = abs(command.power_mw)
    lines: list[OfferLine] = []
    for asset in assets:
        if not left or len(lines) == MAX_LINES:
            break
        room = reach(uow, asset, window.session.delivery_day).headroom.of(direction, command.commodity)
        free = min(remaining(room, taken.get(asset.id))[window.first : window.last])
        part = min(left, max(free, ZERO))
        if part:
            quantity = block(part, window.first, window.last, window.n_steps)
            lines.append(OfferLine(asset_id=asset.id, quantity_mw=quantity))
            left -= part
    return tuple(lines)


def _decline(uow: UnitOfWork, principal: Principal, command: OfferFlexibility, window: Window) -> Decline:
    raise_if(gate_findings(accepts_offers(window.session, uow.market), window.session))
    if uow.find(FlexOffer, id=command.offer_id):
        raise refuse("duplicate", "offer_id", "There is an offer with this id.")
    day = DeliveryDay(day=window.session.delivery_day)
    decline = Decline(
        id=command.offer_id,
        party_id=principal.party_id,
        session_id=window.session.id,
        region_id=window.session.region_id,
        place=command.place,
        commodity=command.commodity,
        starts_at=day.instant(window.first),
        ends_at=day.instant(window.last),
        until=command.deadline,
        declined_at=uow.market,
        flex_type=command.flex_type,
    )
    uow.add(decline)
    uow.record(declined(decline, taken_back=False))
    return decline


def end_call_time(uow: UnitOfWork, _principal: Principal, command: EndCallTime) -> CallTerms:
    """The time for direct calls of an offer is over; its owner is told when the DSO did not call all of it.

    Raises:
        Refused: `not_found`, `wrong_state` before the deadline or for the second time.
    """
    terms = uow.get(CallTerms, command.offer_id)
    if terms.ended or uow.market < terms.until:
        raise refuse("wrong_state", "offer_id", "It is not over, or was ended before.")
    ended = replace(terms, ended=True)
    uow.save(ended)
    if uow.get(FlexOffer, terms.id).state in (OfferState.SUBMITTED, OfferState.LOCKED):
        uow.record(
            CallTimeEnded(
                offer_id=terms.id, session_id=terms.session_id, region_id=terms.region_id, party_id=terms.party_id
            )
        )
    return ended
