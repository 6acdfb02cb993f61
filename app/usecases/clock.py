"""The market clock of the demo, and reading one's notifications."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from domain.commands import ClockAction, MarkNotificationsRead, MoveClock, MoveToDayEnd, MoveToGate
from domain.errors import refuse
from domain.events import ClockMoved, NotificationsRead
from domain.flexibility.market import Gate, MarketSession
from domain.lifecycle import SessionState
from domain.notifications import Notification
from domain.parties import Principal
from domain.ports import UnitOfWork
from domain.time import DeliveryDay, MarketClock

FASTEST = 3600.0


def move_clock(uow: UnitOfWork, _principal: Principal, command: MoveClock) -> MarketClock:
    """Run or pause the demo's clock.

    Raises:
        Refused: `not_demo`; `not_finite`, `out_of_range` on the speed.
    """
    return _set(uow, _ACTIONS[command.action](uow, _movable(uow, "action"), command))


def move_to_gate(uow: UnitOfWork, _principal: Principal, command: MoveToGate) -> MarketClock:
    """Move the demo's clock on to a gate; it stays where it is when it has reached the gate already.

    Raises:
        Refused: `not_demo`; `not_found`.
    """
    clock = _movable(uow, "gate_id")
    due_at = uow.get(Gate, command.gate_id).due_at
    return clock if due_at <= uow.market else _set(uow, clock.moved(uow.wall, due_at))


def move_to_day_end(uow: UnitOfWork, _principal: Principal, command: MoveToDayEnd) -> MarketClock:
    """Move the demo's clock on to the end of a published session's delivery day, past which it stays.

    Raises:
        Refused: `not_demo`; `not_found`; `wrong_state` before publication.
    """
    clock = _movable(uow, "session_id")
    session = uow.get(MarketSession, command.session_id)
    if session.state is not SessionState.PUBLISHED:
        raise refuse("wrong_state", "session_id", f"The session is {session.state.value}; publish it first.")
    end = DeliveryDay(day=session.delivery_day).end
    return clock if end <= uow.market else _set(uow, clock.moved(uow.wall, end))


def _movable(uow: UnitOfWork, field: str) -> MarketClock:
    clock = uow.clock()
    if not clock.movable:
        raise refuse("not_demo", field, "The market clock is the wall clock here.")
    return clock


def _set(uow: UnitOfWork, clock: MarketClock) -> MarketClock:
    uow.set_clock(clock)
    uow.record(ClockMoved(market_time=clock.at(uow.wall).isoformat(), speed=clock.speed))
    return clock


def _run(uow: UnitOfWork, clock: MarketClock, command: MoveClock) -> MarketClock:
    if not math.isfinite(command.speed):
        raise refuse("not_finite", "speed", "The speed is not a finite number.")
    if not 0 < command.speed <= FASTEST:
        raise refuse("out_of_range", "speed", f"The speed is above 0 and at most {FASTEST:.0f}.")
    return clock.run(uow.wall, command.speed)


def _pause(uow: UnitOfWork, clock: MarketClock, _command: MoveClock) -> MarketClock:
    return clock.run(uow.wall, 0.0)


_ACTIONS: Mapping[ClockAction, Callable[[UnitOfWork, MarketClock, MoveClock], MarketClock]] = {
    ClockAction.RUN: _run,
    ClockAction.PAUSE: _pause,
}


def mark_read(uow: UnitOfWork, principal: Principal, _command: MarkNotificationsRead) -> None:
    """All own notifications are read."""
    unread = uow.find(Notification, party_id=principal.party_id, read=False)
    for notification in unread:
        uow.save(replace(notification, read=True))
    if unread:
        uow.record(NotificationsRead(party_id=principal.party_id))
