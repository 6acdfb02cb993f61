"""Events wait in the outbox until they are notifications, each once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import update
from stored_samples import CONFIRM, CONFIRMED, DSO, T0

from app.persistence import OutboxRow, Store
from app.persistence.ledgers import outbox
from domain.flexibility.market import Gate
from domain.ids import NotificationId, PartyId, new_id
from domain.notifications import MOST_TRIES, Notification
from domain.ports import UnitOfWork


def record(store: Store, n_events: int) -> None:
    with store.write(DSO, CONFIRM) as uow:
        uow.record(*(replace(CONFIRMED, owner_id=PartyId(f"p{n}")) for n in range(n_events)))


def tell(uow: UnitOfWork, row: OutboxRow) -> Iterator[Notification]:
    for party in ("dso1", "esp1", "esp1"):
        yield Notification(
            id=NotificationId(new_id("NT")),
            party_id=PartyId(party),
            event=type(row.event).__name__,
            sentence=f"{row.event} at {uow.market}",
            link="/",
            market_at=row.market_at,
        )


def stored(store: Store) -> list[str]:
    with store.read() as uow:
        return sorted(found.party_id for found in uow.find(Notification))


def test_events_come_in_order_and_leave_when_marked(store: Store) -> None:
    record(store, 3)
    rows = store.undispatched(10)
    assert [row.event.owner_id for row in rows] == ["p0", "p1", "p2"]  # type: ignore[attr-defined]
    assert {row.market_at for row in rows} == {T0}
    store.mark_dispatched([rows[0].id, rows[2].id])
    assert store.undispatched(10) == (rows[1],)
    assert store.undispatched(0) == ()
    store.mark_dispatched([])
    assert store.undispatched(10) == (rows[1],)


def test_dispatch_stores_each_notification_once(store: Store) -> None:
    record(store, 3)
    first = store.dispatch(tell, limit=2)
    assert (first.n_events, [n.party_id for n in first.notifications]) == (2, ["dso1", "esp1"] * 2)
    assert store.dispatch(tell).n_events == 1
    assert store.dispatch(tell).n_events == 0
    assert stored(store) == ["dso1"] * 3 + ["esp1"] * 3
    with store.read() as uow:
        assert set(first.notifications) <= set(uow.find(Notification))


def test_what_was_told_is_not_told_again(store: Store) -> None:
    """Even when the mark is lost, as after a restore of an older outbox."""
    record(store, 2)
    store.dispatch(tell)
    with store.transaction() as connection:
        connection.execute(update(outbox).values(dispatched_at_us=None))
    again = store.dispatch(tell)
    assert (again.n_events, again.notifications) == (2, ())
    assert stored(store) == ["dso1"] * 2 + ["esp1"] * 2


def test_an_event_that_cannot_be_told_of_stores_nothing_and_waits_while_the_others_go_out(store: Store) -> None:
    record(store, 3)

    def fail(uow: UnitOfWork, row: OutboxRow) -> Iterator[Notification]:
        yield from tell(uow, row)
        if row.event == replace(CONFIRMED, owner_id=PartyId("p1")):
            raise KeyError("no sentence")

    first = store.dispatch(fail)
    assert (first.n_events, first.n_failed, len(first.notifications)) == (2, 1, 4)
    assert stored(store) == ["dso1"] * 2 + ["esp1"] * 2
    assert [row.event.owner_id for row in store.undispatched(10)] == ["p1"]  # type: ignore[attr-defined]
    assert store.dispatch(tell).n_events == 1
    assert stored(store) == ["dso1"] * 3 + ["esp1"] * 3


def test_what_fails_too_often_is_dead_until_it_is_sent_again(store: Store) -> None:
    record(store, 1)

    def fail(uow: UnitOfWork, row: OutboxRow) -> list[Notification]:
        raise KeyError("x" * 1000)

    for _ in range(MOST_TRIES):
        assert store.dispatch(fail).n_failed == 1
    assert store.dispatch(fail).n_failed == 0
    assert store.undispatched(10) == ()
    with store.read() as uow:
        (letter,) = uow.letters.dead()
    assert (letter.event, letter.market_at) == ("AssetConfirmed", T0)
    assert letter.error.startswith("KeyError: 'xxx")
    assert len(letter.error) <= 400
    with store.write(DSO, CONFIRM) as uow:
        uow.letters.send_again(letter.id)
    assert len(store.undispatched(10)) == 1
    assert store.dispatch(tell).n_events == 1


def test_dispatchers_at_once_tell_each_event_once(store: Store) -> None:
    record(store, 20)
    threads = [Thread(target=lambda: [store.dispatch(tell, limit=3) for _ in range(7)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stored(store) == ["dso1"] * 20 + ["esp1"] * 20


def test_teller_reads_but_does_not_write(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    record(store, 1)

    def write(uow: UnitOfWork, row: OutboxRow) -> list[Notification]:
        assert uow.find(Gate) == ()
        assert uow.market == T0
        uow.record(row.event)
        return []

    assert store.dispatch(write).n_failed == 1
    assert "only reads" in caplog.text
    assert T0 + timedelta(0) == store.undispatched(1)[0].market_at
