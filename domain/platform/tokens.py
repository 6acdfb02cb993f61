"""OAuth2 by customers (RFC 6749, RFC 7636), in the manner of Green Button: a requester's platform is the client,
what it may get is a customer's consent. Instants are wall time, UTC; secrets are kept by their SHA-256."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from domain.errors import Finding
from domain.ids import ConsentId, PartyId
from domain.texts import text_findings

CODE_LASTS = timedelta(seconds=60)
ACCESS_LASTS = timedelta(hours=1)
MOST_REDIRECTS = 5
LONGEST_URI = 300


class TokenKind(StrEnum):
    ACCESS = "access"
    REFRESH = "refresh"


@dataclass(frozen=True, kw_only=True)
class ConsentClient:
    """A requester's platform as an OAuth2 client. `redirect_uris`: where customers are sent back to, letter by
    letter."""

    id: str
    peer_id: PartyId
    name: str
    redirect_uris: tuple[str, ...]
    secret_sha256: str = field(repr=False)
    active: bool = True
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class AuthorizationCode:
    """`id`: the code's SHA-256; `challenge`: S256. `family`: of the tokens that it gave, "" before."""

    id: str = field(repr=False)
    client_id: str
    redirect_uri: str
    challenge: str
    consent_id: ConsentId
    expires_at: datetime
    family: str = ""
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class ConsentToken:
    """An access or refresh token of one consent. `id`: its SHA-256; `spent`: a refresh token that was used."""

    id: str = field(repr=False)
    kind: TokenKind
    family: str
    client_id: str
    consent_id: ConsentId
    expires_at: datetime
    spent: bool = False
    version: int = 0


def redirect_findings(uri: str, field: str) -> list[Finding]:
    """What is wrong with a client's address: https (http on this machine only), no fragment, no user name."""
    wrong = Finding(
        code="malformed",
        field=field,
        sentence="Give an https address without fragment, such as https://pool.example/back.",
    )
    if text_findings(uri, field, most=LONGEST_URI) or not uri.isascii() or " " in uri or "\\" in uri:
        return [wrong]
    try:
        parts = urlsplit(uri)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        return [wrong]
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    named = bool(parts.hostname) and "@" not in parts.netloc and port_fits
    fits = (parts.scheme == "https" or local) and named and not parts.fragment and not uri.endswith("#")
    return [] if fits and not any(c in uri for c in "\"'<>;,*") else [wrong]
