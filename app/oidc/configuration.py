"""What the settings say about the provider, checked all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from app.settings import PREFIX, Settings, SettingsError
from domain.parties import PEOPLE, Role

_ROLES = {role.value: role for role in PEOPLE}


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """The provider, our name there, and what its claims mean here.

    roles : a value of the role claim -> the role it stands for
    party_claim : of the participant's id; `default_party` stands for those without, if it is not empty
    """

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    scopes: str = "openid profile"
    role_claim: str = "role"
    roles: Mapping[str, Role]
    party_claim: str = "party"
    default_party: str = ""

    @property
    def label(self) -> str:
        """The provider's host, for people."""
        return urlsplit(self.issuer).netloc


def configured(settings: Settings) -> Configuration | None:
    """The provider of the settings; None without.

    Raises:
        SettingsError: everything that is missing or cannot be used.
    """
    if not settings.oidc_issuer:
        return None
    roles, problems = _roles(settings.oidc_roles)
    problems += _problems(settings)
    if problems:
        raise SettingsError("\n".join(f"{PREFIX}{problem}" for problem in problems))
    return Configuration(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        scopes=settings.oidc_scopes,
        role_claim=settings.oidc_role_claim,
        roles=roles,
        party_claim=settings.oidc_party_claim,
        default_party=settings.oidc_party,
    )


def is_safe(address: str) -> bool:
    """Whether tokens may go there: by TLS, or without leaving this machine."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and _is_loopback(parts.hostname or "")


def _problems(settings: Settings) -> Iterator[str]:
    issuer = settings.oidc_issuer
    if not is_safe(issuer) or urlsplit(issuer).query or urlsplit(issuer).fragment:
        yield "OIDC_ISSUER: Give the provider's https address, without query."
    if not settings.oidc_client_id:
        yield "OIDC_CLIENT_ID: Give the name by which the provider knows this server."
    if "openid" not in settings.oidc_scopes.split():
        yield "OIDC_SCOPES: The scopes need openid among them."
    if not settings.oidc_role_claim:
        yield "OIDC_ROLE_CLAIM: Name the claim with the person's role."
    if not settings.oidc_party_claim and not settings.oidc_party:
        yield "OIDC_PARTY_CLAIM: Name the claim with the participant's id, or give OIDC_PARTY."


def _roles(pairs: Sequence[str]) -> tuple[dict[str, Role], list[str]]:
    roles: dict[str, Role] = {}
    problems = [] if pairs else ["OIDC_ROLES: Say what the claim's values mean, for example grid-operators=dso."]
    for pair in pairs:
        value, _, role = (part.strip() for part in pair.rpartition("="))
        if not value or role not in _ROLES:
            problems.append(f"OIDC_ROLES: {pair!r} is not value=role with a role of {', '.join(_ROLES)}.")
        elif value in roles:
            problems.append(f"OIDC_ROLES: {value!r} is there twice.")
        else:
            roles[value] = _ROLES[role]
    return roles, problems


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
