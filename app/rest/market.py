"""Sessions, requests, offers and results."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Response

from app.queries.models import (
    GetNodalPrices,
    GetResult,
    ListOffers,
    ListRequests,
    ListSessions,
    NodalPrices,
    OfferRow,
    PriceParts,
    ResultView,
    SessionRow,
)
from app.rest.access import Caller, FromCaller
from app.rest.fields import Id
from app.rest.market_schemas import (
    AwardOut,
    BusPricesOut,
    GateOut,
    PartsOut,
    ProofOut,
    RequestFilter,
    RequestIn,
    RequestOut,
    ResultOut,
    RulesIn,
    SessionFilter,
    SessionIn,
    SessionOut,
    UnmetOut,
)
from app.rest.offers import submission
from app.rest.offers_schemas import OfferFilter, OfferIn, OfferOut, OfferRowOut, WhyOut
from app.rest.paging import FromPager, Listing, only
from app.rest.schemas import Page, Paging
from app.rest.strict import StrictRoute
from app.rest.tags import FromChanger, tag
from domain.commands import (
    PlanSession,
    PublishRequest,
    SetClearingRules,
    WithdrawOffer,
    WithdrawRequest,
)
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import FlexOffer, FlexRequest, MarketSession
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.ids import OfferId, RegionId, RequestId, SessionId

router = APIRouter(route_class=StrictRoute, tags=["market"])
PathId = Annotated[Id, Path()]
SESSIONS = Listing(SessionOut, "delivery_day,region_id,id", by=("opens_at", "gate_closes_at", "publishes_at"))
REQUESTS = Listing(
    RequestOut, "-published_at,-id", by=("session_id", "region_id", "deadline", "price_cap_eur_per_mwh")
)
OFFERS = Listing(OfferRowOut, "-submitted_at,-id", by=("session_id", "region_id", "party_id"))
BUS_PRICES = Listing(BusPricesOut)


@router.get("/sessions")
def list_sessions(
    caller: FromCaller, pager: FromPager, where: Annotated[SessionFilter, Query()]
) -> Page[SessionOut]:
    """Market sessions."""
    region_id = RegionId(where.region_id) if where.region_id else None
    part = pager.part(SESSIONS, where)
    rows = caller.query(ListSessions(region_id=region_id, delivery_day=where.delivery_day, part=part))
    return pager.cut(SESSIONS, where, rows, _session)


@router.get("/sessions/{session_id}")
def get_session(caller: FromCaller, session_id: PathId, response: Response) -> SessionOut:
    """One market session."""
    row = _session_of(caller, session_id)
    tag(response, row.session.version)
    return _session(row)


@router.post("/sessions", status_code=201)
def plan_session(caller: FromCaller, body: SessionIn, response: Response) -> SessionOut:
    """FMO: plan a session with its gates."""
    command = PlanSession(
        region_id=RegionId(body.region_id),
        delivery_day=body.delivery_day,
        opens_at=body.opens_at,
        gate_closes_at=body.gate_closes_at,
        publishes_at=body.publishes_at,
        clearing=ClearingMode(body.clearing),
        payment=PaymentRule(body.payment),
        energy=EnergyPricing(body.energy),
    )
    session = cast(MarketSession, caller.execute(command))
    response.headers["Location"] = f"/api/v1/sessions/{session.id}"
    return _session(_session_of(caller, session.id))


@router.put("/sessions/{session_id}/rules")
def set_session_rules(caller: FromChanger, session_id: PathId, body: RulesIn) -> SessionOut:
    """FMO: how a session is cleared and paid, until its gate closes."""
    command = SetClearingRules(
        session_id=SessionId(session_id),
        clearing=ClearingMode(body.clearing),
        payment=PaymentRule(body.payment),
        energy=EnergyPricing(body.energy),
    )
    caller.change(command, MarketSession, id=command.session_id)
    return _session(_session_of(caller, session_id))


@router.get("/requests")
def list_requests(
    caller: FromCaller, pager: FromPager, where: Annotated[RequestFilter, Query()]
) -> Page[RequestOut]:
    """FlexRequests that the caller may see, newest first."""
    query = ListRequests(
        session_id=SessionId(where.session_id) if where.session_id else None,
        region_id=RegionId(where.region_id) if where.region_id else None,
        direction=Direction(where.direction) if where.direction else None,
        commodity=Commodity(where.commodity) if where.commodity else None,
        part=pager.part(REQUESTS, where),
    )
    return pager.cut(REQUESTS, where, caller.query(query), RequestOut.model_validate)


@router.get("/requests/{request_id}")
def get_request(caller: FromCaller, request_id: PathId, response: Response) -> RequestOut:
    """One FlexRequest."""
    rows = caller.query(ListRequests(request_id=RequestId(request_id)))
    request = only(rows, "request_id", lambda row: row.id == request_id)
    tag(response, request.version)
    return RequestOut.model_validate(request)


@router.post("/requests", status_code=201)
def publish_request(caller: FromCaller, body: RequestIn, response: Response) -> RequestOut:
    """DSO: publish a FlexRequest."""
    command = PublishRequest(
        session_id=SessionId(body.session_id),
        congestion_point=body.congestion_point,
        buses=tuple(body.buses),
        direction=Direction(body.direction),
        quantity_mw=tuple(body.quantity_mw),
        price_cap_eur_per_mwh=body.price_cap_eur_per_mwh,
        deadline=body.deadline,
        commodity=Commodity(body.commodity),
    )
    request = cast(FlexRequest, caller.execute(command))
    response.headers["Location"] = f"/api/v1/requests/{request.id}"
    return RequestOut.model_validate(request)


@router.delete("/requests/{request_id}", status_code=204)
def withdraw_request(caller: FromChanger, request_id: PathId) -> None:
    """DSO: withdraw an own request before the gate."""
    caller.change(WithdrawRequest(request_id=RequestId(request_id)), FlexRequest, id=request_id)


@router.get("/offers")
def list_offers(caller: FromCaller, pager: FromPager, where: Annotated[OfferFilter, Query()]) -> Page[OfferRowOut]:
    """FlexOffers that the caller may see, newest first."""
    query = ListOffers(
        session_id=SessionId(where.session_id) if where.session_id else None,
        region_id=RegionId(where.region_id) if where.region_id else None,
        direction=Direction(where.direction) if where.direction else None,
        commodity=Commodity(where.commodity) if where.commodity else None,
        part=pager.part(OFFERS, where),
    )
    return pager.cut(OFFERS, where, caller.query(query), _offer)


@router.get("/offers/{offer_id}")
def get_offer(caller: FromCaller, offer_id: PathId, response: Response) -> OfferRowOut:
    """One FlexOffer."""
    rows = caller.query(ListOffers(offer_id=OfferId(offer_id)))
    row = only(rows, "offer_id", lambda row: row.offer.id == offer_id)
    tag(response, row.offer.version)
    return _offer(row)


@router.post("/offers", status_code=201)
def submit_offer(caller: FromCaller, body: OfferIn, response: Response) -> OfferOut:
    """ESP, aggregator: submit a FlexOffer."""
    offer = cast(FlexOffer, caller.execute(submission(body)))
    response.headers["Location"] = f"/api/v1/offers/{offer.id}"
    return OfferOut.model_validate(offer)


@router.delete("/offers/{offer_id}", status_code=204)
def withdraw_offer(caller: FromChanger, offer_id: PathId) -> None:
    """ESP, aggregator: withdraw an own offer before the gate."""
    caller.change(WithdrawOffer(offer_id=OfferId(offer_id)), FlexOffer, id=offer_id)


@router.get("/results/{session_id}")
def get_result(caller: FromCaller, session_id: PathId) -> ResultOut:
    """A session's result as far as the caller may see it."""
    return _result(caller.query(GetResult(session_id=SessionId(session_id))))


