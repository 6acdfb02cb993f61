"""A thread that sleeps until it is woken: what the job runners and the guided day's conductor are made of."""

from __future__ import annotations

import threading
from collections.abc import Callable


class WokenThread:
    """Does `turn` in a thread of its own: once at the start, and again each time it is woken.

    stopping : set from `stop` on, for a turn that takes long; `turn` itself takes care of what it raises
    """

    def __init__(self, name: str, turn: Callable[[], object]) -> None:
        self._name, self._turn = name, turn
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None
        self.stopping = threading.Event()

    def start(self) -> None:
        self.stopping.clear()
        self._woken.set()
        self._thread = threading.Thread(target=self._loop, name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Return when the turn that runs has ended."""
        self.stopping.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        self._woken.set()

    @property
    def alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _loop(self) -> None:
        while not self.stopping.is_set():
            self._woken.wait()
            self._woken.clear()
            if not self.stopping.is_set():
                self._turn()
