"""What comes is carried out once: the message's id and its answer are kept with its effect."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

from app.codec import dumps, from_data, loads, to_data
from domain.errors import refuse
from domain.ids import PartyId
from domain.paging import Slice
from domain.parties import Principal
from domain.ports import UnitOfWork
from domain.transport import MOST_SKEW, Envelope, Receipt, ReceivedMessage

_LAST = (("sequence", True),)
_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)


class Enveloped(Protocol):
    """A command that came as a message."""

    @property
    def envelope(self) -> Envelope: ...


def once(uow: UnitOfWork, principal: Principal, command: Enveloped, act: Callable[[], object]) -> Receipt:
    """Carry out a command that came as a message, unless it was before; the receipt is the same each time.

    act : does it; what it refuses is not kept, so that the message can come again

    Raises:
        Refused: `message_differs` when the id came with another content, `clock_skew`, `stale_sequence`.
    """
    envelope, sender = command.envelope, principal.party_id
    sha256 = _digest(command)
    id = f"{sender}/{envelope.message_id}"
    known = uow.find(ReceivedMessage, id=id)
    if known:
        if known[0].sha256 != sha256:
            raise refuse("message_differs", "Message-Id", "This id was another message's; give each its own.")
        receipt: Receipt = from_data(Receipt, loads(known[0].answer))
        return receipt
    _check_clock(envelope, uow.wall)
    _check_place(uow, sender, envelope)
    act()
    receipt = Receipt(message_id=envelope.message_id, received_at=uow.wall)
    uow.add(
        ReceivedMessage(
            id=id,
            sender_id=sender,
            message_id=envelope.message_id,
            stream=envelope.stream,
            sequence=envelope.sequence,
            sha256=sha256,
            answer=dumps(to_data(receipt)),
            received_at=uow.wall,
        )
    )
    return receipt


def _digest(command: Any) -> str:
    """Of what is asked; each try has a sending time of its own."""
    asked = to_data(replace(command, envelope=replace(command.envelope, sent_at=_ANY_TIME)))
    return hashlib.sha256(dumps([type(command).__name__, asked]).encode()).hexdigest()


def _check_clock(envelope: Envelope, wall: datetime) -> None:
    off = envelope.sent_at - wall
    if abs(off) <= MOST_SKEW:
        return
    minutes = int(MOST_SKEW.total_seconds() // 60)
    sentence = (
        f"Sent at {envelope.sent_at.isoformat()}, it is {wall.isoformat()} here; {minutes} minutes are allowed."
    )
    raise refuse("clock_skew", "Message-Sent-At", sentence)


def _check_place(uow: UnitOfWork, sender: PartyId, envelope: Envelope) -> None:
    """Gaps are no fault: the sender's operator may have dropped what stood there."""
    of_stream = {"sender_id": sender, "stream": envelope.stream}
    last = uow.part(ReceivedMessage, Slice(order=_LAST, limit=1), of_stream)
    if last and envelope.sequence <= last[0].sequence:
        sentence = f"Message {last[0].sequence} of the stream was carried out already."
        raise refuse("stale_sequence", "Message-Sequence", sentence)
