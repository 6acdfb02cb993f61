"""A session's book as a case: what the gate closed, or what stands in it while it is open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.bridge import cases, tries
from app.offering import called_directly, deliverable
from app.trading import withdrawals
from domain.errors import Finding, raise_if, refuse
from domain.flexibility.assets import FlexAsset
from domain.flexibility.grids import Job, Network, Schedule
from domain.flexibility.market import Activation, FlexOffer, FlexRequest, MarketSession, PriceKind, PriceSeries
from domain.flexibility.operation import BookState
from domain.flexibility.rules import ClearingMode, ClearingRules
from domain.flexibility.terms import rules_against_terms
from domain.lifecycle import ActivationState, OfferState, RequestState, SessionState
from domain.parties import Region
from domain.ports import UnitOfWork
from domain.units import Series

NO_GRID = "The region has no network or no schedules for the day."
OPEN_BOOK = (SessionState.PLANNED, SessionState.OPEN)


def book_state(session: MarketSession) -> BookState:
    return BookState.OPEN if session.state in OPEN_BOOK else BookState.CLOSED


def book_case(uow: UnitOfWork, session: MarketSession, rules: ClearingRules) -> bytes:
    """The case of a session's book by these rules, as a `clearing` job takes it.

    From the gate on it is the very case that the market cleared, so that nothing but the rules differs; before it,
    the offers and requests that would be cleared if the gate closed now.

    Raises:
        Refused: `no_network`, `no_schedule`, `no_prices`, findings of the documents; `no_result` when the gate
            closed without a case; `rules_conflict` for orders that these rules do not know.
    """
    raise_if(rules_against_orders(uow, session, rules))
    if book_state(session) is BookState.OPEN:
        return _open_case(uow, session, rules)
    if session.job_id is None:
        raise refuse("no_result", "session_id", f"The gate closed without a book to clear: {session.reason}")
    assets = uow.find(FlexAsset, region_id=session.region_id)
    return tries.by_other_rules(
        uow.get(Job, session.job_id).inputs,
        rules,
        _day_ahead(uow, session),
        {asset.id: asset.s_max_mva for asset in assets},
    )


def _open_case(uow: UnitOfWork, session: MarketSession, rules: ClearingRules) -> bytes:
    offers = uow.find(FlexOffer, session_id=session.id, state=OfferState.SUBMITTED)
    standing = deliverable(uow, session, offers)
    published = uow.find(FlexRequest, session_id=session.id, state=RequestState.PUBLISHED)
    requests = [request for request in published if not request.held]
    by_rules = replace(session, clearing=rules.clearing, payment=rules.payment, energy=rules.energy)
    return case_of(uow, by_rules, [offer for offer in offers if offer.id in standing], requests)


def rules_against_orders(uow: UnitOfWork, session: MarketSession, rules: ClearingRules) -> list[Finding]:
    """Orders of the book that these rules could not clear."""
    offers = uow.find(FlexOffer, session_id=session.id)
    requests = uow.find(FlexRequest, session_id=session.id)
    dso_id = uow.get(Region, session.region_id).dso_id
    n_tied = sum(o.state is not OfferState.WITHDRAWN and rules_against_terms(o.terms, rules) for o in offers)
    n_bought = sum(r.state is not RequestState.WITHDRAWN and r.dso_id != dso_id for r in requests)
    tied = f"The book has offers with terms that these rules cannot clear, such as a block: {n_tied}."
    bought = f"The book has requests of balance responsible parties, which the network does not clear: {n_bought}."
    rows = ((n_tied > 0, tied), (n_bought > 0 and rules.clearing is ClearingMode.NETWORK, bought))
    return [
        Finding(code="rules_conflict", field="clearing", sentence=f"{sentence} Choose other rules.")
        for holds, sentence in rows
        if holds
    ]


def case_of(
    uow: UnitOfWork, session: MarketSession, offers: Iterable[FlexOffer], requests: Iterable[FlexRequest]
) -> bytes:
    """These offers and requests on the region's network and schedules, by the session's rules.

    Raises:
        Refused: `no_network`, `no_schedule`, `no_prices`, findings of the documents.
    """
    networks = uow.find(Network, id=session.region_id)
    schedules = uow.find(Schedule, region_id=session.region_id, delivery_day=session.delivery_day)
    if not networks or not schedules:
        raise refuse("no_schedule" if networks else "no_network", "session_id", NO_GRID)
    return cases.case_from(
        networks[0].document,
        schedules[0].document,
        session,
        uow.find(FlexAsset, region_id=session.region_id),
        offers,
        requests,
        uow.get(Region, session.region_id).dso_id,
        _day_ahead(uow, session),
        withdrawals(uow, session.id),
        _called(uow, session),
    )


def _called(uow: UnitOfWork, session: MarketSession) -> tuple[Activation, ...]:
    """What the DSO has called by itself and its owners have not refused."""
    awards = tuple(award.id for award in called_directly(uow, session.id))
    calls = uow.find(Activation, award_id=awards)
    return tuple(call for call in calls if call.state is not ActivationState.REFUSED)


def _day_ahead(uow: UnitOfWork, session: MarketSession) -> Series | None:
    found = uow.find(PriceSeries, kind=PriceKind.DAY_AHEAD, delivery_day=session.delivery_day)
    return found[0].price_eur_per_mwh if found else None
