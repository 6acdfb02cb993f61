"""A subscription as the market place confirms it to both sides' platforms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from platform_world import PlatformWorld

from domain.ids import PartyId, ServiceDescriptionId, SubscriptionId
from domain.marketplace.services import Player, ServiceDescription, ServiceTerms, SubscriptionContent
from domain.marketplace.words import Environment, PlatformRole, ServiceType
from domain.parties import SYSTEM, Party, Role
from domain.platform.subscriptions import PlatformSubscription

PROVIDER = Player(id=PartyId("dso-it"), name="Rete Sud", platform_url="https://dso.example")
REQUESTER = Player(id=PartyId("agg-fr"), name="Agrégateur", platform_url="https://agg.example")
WORD = "a-word-that-nobody-else-knows"


def content(world: PlatformWorld, id: str = "B2B-1", **changes: Any) -> SubscriptionContent:
    now = world.wall.now
    fields: dict[str, Any] = {
        "id": SubscriptionId(id),
        "environment": Environment.REGULATED,
        "provider": PROVIDER,
        "requester": REQUESTER,
        "validated_at": now,
        "starts_at": now,
        "ends_at": now + timedelta(days=365),
        "data_details": "meter data",
        "processing_details": "none",
        "descriptions": (
            ServiceDescription(
                id=ServiceDescriptionId("SD-1"),
                service_type=ServiceType.INDIVIDUAL_DATA,
                short_description="Quarter hours",
            ),
        ),
        "terms": ServiceTerms(),
    }
    return SubscriptionContent(**fields | changes)


def confirmed(world: PlatformWorld, side: PlatformRole, id: str = "B2B-1", **changes: Any) -> PlatformSubscription:
    """The subscription stands on a platform, and its other side is a participant there."""
    told = content(world, id, **changes)
    peer = told.requester if side is PlatformRole.PROVIDER else told.provider
    subscription = PlatformSubscription(
        id=told.id, side=side, peer_id=peer.id, content=told, introduction=f"{WORD} {id}"
    )
    with world.platform.store.write(SYSTEM, subscription) as uow:
        if not uow.find(Party, id=peer.id):
            uow.add(Party(id=peer.id, name=peer.name, role=Role.PEER))
        uow.add(subscription)
    return subscription
