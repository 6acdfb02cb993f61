"""A page of the desks outside a browser: its context with a fake desk, and what it said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import panel_material_ui as pmu

from tests.views.fakes import principal
from tests.views.fakes_trading import TradingDesk
from views.pages.context import BoundDesk, PageContext


class Silence:
    """A hub that keeps its listeners, and an address that keeps nothing."""

    def __init__(self, query: dict[str, Any] | None = None) -> None:
        self.listeners: list[tuple[Callable[[str, Any], None], frozenset[str]]] = []
        self.query = query or {}

    def subscribe(self, listener: Callable[[str, Any], None], topics: set[str] | frozenset[str]) -> None:
        self.listeners.append((listener, frozenset(topics)))

    def sync(self, state: Any, keys: dict[str, str]) -> None:
        wanted = {name: self.query[key] for name, key in keys.items() if key in self.query}
        state.param.update(**wanted)

    def tell(self, topic: str) -> None:
        for listener, topics in self.listeners:
            if topic in topics:
                listener(topic, None)


def choose_every_tab(parts: Iterable[Any]) -> None:
    """As somebody who looks at everything, and goes back: what a tab holds comes when it is first chosen."""
    for part in parts:
        for tabs in part.select(pmu.Tabs) if hasattr(part, "select") else ():
            first = tabs.active
            for chosen in (*range(len(tabs)), first):
                tabs.active = chosen


@dataclass
class Opened:
    """An open page's surroundings."""

    desk: TradingDesk
    context: PageContext
    hub: Silence
    said: list[tuple[str, str]] = field(default_factory=list)

    def sent(self, kind: type) -> list[Any]:
        return [command for _account, command in self.desk.done if isinstance(command, kind)]


def opened(account: str, desk: TradingDesk | None = None, **query: Any) -> Opened:
    """A context for the account; keyword arguments are what its address holds."""
    desk, hub, said = desk or TradingDesk(), Silence(query), []
    context = PageContext(
        desk=BoundDesk(desk, principal(account)),
        live=hub,
        location=hub,
        notify=lambda text, kind: said.append((kind, text)),
    )
    return Opened(desk, context, hub, said)
