"""The id by which a request, its answer and what is logged of it belong together."""

from __future__ import annotations

import logging
import re
import secrets
from contextvars import ContextVar

_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)

CURRENT: ContextVar[str] = ContextVar("correlation_id", default="")
"""The present request's id; empty outside of any."""


def correlation_id(given: str | None) -> str:
    """What the caller sent, if it is 1 to 64 letters, digits, dots, underscores and hyphens; else a new one."""
    return given if given is not None and _WELL_FORMED.fullmatch(given) else secrets.token_hex(16)


class Correlated(logging.Filter):
    """Gives each record a `correlation`: ` [id]` within a request, else nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        current = CURRENT.get()
        record.correlation = f" [{current}]" if current else ""
        return True
