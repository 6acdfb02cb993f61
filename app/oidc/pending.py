"""Sign-ins that have gone to the provider and have not come back, in memory."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

MOST = 10_000
"""Kept at once; the oldest is forgotten first."""
LASTS = timedelta(minutes=10)


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, kw_only=True)
class Pending:
    """One sign-in. `state` goes to the provider and back, `browser` into a cookie: both must come back together.
    `verifier` (PKCE) and `nonce` bind the code and the ID token to it."""

    redirect_uri: str
    leads_to: str
    state: str = field(default_factory=_secret, repr=False)
    browser: str = field(default_factory=_secret, repr=False)
    nonce: str = field(default_factory=_secret, repr=False)
    verifier: str = field(default_factory=_secret, repr=False)


class PendingSignIns:
    """Thread-safe. Each is taken once."""

    def __init__(self, wall_clock: Callable[[], datetime]) -> None:
        self._wall_clock = wall_clock
        self._lock = Lock()
        self._by_state: OrderedDict[str, tuple[datetime, Pending]] = OrderedDict()

    def keep(self, pending: Pending) -> None:
        with self._lock:
            self._by_state[_digest(pending.state)] = self._wall_clock() + LASTS, pending
            while len(self._by_state) > MOST:
                self._by_state.popitem(last=False)

    def take(self, state: str, browser: str) -> Pending | None:
        """The sign-in that this browser began; None when there is none (any more)."""
        with self._lock:
            ends_at, pending = self._by_state.pop(_digest(state), (None, None))
        if pending is None or ends_at is None or self._wall_clock() >= ends_at:
            return None
        return pending if hmac.compare_digest(_digest(browser), _digest(pending.browser)) else None


def _digest(text: str) -> str:
    """Looked up and compared by digest, so that how long it takes tells nothing."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
