"""Messages in a file of SQLite, sent until they are answered."""

from __future__ import annotations

import json
import random
import secrets
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

PREFIX = "/eu-mp-notifications/v1"
FIRST_DELAY_S, LONGEST_DELAY_S = 2.0, 900.0
LONGEST_TRYING_S = 72 * 3600.0
LONGEST_RETRY_AFTER_S = 86_400.0
AGAIN_AT = frozenset({404, 408, 429})
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
MOST_ERROR_CHARS = 300

_TABLES = """
CREATE TABLE IF NOT EXISTS messages (
    id TEXT PRIMARY KEY, stream TEXT NOT NULL, sequence INTEGER NOT NULL, path TEXT NOT NULL, body TEXT NOT NULL,
    state TEXT NOT NULL, created_s REAL NOT NULL, next_s REAL NOT NULL, n_tries INTEGER NOT NULL,
    error TEXT NOT NULL, UNIQUE (stream, sequence)
) STRICT;
CREATE TABLE IF NOT EXISTS keys (present TEXT NOT NULL, next TEXT) STRICT;
"""
_HEADS = """
SELECT m.* FROM messages m JOIN (
    SELECT stream, min(sequence) AS first FROM messages WHERE state IN ('waiting', 'dead') GROUP BY stream
) h ON m.stream = h.stream AND m.sequence = h.first
WHERE m.state = 'waiting' AND m.next_s <= ? ORDER BY m.next_s, m.created_s
"""


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A message that is not tried any more; those behind it in its stream wait."""

    id: str
    stream: str
    sequence: int
    error: str


class Notifier:
    """One platform's messages. For one thread; the file may be opened again after a crash.

    path : the file; url : the market place's address; key : ours there, unless the file has one already
    transport : of httpx, for tests; clock : seconds since 1970
    """

    def __init__(
        self,
        path: str | Path,
        url: str,
        key: str,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = url.rstrip("/")
        self._clock = clock
        self._http = httpx.Client(transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False)
        self._book = sqlite3.connect(path, isolation_level=None)
        self._book.row_factory = sqlite3.Row
        self._book.execute("PRAGMA synchronous = FULL")
        self._book.executescript(_TABLES)
        if self._book.execute("SELECT 1 FROM keys").fetchone() is None:
            self._book.execute("INSERT INTO keys VALUES (?, NULL)", (key,))

    def close(self) -> None:
        self._http.close()
        self._book.close()

    def consent(self, subscription_id: str, told: Mapping[str, object]) -> str:
        """`consent_id`, `state`, `at`. The message's id."""
        return self._store("/service/consent", subscription_id, told)

    def activation(self, subscription_id: str, told: Mapping[str, object]) -> str:
        """`activation_id`, `status`, `at`, and `starts_at`, `ends_at`, `ended_at` where there are any."""
        return self._store("/service/activation", subscription_id, told)

    def interim(self, subscription_id: str, told: Mapping[str, object]) -> str:
        """`state`, `at`, `n_delivered`, `n_acknowledged`, `n_overdue`, `in_time_share`, `last_delivery_at`."""
        return self._store("/service/interim", subscription_id, told)

    def deliver(self) -> int:
        """Send all that is due, and what comes after it; how many were delivered."""
        n_delivered = 0
        while heads := self._book.execute(_HEADS, (self._clock(),)).fetchall():
            n_delivered += sum(self._try(head) for head in heads)
        return n_delivered

    def dead_letters(self) -> list[DeadLetter]:
        rows = self._book.execute("SELECT * FROM messages WHERE state = 'dead' ORDER BY created_s, sequence")
        return [DeadLetter(id=r["id"], stream=r["stream"], sequence=r["sequence"], error=r["error"]) for r in rows]

    def replay(self, id: str) -> None:
        """A dead letter is tried again under its id, for 72 hours."""
        now = self._clock()
        change = "UPDATE messages SET state = 'waiting', created_s = ?, next_s = ?, n_tries = 0"
        self._book.execute(f"{change} WHERE id = ? AND state = 'dead'", (now, now, id))

    def drop(self, id: str) -> None:
        """A message is given up; the next of its stream can go."""
        self._book.execute("UPDATE messages SET state = 'dropped' WHERE id = ? AND state <> 'delivered'", (id,))

    def works(self) -> bool:
        """Whether the market place answers and the key fits."""
        try:
            return self._ask("GET", "/test").status_code == 200
        except httpx.HTTPError:
            return False

    def refresh_key(self) -> bool:
        """Show the market place a new key, from time to time; whether it was taken. When not, ask again later: the
        present key works on, and the same new one is shown."""
        self._book.execute("UPDATE keys SET next = ? WHERE next IS NULL", (f"fdk_{secrets.token_urlsafe(32)}",))
        following = self._book.execute("SELECT next FROM keys").fetchone()["next"]
        try:
            taken = self._ask("POST", "/apikey", json.dumps({"key": following})).is_success
        except httpx.HTTPError:
            return False
        if taken:
            self._book.execute("UPDATE keys SET present = next, next = NULL")
        return taken

    def _store(self, path: str, subscription_id: str, told: Mapping[str, object]) -> str:
        id, now = f"MS-{secrets.token_hex(16)}", self._clock()
        body = json.dumps({"subscription_id": subscription_id, **told}, allow_nan=False)
        self._book.execute("BEGIN IMMEDIATE")
        try:
            query = "SELECT coalesce(max(sequence), 0) + 1 FROM messages WHERE stream = ?"
            (sequence,) = self._book.execute(query, (subscription_id,)).fetchone()
            row = (id, subscription_id, sequence, path, body, "waiting", now, now, 0, "")
            self._book.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._book.execute("COMMIT")
        except BaseException:
            self._book.execute("ROLLBACK")
            raise
        return id

    def _try(self, head: sqlite3.Row) -> bool:
        headers = {
            "Message-Id": head["id"],
            "Message-Stream": head["stream"],
            "Message-Sequence": str(head["sequence"]),
            "Message-Sent-At": datetime.fromtimestamp(self._clock(), UTC).isoformat(),
        }
        status, asked_s = 0, 0.0
        try:
            answer = self._ask("POST", head["path"], head["body"], headers)
            status, error = answer.status_code, f"{answer.status_code}: {answer.text}"
            asked_s = _retry_after(answer)
        except httpx.HTTPError as failed:
            error = str(failed) or type(failed).__name__
        self._settle(head, status, error[:MOST_ERROR_CHARS], asked_s)
        return 200 <= status < 300

    def _settle(self, head: sqlite3.Row, status: int, error: str, asked_s: float) -> None:
        now, end = self._clock(), head["created_s"] + LONGEST_TRYING_S
        state = "waiting"
        if 200 <= status < 300:
            state, error = "delivered", ""
        elif (400 <= status < 500 and status not in AGAIN_AT) or now >= end:
            state = "dead"
        longest = min(FIRST_DELAY_S * 2 ** min(head["n_tries"], 20), LONGEST_DELAY_S)
        wait = max(longest * random.uniform(0.5, 1), asked_s)  # noqa: S311 - only scatters
        values = (state, min(now + wait, max(end, now)), error, head["id"])
        change = "UPDATE messages SET state = ?, next_s = ?, error = ?, n_tries = n_tries + 1 WHERE id = ?"
        self._book.execute(change, values)

    def _ask(
        self, method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """With the present key, or with the next one where only that is known there already."""
        keys = self._book.execute("SELECT present, next FROM keys").fetchone()
        sent = dict(headers or {}) | ({"Content-Type": "application/json"} if body else {})
        answer = self._http.request(
            method, self._url + PREFIX + path, content=body, headers=sent | _signed(keys["present"])
        )
        if answer.status_code == 401 and keys["next"]:
            answer = self._http.request(
                method, self._url + PREFIX + path, content=body, headers=sent | _signed(keys["next"])
            )
        return answer


def _signed(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _retry_after(answer: httpx.Response) -> float:
    said = answer.headers.get("Retry-After", "").strip()
    asked = answer.status_code in (429, 503) and said.isascii() and said.isdecimal()
    return min(float(said[:7]), LONGEST_RETRY_AFTER_S) if asked else 0.0
