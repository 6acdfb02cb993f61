"""What one turn of a page changes goes to its browser in one message, in the order in which it was changed.

Bokeh sends a message for each change when the turn ends; Panel sends some at once, and some later when the
socket is busy. A change could so come before the figure it belongs to, and the browser would know nothing of it.
Here a turn's changes are held until its end, where one message takes them all.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from bokeh.document import Document
from bokeh.document.callbacks import invoke_with_curdoc
from bokeh.document.events import DocumentChangedEvent, DocumentPatchedEvent
from bokeh.server import contexts
from bokeh.server.session import ServerSession
from panel.io.model import monkeypatch_events
from panel.io.state import set_curdoc, state


class TurnSession(ServerSession):
    """A page's session on the server."""

    def __init__(self, session_id: Any, document: Document, *args: Any, **kwargs: Any) -> None:
        super().__init__(session_id, document, *args, **kwargs)
        _hear_at_once(document)

    def with_document_locked(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a callback of the document as one turn."""
        return super().with_document_locked(self._in_one, func, *args, **kwargs)

    async def _in_one(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        callbacks = self.document.callbacks
        # To Panel a page is connected when the browser has drawn it; until then it would put each change off to a
        # turn of its own, and the browser could see what was meant to be only in between.
        state._connected[self.document] = True
        callbacks.hold("combine")
        try:
            # News come in the context of whoever caused them; as another page's, Panel would put changes off, and
            # an old value would come after a newer one.
            with set_curdoc(self.document):
                result = func(*args, **kwargs)
                return await result if inspect.isawaitable(result) else result
        finally:
            if not self.destroyed:
                held, callbacks._held_events = callbacks._held_events, []
                callbacks.unhold()
                await self._tell([event for event in held if isinstance(event, DocumentPatchedEvent)])
                for event in held:
                    if not isinstance(event, DocumentPatchedEvent):
                        callbacks.trigger_on_change(event)

    async def _tell(self, changes: list[DocumentPatchedEvent]) -> None:
        """Here, not when Bokeh writes what is pending: after a failure it would leave that away."""
        if not changes:
            return
        monkeypatch_events(changes)
        messages = [(one, one.protocol.create("PATCH-DOC", changes)) for one in self._subscribed_connections]
        for connection, message in messages:
            await connection._socket.send_message(message)


def _hear_at_once(document: Document) -> None:
    """Have Python's own listeners hear of a change when it is made, not when the turn ends: by then Panel would
    take a change of its own for one of the browser."""
    callbacks = document.callbacks
    plain = callbacks.trigger_on_change

    def trigger(event: DocumentChangedEvent) -> None:
        listeners, event.callback_invoker = event.callback_invoker, None
        if listeners is not None:
            invoke_with_curdoc(document, listeners)
        plain(event)

    callbacks.trigger_on_change = trigger  # type: ignore[method-assign]


def install() -> None:
    """Have Bokeh's server make sessions of this kind; it has no setting for it."""
    contexts.ServerSession = TurnSession  # type: ignore[misc]
