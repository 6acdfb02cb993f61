"""What waits to be sent is taken back when it may not go out any more."""

from __future__ import annotations

from dataclasses import replace

from domain.events.platform import DeliveryChanged
from domain.ids import SubscriptionId
from domain.marketplace.words import PlatformRole
from domain.platform.deliveries import VALUES, Delivery, DeliveryState
from domain.ports import UnitOfWork
from domain.transport import OPEN, MessageState, OutgoingMessage


def take_back(uow: UnitOfWork, subscription_id: SubscriptionId) -> int:
    """What waits to be sent of a subscription's values is dropped, as a consent under it or an agreement ended: it
    may not go out any more. Periods it was of are made anew, of what is still allowed. How many messages."""
    waiting = [
        message
        for message in uow.find(OutgoingMessage, stream=subscription_id, path=VALUES, state=OPEN)
        if message.body
    ]
    for message in waiting:
        uow.save(replace(message, state=MessageState.DROPPED, body="", ended_at=uow.wall))
    if waiting:
        unfinished = uow.find(
            Delivery, side=PlatformRole.PROVIDER, subscription_id=subscription_id, state=DeliveryState.SENT
        )
        for delivery in unfinished:
            uow.save(replace(delivery, state=DeliveryState.WITHDRAWN, outdated=True))
            uow.record(DeliveryChanged(delivery_id=delivery.id, subscription_id=subscription_id))
    return len(waiting)
