"""Subscriptions as a peer, or the own company, may act under them."""

from __future__ import annotations

from domain.errors import refuse
from domain.ids import SubscriptionId
from domain.marketplace.words import PlatformRole
from domain.parties import Principal, Role
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork


def subscription_of(
    uow: UnitOfWork, principal: Principal, subscription_id: SubscriptionId, side: PlatformRole
) -> PlatformSubscription:
    """The subscription, in which this platform is on that side; the principal is the peer or the own registration.

    Raises:
        Refused: `not_found` when there is none, or it is somebody else's; `not_permitted` for the other side.
    """
    found = uow.find(PlatformSubscription, id=subscription_id)
    party = None if not found else found[0].peer_id if principal.role is Role.PEER else found[0].own_id
    if not found or party != principal.party_id:
        raise refuse("not_found", "subscription_id", "There is no such subscription, or it is not yours.")
    if found[0].side is not side:
        sentence = "In this subscription that is for the other side to send."
        raise refuse("not_permitted", "subscription_id", sentence)
    return found[0]
