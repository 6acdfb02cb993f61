"""From any thread to the open pages: one hop to the loop, one pending update per document, the latest wins."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import panel as pn
from bokeh.document import Document
from tornado.ioloop import IOLoop

log = logging.getLogger(__name__)


@dataclass
class _Subscriber:
    """One page. `pending` holds the latest value per topic until the document's next tick; `names` are those
    it is told under when news are not for everybody."""

    document: weakref.ref[Document]
    listener: weakref.ref[Any]
    topics: frozenset[str]
    names: frozenset[str]
    pending: dict[str, Any] = field(default_factory=dict)
    ticking: bool = False


class Hub:
    """Publishes values by topic to the pages that subscribed; keeps neither pages nor documents alive.

    A page subscribes in its factory with a bound method. Between two ticks of a document only the
    latest value of each topic is kept, so a slow browser never queues up. Everything but `publish`
    happens on the loop.
    """

    def __init__(self, io_loop: IOLoop) -> None:
        self._io_loop = io_loop
        self._subscribers: dict[int, _Subscriber] = {}
        self._next_key = 0

    def __len__(self) -> int:
        return len(self._subscribers)

    def ear(self, names: frozenset[str]) -> Ear:
        """What one page listens with: hears what is for everybody and what is for one of `names`."""
        return Ear(self, names)

    def subscribe(
        self,
        listener: Callable[[str, Any], None],
        topics: set[str] | frozenset[str],
        names: frozenset[str] = frozenset(),
    ) -> None:
        """Call `listener(topic, value)` in the current document's next tick after each publication.

        listener : a bound method; held weakly, the page must keep its object alive
                   (a Panel callback or `doc` attribute does; the shell keeps its page)
        names    : whose news it hears besides everybody's
        Raises RuntimeError outside a page factory.
        """
        document = pn.state.curdoc
        if document is None or document.session_context is None:
            raise RuntimeError("subscribe inside a page factory")
        key, self._next_key = self._next_key, self._next_key + 1
        self._subscribers[key] = _Subscriber(
            weakref.ref(document), weakref.WeakMethod(listener), frozenset(topics), names
        )
        document.on_session_destroyed(lambda _context: self._subscribers.pop(key, None))

    def publish(self, topic: str, value: Any, audience: frozenset[str] | None = None) -> None:
        """Send to every page of the topic, or only to those with a name in `audience`.

        Callable from any thread, returns at once.
        """
        self._io_loop.add_callback(self._fan_out, topic, value, audience)

    def _fan_out(self, topic: str, value: Any, audience: frozenset[str] | None) -> None:
        for key, subscriber in list(self._subscribers.items()):
            document = subscriber.document()
            if document is None or subscriber.listener() is None:
                self._subscribers.pop(key, None)
            elif topic in subscriber.topics and (audience is None or audience & subscriber.names):
                subscriber.pending[topic] = value
                self._tick(document, subscriber)

    def _tick(self, document: Document, subscriber: _Subscriber) -> None:
        if subscriber.ticking:
            return
        subscriber.ticking = True
        document.add_next_tick_callback(lambda: self._deliver(subscriber))

    def _deliver(self, subscriber: _Subscriber) -> None:
        subscriber.ticking = False
        pending, subscriber.pending = subscriber.pending, {}
        document, listener = subscriber.document(), subscriber.listener()
        if document is None or listener is None:
            return
        try:
            for topic, value in pending.items():
                listener(topic, value)
        except Exception:
            log.exception("A page could not take an update.")


@dataclass(frozen=True)
class Ear:
    """The hub as one page may hear it."""

    hub: Hub
    names: frozenset[str]

    def subscribe(self, listener: Callable[[str, Any], None], topics: set[str] | frozenset[str]) -> None:
        """As `Hub.subscribe`, under this page's names."""
        self.hub.subscribe(listener, topics, self.names)
