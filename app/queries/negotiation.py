"""Flexibility by place, power and time: see the models. What no longer holds is left out (D3.5, finding 004)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app.queries import models as q
from app.queries.visibility import OFFERING, visible_offers, visible_regions
from domain.checks import accepts_offers
from domain.errors import refuse
from domain.flexibility.assets import FlexAsset
from domain.flexibility.calls import (
    ZERO,
    CallTerms,
    Decline,
    by_answer,
    by_call,
    called_mw,
    runs,
    signed_mw,
    uncalled,
)
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import Activation, Award, FlexOffer, FlexRequest, MarketSession
from domain.ids import AnswerId, AwardId, CallId, OfferId, PartyId, SessionId
from domain.lifecycle import ActivationState, OfferState, RequestState, SessionState
from domain.parties import Party, Principal, Region, Role
from domain.ports import UnitOfWork
from domain.time import DeliveryDay
from domain.units import Series, add_series

STANDING = (OfferState.SUBMITTED, OfferState.LOCKED)
TAKEN = (OfferState.ACCEPTED, OfferState.PARTLY_ACCEPTED)
PLAIN = "flexibility"
"""The type of flexibility of an offer that says none."""
PLAIN_PLACE = ""
"""The place of an offer that was made for no place: its assets have several."""


def list_asked(
    uow: UnitOfWork, principal: Principal, query: q.ListAskedFlexibility
) -> tuple[q.AskedFlexibility, ...]:
    """Raises `Refused`: `not_found` without such a DSO, `not_yours` for another DSO's."""
    _check_party(uow, query.dso_id, (Role.DSO,), "dso")
    if principal.role is Role.DSO:
        _check_own(principal, query.dso_id)
    sessions = _sessions(uow, uow.find(Region, dso_id=query.dso_id), query.delivery_day)
    wanted = uow.find(FlexRequest, dso_id=query.dso_id, session_id=tuple(sessions), state=RequestState.PUBLISHED)
    return tuple(
        q.AskedFlexibility(
            request_id=request.id,
            place=request.congestion_point,
            asked_at=request.published_at,
            deadline=request.deadline,
            stretch=stretch,
        )
        for request in wanted
        if request.deadline > uow.market
        for stretch, _ in _stretches(
            sessions[request.session_id],
            request.commodity,
            tuple(signed_mw(quantity, request.direction) for quantity in request.quantity_mw),
        )
    )


def list_offered(
    uow: UnitOfWork, principal: Principal, query: q.ListOfferedFlexibility
) -> tuple[q.OfferedFlexibility, ...]:
    """Offers with what can be called of them, and zero offers."""
    sessions = _sessions(uow, visible_regions(uow, principal), query.delivery_day)
    own = {"party_id": principal.party_id} if principal.role in OFFERING else {}
    terms = {t.id: t for t in uow.find(CallTerms, session_id=tuple(sessions), **own)}
    offers = uow.find(FlexOffer, session_id=tuple(sessions), state=(*STANDING, *TAKEN), **own)
    open_to_call = frozenset(terms)
    seen = (
        visible
        for offer in offers
        for visible in visible_offers(principal, sessions[offer.session_id], (offer,), open_to_call)
    )
    listed = [
        entry
        for offer in seen
        for entry in _offered(uow, offer, sessions[offer.session_id], terms.get(offer.id))
        if entry.deadline > uow.market
    ]
    none = [_declined(d) for d in uow.find(Decline, session_id=tuple(sessions), **own) if d.until > uow.market]
    return tuple(sorted([*listed, *none], key=lambda entry: (entry.offer_id, entry.stretch.starts_at)))


