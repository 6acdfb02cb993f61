"""Messages between the market place and platforms: sent until they are answered, carried out once.

Transport goes by the wall clock (UTC), whatever the market clock says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from domain.errors import Finding
from domain.ids import MessageId, PartyId

LONGEST_TRYING = timedelta(hours=72)
"""From a message's making to the last try."""
LONGEST_URL = 300
MOST_SKEW = timedelta(minutes=5)
"""By how much the clocks of two systems may disagree."""


class MessageState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"
    """Refused for good, or tried for too long. It stops its stream until an operator replays or drops it."""
    DROPPED = "dropped"


OPEN = (MessageState.WAITING, MessageState.DEAD)
"""States in which a message holds up those behind it in its stream."""


@dataclass(frozen=True, kw_only=True)
class OutgoingMessage:
    """What is to be sent to a participant's system.

    stream : messages of one stream to one addressee arrive in the order of `sequence`, from 1 on
    path : below the addressee's address
    body : JSON text; empty when nobody needs it any more
    trying_since : when it was made, or replayed
    ended_at : when it was delivered, died or was dropped
    """

    id: MessageId
    addressee_id: PartyId
    stream: str
    sequence: int
    path: str
    body: str = field(repr=False)
    state: MessageState = MessageState.WAITING
    created_at: datetime
    trying_since: datetime
    next_try_at: datetime
    n_tries: int = 0
    error: str = ""
    ended_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What comes with a message: under which id, and where it stands in its stream; `sent_at` of this try."""

    message_id: MessageId
    stream: str
    sequence: int
    sent_at: datetime


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The answer to a message, the first time and whenever it comes again."""

    message_id: MessageId
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReceivedMessage:
    """A message that was carried out, and what was answered. `id` is of the sender and its message id, `sha256` of
    what it asked."""

    id: str
    sender_id: PartyId
    message_id: MessageId
    stream: str
    sequence: int
    sha256: str
    answer: str
    received_at: datetime
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Correspondent:
    """A participant's system: where it is and how we sign in there.

    url : what paths of messages are put behind
    sealed_key : the key that we present there, encrypted; empty while we have none
    sealed_next : the key that is to follow it, which the other side may have accepted already; empty for none
    refresh_at : when another key is due
    """

    id: PartyId
    url: str
    sealed_key: str = field(repr=False)
    sealed_next: str = field(default="", repr=False)
    refresh_at: datetime
    version: int = 0


def url_findings(url: str, field: str) -> list[Finding]:
    """What is wrong with a system's address by its looks; where it leads is looked at whenever it is called."""
    wrong = Finding(
        code="malformed", field=field, sentence="An address such as https://platform.example is expected."
    )
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        return [wrong]
    try:
        parts = urlsplit(url)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        return [wrong]
    more: Sequence[str | None] = (parts.query, parts.fragment, parts.username, parts.password)
    plain = not any(more) and not url.endswith(("?", "#")) and "@" not in parts.netloc and "\\" not in url
    fits = parts.scheme in ("http", "https") and bool(parts.hostname) and port_fits and plain
    return [] if fits else [wrong]
