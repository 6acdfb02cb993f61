"""Messages over REST: what stands in their headers, and what they are answered; keys that systems show us."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypeVar, cast

from fastapi import Depends, Header
from pydantic import BaseModel, StringConstraints, WithJsonSchema

from app.codec import from_data
from app.rest.access import Caller
from app.rest.fields import In, Instant, Out
from app.settings import VERSION
from app.transport.keys import LEAST_CHARS, MOST_CHARS
from domain.commands import TakeKey
from domain.errors import refuse
from domain.ids import MessageId
from domain.parties import ApiKey
from domain.parties.access import KEY_PREFIX
from domain.transport import Envelope, Receipt

Kind = TypeVar("Kind")
_MOST = 2**53 - 1
_Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,100}$")]

_SentAt = Annotated[Instant, WithJsonSchema({"type": "string", "examples": ["2026-11-22T09:00:00Z"]})]
"""Described as text: makers of clients leave an operation out that has an instant among its headers."""


def _envelope(
    message_id: Annotated[_Name, Header(alias="Message-Id")],
    stream: Annotated[_Name, Header(alias="Message-Stream")],
    sequence: Annotated[int, Header(alias="Message-Sequence", ge=1, le=_MOST)],
    sent_at: Annotated[_SentAt, Header(alias="Message-Sent-At")],
) -> Envelope:
    return Envelope(message_id=MessageId(message_id), stream=stream, sequence=sequence, sent_at=sent_at)


FromEnvelope = Annotated[Envelope, Depends(_envelope)]


class ReceiptOut(Out):
    """The message was carried out, now or before."""

    message_id: str
    received_at: Instant

    @staticmethod
    def of(answer: object) -> ReceiptOut:
        return ReceiptOut.model_validate(cast(Receipt, answer))


class NewKeyIn(In):
    """The key that the caller will present from now on, made by itself from at least 240 random bits."""

    key: Annotated[str, StringConstraints(pattern=rf"^{KEY_PREFIX}[A-Za-z0-9_-]{{{LEAST_CHARS},{MOST_CHARS}}}$")]


class TakenKeyOut(Out):
    """Until when the new key works, unless it is followed by another one."""

    expires_at: Instant


class TestOut(Out):
    """This interface works, and the key fits."""

    interface: str
    version: str
    at: Instant


def take_key(caller: Caller, body: NewKeyIn) -> TakenKeyOut:
    """Raises `Refused`: `not_permitted` with a token; as the command."""
    if caller.key is None:
        raise refuse("not_permitted", "", "Only a key can be followed by another one; call with it.")
    key = cast(ApiKey, caller.execute(TakeKey(key_id=caller.key.key_id, secret=body.key)))
    return TakenKeyOut(expires_at=key.expires_at)


def works(interface: str, at: datetime) -> TestOut:
    return TestOut(interface=interface, version=VERSION, at=at)


def domain_of(kind: type[Kind], body: BaseModel) -> Kind:
    """A body as the dataclass that has the same fields."""
    data: Any = body.model_dump(mode="json")
    found: Kind = from_data(kind, data)
    return found