def _offered(
    uow: UnitOfWork, offer: FlexOffer, session: MarketSession, terms: CallTerms | None
) -> Iterator[q.OfferedFlexibility]:
    """Until the gate what is left to call, until publication what is locked, then what can be called of awards."""
    lines = (
        [(award.asset_id, award.accepted_mw) for award in _callable_awards(uow, offer)]
        if session.state is SessionState.PUBLISHED
        else [(line.asset_id, line.quantity_mw) for line in offer.lines]
    )
    day = DeliveryDay(day=session.delivery_day)
    buses = {a.id: a.bus for a in uow.find(FlexAsset, id=tuple({id for id, _ in lines}))}
    places: dict[str, list[Series]] = {}
    for asset_id, quantity_mw in lines:
        places.setdefault(terms.place if terms else buses[asset_id], []).append(quantity_mw)
    for place, quantities in places.items():
        power = tuple(signed_mw(p, offer.direction) for p in add_series(quantities, day.n_steps))
        for stretch, (price,) in _stretches(session, offer.commodity, power, offer.price_eur_per_mwh):
            before_gate = offer.state is OfferState.SUBMITTED and terms is not None
            yield q.OfferedFlexibility(
                offer_id=offer.id,
                party_id=offer.party_id,
                place=place,
                offered_at=offer.submitted_at,
                deadline=terms.until if terms and before_gate else stretch.starts_at,
                granularity_mw=terms.granularity_mw if terms else ZERO,
                price_eur_per_mwh=price,
                flex_type=terms.flex_type if terms else PLAIN,
                stretch=stretch,
                open_to_call=before_gate and accepts_offers(session, uow.market),
            )


def _callable_awards(uow: UnitOfWork, offer: FlexOffer) -> list[Award]:
    awards = {award.id: award for award in uow.find(Award, offer_id=offer.id)}
    return [awards[id] for id in uncalled(uow.find(Activation, award_id=tuple(awards)))]


def _declined(decline: Decline) -> q.OfferedFlexibility:
    return q.OfferedFlexibility(
        offer_id=decline.id,
        party_id=decline.party_id,
        place=decline.place,
        offered_at=decline.declined_at,
        deadline=decline.until,
        granularity_mw=ZERO,
        price_eur_per_mwh=ZERO,
        flex_type=decline.flex_type,
        stretch=q.Stretch(
            power_mw=ZERO, commodity=decline.commodity, starts_at=decline.starts_at, ends_at=decline.ends_at
        ),
    )


def list_called(
    uow: UnitOfWork, principal: Principal, query: q.ListCalledFlexibility
) -> tuple[q.CalledFlexibility, ...]:
    """Raises `Refused`: `not_found` without such a DSO or party, `not_yours` for others than the two."""
    _check_party(uow, query.dso_id, (Role.DSO,), "dso")
    _check_party(uow, query.party_id, OFFERING, "agg")
    _check_own(principal, query.dso_id if principal.role is Role.DSO else query.party_id)
    called = _Calls.of(uow, uow.find(Region, dso_id=query.dso_id), query.party_id, query.delivery_day)
    return tuple(
        q.CalledFlexibility(
            call_id=CallId(call_id),
            offer_id=part.offer_id,
            called_at=part.called_at,
            granularity_mw=part.granularity_mw,
            price_eur_per_mwh=part.price_eur_per_mwh,
            flex_type=part.flex_type,
            stretch=part.stretch,
        )
        for call_id, calls in by_call(called.activations).items()
        for part in called.parts(calls)
    )


def list_direct(uow: UnitOfWork, principal: Principal, _query: q.ListDirectCalls) -> tuple[q.DirectCall, ...]:
    found = _Calls.of(uow, visible_regions(uow, principal), None, None)
    direct = by_call(call for call in found.activations if call.called_at is not None)
    rows = [
        q.DirectCall(
            call_id=CallId(call_id),
            offer_id=part.offer_id,
            party_id=calls[0].party_id,
            place=part.place,
            called_at=part.called_at,
            price_eur_per_mwh=part.price_eur_per_mwh,
            stretch=part.stretch,
            state=calls[0].state,
            reason=calls[0].reason,
            revocable=accepts_offers(found.sessions[calls[0].session_id], uow.market)
            and all(call.state is ActivationState.REQUESTED for call in calls),
        )
        for call_id, calls in direct.items()
        for part in found.parts(calls)
    ]
    return tuple(sorted(rows, key=lambda row: (row.called_at, row.call_id), reverse=True))


