"""Answers of trading in continuous sessions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.rest.fields import Day, Exact, Filter, Instant, Out
from app.rest.schemas import Commodity, Paging


class DepthFilter(Filter):
    commodity: Commodity = "P"
    step: Annotated[int, Field(ge=0, le=99)] | None = None


class TradeFilter(DepthFilter, Paging):
    pass


class LevelOut(Out):
    """What stands at one price: `quantity_mw` in all, `own_mw` the caller's part of it."""

    step: int
    direction: str
    side: str
    price_eur_per_mwh: Exact
    quantity_mw: Exact
    own_mw: Exact


class TradeOut(Out):
    """A trade without names; `own` is the caller's side, `offer_id` and `request_id` are told to their owners."""

    sequence: int
    at: Instant
    step: int
    direction: str
    quantity_mw: Exact
    price_eur_per_mwh: Exact
    own: str | None
    offer_id: str
    request_id: str


class DepthOut(Out):
    """The book of one commodity: levels by step, direction, side and best price; the newest trades first."""

    session_id: str
    region_id: str
    delivery_day: Day
    state: str
    commodity: str
    levels: list[LevelOut]
    trades: list[TradeOut]
    n_trades: int
    matched_at: Instant | None
    stage: str
    error: str


class OrderWhyOut(Out):
    """Why something of an order stands, and in which steps."""

    sentence: str
    steps: list[int]


class OrderOut(Out):
    """An own order: quantities, what was matched and what is left, [n_steps]."""

    id: str
    side: str
    party: str
    direction: str
    commodity: str
    place: str
    buses: list[str]
    submitted_at: Instant
    withdrawn_at: Instant | None
    quantity_mw: list[Exact]
    matched_mw: list[Exact]
    left_mw: list[Exact]
    price_eur_per_mwh: list[Exact]
    paid_eur: Exact
    why: list[OrderWhyOut]
