"""OAuth2 by customers: clients, codes and tokens. Secrets stand in fields that no ledger keeps."""

from __future__ import annotations

from dataclasses import dataclass

from domain.commands.platform.base import PlatformCommand
from domain.ids import ConsentId, PartyId, PodId, ServiceDescriptionId, SubscriptionId


@dataclass(frozen=True, kw_only=True)
class RegisterConsentClient(PlatformCommand):
    """Provider: a requester's platform may send customers here; its secret is answered once."""

    peer_id: PartyId
    name: str
    redirect_uris: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class EndConsentClient(PlatformCommand):
    """Provider: the client and its tokens end."""

    client_id: str


@dataclass(frozen=True, kw_only=True)
class AuthorizeClient(PlatformCommand):
    """Customer, CUS-CON-DES by signing in: consent to a service for some of the own PoDs; a code is answered.

    challenge : S256 of the client's verifier
    consent_id : the ask that was shown and is answered; None for a consent that is new
    """

    client_id: str
    redirect_uri: str
    challenge: str
    subscription_id: SubscriptionId
    description_id: ServiceDescriptionId
    pod_ids: tuple[PodId, ...]
    consent_id: ConsentId | None = None


@dataclass(frozen=True, kw_only=True)
class ExchangeCode(PlatformCommand):
    """The platform itself, for a client: tokens for a code. `token`: the code; `present`: the verifier."""

    client_id: str
    secret: str
    redirect_uri: str
    token: str
    present: str


@dataclass(frozen=True, kw_only=True)
class RefreshConsentTokens(PlatformCommand):
    """The platform itself, for a client: the next tokens for a refresh token, which is spent."""

    client_id: str
    secret: str
    token: str


@dataclass(frozen=True, kw_only=True)
class RevokeConsentToken(PlatformCommand):
    """The platform itself, for a client: an access token of it ends, or a refresh token with all of its grant
    (RFC 7009). The consent stands on."""

    client_id: str
    secret: str
    token: str
