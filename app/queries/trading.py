"""Depth, trades and orders of continuous sessions. A call session's book is sealed and has none to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from app.bridge.trading import BookFacts, Reason, Trade
from app.queries import models as q
from app.queries.visibility import session_for
from app.trading import Orders, found, orders_of
from domain.errors import refuse
from domain.flexibility.assets import Direction, FlexAsset
from domain.flexibility.grids import Job
from domain.flexibility.market import FlexOffer, FlexRequest, MarketSession
from domain.flexibility.trading import LiveBook, is_continuous
from domain.ids import SessionId
from domain.lifecycle import JobState
from domain.parties import Party, Principal, Role
from domain.ports import UnitOfWork
from domain.time import DeliveryDay
from domain.units import Series

ZERO = Decimal(0)
MATCHING = "matching"
WAITING: Mapping[JobState, str] = {JobState.RUNNING: "matching", JobState.QUEUED: "waiting"}

_GRID_WORDS = {
    "voltage": "The grid refuses more: the voltage at bus {element} would leave its band.",
    "loading": "The grid refuses more: {element} would be overloaded.",
    "power_flow": "The grid refuses more: the power flow would have no solution.",
}
_REASON_WORDS: Mapping[str, str] = {
    "no_counter_order": "Nobody stands on the other side.",
    "price": "The best price on the other side is not good enough.",
    "below_minimum": "Less than 10 W is left, which is not traded.",
}
_UNMATCHED = "It has not been matched yet."


def get_depth(uow: UnitOfWork, principal: Principal, query: q.GetDepth) -> q.DepthView:
    """The anonymous book, the asker's own part marked.

    Raises:
        Refused: `not_found`; `book_sealed` of a session that is cleared at its gate; `out_of_range` step.
    """
    session, n_steps = _continuous(uow, principal, query.session_id)
    if query.step is not None and not 0 <= query.step < n_steps:
        raise refuse("out_of_range", "step", f"The day has the steps 0 to {n_steps - 1}.")
    orders, facts = orders_of(uow, session), found(uow, session.id)
    offers = {offer.id: offer for offer in orders.offers if offer.commodity is query.commodity}
    trades = [trade for trade in facts.trades if trade.offer_id in offers and query.step in (None, trade.step)]
    own = _own(principal)
    books, jobs = uow.find(LiveBook, id=session.id), _jobs(uow, session)
    requests = {request.id: request for request in orders.requests}
    return q.DepthView(
        session_id=session.id,
        region_id=session.region_id,
        delivery_day=session.delivery_day,
        state=session.state,
        commodity=query.commodity,
        levels=tuple(_levels(orders, facts, query, own)),
        trades=tuple(
            _trade_row(trade, offers[trade.offer_id], requests[trade.request_id], principal, own)
            for trade in reversed(trades[-q.MOST_TRADES :])
        ),
        n_trades=len(trades),
        matched_at=books[0].matched_at if books else None,
        stage=next((WAITING[state] for state in WAITING if any(job.state is state for job in jobs)), ""),
        error=jobs[0].error if jobs and jobs[0].state is JobState.FAILED else "",
    )


def _continuous(uow: UnitOfWork, principal: Principal, session_id: SessionId) -> tuple[MarketSession, int]:
    """A visible continuous session and its number of steps."""
    session = session_for(uow, principal, session_id)
    if not is_continuous(session):
        raise refuse("book_sealed", "session_id", "The session is cleared at its gate and has no open book.")
    return session, DeliveryDay(day=session.delivery_day).n_steps


def _jobs(uow: UnitOfWork, session: MarketSession) -> list[Job]:
    """The session's matchings, newest first."""
    jobs = uow.find_bare(Job, kind=MATCHING, session_id=session.id)
    return sorted(jobs, key=lambda job: (job.submitted_at, job.id), reverse=True)


def _own(principal: Principal) -> Callable[[FlexOffer | FlexRequest], bool]:
    def mine(order: FlexOffer | FlexRequest) -> bool:
        owner = order.party_id if isinstance(order, FlexOffer) else order.dso_id
        return owner == principal.party_id

    return mine


def _standing(
    orders: Orders, traded: Mapping[tuple[str, str], Series]
) -> Iterator[tuple[FlexOffer | FlexRequest, str, Series, Series]]:
    """Every order in the book, its asset or "", what is left of it, and its price, both [n_steps]."""
    for offer in orders.offers:
        if offer.id not in orders.withdrawn_at:
            for line in offer.lines:
                left = _less(line.quantity_mw, traded.get((offer.id, line.asset_id)))
                yield offer, line.asset_id, left, offer.price_eur_per_mwh
    for request in orders.requests:
        if request.id not in orders.withdrawn_at:
            left = _less(request.quantity_mw, traded.get((request.id, "")))
            yield request, "", left, (request.price_cap_eur_per_mwh,) * len(left)


def _less(quantity_mw: Series, matched_mw: Series | None) -> Series:
    if matched_mw is None:
        return quantity_mw
    return tuple(asked - done for asked, done in zip(quantity_mw, matched_mw, strict=True))


