"""Letters on subscriptions."""

from __future__ import annotations

from collections.abc import Iterator

from app.letters.names import Letter
from domain.events import platform as e
from domain.marketplace.words import PlatformRole
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork


def entered(uow: UnitOfWork, event: e.SubscriptionEntered) -> Iterator[Letter]:
    subscription = uow.get(PlatformSubscription, event.subscription_id)
    content = subscription.content
    if subscription.side is PlatformRole.PROVIDER:
        sentence = f"{content.requester.name} has subscribed to your service ({subscription.id})."
    else:
        sentence = f"Your subscription to a service of {content.provider.name} is agreed ({subscription.id})."
    yield Letter(to=(event.party_id,), sentence=sentence)


def canceled(uow: UnitOfWork, event: e.SubscriptionCanceled) -> Iterator[Letter]:
    subscription = uow.get(PlatformSubscription, event.subscription_id)
    sentence = f"The subscription {subscription.id} is over: {subscription.reason}"
    yield Letter(to=(event.party_id,), sentence=sentence)
