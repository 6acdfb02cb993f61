"""Depth, trades and own orders of continuous sessions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.queries.models import DepthView, GetDepth, ListOrders
from app.rest import trading_schemas as s
from app.rest.access import FromCaller
from app.rest.fields import Id
from app.rest.schemas import Items
from app.rest.strict import StrictRoute
from domain.flexibility.commodity import Commodity
from domain.ids import SessionId

router = APIRouter(route_class=StrictRoute, tags=["trading"])
PathId = Annotated[Id, Path()]


@router.get("/sessions/{session_id}/depth")
def get_depth(caller: FromCaller, session_id: PathId, where: Annotated[s.DepthFilter, Query()]) -> s.DepthOut:
    """The anonymous book of a continuous session; a call session's is sealed."""
    return s.DepthOut.model_validate(_view(caller, session_id, where))


@router.get("/sessions/{session_id}/trades")
def list_trades(
    caller: FromCaller, session_id: PathId, where: Annotated[s.DepthFilter, Query()]
) -> Items[s.TradeOut]:
    """The last trades of a continuous session, newest first."""
    view = _view(caller, session_id, where)
    return Items(items=[s.TradeOut.model_validate(row) for row in view.trades])


@router.get("/sessions/{session_id}/orders")
def list_orders(caller: FromCaller, session_id: PathId) -> Items[s.OrderOut]:
    """Own orders of a continuous session with what was matched of them; all for the FMO."""
    rows = caller.query(ListOrders(session_id=SessionId(session_id)))
    return Items(
        items=[
            s.OrderOut.model_validate(
                {name: getattr(row, name) for name in s.OrderOut.model_fields if name != "why"}
                | {"why": [s.OrderWhyOut(sentence=sentence, steps=list(steps)) for sentence, steps in row.why]}
            )
            for row in rows
        ]
    )


def _view(caller: FromCaller, session_id: str, where: s.DepthFilter) -> DepthView:
    return caller.query(
        GetDepth(session_id=SessionId(session_id), commodity=Commodity(where.commodity), step=where.step)
    )
