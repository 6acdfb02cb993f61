"""The application on the settings' database, for as long as a command needs it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.bootstrap import App
    from app.settings import Settings


class LockedError(Exception):
    """Another process works on the data folder; the message is for people."""


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Be the only one who serves from the data folder or exchanges its database.

    Raises:
        LockedError: somebody else is. The lock ends with the process that holds it.
    """
    from app.settings import make_data_dir

    with (make_data_dir(data_dir) / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(f"Another process works on the data folder {data_dir}; stop it first.") from None
        yield


@contextmanager
def opened(settings: Settings) -> Iterator[App]:
    """Build it, the database migrated; close it at the end."""
    from app.bootstrap import build
    from app.settings import make_data_dir

    make_data_dir(settings.data_dir)
    app = build(settings)
    try:
        yield app
    finally:
        app.close()
