"""Letters on messages to other systems."""

from __future__ import annotations

from collections.abc import Iterator

from app.letters.names import Letter, in_role
from domain.events import MessageDied
from domain.parties import Party, Role
from domain.ports import UnitOfWork
from domain.transport import OutgoingMessage


def died(uow: UnitOfWork, event: MessageDied) -> Iterator[Letter]:
    """To the market place's operator; on a platform to the company's own registrations."""
    message, party = uow.get(OutgoingMessage, event.message_id), uow.get(Party, event.party_id)
    on_platform = bool(uow.find(Party, role=Role.MARKET_PLACE))
    to = in_role(uow, Role.PROVIDER, Role.REQUESTER) if on_platform else in_role(uow, Role.PLACE_OPERATOR)
    sentence = f"A message to {party.name} ({message.stream}) could not be delivered; those behind it wait."
    sentence = f"{sentence} {message.error}"
    yield Letter(to=to, sentence=sentence)
