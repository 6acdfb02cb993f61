"""Companies and registrations on their way to services that others see."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.place.base import PlaceEvent
from domain.ids import CompanyId, PartyId


@dataclass(frozen=True, kw_only=True)
class CompanyEnrolled(PlaceEvent):
    company_id: CompanyId


@dataclass(frozen=True, kw_only=True)
class CompanyAccepted(PlaceEvent):
    company_id: CompanyId


@dataclass(frozen=True, kw_only=True)
class CompanyRefused(PlaceEvent):
    company_id: CompanyId


@dataclass(frozen=True, kw_only=True)
class CompanyChanged(PlaceEvent):
    company_id: CompanyId


@dataclass(frozen=True, kw_only=True)
class RegistrationAdded(PlaceEvent):
    registration_id: PartyId
    company_id: CompanyId


@dataclass(frozen=True, kw_only=True)
class ContactPointAdded(PlaceEvent):
    registration_id: PartyId
    account: str


@dataclass(frozen=True, kw_only=True)
class RegistrationAccepted(PlaceEvent):
    registration_id: PartyId


@dataclass(frozen=True, kw_only=True)
class RegistrationRefused(PlaceEvent):
    registration_id: PartyId


@dataclass(frozen=True, kw_only=True)
class RegistrationMoved(PlaceEvent):
    registration_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ServedAreaSet(PlaceEvent):
    registration_id: PartyId


@dataclass(frozen=True, kw_only=True)
class IntegrationTestAsked(PlaceEvent):
    registration_id: PartyId


@dataclass(frozen=True, kw_only=True)
class IntegrationTested(PlaceEvent):
    registration_id: PartyId
    passed: bool


@dataclass(frozen=True, kw_only=True)
class RegistrationCertified(PlaceEvent):
    registration_id: PartyId


@dataclass(frozen=True, kw_only=True)
class RegistrationSuspended(PlaceEvent):
    registration_id: PartyId


@dataclass(frozen=True, kw_only=True)
class RegistrationReinstated(PlaceEvent):
    registration_id: PartyId


@dataclass(frozen=True, kw_only=True)
class RegistrationQuit(PlaceEvent):
    registration_id: PartyId


@dataclass(frozen=True, kw_only=True)
class PlacePageEdited(PlaceEvent):
    by: PartyId
