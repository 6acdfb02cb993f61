"""Messages to other systems, as operators see them; never what stands in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.queries.models.base import Part
from app.queries.models.place.base import PlaceQuery
from app.queries.models.platform.base import PlatformQuery
from domain.ids import MessageId, PartyId
from domain.paging import Slice
from domain.transport import MessageState


@dataclass(frozen=True, kw_only=True)
class MessageRow:
    """`behind`: how many messages wait behind it in its stream; counted for dead ones."""

    id: MessageId
    addressee_id: PartyId
    addressee: str
    stream: str
    sequence: int
    path: str
    state: MessageState
    created_at: datetime
    next_try_at: datetime
    n_tries: int
    error: str
    behind: int = 0
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class ListMessages(PlaceQuery[Part[MessageRow]]):
    """The market place's operator: messages to platforms, the newest first; `states`: only those in these."""

    states: tuple[MessageState, ...] = (MessageState.DEAD, MessageState.WAITING)
    part: Slice | None = None


@dataclass(frozen=True, kw_only=True)
class ListSentMessages(PlatformQuery[Part[MessageRow]]):
    """The company's own registrations: messages to the market place and to other platforms, as `ListMessages`."""

    states: tuple[MessageState, ...] = (MessageState.DEAD, MessageState.WAITING)
    part: Slice | None = None
