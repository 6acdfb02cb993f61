"""How participants get in: sessions, tokens and API keys (FLEXGRID 004, section 4.2.2)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Finding
from domain.ids import KeyId, LoginId, PartyId
from domain.parties.model import Role
from domain.parties.scopes import Scope
from domain.texts import text_findings

KEY_PREFIX = "fdk_"
MOST_KEYS = 20
"""Live API keys of one participant at once."""
LONGEST_KEY_DAYS = 366
LONGEST_OVERLAP = timedelta(days=7)
MOST_CALLS_PER_MINUTE = 10_000
SCOPES_OF_ROLE: Mapping[Role, tuple[Scope, ...]] = {
    Role.FMO: (Scope.READ, Scope.FMO_REGULAR, Scope.FMO_ADMIN),
    Role.DSO: (Scope.READ, Scope.TRADE, Scope.GRID, Scope.METERING),
    Role.TSO: (Scope.READ, Scope.GRID),
    Role.ESP: (Scope.READ, Scope.TRADE, Scope.ASSETS),
    Role.AGGREGATOR: (Scope.READ, Scope.TRADE, Scope.ASSETS),
    Role.RETAILER: (Scope.READ, Scope.ASSETS),
    Role.BRP: (Scope.READ, Scope.TRADE),
    Role.CUSTOMER: (Scope.READ,),
    Role.PLACE_OPERATOR: (Scope.READ,),
    Role.PROVIDER: (Scope.READ, Scope.TRADE, Scope.METERING, Scope.EXCHANGE),
    Role.REQUESTER: (Scope.READ, Scope.TRADE, Scope.EXCHANGE),
    Role.MARKET_PLACE: (Scope.EXCHANGE,),
    Role.PEER: (Scope.READ, Scope.EXCHANGE),
    Role.SYSTEM: (),
}
"""Which scopes a role may give to a key."""
_ONE_TIME = "abcdefghjkmnpqrstuvwxyz23456789"


class LoginKind(StrEnum):
    SESSION = "session"
    """A person at the desks."""
    TOKEN = "token"  # noqa: S105 - a kind, not a secret
    """A program; one line for all tokens that descend from one grant."""


@dataclass(frozen=True, kw_only=True)
class Login:
    """A session or token of an account: when it began, was last seen and ends at the latest (wall clock, UTC),
    from which address and with what kind of client."""

    id: LoginId
    kind: LoginKind
    began_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    client: str


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """A key with which programs act as `account`. Its secret is kept apart, hashed, and shown once.

    issued_at : when the present secret was made; `expires_at` follows from it. Wall clock, UTC.
    calls_per_minute : its own limit; 0 for the server's
    """

    id: KeyId
    party_id: PartyId
    account: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    issued_at: datetime
    expires_at: datetime
    calls_per_minute: int = 0
    revoked_at: datetime | None = None
    version: int = 0

    def lives(self, wall: datetime) -> bool:
        return self.revoked_at is None and wall < self.expires_at


@dataclass(frozen=True, kw_only=True)
class IssuedKey:
    """A key with its new secret, shown this once."""

    key: ApiKey
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class KeyUse:
    """When a key was last used, and until when its secret of before works beside the present one, if it does."""

    used_at: datetime | None = None
    old_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Account:
    """A participant's sign-in; `one_time_until`: its password waits until then to be exchanged for another one."""

    name: str
    active: bool
    one_time_until: datetime | None
    n_logins: int


def new_key_secret() -> str:
    """256 random bits behind a prefix by which leaked keys are found."""
    return KEY_PREFIX + secrets.token_urlsafe(32)


def one_time_password() -> str:
    """Random, to be read out or typed: 16 letters and digits that are not mistaken for others, 79 bits."""
    letters = [secrets.choice(_ONE_TIME) for _ in range(16)]
    return "-".join("".join(letters[k : k + 4]) for k in range(0, 16, 4))


def key_findings(
    name: str, scopes: Sequence[Scope], allowed: Sequence[Scope], days: int, calls_per_minute: int
) -> list[Finding]:
    """Everything that is wrong with a key that somebody wishes to have; `allowed` are the scopes of its role."""
    found = text_findings(name, "name")
    if not scopes:
        found.append(Finding(code="missing", field="scopes", sentence="Choose what the key may be used for."))
    for index, scope in enumerate(scopes):
        if scope not in allowed:
            sentence = f"Your role cannot give the scope {scope.value} to a key."
            found.append(Finding(code="not_permitted", field=f"scopes[{index}]", sentence=sentence))
        elif scope in scopes[:index]:
            found.append(Finding(code="duplicate", field=f"scopes[{index}]", sentence="The scope is there twice."))
    if not 1 <= days <= LONGEST_KEY_DAYS:
        sentence = f"A key lives for 1 to {LONGEST_KEY_DAYS} days."
        found.append(Finding(code="out_of_range", field="days", sentence=sentence))
    if not 0 <= calls_per_minute <= MOST_CALLS_PER_MINUTE:
        sentence = f"At most {MOST_CALLS_PER_MINUTE} calls a minute; 0 for the server's own limit."
        found.append(Finding(code="out_of_range", field="calls_per_minute", sentence=sentence))
    return found
