"""The desk for pages: what one page has just been answered, others of the same principal are given too.

News reach all open pages at once, and each asks again. As long as nothing was stored in between, the answer is the
same, but for the time that has passed; so an answer serves for a moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from app.queries.models import Query
from domain.commands import Command
from domain.parties import Principal
from views.pages.context import Doorway

Answer = TypeVar("Answer")
SERVES_S = 0.25


class SharedAnswers:
    """A doorway before another one. Safe for use from several threads; answers are not to be changed.

    revision : what has been stored so far, as a number; after another one nothing answered before serves
    """

    def __init__(
        self, door: Doorway, revision: Callable[[], int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._door, self._revision, self._clock = door, revision, clock
        self._served: tuple[int, float, dict[Any, Any]] = (-1, 0.0, {})

    def execute(self, principal: Principal, command: Command) -> Any:
        """As the desk."""
        return self._door.execute(principal, command)

    def query(self, principal: Principal, query: Query[Answer]) -> Answer:
        """As the desk, or the answer that it gave less than a quarter of a second ago. Refusals are not kept."""
        answers = self._answers()
        key = (principal, query)
        if key not in answers:
            answers[key] = self._door.query(principal, query)
        return cast(Answer, answers[key])

    def _answers(self) -> dict[Any, Any]:
        revision, now = self._revision(), self._clock()
        known, since, answers = self._served
        if revision == known and now - since < SERVES_S:
            return answers
        self._served = (revision, now, {})
        return self._served[2]
