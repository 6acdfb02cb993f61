"""What the claims say about a person: which participant it acts for, and in which roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.oidc.configuration import Configuration
from app.oidc.errors import NotSignedInError
from domain.ids import PartyId
from domain.parties import Role

MAX_SUBJECT = 255
"""OpenID Connect Core 1.0, section 2."""
_MAX_PARTY = 64


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A person as the provider knows it. Issuer and subject name it for good; all else may change."""

    issuer: str
    subject: str
    party_id: PartyId
    roles: frozenset[Role]


def identity_of(claims: Mapping[str, Any], config: Configuration) -> Identity:
    """Read from verified claims.

    Raises:
        NotSignedInError: no subject, no known role, or no participant.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
        raise NotSignedInError(f"{config.label} does not say who you are.", "no usable sub")
    roles = frozenset(config.roles[value] for value in _texts(claims, config.role_claim) if value in config.roles)
    if not roles:
        raise NotSignedInError(f"{config.label} gives you no role on this market.", "no known role")
    party, *others = _texts(claims, config.party_claim) or [config.default_party]
    if not 0 < len(party) <= _MAX_PARTY or others:
        raise NotSignedInError(f"{config.label} names no participant that you act for.", "no single participant")
    return Identity(issuer=config.issuer, subject=subject, party_id=PartyId(party), roles=roles)


def _texts(claims: Mapping[str, Any], name: str) -> list[str]:
    """The claim's text or texts: by its whole name, else step by step along the dots."""
    found: Any = claims.get(name)
    if found is None:
        found = claims
        for step in name.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
    values = found if isinstance(found, list) else [found]
    return [value for value in values if isinstance(value, str) and value]
