"""Bodies and answers of the market place; titles name the business objects of FLEXICIENCY, document 003."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from app.rest.fields import Exact, Id, In, Instant, Out, Password
from app.rest.schemas import Paging
from domain.marketplace import words as w
from domain.marketplace.areas import MatchedBy
from domain.marketplace.companies import CompanyState
from domain.marketplace.offers import ServiceOfferState
from domain.marketplace.registrations import RegistrationState
from domain.marketplace.requests import ProposalState, ServiceRequestState, SubscriptionState

Lax = Field(strict=False)
Line = Annotated[str, StringConstraints(max_length=300)]
Long = Annotated[str, StringConstraints(max_length=10_000)]
Code = Annotated[str, StringConstraints(max_length=40)]
Account = Annotated[str, StringConstraints(min_length=1, max_length=64)]
ACCOUNTS = Field(max_length=8)


class Legal(In):
    name: Line
    legal_form: Line
    register_number: Line
    vat_number: Line = ""


class ContactPart(In):
    name: Line
    email: Line
    phone: Line = ""


class AddressPart(In):
    street: Line
    postcode: Line
    city: Line
    country: Code


class RegistrationWishIn(In):
    """MPL-REG with MPL-ADD and the name of its sign-in (MPL-AUT)."""

    model_config = ConfigDict(title="MPL-REG wished for")

    player_role: Annotated[w.PlayerRole, Lax]
    account: Annotated[Account, Field(title="MPL-AUT")]
    platform_url: Annotated[Line, Field(title="MPL-ADD")] = ""


class EnrolmentIn(In):
    """MPL-DES with MPL-REG: a company enrols. `password`: of all sign-ins, until they change it."""

    model_config = ConfigDict(title="MPL-DES enrolment")

    legal: Legal
    company_type: Annotated[w.CompanyType, Lax]
    contact: ContactPart
    address: AddressPart
    registrations: Annotated[list[RegistrationWishIn], ACCOUNTS]
    password: Password


class EnrolledOut(Out):
    """That a company waits for the operator."""

    id: str
    state: CompanyState


class CompanyChangeIn(In):
    contact: ContactPart
    address: AddressPart


class AddRegistrationIn(RegistrationWishIn):
    """MPL-REG: a further role of the own company."""

    model_config = ConfigDict(title="MPL-REG further")

    password: Password


class ContactPointIn(In):
    """MPL-AUT: a person's sign-in for a registration."""

    model_config = ConfigDict(title="MPL-AUT")

    account: Account
    password: Password


class RegistrationOut(Out):
    """MPL-REG. Account, platform, test and reason are empty for others than itself and the operator."""

    model_config = ConfigDict(title="MPL-REG")

    id: str
    company_id: str
    company_name: str
    company_type: w.CompanyType
    player_role: w.PlayerRole
    environment: w.Environment | None
    state: RegistrationState
    account: Annotated[str, Field(title="MPL-AUT")]
    platform_url: Annotated[str, Field(title="MPL-ADD")]
    countries: list[str]
    applied_at: Instant
    accepted_at: Instant | None
    test_asked_at: Instant | None
    tested_at: Instant | None
    certified_at: Instant | None
    test_detail: str
    reason: str
    own: bool


class RegistrationFilter(Paging):
    """Which registrations; `country`: that it serves."""

    player_role: w.PlayerRole | None = None
    environment: w.Environment | None = None
    state: RegistrationState | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None


class CompanyOut(Out):
    """MPL-DES with its registrations (MPL-REG)."""

    model_config = ConfigDict(title="MPL-DES")

    id: str
    name: str
    legal: Legal
    company_type: w.CompanyType
    contact: ContactPart
    address: AddressPart
    applied_at: Instant
    state: CompanyState
    reason: str
    agreed_version: str
    agreed_at: Instant | None
    registrations: list[RegistrationOut]


class AddressIn(In):
    """MPL-ADD: where the platform is."""

    model_config = ConfigDict(title="MPL-ADD")

    platform_url: Line


class PlacePart(In):
    """What the market place says of itself."""

    purpose: Long
    stakeholders: Long
    legal_information: Long
    usage_condition: Long
    contact_details: Long
    help: Long
    addresses: Annotated[list[Line], Field(max_length=10)] = []  # noqa: RUF012 - pydantic copies it


class PlaceIn(PlacePart):
    model_config = ConfigDict(title="MKP-DES written")


class PlaceOut(Out):
    """MKP-DES; `addresses`: MKP-ADD."""

    model_config = ConfigDict(title="MKP-DES")

    purpose: str
    stakeholders: str
    legal_information: str
    usage_condition: str
    contact_details: str
    help: str
    addresses: Annotated[list[str], Field(title="MKP-ADD")]


class PostcodePart(In):
    """From `first` to `last`, or all that begin with `first`."""

    country: Code
    first: Code
    last: Code = ""


class CornerPart(In):
    lon: Exact
    lat: Exact


