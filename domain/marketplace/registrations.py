"""Registrations on the market place (MPL-REG): one for each role that a company plays, and its way to a service
that others see (document 001: enrolment, integration set-up, certification)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import Finding
from domain.ids import CompanyId, PartyId
from domain.marketplace.platform_addresses import url_findings
from domain.marketplace.words import ENVIRONMENT, CompanyType, PlayerRole
from domain.parties.applications import account_findings

LONGEST_TEST = 400


class RegistrationState(StrEnum):
    """`TESTED`: the platform answered the integration test; `CERTIFIED`: others see its services."""

    APPLIED = "applied"
    ACCEPTED = "accepted"
    TESTED = "tested"
    CERTIFIED = "certified"
    SUSPENDED = "suspended"
    REFUSED = "refused"
    QUIT = "quit"


_S = RegistrationState
REGISTRATION: Mapping[tuple[RegistrationState, str], RegistrationState] = {
    (_S.APPLIED, "accept"): _S.ACCEPTED,
    (_S.APPLIED, "refuse"): _S.REFUSED,
    (_S.ACCEPTED, "pass the test"): _S.TESTED,
    (_S.TESTED, "pass the test"): _S.TESTED,
    (_S.CERTIFIED, "pass the test"): _S.CERTIFIED,
    (_S.ACCEPTED, "fail the test"): _S.ACCEPTED,
    (_S.TESTED, "fail the test"): _S.ACCEPTED,
    (_S.CERTIFIED, "fail the test"): _S.CERTIFIED,
    (_S.ACCEPTED, "move"): _S.ACCEPTED,
    (_S.TESTED, "move"): _S.ACCEPTED,
    (_S.CERTIFIED, "move"): _S.ACCEPTED,
    (_S.TESTED, "be certified"): _S.CERTIFIED,
    (_S.ACCEPTED, "be suspended"): _S.SUSPENDED,
    (_S.TESTED, "be suspended"): _S.SUSPENDED,
    (_S.CERTIFIED, "be suspended"): _S.SUSPENDED,
    (_S.SUSPENDED, "be reinstated"): _S.ACCEPTED,
    (_S.ACCEPTED, "quit"): _S.QUIT,
    (_S.TESTED, "quit"): _S.QUIT,
    (_S.CERTIFIED, "quit"): _S.QUIT,
    (_S.SUSPENDED, "quit"): _S.QUIT,
}
"""`move`: another platform address is tested and certified anew; so is who was suspended."""
AT_WORK = (_S.ACCEPTED, _S.TESTED, _S.CERTIFIED)

MAY_PLAY: Mapping[CompanyType, frozenset[PlayerRole]] = {
    CompanyType.REGULATED: frozenset({PlayerRole.REGULATED_DATA_PROVIDER, PlayerRole.UNREGULATED_DATA_REQUESTER}),
    CompanyType.UNREGULATED: frozenset(PlayerRole) - {PlayerRole.REGULATED_DATA_PROVIDER},
    CompanyType.INDUSTRIAL: frozenset(PlayerRole) - {PlayerRole.REGULATED_DATA_PROVIDER},
    CompanyType.RESEARCH: frozenset(PlayerRole) - {PlayerRole.REGULATED_DATA_PROVIDER},
    CompanyType.PUBLIC: frozenset({PlayerRole.UNREGULATED_DATA_PROVIDER, PlayerRole.UNREGULATED_DATA_REQUESTER}),
}
"""Metering data of the grid come from regulated players alone, and these sell nothing beside them."""


@dataclass(frozen=True, kw_only=True)
class Registration:
    """MPL-REG with its MPL-ADD (`platform_url`). The id is that of the participant which it becomes.

    account : its first sign-in (MPL-AUT); the password is kept apart, hashed
    test_asked_at, test_detail : the integration test under way or done, and what came of it
    reason : why it was refused or suspended, or why it quit
    """

    id: PartyId
    company_id: CompanyId
    player_role: PlayerRole
    account: str
    platform_url: str
    applied_at: datetime
    state: RegistrationState = RegistrationState.APPLIED
    accepted_at: datetime | None = None
    test_asked_at: datetime | None = None
    tested_at: datetime | None = None
    certified_at: datetime | None = None
    test_detail: str = ""
    reason: str = ""
    version: int = 0

    @property
    def provides(self) -> bool:
        return self.player_role in ENVIRONMENT


@dataclass(frozen=True, kw_only=True)
class RegistrationWish:
    """What a company registers as."""

    player_role: PlayerRole
    account: str
    platform_url: str = ""


def wishes_findings(
    company_type: CompanyType, wishes: Sequence[RegistrationWish], taken: frozenset[PlayerRole] = frozenset()
) -> list[Finding]:
    """What is wrong with the registrations that a company wishes for; `taken`: the roles it has already."""
    if not 1 <= len(wishes) <= len(PlayerRole):
        sentence = f"A company registers in 1 to {len(PlayerRole)} roles."
        return [Finding(code="out_of_range", field="registrations", sentence=sentence)]
    found = []
    accounts: set[str] = set()
    for index, wish in enumerate(wishes):
        place = f"registrations[{index}]"
        found += _role_findings(company_type, wish, taken, place)
        found += [
            Finding(code=finding.code, field=f"{place}.account", sentence=finding.sentence)
            for finding in account_findings(wish.account)
        ]
        if wish.account in accounts:
            sentence = "Each registration has a sign-in name of its own."
            found.append(Finding(code="duplicate", field=f"{place}.account", sentence=sentence))
        if wish.platform_url:
            found += url_findings(wish.platform_url, f"{place}.platform_url")
        taken |= {wish.player_role}
        accounts.add(wish.account)
    return found


def _role_findings(
    company_type: CompanyType, wish: RegistrationWish, taken: frozenset[PlayerRole], place: str
) -> list[Finding]:
    field = f"{place}.player_role"
    if wish.player_role not in MAY_PLAY[company_type]:
        sentence = f"Not for this type of company ({company_type.value}): {wish.player_role.value}."
        return [Finding(code="role_conflict", field=field, sentence=sentence)]
    if wish.player_role in taken:
        return [Finding(code="duplicate", field=field, sentence="The company has a registration in this role.")]
    return []
