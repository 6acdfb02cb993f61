"""Market players: roles, participants, the regions of the DSOs, and applications to take part."""

from domain.parties.applications import Application, account_findings, application_findings, role_findings
from domain.parties.model import SYSTEM, Party, Principal, Region, Role

__all__ = [
    "SYSTEM",
    "Application",
    "Party",
    "Principal",
    "Region",
    "Role",
    "account_findings",
    "application_findings",
    "role_findings",
]
