"""Orders of a continuous session and what its matching has found, for use cases, queries and offer checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain

from app.bridge.trading import NOTHING, BookFacts, book_facts
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import FlexOffer, FlexRequest, MarketSession
from domain.flexibility.trading import NEXT, LiveBook, Withdrawal, is_continuous, is_trading
from domain.ids import AssetId, PartyId, RegionId, SessionId
from domain.lifecycle import OfferState, RequestState, SessionState
from domain.ports import UnitOfWork
from domain.units import Series


@dataclass(frozen=True, kw_only=True)
class Orders:
    """All orders that were ever in the book of a continuous session, by id, and when they were withdrawn.

    From the gate on, until the result is there, they are the same orders in other states."""

    offers: tuple[FlexOffer, ...]
    requests: tuple[FlexRequest, ...]
    withdrawn_at: Mapping[str, datetime]


def orders_of(uow: UnitOfWork, session: MarketSession) -> Orders:
    """The sequence that a replay of the session needs, what was withdrawn included."""
    gone = withdrawals(uow, session.id)
    offers = uow.find(FlexOffer, session_id=session.id)
    requests = uow.find(FlexRequest, session_id=session.id)
    return Orders(
        offers=tuple(o for o in offers if o.state is not OfferState.WITHDRAWN or o.id in gone),
        requests=tuple(r for r in requests if r.state is not RequestState.WITHDRAWN or r.id in gone),
        withdrawn_at=gone,
    )


def withdrawals(uow: UnitOfWork, session_id: SessionId) -> dict[str, datetime]:
    """When each withdrawn order of a continuous session was withdrawn."""
    return {gone.id: gone.at for gone in uow.find(Withdrawal, session_id=session_id)}


def moment(uow: UnitOfWork, session: MarketSession) -> datetime:
    """When an order or a withdrawal comes: now; in a continuous session after all that came before, so that the
    sequence is the one in which the market took them, however its clock runs."""
    if not is_continuous(session):
        return uow.market
    orders = orders_of(uow, session)
    before = chain(
        (offer.submitted_at for offer in orders.offers),
        (request.published_at for request in orders.requests),
        orders.withdrawn_at.values(),
    )
    last = max(before, default=None)
    return uow.market if last is None else max(uow.market, last + NEXT)


def trades_on(uow: UnitOfWork, region_id: RegionId, **where: object) -> bool:
    """Whether an open continuous session of the region has orders: they are matched on its network and schedules,
    and a replay has to find these as they were."""
    open_ = uow.find(MarketSession, region_id=region_id, state=SessionState.OPEN, **where)
    books = (orders_of(uow, session) for session in open_ if is_trading(session))
    return any(orders.offers or orders.requests for orders in books)


def matched_of_withdrawn(
    uow: UnitOfWork, party_id: PartyId, session_id: SessionId, direction: Direction, commodity: Commodity
) -> dict[AssetId, Series]:
    """Per asset, what was matched of a party's withdrawn offers; of one whose withdrawal has not been through a
    matching yet, all of it."""
    gone = tuple(withdrawals(uow, session_id))
    offers = uow.find(FlexOffer, id=gone, party_id=party_id) if gone else ()
    facts = found(uow, session_id)
    taken: dict[AssetId, Series] = {}
    for offer in (o for o in offers if (o.direction, o.commodity) == (direction, commodity)):
        traded = facts.traded(len(offer.price_eur_per_mwh)) if offer.id in facts.withdrawn else None
        for line in offer.lines:
            nothing = tuple(Decimal(0) for _ in line.quantity_mw)
            more = line.quantity_mw if traded is None else traded.get((offer.id, line.asset_id), nothing)
            before = taken.get(line.asset_id, nothing)
            taken[line.asset_id] = tuple(a + b for a, b in zip(before, more, strict=True))
    return taken


def found(uow: UnitOfWork, session_id: SessionId) -> BookFacts:
    """What the matching has found until now; nothing before its first run."""
    books = uow.find(LiveBook, id=session_id)
    return book_facts(books[0].payload) if books else NOTHING
