"""What happens to service offers."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.place.base import PlaceEvent
from domain.ids import PartyId, ServiceOfferId


@dataclass(frozen=True, kw_only=True)
class ServiceOfferPublished(PlaceEvent):
    offer_id: ServiceOfferId
    provider_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ServiceOfferEdited(PlaceEvent):
    offer_id: ServiceOfferId
    provider_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ServiceOfferWithdrawn(PlaceEvent):
    offer_id: ServiceOfferId
    provider_id: PartyId
