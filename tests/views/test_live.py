"""The hub: from any thread, latest value wins, nothing kept alive."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from bokeh.document import Document
from panel.io.state import set_curdoc

from views.live import Hub


class Loop:
    """Collects callbacks; `run` plays them, as the io loop would."""

    def __init__(self) -> None:
        self.calls = []

    def add_callback(self, function, *arguments) -> None:
        self.calls.append((function, arguments))

    def run(self) -> None:
        calls, self.calls = self.calls, []
        for function, arguments in calls:
            function(*arguments)


class Context:
    """What the hub needs of a session's context."""

    id = "d1"
    session = None


class Page:
    def __init__(self) -> None:
        self.seen = []

    def on_event(self, topic, value) -> None:
        self.seen.append((topic, value))
        if value == "bad":
            raise RuntimeError("cannot draw this")


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def document(monkeypatch) -> Document:
    document = Document()
    context = Context()
    document._session_context = weakref.ref(context)
    document.kept_context = context
    document.ticks = []
    monkeypatch.setattr(document, "add_next_tick_callback", document.ticks.append)
    return document


def subscribe(hub: Hub, document: Document, page: Page, topics=frozenset({"clock"})) -> None:
    with set_curdoc(document):
        hub.subscribe(page.on_event, topics)


def tick(document: Document) -> None:
    ticks, document.ticks[:] = list(document.ticks), []
    for callback in ticks:
        callback()


def test_latest_value_of_each_topic_wins(loop, document):
    hub, page = Hub(loop), Page()
    subscribe(hub, document, page, {"clock", "book"})
    for k in range(50):
        hub.publish("clock", k)
    hub.publish("book", "b")
    hub.publish("other", "not for us")
    loop.run()
    assert len(document.ticks) == 1
    tick(document)
    assert page.seen == [("clock", 49), ("book", "b")]


def test_news_for_some_reach_only_them(loop, document):
    """The frame of a page and the page itself hear through the same ear; a listener without names is no one's."""
    hub, owner, rival, nobody = Hub(loop), Page(), Page(), Page()
    with set_curdoc(document):
        hub.ear(frozenset({"party esp1"})).subscribe(owner.on_event, {"offers"})
        hub.ear(frozenset({"party esp2"})).subscribe(rival.on_event, {"offers"})
        hub.subscribe(nobody.on_event, {"offers"})
    hub.publish("offers", 1, frozenset({"party esp1", "role fmo"}))
    loop.run()
    assert len(document.ticks) == 1, "nothing is even sent to the others' documents"
    tick(document)
    assert (owner.seen, rival.seen, nobody.seen) == ([("offers", 1)], [], [])


def test_publish_from_a_thread_only_adds_one_callback(loop, document):
    hub, page = Hub(loop), Page()
    subscribe(hub, document, page)
    thread = threading.Thread(target=hub.publish, args=("clock", 1))
    thread.start()
    thread.join()
    assert page.seen == []
    assert len(loop.calls) == 1
    loop.run()
    tick(document)
    assert page.seen == [("clock", 1)]


def test_a_page_that_fails_still_gets_the_next_value(loop, document):
    hub, page = Hub(loop), Page()
    subscribe(hub, document, page)
    for value in ("bad", "good"):
        hub.publish("clock", value)
        loop.run()
        tick(document)
    assert page.seen == [("clock", "bad"), ("clock", "good")]
    assert document.callbacks.hold_value is None


def test_a_page_nobody_keeps_is_forgotten(loop, document):
    hub, page = Hub(loop), Page()
    subscribe(hub, document, page)
    del page
    gc.collect()
    hub.publish("clock", 1)
    loop.run()
    assert len(hub) == 0
    assert document.ticks == []


def test_a_destroyed_document_is_unsubscribed(loop, document):
    hub, page = Hub(loop), Page()
    subscribe(hub, document, page)
    assert len(hub) == 1
    for callback in document.session_destroyed_callbacks:
        callback(None)
    assert len(hub) == 0


def test_subscribing_outside_a_page_is_an_error(loop):
    with pytest.raises(RuntimeError, match="page factory"):
        Hub(loop).subscribe(Page().on_event, {"clock"})
