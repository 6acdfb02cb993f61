"""Requests that carry an idempotency key: the attempt under way, and what the store keeps of it.

The store writes the attempt's row in the transaction of the first command that the attempt carries out, so that
there is the row exactly where there is the effect; the answer is added when it is known.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

KEPT_FOR = timedelta(hours=24)


@dataclass(kw_only=True)
class Attempt:
    """One request with a key. `fingerprint`: of its body, not to be turned back; `recorded`: its row is stored;
    `made`: id of what its command made or changed."""

    caller: str
    route: str
    key: str
    fingerprint: str
    recorded: bool = False
    made: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        return (self.caller, self.route, self.key)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is given again: status, headers and body, not yet indented or compressed."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A row. `answer` is None while it is not known, or when it held a secret."""

    fingerprint: str
    made: str
    answer: Answer | None


class Repeats(Protocol):
    """The store of attempts; every method is a transaction of its own."""

    def find(self, attempt: Attempt) -> Kept | None:
        """What is kept of an attempt with the same identity."""
        ...

    def keep(self, attempt: Attempt, answer: Answer | None) -> None:
        """The attempt is over; `answer` is given to those that come after it."""
        ...


CURRENT: ContextVar[Attempt | None] = ContextVar("attempt", default=None)
"""The attempt on whose behalf this thread works."""


def told(made: object) -> None:
    """The command of the current attempt answered with this entity, or something without an id."""
    attempt = CURRENT.get()
    if attempt is not None and not attempt.recorded:
        attempt.made = str(getattr(made, "id", ""))
