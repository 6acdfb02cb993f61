"""Applications, roles and suspension of participants."""

from __future__ import annotations

from dataclasses import dataclass

from domain.commands.base import Command
from domain.ids import ApplicationId, PartyId
from domain.parties import Role


@dataclass(frozen=True, kw_only=True)
class Apply(Command):
    """Market, for a company that is not signed in. `secret` is its password's hash; no ledger keeps it."""

    company: str
    contact: str
    email: str
    role: Role
    independent: bool
    account: str
    secret: str


@dataclass(frozen=True, kw_only=True)
class AcceptApplication(Command):
    """FMO: the applicant takes part, in the role wished for or in another one."""

    application_id: ApplicationId
    role: Role
    independent: bool = False
    brp_id: PartyId | None = None


@dataclass(frozen=True, kw_only=True)
class RefuseApplication(Command):
    application_id: ApplicationId
    reason: str


@dataclass(frozen=True, kw_only=True)
class AssignRole(Command):
    """FMO: another role for a participant of which nothing stands that needs the old one."""

    party_id: PartyId
    role: Role
    independent: bool = False


@dataclass(frozen=True, kw_only=True)
class SuspendParty(Command):
    """FMO: the participant is out at once, until it is reinstated."""

    party_id: PartyId
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReinstateParty(Command):
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class JoinBySingleSignOn(Command):
    """Market, for a person that an OpenID provider vouches for: an account of a participant that is there.
    `secret` is the hash of a password that nobody knows; no ledger keeps it."""

    issuer: str
    subject: str
    account: str
    party_id: PartyId
    role: Role
    secret: str
