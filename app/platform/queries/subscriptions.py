"""What the market place has told of subscriptions."""

from __future__ import annotations

from app.queries.models.platform import ListSubscriptions, SubscriptionView
from domain.parties import Principal
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork


def list_subscriptions(
    uow: UnitOfWork, principal: Principal, _query: ListSubscriptions
) -> tuple[SubscriptionView, ...]:
    """The word that introduces the other side's platform is for no one to see."""
    own = [each for each in uow.find(PlatformSubscription) if each.own_id == principal.party_id]
    own.sort(key=lambda each: (each.content.validated_at, each.id), reverse=True)
    return tuple(
        SubscriptionView(
            side=each.side,
            content=each.content,
            state=each.state,
            in_force=each.in_force(uow.market),
            canceled_at=each.canceled_at,
            reason=each.reason,
        )
        for each in own
    )
