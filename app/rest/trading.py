"""Depth, trades and own orders of continuous sessions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.queries.models import DepthView, GetDepth, ListOrders, OrderRow
from app.rest import trading_schemas as s
from app.rest.access import FromCaller
from app.rest.fields import Id
from app.rest.paging import FromPager, Listing
from app.rest.schemas import Page, Paging
from app.rest.strict import StrictRoute
from domain.flexibility.commodity import Commodity
from domain.ids import SessionId

router = APIRouter(route_class=StrictRoute, tags=["trading"])
PathId = Annotated[Id, Path()]
TRADES = Listing(s.TradeOut, "-sequence")
ORDERS = Listing(s.OrderOut)


@router.get("/sessions/{session_id}/depth")
def get_depth(caller: FromCaller, session_id: PathId, where: Annotated[s.DepthFilter, Query()]) -> s.DepthOut:
    """The anonymous book of a continuous session; a call session's is sealed."""
    return s.DepthOut.model_validate(_view(caller, session_id, where))


@router.get("/sessions/{session_id}/trades")
def list_trades(
    caller: FromCaller, pager: FromPager, session_id: PathId, where: Annotated[s.TradeFilter, Query()]
) -> Page[s.TradeOut]:
    """The last trades of a continuous session, newest first."""
    view = _view(caller, session_id, where)
    return pager.page(TRADES, where, view.trades, s.TradeOut.model_validate)


@router.get("/sessions/{session_id}/orders")
def list_orders(
    caller: FromCaller, pager: FromPager, session_id: PathId, where: Annotated[Paging, Query()]
) -> Page[s.OrderOut]:
    """Own orders of a continuous session with what was matched of them; all for the FMO."""
    return pager.page(ORDERS, where, caller.query(ListOrders(session_id=SessionId(session_id))), _order)


def _order(row: OrderRow) -> s.OrderOut:
    return s.OrderOut.model_validate(
        {name: getattr(row, name) for name in s.OrderOut.model_fields if name != "why"}
        | {"why": [s.OrderWhyOut(sentence=sentence, steps=list(steps)) for sentence, steps in row.why]}
    )


def _view(caller: FromCaller, session_id: str, where: s.DepthFilter) -> DepthView:
    return caller.query(
        GetDepth(session_id=SessionId(session_id), commodity=Commodity(where.commodity), step=where.step)
    )
