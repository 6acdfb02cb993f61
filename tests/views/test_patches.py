"""A turn of a page goes to its browsers as one message, in order, and Python's listeners hear of it at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import panel as pn
import pytest
from bokeh.document import Document
from bokeh.models import Column as Place
from bokeh.models import ColumnDataSource, Div
from bokeh.plotting import figure
from bokeh.protocol import Protocol
from bokeh.server import contexts
from panel.io.state import set_curdoc

from views.patches import TurnSession, install
from views.plots.book import Column
from views.widgets import Book


class Browser:
    """A connection that keeps what it was sent."""

    def __init__(self) -> None:
        self.protocol = Protocol()
        self._socket = self
        self.events: list[list[dict[str, Any]]] = []

    async def send_message(self, message: Any) -> None:
        self.events.append(message.content["events"])


class Page:
    """A document with an empty place, open in a browser."""

    def __init__(self) -> None:
        self.document, self.browser = Document(), Browser()
        self.place, self.words = Place(children=[]), Div(text="before")
        self.document.add_root(self.place)
        self.document.add_root(self.words)
        self.next_tick: list[Any] = []
        loop = SimpleNamespace(add_callback=self.next_tick.append)
        self.session = TurnSession("page", self.document, loop)
        self.session.subscribe(self.browser)  # type: ignore[arg-type]
        self.document.models.flush_synced()

    def turn(self, change: Callable[[], Any]) -> Any:
        """In a thread, as the browser tests leave a loop running in this one."""
        with ThreadPoolExecutor(1) as threads:
            return threads.submit(lambda: asyncio.run(self.session.with_document_locked(change))).result()


@pytest.fixture
def opened() -> Page:
    return Page()


def test_what_a_turn_changes_is_one_message(opened: Page) -> None:
    def change() -> None:
        opened.words.text = "after"
        opened.place.children = [Div(text="new")]

    opened.turn(change)
    ((first, second),) = opened.browser.events
    assert (first["attr"], second["attr"]) == ("text", "children")


def test_a_change_of_a_figure_just_put_in_comes_after_it(opened: Page) -> None:
    source = ColumnDataSource({"x": [0.0], "y": [0.0]})
    drawn = figure()
    drawn.line("x", "y", source=source)

    def change() -> None:
        opened.place.children = [drawn]
        source.data = {"x": [1.0], "y": [2.0]}

    opened.turn(change)
    ((put_in, filled),) = opened.browser.events
    assert put_in["attr"] == "children"
    assert filled["kind"] == "ColumnDataChanged"
    assert filled["model"] == {"id": source.id}


def test_the_last_value_of_a_turn_is_told(opened: Page) -> None:
    def change() -> None:
        opened.words.text = "first"
        opened.words.text = "last"

    opened.turn(change)
    ((told,),) = opened.browser.events
    assert told["new"] == "last"


def test_a_page_that_is_not_drawn_yet_is_told_in_one_message_too(opened: Page) -> None:
    """Panel puts changes off until the browser says that it has drawn the page."""
    book = Book([Column("name", "Name")], [{"name": "a"}])
    context = SimpleNamespace(session=opened.session)
    opened.document._session_context = lambda: context  # type: ignore[assignment]

    def put_in() -> None:
        opened.place.children = [book.view.get_root(opened.document)]

    def change() -> None:
        book.show([])
        book.show([{"name": "a"}, {"name": "b"}])

    opened.turn(put_in)
    opened.turn(change)
    assert opened.next_tick == []
    _put_in, told = opened.browser.events
    *_emptied, filled = [event["data"] for event in told if event["kind"] == "ColumnDataChanged"]
    assert dict(filled["entries"])["name"]["shape"] == [2]


def test_a_turn_without_changes_says_nothing(opened: Page) -> None:
    assert opened.turn(lambda: 7) == 7
    assert opened.browser.events == []


def test_what_was_changed_before_a_failure_is_told(opened: Page) -> None:
    def change() -> None:
        opened.words.text = "after"
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        opened.turn(change)
    ((told,),) = opened.browser.events
    assert told["new"] == "after"


def test_listeners_hear_of_a_change_when_it_is_made(opened: Page) -> None:
    heard: list[tuple[str, str]] = []
    opened.words.on_change("text", lambda _attribute, old, new: heard.append((old, new)))

    def change() -> list[tuple[str, str]]:
        opened.words.text = "after"
        return list(heard)

    assert opened.turn(change) == [("before", "after")]
    assert heard == [("before", "after")], "once"


def test_a_callback_asked_for_in_a_turn_is_registered(opened: Page) -> None:
    opened.turn(lambda: opened.document.add_next_tick_callback(lambda: None))
    assert len(opened.next_tick) == 1


def test_a_turn_caused_by_another_page_is_still_of_its_own(opened: Page) -> None:
    def caused_elsewhere() -> Any:
        with set_curdoc(Document()):
            return asyncio.run(opened.session.with_document_locked(lambda: pn.state.curdoc))

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(caused_elsewhere).result() is opened.document


def test_bokehs_server_makes_sessions_of_this_kind() -> None:
    install()
    assert contexts.ServerSession is TurnSession
