"""What operators do about messages that were not taken, on both lines."""

from __future__ import annotations

from typing import Protocol

from app.transport.reporting import drop, replay
from domain.ids import MessageId
from domain.parties import Principal
from domain.ports import UnitOfWork
from domain.transport import OutgoingMessage


class OfMessage(Protocol):
    @property
    def message_id(self) -> MessageId: ...


def replay_message(uow: UnitOfWork, _principal: Principal, command: OfMessage) -> OutgoingMessage:
    """As `reporting.replay`."""
    return replay(uow, command.message_id)


def drop_message(uow: UnitOfWork, _principal: Principal, command: OfMessage) -> OutgoingMessage:
    """As `reporting.drop`."""
    return drop(uow, command.message_id)
