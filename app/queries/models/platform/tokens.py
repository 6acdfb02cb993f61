"""Queries of OAuth2 by customers; the interface asks them as the platform itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from app.queries.models.platform.base import PlatformQuery
from domain.ids import ConsentId, PartyId, PodId
from domain.marketplace.words import Quantity, TimeStep
from domain.platform.consents import Consent


@dataclass(frozen=True, kw_only=True)
class AuthorizationAsked:
    """What the consent page shows. `pod_ids`: the customer's own, () before it signed in.

    consent_id : of the ask with these very words that it answers; None for a consent that is new
    since, until : of that ask; of a new consent from now on, as market time is
    """

    client: str
    requester: str
    service: str
    data_details: str
    processing_details: str
    since: datetime
    until: datetime
    pod_ids: tuple[PodId, ...]
    consent_id: ConsentId | None = None


@dataclass(frozen=True, kw_only=True)
class GetAuthorization(PlatformQuery[AuthorizationAsked]):
    """Refused (`not_found` on `redirect_uri`) for a client or address that does not fit, and as the service is."""

    client_id: str
    redirect_uri: str
    subscription_id: str
    description_id: str
    customer_id: PartyId | None = None


@dataclass(frozen=True, kw_only=True)
class TokenConsent:
    """What an access token opens. `names`: of the PoDs for which it stands, as the requester knows them."""

    consent: Consent
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class GetTokenConsent(PlatformQuery[TokenConsent]):
    """Refused (`signed_out`) for a token that is none, or over, or whose consent does not stand."""

    token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class NamedSeries:
    """`values` [n] kWh or kW at `starts` [n], None for a gap, up to `end`.

    name : by which the requester knows the PoD
    """

    name: str
    starts: tuple[datetime, ...]
    end: datetime
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True, kw_only=True)
class ConsentedValues:
    """A part of the values that a token opens, PoDs by name; `after`: gets the next ones, None behind the last."""

    consent_id: ConsentId
    quantity: Quantity
    time_step: TimeStep
    series: tuple[NamedSeries, ...]
    after: str | None


@dataclass(frozen=True, kw_only=True)
class ListConsentedValues(PlatformQuery[ConsentedValues]):
    """Values whose time is all within `start`, `end` and what the customer consented to, PoDs behind `after`.

    Refused as `GetTokenConsent`; `not_in_force`, `not_offered` as the service is; `out_of_range` for a period that
    is none, too long, or has nothing in common with the consent's.
    """

    token: str = field(repr=False)
    start: datetime
    end: datetime
    after: str = ""
    limit: int = 20


@dataclass(frozen=True, kw_only=True)
class GetLinkedConsent(PlatformQuery[Consent]):
    """What a customer's link is about. Refused (`not_found`) for one that is none, or over."""

    token: str = field(repr=False)
