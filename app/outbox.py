"""The dispatcher: stored events become notifications, each exactly once, and the pages hear of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from app.letters import LETTERS
from domain.events import Event, Notified
from domain.events.platform import PlatformEvent
from domain.ids import NotificationId, PartyId, new_id
from domain.notifications import Notification
from domain.parties import Party, Role
from domain.ports import UnitOfWork

DESK_OF_ROLE: Mapping[Role, str] = {
    Role.FMO: "/fmo",
    Role.DSO: "/dso",
    Role.TSO: "/tso",
    Role.ESP: "/supply",
    Role.AGGREGATOR: "/supply",
    Role.RETAILER: "/portfolio",
    Role.BRP: "/portfolio",
    Role.CUSTOMER: "/customer",
    Role.PLACE_OPERATOR: "/place",
    Role.PROVIDER: "/provider",
    Role.REQUESTER: "/requester",
}
PLATFORM_DESK_OF_ROLE: Mapping[Role, str] = {
    Role.PROVIDER: "/platform/subscriptions",
    Role.REQUESTER: "/platform/subscriptions",
    Role.CUSTOMER: "/platform/consents",
}
"""Where what happens on a platform is shown; in its own process also where `/` leads."""
BATCH = 100


class Row(Protocol):
    """A stored event, `id` in the order of recording, with the market time of its unit of work."""

    @property
    def id(self) -> int: ...
    @property
    def event(self) -> Event: ...
    @property
    def market_at(self) -> datetime: ...


class Done(Protocol):
    @property
    def n_events(self) -> int: ...
    @property
    def n_failed(self) -> int: ...
    @property
    def notifications(self) -> tuple[Notification, ...]: ...


Dispatch = Callable[[Callable[[UnitOfWork, Any], Iterator[Notification]], int], Done]
"""`Store.dispatch`: turns waiting events into notifications in one transaction."""


class Dispatcher:
    """Empties the outbox. `publish` tells the open pages whose participants have something new."""

    def __init__(self, dispatch: Dispatch, publish: Callable[[Sequence[Event]], object]) -> None:
        self._dispatch = dispatch
        self._publish = publish

    def run(self) -> int:
        """Dispatch all that waits; how many events that were. What cannot be told of is tried at the next runs."""
        n_events = 0
        told: set[PartyId] = set()
        while True:
            done = self._dispatch(tell, BATCH)
            n_events += done.n_events
            told |= {notification.party_id for notification in done.notifications}
            if done.n_events + done.n_failed < BATCH:
                break
        if told:
            self._publish([Notified(party_id=party_id) for party_id in sorted(told)])
        return n_events


def tell(uow: UnitOfWork, row: Row) -> Iterator[Notification]:
    """The notifications of one stored event, to active participants."""
    for letter in LETTERS[type(row.event)](uow, row.event):
        for party in uow.find(Party, id=tuple(dict.fromkeys(letter.to)), active=True):
            yield Notification(
                id=NotificationId(new_id("NO")),
                party_id=party.id,
                event=type(row.event).__name__,
                sentence=letter.sentence,
                link=letter.link or _link(party.role, letter.day, desk_of(row.event)),
                market_at=row.market_at,
            )


def desk_of(event: Event) -> Mapping[Role, str]:
    """The desks on which an event is shown."""
    return PLATFORM_DESK_OF_ROLE if isinstance(event, PlatformEvent) else DESK_OF_ROLE


def _link(role: Role, day: date | None, desks: Mapping[Role, str]) -> str:
    path = desks.get(role, "/notifications")
    return f"{path}?day={day.isoformat()}" if day else path
