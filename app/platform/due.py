"""What falls due on a platform: rows that look what there is to do, in the order in which it is done.

A row is asked with every poll, in a reading transaction of its own; each command that it gives is carried out as
the platform itself in a transaction of its own. What is refused (somebody else was faster) is left to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.platform import delivery_periods, subscribers
from app.platform.meeting import ended, expected
from app.platform.usecases import activation_requests, monitoring
from app.platform.usecases.consents import overdue
from domain.commands import Command
from domain.commands.platform import ExpireAgreements, ExpireConsents
from domain.ports import UnitOfWork

Due = Callable[[UnitOfWork], Iterable[Command]]


def _consents(uow: UnitOfWork) -> Iterable[Command]:
    return (ExpireConsents(),) if overdue(uow, 1) else ()


def _agreements(uow: UnitOfWork) -> Iterable[Command]:
    return (ExpireAgreements(),) if activation_requests.overdue(uow, 1) else ()


DUE: tuple[Due, ...] = (
    expected,
    ended,
    _consents,
    _agreements,
    subscribers.due,
    delivery_periods.due,
    monitoring.reports_due,
)
SELDOM: tuple[Due, ...] = (monitoring.alarms_due,)
"""What looks at every service's last deliveries: not with every poll, but every few seconds."""