class PolygonPart(In):
    corners: Annotated[list[CornerPart], Field(max_length=1000)]


class AreaIn(In):
    """What a provider serves. Patterns of PoDs are `DE000123*`: capitals, digits, `?`, and `*` at the end."""

    countries: Annotated[list[Code], Field(max_length=100)]
    postcodes: Annotated[list[PostcodePart], Field(max_length=3000, default_factory=list)]
    polygons: Annotated[list[PolygonPart], Field(max_length=100, default_factory=list)]
    pod_patterns: Annotated[list[Code], Field(max_length=100, default_factory=list)]


class AreaOut(Out):
    countries: list[str]
    postcodes: list[PostcodeOut]
    polygons: list[PolygonOut]
    pod_patterns: list[str]


class PostcodeOut(Out):
    country: str
    first: str
    last: str


class CornerOut(Out):
    lon: Exact
    lat: Exact


class PolygonOut(Out):
    corners: list[CornerOut]


class PlaceAtIn(In):
    """A country with a postcode, coordinates (degrees of WGS84), or both."""

    country: Code = ""
    postcode: Code = ""
    lon: Exact | None = None
    lat: Exact | None = None


class LocateIn(In):
    """Points of delivery, places, or both. Nothing of them is kept."""

    pods: Annotated[list[Line], Field(max_length=2000, default_factory=list)]
    places: Annotated[list[PlaceAtIn], Field(max_length=2000, default_factory=list)]
    environment: Annotated[w.Environment, Lax] | None = w.Environment.REGULATED


class MatchOut(Out):
    registration_id: str
    company_name: str
    player_role: w.PlayerRole
    by: MatchedBy


class LocatedOut(Out):
    """By its position in the list that was asked for; points of delivery are not repeated."""

    position: int
    matches: list[MatchOut]


class FoundOut(Out):
    registration_id: str
    company_name: str
    n_served: int


class LocalisationOut(Out):
    pods: list[LocatedOut]
    places: list[LocatedOut]
    unlocated_pods: list[int]
    unlocated_places: list[int]
    providers: list[FoundOut]


class DescriptionIn(In):
    """MKP-SRV-DES. `id`: of a description that stays; all others get one."""

    model_config = ConfigDict(title="MKP-SRV-DES written")

    id: Annotated[str, StringConstraints(max_length=100)] = ""
    service_type: Annotated[w.ServiceType, Lax]
    short_description: Line
    usage_details: Long = ""
    aggregation_level: Annotated[w.AggregationLevel, Lax] = w.AggregationLevel.NONE
    aggregation_method: Annotated[w.AggregationMethod, Lax] = w.AggregationMethod.NONE
    quantity: Annotated[w.Quantity, Lax] = w.Quantity.CONSUMPTION
    period_start: Instant | None = None
    period_end: Instant | None = None
    localisation: Annotated[list[Line], Field(max_length=1000, default_factory=list)]
    time_step: Annotated[w.TimeStep, Lax] = w.TimeStep.MINUTES_15
    consent_mandatory: bool = True
    near_real_time: bool = False
    offer_id: Id | None = None


class DescriptionOut(Out):
    """MKP-SRV-DES. `request_ids`: in the catalogue, the requests (MKP-SRV-SUB) that asked for it, as far as you
    made them or they were made to you."""

    model_config = ConfigDict(title="MKP-SRV-DES")

    id: str
    service_type: w.ServiceType
    short_description: str
    usage_details: str
    aggregation_level: w.AggregationLevel
    aggregation_method: w.AggregationMethod
    quantity: w.Quantity
    period_start: Instant | None
    period_end: Instant | None
    localisation: list[str]
    time_step: w.TimeStep
    consent_mandatory: bool
    near_real_time: bool
    offer_id: str | None
    request_ids: list[str] = Field(default_factory=list)


class TermsIn(In):
    """`price_eur`: a month; `availability_share`: of deliveries in time, 0..1."""

    price_eur: Exact
    max_delay_minutes: int = 1440
    availability_share: Exact
    interim_hours: int = 24
    conditions: Long = ""


class TermsOut(Out):
    price_eur: Exact
    max_delay_minutes: int
    availability_share: Exact
    interim_hours: int
    conditions: str


Descriptions = Annotated[list[DescriptionIn], Field(max_length=200)]


class OfferEditIn(In):
    """MKP-SRV-OFF in another wording."""

    model_config = ConfigDict(title="MKP-SRV-OFF edited")

    title: Line
    text: Long = ""
    descriptions: Descriptions
    terms: TermsIn


class OfferIn(OfferEditIn):
    """MKP-SRV-OFF to be published."""

    model_config = ConfigDict(title="MKP-SRV-OFF written")

    service_type: Annotated[w.ServiceType, Lax]


