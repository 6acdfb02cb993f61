"""When to look for garbage: a full collection stands all pages still, for seconds when a hundred of them are open.

Panel asks for one after every closed page, that is, whenever anybody goes from one page to the next.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from panel.io import document

CHECK_MS = 5_000
_REST = 50.0
"""How many times as long as the last collection took the next one waits: two percent of the time at most."""


class Garbage:
    """What closed pages leave behind; collected in `check`, which is called from time to time."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, collect: Callable[[], object] = gc.collect
    ) -> None:
        self._clock, self._collect = clock, collect
        self._is_there = False
        self._not_before = clock()

    def left(self) -> None:
        """A page has been closed."""
        self._is_there = True

    def check(self) -> None:
        """Collect if a page was closed and the last collection was long enough ago for what it cost."""
        begun = self._clock()
        if self._is_there and begun >= self._not_before:
            self._is_there = False
            self._collect()
            ended = self._clock()
            self._not_before = ended + _REST * (ended - begun)


def instead_of_panels() -> Garbage:
    """Panel has no setting for when it collects: from now on it only tells that a page was closed."""
    garbage = Garbage()
    document._garbage_collect = garbage.left
    return garbage
