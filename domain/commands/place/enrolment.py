"""Companies, registrations and the market place's own page (FLEXICIENCY, document 003, section 2.2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.commands.place.base import PlaceCommand
from domain.ids import CompanyId, PartyId
from domain.marketplace.areas import Polygon, PostcodeArea
from domain.marketplace.companies import Address, Contact, LegalData
from domain.marketplace.registrations import RegistrationWish
from domain.marketplace.words import CompanyType, PlayerRole


@dataclass(frozen=True, kw_only=True)
class EnrolCompany(PlaceCommand):
    """Market, for a company that is not signed in: MPL-DES with its registrations (MPL-REG, MPL-ADD) and their
    sign-ins (MPL-AUT). `secret` is the hash of the password of all of them; no ledger keeps it."""

    legal: LegalData
    company_type: CompanyType
    contact: Contact
    address: Address
    registrations: tuple[RegistrationWish, ...]
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class AddRegistration(PlaceCommand):
    """A registration of a company that takes part: it plays another role, too."""

    player_role: PlayerRole
    account: str
    platform_url: str
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class AddContactPoint(PlaceCommand):
    """A registration: another person signs in for it (MPL-AUT)."""

    account: str
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ChangeCompany(PlaceCommand):
    """A registration: its company is reached in another way (MPL-DES)."""

    contact: Contact
    address: Address


@dataclass(frozen=True, kw_only=True)
class AcceptCompany(PlaceCommand):
    """Operator: the company takes part, in all the roles that it registered for."""

    company_id: CompanyId


@dataclass(frozen=True, kw_only=True)
class RefuseCompany(PlaceCommand):
    company_id: CompanyId
    reason: str


@dataclass(frozen=True, kw_only=True)
class AcceptRegistration(PlaceCommand):
    """Operator: a further registration of a company that takes part."""

    registration_id: PartyId


@dataclass(frozen=True, kw_only=True)
class RefuseRegistration(PlaceCommand):
    registration_id: PartyId
    reason: str


@dataclass(frozen=True, kw_only=True)
class SetPlatformAddress(PlaceCommand):
    """A registration: where its platform is (MPL-ADD). It is tested and certified anew."""

    platform_url: str


@dataclass(frozen=True, kw_only=True)
class SetServedArea(PlaceCommand):
    """Provider: where it serves, for those who look for the DSO of a customer."""

    countries: tuple[str, ...]
    postcodes: tuple[PostcodeArea, ...] = ()
    polygons: tuple[Polygon, ...] = ()
    pod_patterns: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TestIntegration(PlaceCommand):
    """A registration for its own platform, the operator for any: the market place calls its `/test`."""

    __test__ = False
    registration_id: PartyId


@dataclass(frozen=True, kw_only=True)
class RecordIntegrationTest(PlaceCommand):
    """Market: what came of the call of a platform's `/test`. `platform_url`: the address that was called."""

    registration_id: PartyId
    platform_url: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class CertifyRegistration(PlaceCommand):
    """Operator: others may see and use the services of a registration whose platform passed the test."""

    registration_id: PartyId


@dataclass(frozen=True, kw_only=True)
class SuspendRegistration(PlaceCommand):
    """Operator: the registration is out at once, until it is reinstated."""

    registration_id: PartyId
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReinstateRegistration(PlaceCommand):
    """Operator: in again; it is tested and certified anew."""

    registration_id: PartyId


@dataclass(frozen=True, kw_only=True)
class QuitMarketPlace(PlaceCommand):
    """A registration leaves: what it offers and asks for is withdrawn, its subscriptions are cancelled."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class EditPlacePage(PlaceCommand):
    """Operator: what the market place says of itself (MKP-DES) and where it is (MKP-ADD)."""

    purpose: str
    stakeholders: str
    legal_information: str
    usage_condition: str
    contact_details: str
    help: str
    addresses: tuple[str, ...] = ()
