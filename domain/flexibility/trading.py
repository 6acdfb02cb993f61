"""Trading while a continuous session is open: what was taken back, and what the matching has found so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.flexibility.market import MarketSession
from domain.flexibility.rules import ClearingMode
from domain.ids import RegionId, SessionId
from domain.lifecycle import SessionState

NEXT = timedelta(microseconds=1)
"""The shortest time between two orders of a continuous session."""


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """The rest of an order of a continuous session was taken back. `id` is the order's: what was matched before
    `at` stays, and a replay of the session has to know the moment."""

    id: str
    session_id: SessionId
    at: datetime
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class LiveBook:
    """What the matching of a session's orders has found until now; `id` is the session's, `payload` the bridge's
    own encoding of trades and of what stands. Trades bind: a later book holds those of an earlier one."""

    id: SessionId
    region_id: RegionId
    payload: bytes
    n_trades: int
    matched_at: datetime
    version: int = 0


def is_continuous(session: MarketSession) -> bool:
    return session.clearing is ClearingMode.CONTINUOUS


def is_trading(session: MarketSession) -> bool:
    """Whether its orders are matched as they come."""
    return is_continuous(session) and session.state is SessionState.OPEN
