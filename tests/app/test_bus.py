"""Committed events reach every listener of the process."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Sequence

import pytest

from app.bus import Bus
from domain.events import Event, SessionOpened
from domain.ids import RegionId, SessionId

EVENTS = (SessionOpened(session_id=SessionId("s1"), region_id=RegionId("r1")),)


class Page:
    def __init__(self) -> None:
        self.heard: list[Sequence[Event]] = []

    def on_events(self, events: Sequence[Event]) -> None:
        self.heard.append(events)


def test_listeners_hear_in_order_until_they_unsubscribe() -> None:
    bus, heard = Bus(), []
    first = bus.subscribe(lambda events: heard.append(("first", events)))
    bus.subscribe(lambda events: heard.append(("second", events)))
    bus.publish(EVENTS)
    first()
    first()
    bus.publish(EVENTS)
    assert heard == [("first", EVENTS), ("second", EVENTS), ("second", EVENTS)]


def test_no_events_no_call() -> None:
    bus, page = Bus(), Page()
    bus.subscribe(page.on_events)
    bus.publish(())
    assert page.heard == []


def test_page_is_let_go_with_its_subscription() -> None:
    bus, page = Bus(), Page()
    bus.subscribe(page.on_events)
    kept = page.heard
    bus.publish(EVENTS)
    del page
    gc.collect()
    assert len(bus) == 0
    bus.publish(EVENTS)
    assert kept == [EVENTS]


def test_failing_listener_is_logged_and_keeps_nobody_from_hearing(caplog: pytest.LogCaptureFixture) -> None:
    bus, page = Bus(), Page()

    def fail(events: Sequence[Event]) -> None:
        raise ZeroDivisionError

    bus.subscribe(fail)
    bus.subscribe(page.on_events)
    with caplog.at_level(logging.ERROR):
        bus.publish(EVENTS)
    assert page.heard == [EVENTS]
    assert "SessionOpened" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_a_listener_may_unsubscribe_and_subscribe_while_it_hears() -> None:
    bus, page = Bus(), Page()

    def once(events: Sequence[Event]) -> None:
        stop()
        bus.subscribe(page.on_events)

    stop = bus.subscribe(once)
    bus.publish(EVENTS)
    bus.publish(EVENTS)
    assert page.heard == [EVENTS]


def test_threads_publish_and_subscribe_at_once() -> None:
    bus, lock, count = Bus(), threading.Lock(), [0]

    def hear(events: Sequence[Event]) -> None:
        with lock:
            count[0] += 1

    bus.subscribe(hear)

    def work() -> None:
        for _ in range(200):
            stop = bus.subscribe(lambda events: None)
            bus.publish(EVENTS)
            stop()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count == [1600]
    assert len(bus) == 1
