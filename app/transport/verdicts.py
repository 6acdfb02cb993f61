"""What an answer means for the message: done, again later, or never."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import Random

from app.transport.client import Answer
from domain.commands import Tried
from domain.transport import LONGEST_TRYING, MessageState, OutgoingMessage

FIRST_DELAY = timedelta(seconds=2)
LONGEST_DELAY = timedelta(minutes=15)
LONGEST_RETRY_AFTER = timedelta(days=1)
AGAIN_AT = (404, 408, 429)
"""Refusals that may pass."""
_ASKED_TO_WAIT = (429, 503)
_MOST_CHARS = 300


def verdict(message: OutgoingMessage, answer: Answer, now: datetime, random: Random) -> Tried:
    """What becomes of the message."""
    if 200 <= answer.status < 300:
        return Tried(message_id=message.id, state=MessageState.DELIVERED)
    error = _error(answer)
    if 400 <= answer.status < 500 and answer.status not in AGAIN_AT:
        return Tried(message_id=message.id, state=MessageState.DEAD, error=error)
    end = message.trying_since + LONGEST_TRYING
    if now >= end:
        hours = int(LONGEST_TRYING.total_seconds() // 3600)
        return Tried(
            message_id=message.id, state=MessageState.DEAD, error=f"Not delivered within {hours} hours. {error}"
        )
    wait = max(delay(message.n_tries, random), _asked_to_wait(answer, now))
    return Tried(message_id=message.id, state=MessageState.WAITING, next_try_at=min(now + wait, end), error=error)


def delay(n_tries: int, random: Random) -> timedelta:
    """Until the next try: twice as long each time up to `LONGEST_DELAY`, and between half of that and all of it,
    so that not all come back at once."""
    doubled: int = 1 << min(n_tries, 30)
    longest = min(FIRST_DELAY * doubled, LONGEST_DELAY)
    return longest * random.uniform(0.5, 1)


def _asked_to_wait(answer: Answer, now: datetime) -> timedelta:
    said = answer.headers.get("retry-after", "").strip()
    if answer.status not in _ASKED_TO_WAIT or not said:
        return timedelta()
    if said.isascii() and said.isdecimal():
        return min(timedelta(seconds=int(said[:7])), LONGEST_RETRY_AFTER)
    try:
        until = parsedate_to_datetime(said)
    except (ValueError, TypeError):
        return timedelta()
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(timedelta(), min(until - now, LONGEST_RETRY_AFTER))


def _error(answer: Answer) -> str:
    if answer.status == 0:
        return clean(answer.error)
    try:
        data = json.loads(answer.text)
        said = data.get("detail") if isinstance(data, dict) else None
    except (ValueError, RecursionError):
        said = None
    return clean(f"{answer.status}: {said if isinstance(said, str) else answer.text}")


def clean(text: str) -> str:
    """One line that can be stored and shown."""
    line = "".join(char if char.isprintable() else " " for char in text[: 2 * _MOST_CHARS])
    return " ".join(line.split())[:_MOST_CHARS]
