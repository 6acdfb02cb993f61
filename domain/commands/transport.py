"""Messages and keys between systems, on the market place and on platforms."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from domain.commands.base import Command
from domain.ids import KeyId, MessageId, PartyId
from domain.transport import MessageState


@dataclass(frozen=True, kw_only=True)
class TakeKey(Command):
    """A system: `secret`, which it made, opens what its key opens; the one of before works for a while yet."""

    key_id: KeyId
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Tried:
    """How a try to send a message ended. `next_try_at` for one that waits on."""

    message_id: MessageId
    state: MessageState
    next_try_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class ReportTries(Command):
    """The courier: what became of messages that it tried to send."""

    tries: tuple[Tried, ...]


@dataclass(frozen=True, kw_only=True)
class PrepareKey(Command):
    """The courier: our key at a correspondent's is due; a next one is made, to be shown there."""

    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ReportKey(Command):
    """The courier: the correspondent took our next key, or it did not, and is asked again later."""

    party_id: PartyId
    taken: bool
    error: str = ""
