"""Whose an alarm on a platform is: the company's registrations answer for their own subscriptions."""

from __future__ import annotations

from collections.abc import Callable

from domain.ids import PartyId, SubscriptionId
from domain.marketplace.service_alarms import ServiceAlarm
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork


def concerns(uow: UnitOfWork, own_id: PartyId) -> Callable[[ServiceAlarm], bool]:
    """Whether an alarm is a registration's: about a subscription of its own, or about none."""
    sides = {subscription.id: subscription.own_id for subscription in uow.find(PlatformSubscription)}
    return lambda alarm: sides.get(SubscriptionId(alarm.subject), own_id) == own_id
