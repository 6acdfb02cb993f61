"""Changing a page only while its document is locked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
from panel.io.state import set_curdoc


def in_turn(handler: Callable[..., None]) -> Callable[..., None]:
    """A button's handler that may change figures: run in the document's next tick, which holds its lock.

    Panel runs clicks without the lock, and a Bokeh figure may only be changed with it. Clicks keep their order.
    """
    document = pn.state.curdoc

    def run(*event: Any) -> None:
        if document is None or document.session_context is None:
            handler(*event)
            return

        def tick() -> None:
            with set_curdoc(document):
                handler(*event)

        document.add_next_tick_callback(tick)

    return run
