"""What becomes of messages: told by the courier, replayed and dropped by an operator."""

from __future__ import annotations

from dataclasses import replace

from domain.commands import ReportTries, Tried
from domain.errors import refuse
from domain.events import MessageDied
from domain.ids import MessageId
from domain.parties import Principal
from domain.ports import UnitOfWork
from domain.transport import MessageState, OutgoingMessage

_OVER = (MessageState.DELIVERED, MessageState.DROPPED)


def report_tries(uow: UnitOfWork, _principal: Principal, command: ReportTries) -> None:
    """A message that was dropped meanwhile stays so, unless it arrived. What arrived needs no body any more."""
    found = uow.find(OutgoingMessage, id=tuple(tried.message_id for tried in command.tries))
    messages = {message.id: message for message in found}
    for tried in command.tries:
        message = messages[tried.message_id]
        arrived = tried.state is MessageState.DELIVERED
        if message.state is MessageState.WAITING or (arrived and message.state is not MessageState.DELIVERED):
            uow.save(_after(uow, message, tried))
            if tried.state is MessageState.DEAD:
                uow.record(MessageDied(message_id=message.id, party_id=message.addressee_id))


def _after(uow: UnitOfWork, message: OutgoingMessage, tried: Tried) -> OutgoingMessage:
    return replace(
        message,
        state=tried.state,
        next_try_at=tried.next_try_at or message.next_try_at,
        n_tries=message.n_tries + 1,
        error=tried.error,
        body="" if tried.state is MessageState.DELIVERED else message.body,
        ended_at=None if tried.state is MessageState.WAITING else uow.wall,
    )


def replay(uow: UnitOfWork, message_id: MessageId) -> OutgoingMessage:
    """A dead letter is tried as if it were new. Raises `Refused`: `not_found`, `wrong_state`."""
    message = _get(uow, message_id)
    if message.state is not MessageState.DEAD:
        raise refuse("wrong_state", "message_id", f"The message is {message.state.value}, not dead.")
    changed = replace(
        message,
        state=MessageState.WAITING,
        trying_since=uow.wall,
        next_try_at=uow.wall,
        n_tries=0,
        ended_at=None,
    )
    uow.save(changed)
    return uow.get(OutgoingMessage, message_id)


def drop(uow: UnitOfWork, message_id: MessageId) -> OutgoingMessage:
    """A message that waits or is dead is given up; the next of its stream can go. Raises `Refused`: `not_found`,
    `wrong_state`."""
    message = _get(uow, message_id)
    if message.state in _OVER:
        raise refuse("wrong_state", "message_id", f"The message is {message.state.value} already.")
    uow.save(replace(message, state=MessageState.DROPPED, body="", ended_at=uow.wall))
    return uow.get(OutgoingMessage, message_id)


def _get(uow: UnitOfWork, message_id: MessageId) -> OutgoingMessage:
    found = uow.find(OutgoingMessage, id=message_id)
    if not found:
        raise refuse("not_found", "message_id", "There is no such message.")
    return found[0]
