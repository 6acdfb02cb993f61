"""Trading in open continuous sessions: every order asks for a matching, and what it finds binds at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from app.book import case_of
from app.bridge.trading import Trade, book_facts
from app.offering import deliverable
from app.trading import found, moment, orders_of
from app.usecases.queue import MATCHING, enqueue
from domain.errors import Finding, refuse
from domain.events import BookMatched, OfferWithdrawn, TradesMade
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.grids import Job
from domain.flexibility.market import FlexOffer, FlexRequest, MarketSession
from domain.flexibility.operation import JobRun
from domain.flexibility.rules import ClearingRules
from domain.flexibility.trading import LiveBook, Withdrawal, is_continuous, is_trading
from domain.ids import PartyId, RegionId
from domain.lifecycle import OFFER, JobState, OfferState, SessionState, advance
from domain.parties import Party, Role
from domain.ports import UnitOfWork
from domain.time import DeliveryDay
from domain.units import energy_mwh

TRADED = (SessionState.OPEN, SessionState.CLEARING)
"""States in which a matching still tells something: it may end after the gate, before the clearing."""


def book_changed(uow: UnitOfWork, session: MarketSession) -> None:
    """Queue the matching of an open continuous session; one that waits already takes this change with it."""
    if not is_trading(session) or uow.find_bare(Job, kind=MATCHING, session_id=session.id, state=JobState.QUEUED):
        return
    operators = uow.find(Party, role=Role.FMO)
    if not operators:
        raise refuse("unknown_party", "session_id", "There is no market operator to match orders.")
    for done in uow.find_bare(Job, kind=MATCHING, session_id=session.id, state=JobState.DONE):
        for run in uow.find(JobRun, id=done.id):
            uow.remove(run)
        uow.remove(done)
    enqueue(
        uow,
        kind=MATCHING,
        owner_id=operators[0].id,
        region_id=session.region_id,
        day=session.delivery_day,
        inputs=b"",
        session_id=session.id,
    )


def note_withdrawal(uow: UnitOfWork, session: MarketSession, order: FlexOffer | FlexRequest) -> None:
    """Note when an order of an open continuous session was withdrawn; elsewhere its state says all."""
    if is_trading(session):
        uow.add(Withdrawal(id=order.id, session_id=session.id, at=moment(uow, session)))
        book_changed(uow, session)


def withdraw_undeliverable(uow: UnitOfWork, region_id: RegionId) -> None:
    """Withdraw what stands in open continuous sessions and no longer can be delivered: there is no gate before the
    next match that would leave it out."""
    for session in uow.find(MarketSession, region_id=region_id, state=SessionState.OPEN):
        if not is_trading(session):
            continue
        offers = uow.find(FlexOffer, session_id=session.id, state=OfferState.SUBMITTED)
        standing = deliverable(uow, session, offers)
        for offer in (offer for offer in offers if offer.id not in standing):
            uow.save(replace(offer, state=advance(OFFER, offer.state, "withdraw")))
            note_withdrawal(uow, session, offer)
            uow.record(
                OfferWithdrawn(
                    offer_id=offer.id, session_id=session.id, region_id=region_id, party_id=offer.party_id
                )
            )


def rest_findings(
    uow: UnitOfWork, session: MarketSession, order: FlexOffer | FlexRequest, field: str
) -> list[Finding]:
    """Why an order cannot be withdrawn: all of it has been matched in trading."""
    if not is_trading(session) or any(_left(uow, session, order)):
        return []
    sentence = "All of it has been matched; there is nothing left to withdraw."
    return [Finding(code="wrong_state", field=field, sentence=sentence)]


def _left(uow: UnitOfWork, session: MarketSession, order: FlexOffer | FlexRequest) -> Iterator[Decimal]:
    traded = found(uow, session.id).traded(DeliveryDay(day=session.delivery_day).n_steps)
    asked = (
        {(order.id, line.asset_id): line.quantity_mw for line in order.lines}
        if isinstance(order, FlexOffer)
        else {(order.id, ""): order.quantity_mw}
    )
    for key, quantity_mw in asked.items():
        done = traded.get(key) or (Decimal(0),) * len(quantity_mw)
        yield from (q - t for q, t in zip(quantity_mw, done, strict=True))


def keep_rules(uow: UnitOfWork, session: MarketSession, rules: ClearingRules) -> None:
    """Orders were placed for trading or into a sealed book: once there are some, an open session stays with it.

    Raises:
        Refused: `wrong_state`.
    """
    to = replace(session, clearing=rules.clearing)
    if is_continuous(to) == is_continuous(session) or session.state is not SessionState.OPEN:
        return
    orders = orders_of(uow, session)
    if orders.offers or orders.requests:
        sentence = "There are orders in the open session; continuous trading can be neither begun nor ended now."
        raise refuse("wrong_state", "clearing", sentence)


def filled(uow: UnitOfWork, job: Job) -> Job:
    """A matching about to start, with the book as it is now.

    Raises:
        Refused: why there is no case.
    """
    assert job.session_id is not None
    session = uow.get(MarketSession, job.session_id)
    orders = orders_of(uow, session)
    return replace(job, inputs=case_of(uow, session, orders.offers, orders.requests))


def apply_matching(uow: UnitOfWork, job: Job) -> None:
    """Take over what a matching has found and tell it: the book to everybody, trades to their two sides.

    Raises:
        RuntimeError: a trade that was told is not found again, which no input of the session can bring about.
    """
    assert job.session_id is not None
    session = uow.get(MarketSession, job.session_id)
    if session.state not in TRADED:
        return
    known, facts = found(uow, session.id), book_facts(job.result)
    if facts.trades[: len(known.trades)] != known.trades:
        raise RuntimeError(f"the matching of session {session.id} does not hold the trades that were told")
    book = LiveBook(
        id=session.id,
        region_id=session.region_id,
        payload=job.result,
        n_trades=len(facts.trades),
        matched_at=uow.market,
    )
    stored = uow.find(LiveBook, id=session.id)
    if stored:
        uow.save(replace(book, version=stored[0].version))
    else:
        uow.add(book)
    new = facts.trades[len(known.trades) :]
    uow.record(BookMatched(session_id=session.id, region_id=session.region_id, n_trades=len(facts.trades)))
    uow.record(*_told(uow, session, new))


def _told(uow: UnitOfWork, session: MarketSession, new: Sequence[Trade]) -> Iterator[TradesMade]:
    """One event for each side, commodity and direction of what was traded."""
    offers = {o.id: o for o in uow.find(FlexOffer, id=tuple({trade.offer_id for trade in new}))}
    requests = {r.id: r for r in uow.find(FlexRequest, id=tuple({trade.request_id for trade in new}))}
    grouped: dict[tuple[PartyId, bool, str, str], list[Trade]] = {}
    for trade in new:
        offer, request = offers[trade.offer_id], requests[trade.request_id]
        for party_id, bought in ((offer.party_id, False), (request.dso_id, True)):
            key = (party_id, bought, offer.commodity.value, offer.direction.value)
            grouped.setdefault(key, []).append(trade)
    for (party_id, bought, commodity, direction), trades in sorted(grouped.items()):
        prices = [trade.price_eur_per_mwh for trade in trades]
        yield TradesMade(
            session_id=session.id,
            region_id=session.region_id,
            party_id=party_id,
            bought=bought,
            commodity=Commodity(commodity),
            direction=Direction(direction),
            energy_mwh=energy_mwh([trade.quantity_mw for trade in trades]),
            lowest_eur_per_mwh=min(prices),
            highest_eur_per_mwh=max(prices),
        )
