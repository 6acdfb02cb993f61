"""Applications, roles and suspension of participants."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.base import Event
from domain.ids import ApplicationId, PartyId
from domain.parties import Role


@dataclass(frozen=True, kw_only=True)
class ApplicationReceived(Event):
    application_id: ApplicationId


@dataclass(frozen=True, kw_only=True)
class ApplicationAccepted(Event):
    application_id: ApplicationId
    party_id: PartyId
    role: Role


@dataclass(frozen=True, kw_only=True)
class ApplicationRefused(Event):
    application_id: ApplicationId


@dataclass(frozen=True, kw_only=True)
class RoleAssigned(Event):
    party_id: PartyId
    role: Role


@dataclass(frozen=True, kw_only=True)
class PartySuspended(Event):
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class PartyReinstated(Event):
    party_id: PartyId