@router.get("/results/{session_id}/prices")
def list_result_prices(
    caller: FromCaller, pager: FromPager, session_id: PathId, where: Annotated[Paging, Query()]
) -> Page[BusPricesOut]:
    """The prices of a session's result by bus: FMO and DSO everywhere, sellers where they have assets."""
    prices = caller.query(GetNodalPrices(session_id=SessionId(session_id)))
    if prices is None:
        return Page(items=[])
    return pager.page(BUS_PRICES, where, tuple(range(len(prices.bus_ids))), lambda k: _bus_prices(prices, k))


def _bus_prices(prices: NodalPrices, position: int) -> BusPricesOut:
    return BusPricesOut(
        bus=prices.bus_ids[position],
        p_eur_per_mwh=_parts(prices.p, position),
        q_eur_per_mvarh=None if prices.q is None else _parts(prices.q, position),
    )


def _parts(parts: PriceParts, position: int) -> PartsOut:
    return PartsOut(**{name: getattr(parts, name)[:, position].tolist() for name in PartsOut.model_fields})


def _session_of(caller: Caller, session_id: str) -> SessionRow:
    rows = caller.query(ListSessions(session_id=SessionId(session_id)))
    return only(rows, "session_id", lambda row: row.session.id == session_id)


def _session(row: SessionRow) -> SessionOut:
    session = row.session
    return SessionOut(
        id=session.id,
        region_id=session.region_id,
        delivery_day=session.delivery_day,
        state=session.state,
        reason=session.reason,
        opens_at=session.opens_at,
        gate_closes_at=session.gate_closes_at,
        publishes_at=session.publishes_at,
        clearing=session.clearing.value,
        payment=session.payment.value,
        energy=session.energy.value,
        gates=[GateOut.model_validate(gate) for gate in row.gates],
        n_requests=row.n_requests,
        n_offers=row.n_offers,
        requested_mwh=row.requested_mwh,
        offered_mwh=row.offered_mwh,
        awarded_mwh=row.awarded_mwh,
        requested_mvarh=row.requested_mvarh,
        offered_mvarh=row.offered_mvarh,
        awarded_mvarh=row.awarded_mvarh,
    )


def _offer(row: OfferRow) -> OfferRowOut:
    offer = OfferOut.model_validate(row.offer)
    return OfferRowOut(
        **dict(offer),
        offered_mwh=row.offered_mwh,
        accepted_mwh=row.accepted_mwh,
        payment_eur=row.payment_eur,
        why=[WhyOut(**asdict(entry), sentence=words) for entry, words in row.why],
    )


def _result(view: ResultView) -> ResultOut:
    return ResultOut(
        session_id=view.session.id,
        session_state=view.session.state,
        status=view.status,
        reason=view.reason,
        objective_eur=view.objective_eur,
        welfare_eur=view.welfare_eur,
        lower_bound_eur=view.lower_bound_eur,
        gap=view.gap,
        pivotal=list(view.pivotal),
        awards=[AwardOut.model_validate(row.award) for row in view.awards],
        unmet=[UnmetOut.model_validate(row) for row in view.unmet],
        payments_eur={str(party): amount for party, amount in view.payments_eur.items()},
        proof=ProofOut.model_validate(view.proof) if view.proof else None,
        n_needs_before=view.n_needs_before,
        case_sha256=view.case_sha256,
        result_sha256=view.result_sha256,
        solve_seconds=view.solve_seconds,
    )
