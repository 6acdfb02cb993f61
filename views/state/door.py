"""The desk as a page's state sees it."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from app.queries.models import Query
from domain.commands import Command

Answer = TypeVar("Answer")


class Door(Protocol):
    """Questions and commands of the page's own principal; both raise `domain.errors.Refused`."""

    def ask(self, query: Query[Answer]) -> Answer: ...

    def do(self, command: Command) -> Any: ...
