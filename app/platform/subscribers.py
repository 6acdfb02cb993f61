"""Who may have what a platform's energy service offers: those with an agreement on it that counts now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.commands.platform import PlatformCommand, TellSubscribers
from domain.errors import Finding, refuse
from domain.ids import PartyId, SubscriptionId
from domain.marketplace.words import PlatformRole, ServiceType
from domain.parties import Party, Role
from domain.platform.activations import AgreementState, ServiceAgreement
from domain.platform.energy_service import Flexibility, FlexibilityState, Told
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork

_NONE = "There is no agreement on an energy service under it."


def serving(uow: UnitOfWork, side: PlatformRole, own_id: PartyId) -> Mapping[SubscriptionId, PlatformSubscription]:
    """The registration's subscriptions with an agreement on an energy service, both in force by market time."""
    agreed = uow.find(ServiceAgreement, side=side, state=AgreementState.IN_FORCE)
    ids = tuple({one.subscription_id for one in agreed if one.in_force(uow.market)})
    found = {one.id: one for one in uow.find(PlatformSubscription, id=ids)} if ids else {}
    return {
        one.subscription_id: subscription
        for one in agreed
        if one.in_force(uow.market)
        and (subscription := found.get(one.subscription_id)) is not None
        and subscription.own_id == own_id
        and subscription.in_force(uow.market)
        and (service := subscription.description(one.description_id)) is not None
        and service.service_type is ServiceType.ENERGY_SERVICE
    }


def served(uow: UnitOfWork, side: PlatformRole, subscription_id: SubscriptionId, peer_id: PartyId) -> PartyId:
    """Our registration in a subscription to an energy service with that peer.

    Raises:
        Refused: `not_found` for a subscription that is not with that peer, is no more, or has no such agreement.
    """
    own_id = own_side(uow, side, subscription_id, peer_id)
    if over(uow, side, subscription_id, own_id):
        raise refuse("not_found", "subscription_id", _NONE)
    return own_id


def own_side(uow: UnitOfWork, side: PlatformRole, subscription_id: SubscriptionId, peer_id: PartyId) -> PartyId:
    """Our registration in a subscription, whether it still runs or not. Raises `Refused`: `not_found`."""
    found = uow.find(PlatformSubscription, id=subscription_id, peer_id=peer_id, side=side)
    if not found:
        raise refuse("not_found", "subscription_id", _NONE)
    return found[0].own_id


def over(uow: UnitOfWork, side: PlatformRole, subscription_id: SubscriptionId, own_id: PartyId) -> list[Finding]:
    """That nothing is to be had under a subscription now; nothing where something is."""
    if subscription_id in serving(uow, side, own_id):
        return []
    return [Finding(code="not_in_force", field="subscription_id", sentence=_NONE)]


def open_offers(uow: UnitOfWork) -> tuple[Flexibility, ...]:
    """Own ones that can still be acquired."""
    own = {party.id for party in uow.find(Party, role=Role.PROVIDER)}
    standing = uow.find(Flexibility, state=FlexibilityState.OPEN)
    return tuple(one for one in standing if one.provider_id in own and uow.market <= one.acquire_until)


def untold(uow: UnitOfWork, made: Flexibility) -> tuple[PlatformSubscription, ...]:
    """Subscriptions whose requester has a right to an offer and was not told of it."""
    told = {one.subscription_id for one in uow.find(Told, flexibility_id=made.id)}
    agreed = serving(uow, PlatformRole.PROVIDER, made.provider_id)
    return tuple(subscription for id, subscription in agreed.items() if id not in told)


def due(uow: UnitOfWork) -> Iterable[PlatformCommand]:
    """To tell new subscribers of what is open."""
    return [TellSubscribers()] if any(untold(uow, made) for made in open_offers(uow)) else []
