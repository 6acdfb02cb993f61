"""Sessions, requests, offers, results and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from app.bridge import results
from app.offering import check_offer
from app.queries import models as q
from app.queries.parts import given, part_of, rows_of
from app.queries.visibility import (
    GATE_IS_OPEN,
    OFFERING,
    sees_result,
    session_for,
    visible_awards,
    visible_offers,
    visible_regions,
    visible_request,
)
from domain.errors import Finding, Refused, refuse
from domain.flexibility.assets import FlexAsset
from domain.flexibility.calls import CallTerms
from domain.flexibility.commodity import Commodity
from domain.flexibility.explanation import sentence
from domain.flexibility.grids import Job
from domain.flexibility.market import Activation, Award, FlexOffer, FlexRequest, Gate, MarketSession, PriceSeries
from domain.ids import OfferId, PartyId, SessionId
from domain.lifecycle import MAY_OFFER, AwardState, OfferState, RequestState, SessionState
from domain.paging import Slice, falling
from domain.parties import Party, Principal, Region, Role
from domain.ports import UnitOfWork
from domain.time import DeliveryDay
from domain.units import energy_mwh, total

ZERO = Decimal(0)
STANDING_OFFERS = tuple(state for state in OfferState if state is not OfferState.WITHDRAWN)
STANDING_REQUESTS = tuple(state for state in RequestState if state is not RequestState.WITHDRAWN)


def list_sessions(uow: UnitOfWork, principal: Principal, query: q.ListSessions) -> tuple[q.SessionRow, ...]:
    """Sessions of the visible regions."""
    regions = {r.id: r for r in visible_regions(uow, principal) if query.region_id in (None, r.id)}

    def row(session: MarketSession) -> q.SessionRow:
        return _session_row(uow, principal, session, regions[session.region_id])

    where = given(id=query.session_id, delivery_day=query.delivery_day) | {"region_id": tuple(regions)}
    if query.part is not None:
        return rows_of(part_of(uow, MarketSession, query.part, where), row)
    rows = map(row, uow.find(MarketSession, **where))
    return tuple(sorted(rows, key=lambda row: (row.session.delivery_day, row.region.id)))


def _session_row(uow: UnitOfWork, principal: Principal, session: MarketSession, region: Region) -> q.SessionRow:
    found = uow.find(FlexRequest, session_id=session.id)
    requests = [request for request in found if request.state is not RequestState.WITHDRAWN]
    offers = visible_offers(
        principal,
        session,
        uow.find(FlexOffer, session_id=session.id),
        _open_to_call(uow, principal, session_id=session.id),
    )
    standing = [offer for offer in offers if offer.state is not OfferState.WITHDRAWN]
    awards = visible_awards(principal, session, uow.find(Award, session_id=session.id))
    volumes = {
        "requested": [(request.commodity, energy_mwh(request.quantity_mw)) for request in requests],
        "offered": [(offer.commodity, _offered_mwh(offer)) for offer in standing],
        "awarded": [(award.commodity, energy_mwh(award.accepted_mw)) for award in awards],
    }
    told = principal.role is Role.FMO or principal.party_id == region.dso_id
    return q.SessionRow(
        session=session if told else replace(session, reason=""),  # the reason may speak of the DSO's files
        region=region,
        gates=tuple(sorted(uow.find(Gate, session_id=session.id), key=lambda gate: gate.due_at)),
        n_requests=len(requests),
        n_offers=len(standing),
        **{
            f"{name}_{commodity.units.energy.lower()}": total([q for c, q in found if c is commodity])
            for name, found in volumes.items()
            for commodity in Commodity
        },
    )


def list_prices(uow: UnitOfWork, _principal: Principal, query: q.ListPrices) -> tuple[PriceSeries, ...]:
    return uow.find(PriceSeries, delivery_day=query.delivery_day)


def list_requests(uow: UnitOfWork, principal: Principal, query: q.ListRequests) -> tuple[FlexRequest, ...]:
    """Newest first; withdrawn ones are shown to the buyer that withdrew them. A BRP sees its own only."""
    sessions = _sessions(uow, principal)
    where = _asked(query) | given(id=query.request_id)
    own = where | {"dso_id": principal.party_id}
    if query.part is not None:
        among = {"session_id": tuple(id for id in sessions if query.session_id in (None, id))}
        any_of = [own | among]
        if principal.role is not Role.BRP:
            any_of.append(where | among | {"state": STANDING_REQUESTS})
        found = part_of(uow, FlexRequest, query.part, *any_of)
        return rows_of(found, lambda request: _seen_request(principal, sessions, request))
    seen = [
        request
        for stored in uow.find(FlexRequest, **(own if principal.role is Role.BRP else where))
        if (request := _seen_request(principal, sessions, stored)) is not None
    ]
    return tuple(sorted(seen, key=lambda request: (request.published_at, request.id), reverse=True))


def _seen_request(
    principal: Principal, sessions: Mapping[SessionId, MarketSession], request: FlexRequest
) -> FlexRequest | None:
    """The request as far as the asker may see it."""
    withdrawn = request.state is RequestState.WITHDRAWN and request.dso_id != principal.party_id
    if withdrawn or request.session_id not in sessions:
        return None
    return visible_request(principal, sessions[request.session_id], request)


def _asked(query: q.ListRequests | q.ListOffers) -> dict[str, object]:
    return given(
        session_id=query.session_id,
        region_id=query.region_id,
        direction=query.direction,
        commodity=query.commodity,
    )


def list_offers(uow: UnitOfWork, principal: Principal, query: q.ListOffers) -> tuple[q.OfferRow, ...]:
    """Newest first, with what was accepted of them once the asker may see it."""
    own = {"party_id": principal.party_id} if principal.role in OFFERING else {}
    where = _asked(query) | given(id=query.offer_id) | own
    sessions = _sessions(uow, principal)
    if query.part is None:
        rows = _offer_rows(uow, principal, sessions, uow.find(FlexOffer, **where))
        return tuple(sorted(rows, key=lambda row: (row.offer.submitted_at, row.offer.id), reverse=True))
    any_of = [where]
    if principal.role is Role.DSO:
        asked = [s for s in sessions.values() if query.session_id in (None, s.id)]
        ids = tuple(session.id for session in asked)
        callable = _open_to_call(uow, principal, session_id=ids)
        any_of = [
            where | {"session_id": told, "state": STANDING_OFFERS} | more
            for told, more in (
                (tuple(s.id for s in asked if s.state not in GATE_IS_OPEN), {}),
                (ids, {"id": tuple(id for id in callable if query.offer_id in (None, id))}),
            )
        ]
    found = part_of(uow, FlexOffer, query.part, *any_of)
    by_id = {row.offer.id: row for row in _offer_rows(uow, principal, sessions, found)}
    return rows_of(found, lambda offer: by_id.get(offer.id))


def _offer_rows(
    uow: UnitOfWork,
    principal: Principal,
    sessions: Mapping[SessionId, MarketSession],
    offers: Iterable[FlexOffer],
) -> list[q.OfferRow]:
    """Those that the asker may see."""
    by_session: dict[SessionId, list[FlexOffer]] = {}
    for offer in offers:
        by_session.setdefault(offer.session_id, []).append(offer)
    parties = {party.id: party for party in uow.find(Party)}
    own = {"party_id": principal.party_id} if principal.role in OFFERING else {}
    awards: dict[SessionId, list[Award]] = {}
    for award in uow.find(Award, session_id=tuple(by_session), **own):
        awards.setdefault(award.session_id, []).append(award)
    until = {terms.id: terms.until for terms in uow.find(CallTerms, session_id=tuple(by_session), **own)}
    callable = frozenset(until) if principal.role is Role.DSO else frozenset()
    still = {id: at for id, at in until.items() if at > uow.market}
    rows: list[q.OfferRow] = []
    for session_id in by_session.keys() & sessions.keys():
        session = sessions[session_id]
        seen = visible_offers(principal, session, by_session[session_id], callable)
        known = _by_offer(visible_awards(principal, session, awards.get(session_id, ())))
        decided = sees_result(principal, session)
        day = DeliveryDay(day=session.delivery_day)
        rows += [
            _offer_row(offer, parties[offer.party_id], known, decided, day, still.get(offer.id)) for offer in seen
        ]
    return rows


def _open_to_call(uow: UnitOfWork, principal: Principal, **where: object) -> frozenset[OfferId]:
    """Offers that a DSO may see before the gate, as it may call them by itself."""
    if principal.role is not Role.DSO:
        return frozenset()
    return frozenset(terms.id for terms in uow.find(CallTerms, **where))


def _offer_row(
    offer: FlexOffer,
    party: Party,
    awards: dict[OfferId, list[Award]],
    decided: bool,
    day: DeliveryDay,
    call_until: datetime | None,
) -> q.OfferRow:
    decided = decided and offer.state is not OfferState.WITHDRAWN
    own = awards.get(offer.id, [])
    return q.OfferRow(
        offer=offer,
        party=party,
        offered_mwh=_offered_mwh(offer),
        accepted_mwh=total([energy_mwh(award.accepted_mw) for award in own]) if decided else None,
        payment_eur=total([award.payment_eur for award in own]) if decided else None,
        why=tuple((entry, sentence(entry, day, offer.commodity)) for entry in offer.explanations),
        call_until=call_until if offer.state is OfferState.SUBMITTED else None,
    )


def get_result(uow: UnitOfWork, principal: Principal, query: q.GetResult) -> q.ResultView:
    """A session's result; the FMO also sees a clearing that runs or has failed.

    Raises:
        Refused: `not_found`; `no_result` before the asker may see it.
    """
    session = session_for(uow, principal, query.session_id)
    job = uow.get(Job, session.job_id) if session.job_id else None
    if sees_result(principal, session) and job is not None:
        return _result_view(uow, principal, session, job)
    if principal.role is Role.FMO and session.state in (SessionState.CLEARING, SessionState.NOT_CLEARED):
        return _unfinished(session, job)
    raise refuse("no_result", "session_id", "There is no result to see yet.")


def _unfinished(session: MarketSession, job: Job | None) -> q.ResultView:
    return q.ResultView(
        session=session,
        job=_bare(job) if job else None,
        status=session.state.value,
        reason=session.reason or (job.error if job else ""),
        objective_eur=None,
        welfare_eur=None,
        lower_bound_eur=None,
        gap=None,
        pivotal=(),
        awards=(),
        unmet=(),
        payments_eur={},
        proof=None,
        n_needs_before=0,
        case_sha256="",
        result_sha256="",
        solve_seconds=0.0,
    )


def _result_view(uow: UnitOfWork, principal: Principal, session: MarketSession, job: Job) -> q.ResultView:
    facts = results.result_facts(job.result)
    own_only = principal.role in OFFERING
    payments = {PartyId(party): amount for party, amount in facts.payments_eur.items()}
    awards = visible_awards(principal, session, uow.find(Award, session_id=session.id))
    if own_only:
        payments = {party: amount for party, amount in payments.items() if party == principal.party_id}
    if principal.role is Role.TSO:
        payments, awards = {}, ()
    return q.ResultView(
        session=session,
        job=_bare(job),
        status=facts.status,
        reason=facts.reason,
        objective_eur=None if own_only else facts.objective_eur,
        welfare_eur=None if own_only else facts.welfare_eur,
        lower_bound_eur=None if own_only else facts.lower_bound_eur,
        gap=None if own_only else facts.gap,
        pivotal=() if own_only else tuple(PartyId(party) for party in facts.pivotal),
        awards=award_rows(uow, awards),
        unmet=facts.unmet,
        payments_eur=payments,
        proof=facts.proof,
        n_needs_before=facts.n_needs_before,
        case_sha256=facts.case_sha256,
        result_sha256=facts.result_sha256,
        solve_seconds=facts.solve_seconds,
    )


def get_nodal_prices(uow: UnitOfWork, principal: Principal, query: q.GetNodalPrices) -> q.NodalPrices | None:
    """Prices of a session's result.

    Raises:
        Refused: `not_found`; `no_result` before the asker may see it.
    """
    session = session_for(uow, principal, query.session_id)
    if not sees_result(principal, session) or session.job_id is None:
        raise refuse("no_result", "session_id", "There is no result to see yet.")
    prices = results.nodal_prices(uow.get(Job, session.job_id).result)
    if prices is None or principal.role not in OFFERING:
        return prices
    own = uow.find(FlexAsset, owner_id=principal.party_id, region_id=session.region_id, state=MAY_OFFER)
    return prices.at({asset.bus for asset in own})


def award_rows(uow: UnitOfWork, awards: Iterable[Award]) -> tuple[q.AwardRow, ...]:
    """Awards with their party, asset and activation, by party and asset name."""
    awards = tuple(awards)
    parties = {party.id: party for party in uow.find(Party)}
    assets = {a.id: a for a in uow.find(FlexAsset, id=tuple({award.asset_id for award in awards}))}
    called = {a.award_id: a for a in uow.find(Activation, award_id=tuple({award.id for award in awards}))}
    rows = [
        q.AwardRow(
            award=award,
            party=parties[award.party_id],
            asset=assets[award.asset_id],
            accepted_mwh=energy_mwh(award.accepted_mw),
            activation=called.get(award.id),
        )
        for award in awards
    ]
    return tuple(sorted(rows, key=lambda row: (row.party.id, row.asset.name, row.award.id)))


def list_activations(uow: UnitOfWork, principal: Principal, _query: q.ListActivations) -> tuple[q.AwardRow, ...]:
    return award_rows(uow, uow.find(Award, party_id=principal.party_id, state=AwardState.PUBLISHED))


def list_jobs(uow: UnitOfWork, principal: Principal, query: q.ListJobs) -> tuple[Job, ...]:
    """Newest first; the FMO all, others their own."""
    own = {} if principal.role is Role.FMO else {"owner_id": principal.party_id}
    asked = given(
        id=query.job_id,
        kind=query.kind,
        state=query.state,
        region_id=query.region_id,
        delivery_day=query.delivery_day,
        session_id=query.session_id,
    )
    part = query.part or Slice(order=falling("submitted_at", "id"), limit=max(query.limit, 0))
    return part_of(uow, Job, part, asked | own)


def check(uow: UnitOfWork, principal: Principal, query: q.CheckOffer) -> q.OfferCheck:
    """What `SubmitOffer` would say now."""
    try:
        findings: Iterable[Finding] = check_offer(uow, principal, query.command)
    except Refused as refused:
        findings = refused.findings
    quantities = [value for line in query.command.lines for value in line.quantity_mw if value.is_finite()]
    return q.OfferCheck(
        findings=tuple((finding.code, finding.field, finding.sentence) for finding in findings),
        offered_mwh=energy_mwh(quantities),
    )


def _bare(job: Job) -> Job:
    return replace(job, inputs=b"", result=b"")


def _sessions(uow: UnitOfWork, principal: Principal) -> dict[SessionId, MarketSession]:
    regions = tuple(region.id for region in visible_regions(uow, principal))
    return {session.id: session for session in uow.find(MarketSession, region_id=regions)}


def _by_offer(awards: Iterable[Award]) -> dict[OfferId, list[Award]]:
    grouped: dict[OfferId, list[Award]] = {}
    for award in awards:
        grouped.setdefault(award.offer_id, []).append(award)
    return grouped


def _offered_mwh(offer: FlexOffer) -> Decimal:
    return total([energy_mwh(line.quantity_mw) for line in offer.lines])


def session_of_day(uow: UnitOfWork, region: Region, day: date) -> MarketSession | None:
    """The session of a region's delivery day, if one is planned."""
    found = uow.find(MarketSession, region_id=region.id, delivery_day=day)
    return found[0] if found else None