class OfferOut(Out):
    """MKP-SRV-OFF. `visible`: others see it, too; `fitting`: descriptions that were searched for."""

    model_config = ConfigDict(title="MKP-SRV-OFF")

    id: str
    provider_id: str
    provider_name: str
    player_role: w.PlayerRole
    environment: w.Environment
    service_type: w.ServiceType
    title: str
    text: str
    countries: list[str]
    descriptions: list[DescriptionOut]
    terms: TermsOut
    published_at: Instant
    changed_at: Instant
    state: ServiceOfferState
    own: bool
    visible: bool
    fitting: list[str]


class OfferFilter(Paging):
    """What is searched for; see the catalogue."""

    text: Annotated[str, StringConstraints(max_length=300)] = ""
    service_type: w.ServiceType | None = None
    environment: w.Environment | None = None
    quantity: w.Quantity | None = None
    aggregation_level: w.AggregationLevel | None = None
    aggregation_method: w.AggregationMethod | None = None
    time_step: w.TimeStep | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    consent_mandatory: bool | None = None
    near_real_time: bool | None = None
    most_price_eur: Exact | None = None
    provider_id: Id | None = None
    own: bool = False


class ComparisonLineOut(Out):
    name: str
    values: list[str]
    differs: bool


class ComparisonOut(Out):
    offers: list[OfferOut]
    lines: list[ComparisonLineOut]


class CompareIn(In):
    offer_ids: Annotated[list[Id], Field(max_length=20)]


class RequestIn(In):
    """MKP-SRV-SUB: a wish list."""

    model_config = ConfigDict(title="MKP-SRV-SUB written")

    environment: Annotated[w.Environment, Lax]
    title: Line
    data_details: Long = ""
    processing_details: Long
    wishes: Descriptions


class RequestOut(Out):
    """MKP-SRV-SUB."""

    model_config = ConfigDict(title="MKP-SRV-SUB")

    id: str
    requester_id: str
    requester_name: str
    environment: w.Environment
    service_types: list[w.ServiceType]
    title: str
    data_details: str
    processing_details: str
    wishes: list[DescriptionOut]
    asked_at: Instant
    state: ServiceRequestState
    own: bool
    n_proposals: int
    n_subscriptions: int


class WishMatchOut(Out):
    offer_id: str
    description_id: str
    provider_id: str
    provider_name: str
    title: str
    short_description: str
    price_eur: Exact


class WishOut(Out):
    wish_id: str
    short_description: str
    matches: list[WishMatchOut]


class MatchingProviderOut(Out):
    provider_id: str
    provider_name: str
    wish_ids: list[str]
    proposal_id: str | None


class MatchesOut(Out):
    wishes: list[WishOut]
    providers: list[MatchingProviderOut]
    unmet: list[str]


class MatchesIn(In):
    """Only of these providers, such as those that a localisation found; of all where it is empty."""

    provider_ids: Annotated[list[Id], Field(max_length=1000, default_factory=list)]


class LinePart(In):
    wish_id: Id
    offer_id: Id
    description_id: Id


class ProposalIn(In):
    """What one provider is asked for, until `deadline` (market time)."""

    request_id: Id
    lines: Annotated[list[LinePart], Field(max_length=200)]
    terms: TermsIn
    starts_at: Instant
    ends_at: Instant | None = None
    deadline: Instant


class LineOut(Out):
    wish_id: str
    offer_id: str
    description_id: str


class ProposalOut(Out):
    """`turn`: whether the caller is to answer now."""

    id: str
    request_id: str
    request_title: str
    requester_id: str
    requester_name: str
    provider_id: str
    provider_name: str
    lines: list[LineOut]
    services: list[str]
    asked_terms: TermsOut
    terms: TermsOut
    starts_at: Instant
    ends_at: Instant | None
    asked_at: Instant
    deadline: Instant
    answered_at: Instant | None
    state: ProposalState
    expired: bool
    turn: bool
    reason: str
    subscription_id: str | None


class ProposalFilter(Paging):
    request_id: Id | None = None
    standing: bool = False


class TermsBody(In):
    terms: TermsIn


class AgreementOut(Out):
    """An agreement as text, and whether the caller's company accepted it."""

    name: str
    title: str
    text: str
    version: str
    accepted: bool


class AcceptAgreementIn(In):
    version: Annotated[str, StringConstraints(min_length=1, max_length=20)]


class SubscriptionOut(Out):
    """B2B-SRV-SUB."""

    model_config = ConfigDict(title="B2B-SRV-SUB")

    id: str
    environment: w.Environment
    provider_id: str
    provider_name: str
    requester_id: str
    requester_name: str
    side: w.PlatformRole | None
    validated_at: Instant
    starts_at: Instant
    ends_at: Instant | None
    data_details: str
    processing_details: str
    descriptions: list[DescriptionOut]
    terms: TermsOut
    state: SubscriptionState
    ended: bool
    canceled_at: Instant | None
    canceled_by: str | None
    reason: str


class SubscriptionFilter(Paging):
    active: bool = False
