"""Applications and participants as the market operator sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import param

from domain.lifecycle import ApplicationState
from domain.parties import Application, Party, Role
from domain.parties.applications import APPLICABLE
from views.state.common import local, utc

ROLE_NAMES: Mapping[Role, str] = {
    Role.FMO: "Market operator",
    Role.DSO: "DSO",
    Role.TSO: "TSO",
    Role.ESP: "ESP",
    Role.AGGREGATOR: "Aggregator",
    Role.RETAILER: "Retailer",
    Role.BRP: "BRP",
    Role.CUSTOMER: "Customer",
    Role.PLACE_OPERATOR: "Market place operator",
    Role.PROVIDER: "Service provider",
    Role.REQUESTER: "Service requester",
}
INDEPENDENT = "aggregator, independent"
NO_GROUP = ""


class ParticipantsState(param.Parameterized):
    """What is picked, for the permalink."""

    application_id = param.String(default="")
    party_id = param.String(default="")


def role_options() -> dict[str, str]:
    """The choices of a role field: label to the value that `chosen_role` reads."""
    options: dict[str, str] = {}
    for role in APPLICABLE:
        options[ROLE_NAMES[role]] = role.value
        if role is Role.AGGREGATOR:
            options["Aggregator, independent"] = INDEPENDENT
    return options


def role_value(role: Role, independent: bool) -> str:
    return INDEPENDENT if independent else role.value


def chosen_role(value: str) -> tuple[Role, bool]:
    """Inverse of `role_value`."""
    return (Role.AGGREGATOR, True) if value == INDEPENDENT else (Role(value), False)


def role_words(role: Role, independent: bool) -> str:
    return f"{ROLE_NAMES[role]}, independent" if independent else ROLE_NAMES[role]


def group_options(parties: Iterable[Party]) -> dict[str, str]:
    """Balance groups that a participant may be put into."""
    brps = {party.name: party.id for party in parties if party.role is Role.BRP and party.active}
    return {"None": NO_GROUP, **brps}


def application_record(one: Application) -> dict[str, Any]:
    return {
        "state": one.state.value,
        "company": one.company,
        "role": role_words(one.role, one.independent),
        "contact": one.contact,
        "email": one.email,
        "account": one.account,
        "at": local(one.applied_at, "%d %b %Y %H:%M"),
        "at_utc": utc(one.applied_at),
        "reason": one.reason,
        "id": one.id,
    }


def waiting_first(applications: Sequence[Application]) -> list[Application]:
    """Those that wait for an answer, the longest first; then the decided ones, the latest first."""
    waiting = [one for one in reversed(applications) if one.state is ApplicationState.SUBMITTED]
    return waiting + [one for one in applications if one.state is not ApplicationState.SUBMITTED]


def party_record(party: Party, parties: Mapping[str, Party]) -> dict[str, Any]:
    group = parties.get(party.brp_id) if party.brp_id else None
    return {
        "state": "active" if party.active else "suspended",
        "name": party.name,
        "role": role_words(party.role, party.independent),
        "group": group.name if group else "",
        "reason": party.reason,
        "id": party.id,
    }
