"""What is seen of trading in continuous sessions: anonymous depth, trades, own orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from app.queries.models.base import Query
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.ids import RegionId, SessionId
from domain.lifecycle import SessionState
from domain.units import Series


class Side(StrEnum):
    """Who stands there: an offer to be bought, or a request to be served."""

    OFFER = "offer"
    REQUEST = "request"


@dataclass(frozen=True, kw_only=True)
class DepthLevel:
    """All that stands at one price in one step, MW or Mvar; nobody reads whose, but for `own_mw` of the asker."""

    step: int
    direction: Direction
    side: Side
    price_eur_per_mwh: Decimal
    quantity_mw: Decimal
    own_mw: Decimal


@dataclass(frozen=True, kw_only=True)
class TradeRow:
    """A trade; `own` is the asker's side of it, offer and request are told to their owners and the FMO only."""

    sequence: int
    at: datetime
    step: int
    direction: Direction
    quantity_mw: Decimal
    price_eur_per_mwh: Decimal
    own: Side | None
    offer_id: str = ""
    request_id: str = ""


@dataclass(frozen=True, kw_only=True)
class DepthView:
    """A continuous session's book of one commodity.

    levels : by step, direction, side and best price first; trades : the newest first, at most `MOST_TRADES` of the
    commodity's `n_trades`; matched_at : when orders were last matched; stage : what a matching that runs is at, ""
    without one; error : why the last one failed.
    """

    session_id: SessionId
    region_id: RegionId
    delivery_day: date
    state: SessionState
    commodity: Commodity
    levels: tuple[DepthLevel, ...]
    trades: tuple[TradeRow, ...]
    n_trades: int
    matched_at: datetime | None
    stage: str
    error: str


MOST_TRADES = 200


@dataclass(frozen=True, kw_only=True)
class GetDepth(Query[DepthView]):
    """The book and the trades of a continuous session, in one step or in all."""

    session_id: SessionId
    commodity: Commodity = Commodity.P
    step: int | None = None


@dataclass(frozen=True, kw_only=True)
class OrderRow:
    """One's own order (a line of an offer, or a request), all orders for the FMO.

    quantity_mw, matched_mw, left_mw, price_eur_per_mwh : [n_steps], nothing is left of a withdrawn one; place :
    the asset's name or the congestion point, with its buses; why : sentences on what stands, each with its steps;
    party : who placed it; paid_eur : what its trades are worth, before the session's settlement rounds it.
    """

    id: str
    side: Side
    party: str
    direction: Direction
    commodity: Commodity
    place: str
    buses: tuple[str, ...]
    submitted_at: datetime
    withdrawn_at: datetime | None
    quantity_mw: Series
    matched_mw: Series
    left_mw: Series
    price_eur_per_mwh: Series
    paid_eur: Decimal
    why: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class ListOrders(Query[tuple[OrderRow, ...]]):
    """Own orders of a continuous session with what was matched of them, newest first."""

    session_id: SessionId
