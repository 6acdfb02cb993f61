"""OAuth2 clients, codes and tokens of customers' consents."""

from __future__ import annotations

from app.persistence.columns import enum, flag, instant, key, structure
from app.persistence.columns import text as text_
from app.persistence.registry import entity, platform_metadata
from domain.platform.tokens import AuthorizationCode, ConsentClient, ConsentToken, TokenKind

entity(
    ConsentClient,
    "consent_clients",
    key(),
    text_("peer_id"),
    text_("name"),
    structure("redirect_uris", "redirect_uris", to_data=list, from_data=tuple),
    text_("secret_sha256"),
    flag("active"),
    index=[["peer_id"]],
    of=platform_metadata,
)

entity(
    AuthorizationCode,
    "authorization_codes",
    key(),
    text_("client_id"),
    text_("redirect_uri"),
    text_("challenge"),
    text_("consent_id"),
    instant("expires_at"),
    text_("family"),
    index=[["expires_at_us"]],
    of=platform_metadata,
)

entity(
    ConsentToken,
    "consent_tokens",
    key(),
    enum("kind", TokenKind),
    text_("family"),
    text_("client_id"),
    text_("consent_id"),
    instant("expires_at"),
    flag("spent"),
    index=[["consent_id"], ["family"], ["expires_at_us"]],
    of=platform_metadata,
)
