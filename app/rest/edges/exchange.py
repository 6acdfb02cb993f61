"""What the edge and a route tell each other of one request and its answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

from starlette.types import Scope

from app.repeats import Answer

_KEY = "flexdesk.exchange"


@dataclass(kw_only=True)
class Exchange:
    """`verbatim`: the answer is a document that must stay as it is; `keep`: told the answer when it is whole;
    `over`: told when the request is over, whatever became of it."""

    verbatim: bool = False
    keep: Callable[[Answer], Awaitable[None]] | None = None
    over: Callable[[], None] | None = None


def open_exchange(scope: Scope) -> Exchange:
    scope[_KEY] = Exchange()
    return cast(Exchange, scope[_KEY])


def exchange_of(scope: Scope) -> Exchange:
    """The exchange that the edge opened."""
    return cast(Exchange, scope[_KEY])
