"""Bodies and answers about passwords, sessions, tokens and API keys."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from app.queries.models import KeyView
from app.rest.fields import Filter, Id, In, Instant, Out, Password, Text
from app.rest.schemas import Paging
from domain.parties import ApiKey

ScopeName = Literal["read", "trade", "assets", "grid", "metering", "FMO.reg_profile", "FMO.adm_profile"]
Minutely = Annotated[int, Field(ge=0, le=10_000, description="0 for the server's own limit.")]


class KeyIn(In):
    name: Annotated[Text, Field(max_length=80)]
    scopes: Annotated[list[ScopeName], Field(min_length=1, max_length=7)]
    days: Annotated[int, Field(ge=1, le=366, description="Days until it ends.")] = 90
    calls_per_minute: Minutely = 0


class RotateIn(In):
    overlap_hours: Annotated[int, Field(ge=0, le=168, description="How long the old secret works beside.")]


class KeyOut(Out):
    """A key; its secret was shown when it was made."""

    id: str
    account: str
    name: str
    scopes: list[str]
    created_at: Instant
    issued_at: Instant = Field(description="When its present secret was made.")
    expires_at: Instant
    calls_per_minute: int
    revoked_at: Instant | None
    used_at: Instant | None = None
    old_until: Instant | None = Field(default=None, description="Until when the secret of before works beside.")

    @classmethod
    def of(cls, view: KeyView) -> KeyOut:
        use = {"used_at": view.use.used_at, "old_until": view.use.old_until}
        return cls.model_validate(fields_of(view.key) | use)


class IssuedKeyOut(KeyOut):
    """A key with its secret, which is shown this once."""

    key: str


def fields_of(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id,
        "account": key.account,
        "name": key.name,
        "scopes": [scope.value for scope in key.scopes],
        "created_at": key.created_at,
        "issued_at": key.issued_at,
        "expires_at": key.expires_at,
        "calls_per_minute": key.calls_per_minute,
        "revoked_at": key.revoked_at,
    }


class KeyFilter(Paging):
    party_id: Id | None = None


class LoginOut(Out):
    """A session at the desks, or the tokens of one grant. `address`, `client`: where it came from."""

    id: str
    kind: str
    began_at: Instant
    seen_at: Instant
    expires_at: Instant
    address: str
    client: str
    this: bool = Field(description="Whether it is the one that this is asked with.")


class LoginFilter(Filter):
    but_this: bool = False


class PasswordIn(In):
    """Another password, given with the present one, which may be a one-time password."""

    account: Text
    password: Password
    new_password: Password


class AccountOut(Out):
    name: str
    active: bool
    one_time_until: Instant | None = Field(description="Until when its one-time password can be exchanged.")
    n_logins: int


class OneTimeOut(Out):
    """A password that serves once, to choose another one with; it is shown this once."""

    account: str
    one_time_password: str


GrantName = Literal["password", "refresh_token", "client_credentials"]


class ClientIn(In):
    client_id: Annotated[Text, Field(max_length=64)]
    grants: Annotated[list[GrantName], Field(min_length=1, max_length=3)]
    account: Annotated[Text | None, Field(description="Whom it acts as with client credentials.")] = None


class ClientOut(Out):
    id: str
    grants: list[str]
    account: str | None
    active: bool


class IssuedClientOut(ClientOut):
    """A client with its secret, which is shown this once."""

    client_secret: str
