"""API keys; their secrets are in `app.persistence.ledgers`."""

from __future__ import annotations

from app.persistence.columns import count, instant, key, structure
from app.persistence.columns import text as text_
from app.persistence.registry import entity
from domain.parties import ApiKey, Scope

api_keys = entity(
    ApiKey,
    "api_keys",
    key(),
    text_("party_id", references="parties.id"),
    text_("account", references="accounts.account"),
    text_("name"),
    structure(
        "scopes",
        "scopes",
        to_data=lambda scopes: [scope.value for scope in scopes],
        from_data=lambda values: tuple(map(Scope, values)),
    ),
    instant("created_at"),
    instant("issued_at"),
    instant("expires_at"),
    count("calls_per_minute"),
    instant("revoked_at", nullable=True),
    index=[["party_id"]],
)
