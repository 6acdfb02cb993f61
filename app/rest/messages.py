"""Messages to other systems that were not taken, over the market place's interface and a platform's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from app.queries.models.messages import ListMessages, ListSentMessages
from app.rest.access import FromCaller
from app.rest.fields import Id, Instant, Out
from app.rest.paging import FromPager, Listing
from app.rest.schemas import Page, Paging
from app.rest.strict import StrictRoute
from domain.commands.place import DropMessage, ReplayMessage
from domain.commands.platform import DropSentMessage, ReplaySentMessage
from domain.ids import MessageId
from domain.transport import OPEN, MessageState

Lax = Field(strict=False)


class MessageOut(Out):
    """A message to another system, never what stands in it. `behind`: how many wait behind a dead one."""

    id: str
    addressee_id: str
    addressee: str
    stream: str
    sequence: int
    path: str
    state: MessageState
    created_at: Instant
    next_try_at: Instant
    n_tries: int
    error: str
    behind: int


class SettledOut(Out):
    """What became of a message."""

    id: str
    state: MessageState


class MessageFilter(Paging):
    """`state`: those that wait or are dead where nothing is said."""

    state: Annotated[list[Annotated[MessageState, Lax]] | None, Field(max_length=len(MessageState))] = None


PathId = Annotated[Id, Path()]
MESSAGES = Listing(MessageOut, "-created_at,-id", by=("n_tries", "next_try_at"))


def router(
    prefix: str,
    listed: type[ListMessages | ListSentMessages],
    replayed: Callable[..., ReplayMessage | ReplaySentMessage],
    dropped: Callable[..., DropMessage | DropSentMessage],
) -> APIRouter:
    """`prefix`: of the operations' names."""
    made = APIRouter(route_class=StrictRoute, tags=["messages"])

    @made.get("/messages", name=f"{prefix}_messages")
    def list_messages(
        caller: FromCaller, pager: FromPager, where: Annotated[MessageFilter, Query()]
    ) -> Page[MessageOut]:
        """Messages to other systems, the newest first."""
        states = tuple(where.state) if where.state else OPEN
        rows = caller.query(listed(states=states, part=pager.part(MESSAGES, where)))
        return pager.cut(MESSAGES, where, rows, MessageOut.model_validate)

    @made.post("/messages/{message_id}/replay", name=f"{prefix}_replay_message")
    def replay(caller: FromCaller, message_id: PathId) -> SettledOut:
        """A dead one is tried again under its id, for 72 hours."""
        return SettledOut.model_validate(caller.execute(replayed(message_id=MessageId(message_id))))

    @made.post("/messages/{message_id}/drop", name=f"{prefix}_drop_message")
    def drop(caller: FromCaller, message_id: PathId) -> SettledOut:
        """It is given up, so that those behind it can go."""
        return SettledOut.model_validate(caller.execute(dropped(message_id=MessageId(message_id))))

    return made


PLACE = router("place", ListMessages, ReplayMessage, DropMessage)
OWN = router("own", ListSentMessages, ReplaySentMessage, DropSentMessage)
