"""What the documented signatures have no argument for: time, tries, trust."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx


@dataclass(frozen=True, kw_only=True)
class Options:
    """How calls are made.

    connect_s, answer_s : seconds that a connection, and a try as a whole, may take
    tries : how often a call is tried where repeating it is safe; pause_s before the second, doubled each time
    ca_file : certificates to trust in place of the well-known ones, PEM
    transport : takes the place of the network, for tests
    """

    connect_s: float = 5.0
    answer_s: float = 30.0
    tries: int = 3
    pause_s: float = 0.2
    ca_file: Path | None = None
    transport: httpx.BaseTransport | None = None

    def __post_init__(self) -> None:
        if self.connect_s <= 0 or self.answer_s <= 0 or self.tries < 1 or self.pause_s < 0:
            raise ValueError("seconds are positive, and a call is tried at least once")


_current: ContextVar[Options] = ContextVar("interflex_options", default=Options())  # noqa: B039 - frozen


def current() -> Options:
    """The options that hold here."""
    return _current.get()


@contextmanager
def options(**changes: Any) -> Iterator[Options]:
    """Other options, by the names of `Options`, for the calls within:

    with options(answer_s=5.0, ca_file=Path("market.pem")): ...
    """
    token = _current.set(replace(_current.get(), **changes))
    try:
        yield _current.get()
    finally:
        _current.reset(token)


@lru_cache(maxsize=8)
def trust(ca_file: Path | None) -> ssl.SSLContext:
    """What verifies servers. The well-known certificates can be replaced by SSL_CERT_FILE, too."""
    return httpx.create_ssl_context() if ca_file is None else ssl.create_default_context(cafile=str(ca_file))
