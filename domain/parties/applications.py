"""Applications to take part (FLEXGRID 004, section 3.5.2): a company asks, the market operator decides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from domain.errors import Finding
from domain.ids import ApplicationId, PartyId
from domain.lifecycle import ApplicationState
from domain.parties.model import Role
from domain.texts import text_findings

APPLICABLE = (Role.ESP, Role.AGGREGATOR, Role.RETAILER, Role.BRP, Role.DSO, Role.TSO, Role.CUSTOMER)
"""Roles that a company may apply for, and that the market operator may give it."""
MOST_OPEN = 200
"""Applications that may wait at once: whoever floods the form fills no database."""
EMAIL = 254
MAX_ACCOUNT = 64
_EMAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]+\.[^\s@<>\".]{2,}")


@dataclass(frozen=True, kw_only=True)
class Application:
    """A company's wish to take part in `role`; `account` is the sign-in name it chose. Its password is kept
    apart, hashed, and never leaves the sign-in's tables. `party_id`: from the acceptance on."""

    id: ApplicationId
    company: str
    contact: str
    email: str
    role: Role
    independent: bool
    account: str
    applied_at: datetime
    state: ApplicationState = ApplicationState.SUBMITTED
    reason: str = ""
    party_id: PartyId | None = None
    version: int = 0


def application_findings(company: str, contact: str, email: str, role: Role, independent: bool) -> list[Finding]:
    """Everything that is wrong with an application but its sign-in name and password."""
    found = text_findings(company, "company") + text_findings(contact, "contact")
    mail = text_findings(email, "email", EMAIL)
    if not mail and not _EMAIL.fullmatch(email.strip()):
        sentence = "Write an e-mail address such as desk@company.example."
        mail = [Finding(code="malformed", field="email", sentence=sentence)]
    return found + mail + role_findings(role, independent)


def account_findings(account: str) -> list[Finding]:
    """What is wrong with the name that somebody signs in with."""
    if not account:
        return [Finding(code="missing", field="account", sentence="Give the account's name.")]
    if len(account) > MAX_ACCOUNT or not account.isascii() or not account.isprintable() or " " in account:
        sentence = f"An account's name has at most {MAX_ACCOUNT} ASCII letters, digits or signs and no blanks."
        return [Finding(code="malformed", field="account", sentence=sentence)]
    return []


def role_findings(role: Role, independent: bool) -> list[Finding]:
    """Whether a participant may have the role, and be independent in it."""
    if role not in APPLICABLE:
        return [Finding(code="out_of_range", field="role", sentence="Choose one of the market's roles.")]
    if independent and role is not Role.AGGREGATOR:
        return [Finding(code="out_of_range", field="independent", sentence="Only an aggregator is independent.")]
    return []