def _levels(
    orders: Orders, facts: BookFacts, query: q.GetDepth, own: Callable[[FlexOffer | FlexRequest], bool]
) -> Iterator[q.DepthLevel]:
    sums: dict[tuple[int, Direction, q.Side, Decimal], list[Decimal]] = {}
    n_steps = max((len(offer.price_eur_per_mwh) for offer in orders.offers), default=0)
    traded = facts.traded(n_steps)
    for order, _, left, price in _standing(orders, traded):
        if order.commodity is not query.commodity:
            continue
        side = q.Side.OFFER if isinstance(order, FlexOffer) else q.Side.REQUEST
        mine = own(order)
        for step in range(len(left)) if query.step is None else (query.step,):
            if left[step]:
                level = sums.setdefault((step, order.direction, side, price[step]), [ZERO, ZERO])
                level[0] += left[step]
                level[1] += left[step] if mine else ZERO
    best_first = sorted(sums, key=lambda k: (k[0], k[1], k[2], k[3] if k[2] is q.Side.OFFER else -k[3]))
    for step, direction, side, price_ in best_first:
        quantity, mine_mw = sums[step, direction, side, price_]
        yield q.DepthLevel(
            step=step,
            direction=direction,
            side=side,
            price_eur_per_mwh=price_,
            quantity_mw=quantity,
            own_mw=mine_mw,
        )


def _trade_row(
    trade: Trade,
    offer: FlexOffer,
    request: FlexRequest,
    principal: Principal,
    own: Callable[[FlexOffer | FlexRequest], bool],
) -> q.TradeRow:
    sold, bought, operator = own(offer), own(request), principal.role is Role.FMO
    return q.TradeRow(
        sequence=trade.sequence,
        at=trade.at,
        step=trade.step,
        direction=offer.direction,
        quantity_mw=trade.quantity_mw,
        price_eur_per_mwh=trade.price_eur_per_mwh,
        own=q.Side.OFFER if sold else q.Side.REQUEST if bought else None,
        offer_id=trade.offer_id if operator or sold else "",
        request_id=trade.request_id if operator or bought else "",
    )


def list_orders(uow: UnitOfWork, principal: Principal, query: q.ListOrders) -> tuple[q.OrderRow, ...]:
    """Own orders, all of them for the FMO.

    Raises:
        Refused: `not_found`; `book_sealed`.
    """
    session, n_steps = _continuous(uow, principal, query.session_id)
    orders, facts = orders_of(uow, session), found(uow, session.id)
    own, operator = _own(principal), principal.role is Role.FMO
    traded, paid = facts.traded(n_steps), _paid(facts)
    parties = {party.id: party.name for party in uow.find(Party)}
    assets = {asset.id: asset for asset in uow.find(FlexAsset, region_id=session.region_id)}
    rows = []
    for offer in (offer for offer in orders.offers if operator or own(offer)):
        for line in offer.lines:
            asset = assets[line.asset_id]
            rows.append(
                _row(
                    offer,
                    line.asset_id,
                    line.quantity_mw,
                    party=parties[offer.party_id],
                    place=asset.name,
                    buses=(asset.bus,),
                    book=(orders, facts, traded, paid),
                )
            )
    rows += [
        _row(
            request,
            "",
            request.quantity_mw,
            party=parties[request.dso_id],
            place=request.congestion_point,
            buses=request.buses,
            book=(orders, facts, traded, paid),
        )
        for request in orders.requests
        if operator or own(request)
    ]
    return tuple(sorted(rows, key=lambda row: (row.submitted_at, row.id), reverse=True))


_Book = tuple[Orders, BookFacts, Mapping[tuple[str, str], Series], Mapping[tuple[str, str], Decimal]]


def _row(
    order: FlexOffer | FlexRequest,
    asset_id: str,
    quantity_mw: Series,
    *,
    party: str,
    place: str,
    buses: tuple[str, ...],
    book: _Book,
) -> q.OrderRow:
    orders, facts, traded, paid = book
    is_offer = isinstance(order, FlexOffer)
    n_steps = len(quantity_mw)
    nothing = (ZERO,) * n_steps
    matched = traded.get((order.id, asset_id), nothing)
    withdrawn_at = orders.withdrawn_at.get(order.id)
    left = nothing if withdrawn_at else _less(quantity_mw, matched)
    return q.OrderRow(
        id=order.id,
        side=q.Side.OFFER if is_offer else q.Side.REQUEST,
        party=party,
        direction=order.direction,
        commodity=order.commodity,
        place=place,
        buses=buses,
        submitted_at=order.submitted_at if isinstance(order, FlexOffer) else order.published_at,
        withdrawn_at=withdrawn_at,
        quantity_mw=quantity_mw,
        matched_mw=matched,
        left_mw=left,
        price_eur_per_mwh=order.price_eur_per_mwh
        if isinstance(order, FlexOffer)
        else (order.price_cap_eur_per_mwh,) * n_steps,
        paid_eur=paid.get((order.id, asset_id), ZERO),
        why=_why(order.id, asset_id, left, facts),
    )


def _paid(facts: BookFacts) -> dict[tuple[str, str], Decimal]:
    """EUR of each order's trades, exact."""
    paid: dict[tuple[str, str], Decimal] = {}
    for trade in facts.trades:
        worth = trade.quantity_mw * trade.price_eur_per_mwh / 4
        for order in ((trade.offer_id, trade.asset_id), (trade.request_id, "")):
            paid[order] = paid.get(order, ZERO) + worth
    return paid


def _why(order_id: str, asset_id: str, left: Series, facts: BookFacts) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Sentences on what stands, in the order of their first step."""
    steps: dict[str, list[int]] = {}
    for step, rest in enumerate(left):
        if rest:
            reason = facts.reasons.get((order_id, asset_id, step))
            steps.setdefault(_sentence(reason), []).append(step)
    return tuple((sentence, tuple(at)) for sentence, at in steps.items())


def _sentence(reason: Reason | None) -> str:
    if reason is None:
        return _UNMATCHED
    if reason.reason == "grid":
        return _GRID_WORDS.get(reason.kind, _GRID_WORDS["power_flow"]).format(element=reason.element)
    return _REASON_WORDS[reason.reason]
