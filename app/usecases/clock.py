"""The market clock of the demo, and reading one's notifications."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from domain.commands import ClockAction, MarkNotificationsRead, MoveClock
from domain.errors import refuse
from domain.events import ClockMoved, NotificationsRead
from domain.flexibility.market import Gate, GateKind
from domain.notifications import Notification
from domain.parties import Principal
from domain.ports import UnitOfWork
from domain.time import MarketClock

FASTEST = 3600.0


def move_clock(uow: UnitOfWork, _principal: Principal, command: MoveClock) -> MarketClock:
    """Run, pause or advance the demo's clock.

    Raises:
        Refused: `not_demo`; `not_finite`, `out_of_range` on the speed; `wrong_state` when no gate lies ahead.
    """
    clock = uow.clock()
    if not clock.movable:
        raise refuse("not_demo", "action", "The market clock is the wall clock here.")
    moved = _ACTIONS[command.action](uow, clock, command)
    uow.set_clock(moved)
    uow.record(ClockMoved(market_time=moved.at(uow.wall).isoformat(), speed=moved.speed))
    return moved


def _run(uow: UnitOfWork, clock: MarketClock, command: MoveClock) -> MarketClock:
    if not math.isfinite(command.speed):
        raise refuse("not_finite", "speed", "The speed is not a finite number.")
    if not 0 < command.speed <= FASTEST:
        raise refuse("out_of_range", "speed", f"The speed is above 0 and at most {FASTEST:.0f}.")
    return clock.run(uow.wall, command.speed)


def _pause(uow: UnitOfWork, clock: MarketClock, _command: MoveClock) -> MarketClock:
    return clock.run(uow.wall, 0.0)


def _next_gate(uow: UnitOfWork, clock: MarketClock, _command: MoveClock) -> MarketClock:
    """As the pages count down: status reports are no gates to move to, they pass on the way."""
    gates = uow.find(Gate, done=False, kind=(GateKind.OPEN, GateKind.CLOSE, GateKind.PUBLISH))
    ahead = [gate.due_at for gate in gates if gate.due_at > uow.market]
    if not ahead:
        raise refuse("wrong_state", "action", "No gate lies ahead.")
    return clock.moved(uow.wall, min(ahead))


_ACTIONS: Mapping[ClockAction, Callable[[UnitOfWork, MarketClock, MoveClock], MarketClock]] = {
    ClockAction.RUN: _run,
    ClockAction.PAUSE: _pause,
    ClockAction.NEXT_GATE: _next_gate,
}


def mark_read(uow: UnitOfWork, principal: Principal, _command: MarkNotificationsRead) -> None:
    """All own notifications are read."""
    unread = uow.find(Notification, party_id=principal.party_id, read=False)
    for notification in unread:
        uow.save(replace(notification, read=True))
    if unread:
        uow.record(NotificationsRead(party_id=principal.party_id))
