"""Messages to other systems: what waits, what is dead and why."""

from __future__ import annotations

from app.queries.models.base import Part
from app.queries.models.messages import ListMessages, ListSentMessages, MessageRow
from domain.paging import Slice, falling
from domain.parties import Party, Principal
from domain.ports import UnitOfWork
from domain.transport import MessageState, OutgoingMessage

MOST = 200
NEWEST = falling("created_at", "id")


def list_messages(
    uow: UnitOfWork, _principal: Principal, query: ListMessages | ListSentMessages
) -> Part[MessageRow]:
    """Newest first, `MOST` unless a part is asked for; with how many there are."""
    wanted = {"state": query.states} if query.states else {}
    found = uow.part(OutgoingMessage, query.part or Slice(order=NEWEST, limit=MOST), wanted)
    names = {party.id: party.name for party in uow.find(Party, id=tuple({m.addressee_id for m in found}))}
    rows = Part(_row(uow, message, names[message.addressee_id]) for message in found)
    rows.total = uow.count(OutgoingMessage, wanted)
    return rows


def _row(uow: UnitOfWork, message: OutgoingMessage, addressee: str) -> MessageRow:
    behind = 0
    if message.state is MessageState.DEAD:
        of_stream = {"addressee_id": message.addressee_id, "stream": message.stream}
        behind = uow.count(OutgoingMessage, of_stream | {"state": MessageState.WAITING})
    return MessageRow(
        id=message.id,
        addressee_id=message.addressee_id,
        addressee=addressee,
        stream=message.stream,
        sequence=message.sequence,
        path=message.path,
        state=message.state,
        created_at=message.created_at,
        next_try_at=message.next_try_at,
        n_tries=message.n_tries,
        error=message.error,
        behind=behind,
        version=message.version,
    )
