"""Turns what a command raises into a sentence and an exit code."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable

from app.cli.exits import Exit
from app.cli.opened import LockedError
from app.cli.output import complain, complain_findings
from app.worker import ONE_THREAD


def guarded(run: Callable[[Namespace], Exit], arguments: Namespace) -> Exit:
    """The command's exit code. A fault of the program keeps its traceback (exit code 1)."""
    _use_one_thread()
    try:
        return run(arguments)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Exception as error:
        code = _told(error)
        if code is None:
            raise
        return code


def _use_one_thread() -> None:
    """Small matrices are slower on many threads; the libraries read this when they are imported."""
    for name, value in ONE_THREAD.items():
        os.environ.setdefault(name, value)


def _told(error: Exception) -> Exit | None:
    """Say what is wrong; None for what only a programmer understands."""
    from app.settings import SettingsError
    from domain.errors import Refused

    match error:
        case Refused():
            complain_findings(error.findings)
            return Exit.INVALID
        case SettingsError():
            complain(str(error))
            return Exit.SETTINGS
        case LockedError():
            complain(str(error))
            return Exit.IN_USE
        case OSError():
            complain(f"{error.filename or ''}: {error.strerror or error}".removeprefix(": "))
            return Exit.FAULT
    if _is_of_the_database(error):
        complain(f"The database does not answer: {str(error).splitlines()[0]}")
        return Exit.FAULT
    return None


def _is_of_the_database(error: Exception) -> bool:
    """Whether the database's driver says so; SQLAlchemy is not imported for it."""
    return type(error).__name__ == "OperationalError" and type(error).__module__.startswith("sqlalchemy.")
