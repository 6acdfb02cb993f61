"""Bodies and answers about participants."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.rest.fields import Id, In, Instant, Out, Password, Text

Role = Literal["esp", "aggregator", "retailer", "brp", "dso", "tso", "customer"]
Account = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class ApplicationIn(In):
    """A company's application. `independent` is for aggregators; `account` and `password` are for signing in."""

    company: Text
    contact: Text
    email: Annotated[str, StringConstraints(min_length=3, max_length=254)]
    role: Role
    independent: bool = False
    account: Account
    password: Password


class ReceivedOut(Out):
    """That an application was received; its outcome is told by the market operator."""

    id: str
    state: str


class ApplicationOut(Out):
    id: str
    company: str
    contact: str
    email: str
    role: str
    independent: bool
    account: str
    applied_at: Instant
    state: str
    reason: str
    party_id: str | None


class AcceptIn(In):
    """The role given, which may be another than the one wished for."""

    role: Role
    independent: bool = False
    brp_id: Id | None = None


class RoleIn(In):
    role: Role
    independent: bool = False


class PartyOut(Out):
    """A participant; `reason` says why it is suspended and is shown to the FMO only."""

    id: str
    name: str
    role: str
    independent: bool
    brp_id: str | None
    active: bool
    reason: str = Field(default="")