def list_answered(uow: UnitOfWork, principal: Principal, query: q.ListAnsweredCalls) -> tuple[q.AnsweredCall, ...]:
    """Raises `Refused`: `not_found` without such a party, `not_yours` for another party's."""
    _check_party(uow, query.party_id, OFFERING, "agg")
    if principal.role in OFFERING:
        _check_own(principal, query.party_id)
    kind = ActivationState.ACKNOWLEDGED if query.acknowledged else ActivationState.REFUSED
    called = _Calls.of(uow, visible_regions(uow, principal), query.party_id, query.delivery_day)
    answered = (call for call in called.activations if call.state is kind)
    return tuple(
        q.AnsweredCall(
            answer_id=AnswerId(answer_id),
            offer_id=part.offer_id,
            answered_at=calls[0].answered_at or part.called_at,
            granularity_mw=part.granularity_mw,
            stretch=part.stretch,
        )
        for answer_id, calls in by_answer(answered).items()
        for part in called.parts(calls)
    )


@dataclass(frozen=True, kw_only=True)
class _Part:
    offer_id: OfferId
    place: str
    called_at: datetime
    granularity_mw: Decimal
    price_eur_per_mwh: Decimal
    flex_type: str
    stretch: q.Stretch


@dataclass(frozen=True, kw_only=True)
class _Calls:
    """Calls of a party (or of all) in some regions whose delivery is not over, with what they are of."""

    market: datetime
    sessions: Mapping[SessionId, MarketSession]
    activations: tuple[Activation, ...]
    awards: Mapping[AwardId, Award]
    terms: Mapping[OfferId, CallTerms]

    @classmethod
    def of(cls, uow: UnitOfWork, regions: Iterable[Region], party_id: PartyId | None, day: date | None) -> _Calls:
        sessions = _sessions(uow, regions, day)
        live = {id: s for id, s in sessions.items() if DeliveryDay(day=s.delivery_day).end > uow.market}
        of_party = {} if party_id is None else {"party_id": party_id}
        activations = uow.find(Activation, session_id=tuple(live), **of_party)
        awards = {a.id: a for a in uow.find(Award, id=tuple(call.award_id for call in activations))}
        terms = uow.find(CallTerms, id=tuple({award.offer_id for award in awards.values()}))
        return cls(
            market=uow.market,
            sessions=live,
            activations=activations,
            awards=awards,
            terms={t.id: t for t in terms},
        )

    def parts(self, calls: Sequence[Activation]) -> Iterator[_Part]:
        """What was called together, for each stretch of one power and price that is not over."""
        by_price: dict[Series, list[Award]] = {}
        for call in calls:
            award = self.awards[call.award_id]
            by_price.setdefault(award.price_eur_per_mwh, []).append(award)
        for prices, awards in by_price.items():
            first, session = awards[0], self.sessions[awards[0].session_id]
            power = add_series([called_mw(award) for award in awards], len(prices))
            terms = self.terms.get(first.offer_id)
            for stretch, (price,) in _stretches(session, first.commodity, power, prices):
                if stretch.ends_at > self.market:
                    yield _Part(
                        offer_id=first.offer_id,
                        place=terms.place if terms else PLAIN_PLACE,
                        called_at=calls[0].called_at or session.publishes_at,
                        granularity_mw=terms.granularity_mw if terms else ZERO,
                        price_eur_per_mwh=price,
                        flex_type=terms.flex_type if terms else PLAIN,
                        stretch=stretch,
                    )


def _stretches(
    session: MarketSession, commodity: Commodity, power_mw: Series, *others: Series
) -> Iterator[tuple[q.Stretch, tuple[Decimal, ...]]]:
    day = DeliveryDay(day=session.delivery_day)
    for run in runs(power_mw, *others):
        power, *rest = run.values
        starts_at, ends_at = day.instant(run.first), day.instant(run.last)
        yield q.Stretch(power_mw=power, commodity=commodity, starts_at=starts_at, ends_at=ends_at), tuple(rest)


def _sessions(uow: UnitOfWork, regions: Iterable[Region], day: date | None) -> dict[SessionId, MarketSession]:
    on = {} if day is None else {"delivery_day": day}
    found = uow.find(MarketSession, region_id=tuple(region.id for region in regions), **on)
    return {session.id: session for session in found}


def _check_party(uow: UnitOfWork, party_id: PartyId, roles: Sequence[Role], field: str) -> None:
    found = uow.find(Party, id=party_id)
    if not found or found[0].role not in roles:
        raise refuse("not_found", field, f"There is no {' or '.join(role.value for role in roles)} {party_id}.")


def _check_own(principal: Principal, party_id: PartyId) -> None:
    if principal.party_id != party_id:
        raise refuse("not_yours", "", "It belongs to another participant.")
