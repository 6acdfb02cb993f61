"""The catalogue: what providers offer (document 003, section 2.3)."""

from __future__ import annotations

from dataclasses import dataclass

from domain.commands.place.base import PlaceCommand
from domain.ids import ServiceOfferId
from domain.marketplace.services import ServiceDescription, ServiceTerms
from domain.marketplace.words import ServiceType


@dataclass(frozen=True, kw_only=True)
class PublishServiceOffer(PlaceCommand):
    """Provider: a new offer (MKP-SRV-OFF). Descriptions (MKP-SRV-DES) get their ids from the market place."""

    service_type: ServiceType
    title: str
    text: str
    descriptions: tuple[ServiceDescription, ...]
    terms: ServiceTerms


@dataclass(frozen=True, kw_only=True)
class EditServiceOffer(PlaceCommand):
    """Provider: another wording of an own offer. A description that names its id keeps it. Subscriptions have
    copies of what was agreed and do not change."""

    offer_id: ServiceOfferId
    title: str
    text: str
    descriptions: tuple[ServiceDescription, ...]
    terms: ServiceTerms


@dataclass(frozen=True, kw_only=True)
class WithdrawServiceOffer(PlaceCommand):
    offer_id: ServiceOfferId
