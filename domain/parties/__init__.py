"""Market players: roles, participants, the regions of the DSOs, and applications to take part."""

from domain.parties.access import Account, ApiKey, IssuedKey, KeyUse, Login, LoginKind
from domain.parties.applications import Application, account_findings, application_findings, role_findings
from domain.parties.model import PEOPLE, PLACE, SYSTEM, Party, Principal, Region, Role, governs
from domain.parties.scopes import Scope

__all__ = [
    "PEOPLE",
    "PLACE",
    "SYSTEM",
    "Account",
    "ApiKey",
    "Application",
    "IssuedKey",
    "KeyUse",
    "Login",
    "LoginKind",
    "Party",
    "Principal",
    "Region",
    "Role",
    "Scope",
    "account_findings",
    "application_findings",
    "governs",
    "role_findings",
]
