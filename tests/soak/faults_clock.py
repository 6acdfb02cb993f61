"""A transport clock that several processes share: it runs as fast as a file says."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path


class FileClock:
    """Transport time; read anew whenever the file changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = 0
        self._anchor_s = self._at_s = 0.0
        self._speed = 1.0

    def __call__(self) -> datetime:
        changed = os.stat(self._path).st_mtime_ns
        if changed != self._seen:
            said = json.loads(self._path.read_text(encoding="ascii"))
            self._anchor_s, self._at_s, self._speed = said["anchor_s"], said["at_s"], said["speed"]
            self._seen = changed
        return datetime.fromtimestamp(self._at_s + (time.time() - self._anchor_s) * self._speed, UTC)

    def set(self, at: datetime, speed: float) -> None:
        """From now on it is `at`, and runs that many times as fast as the machine's."""
        draft = self._path.with_suffix(".new")
        said = {"anchor_s": time.time(), "at_s": at.timestamp(), "speed": speed}
        draft.write_text(json.dumps(said), encoding="ascii")
        draft.replace(self._path)

    def move(self, by: timedelta) -> None:
        self.set(self() + by, self._speed)
