"""Participants and regions (FLEXGRID 004, section 3.5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.ids import LoginId, PartyId, RegionId
from domain.parties.scopes import Scope


class Role(StrEnum):
    FMO = "fmo"
    DSO = "dso"
    TSO = "tso"
    ESP = "esp"
    AGGREGATOR = "aggregator"
    RETAILER = "retailer"
    BRP = "brp"
    CUSTOMER = "customer"
    PLACE_OPERATOR = "place_operator"
    """Runs the EU Market Place (FLEXICIENCY D2.3, section 2.2)."""
    PROVIDER = "provider"
    """A registration (MPL-REG) that provides data or services on the market place."""
    REQUESTER = "requester"
    """A registration that asks for them."""
    MARKET_PLACE = "market_place"
    """On a platform: the market place's system. No person has this role."""
    PEER = "peer"
    """On a platform: another player's system. No person has this role."""
    SYSTEM = "system"
    """The market itself: gates, clearings, dispatch. No account has this role."""


PEOPLE = frozenset(Role) - {Role.SYSTEM, Role.MARKET_PLACE, Role.PEER}
"""Roles that a person may have."""
PLACE = frozenset({Role.PLACE_OPERATOR, Role.PROVIDER, Role.REQUESTER})
"""Who works on the EU Market Place."""
_GOVERNED: Mapping[Role, frozenset[Role]] = {
    Role.FMO: PEOPLE - PLACE,
    Role.PLACE_OPERATOR: PLACE - {Role.PLACE_OPERATOR},
}


def governs(operator: Role, whom: Role) -> bool:
    """Whether an operator decides on participation, accounts and keys of those in a role: each market's for its
    own, neither for the other's."""
    return whom in _GOVERNED.get(operator, frozenset())


@dataclass(frozen=True, kw_only=True)
class Party:
    """A participant. `independent`: an aggregator that is not responsible for its assets' balance. `reason`: why
    it is suspended (not `active`)."""

    id: PartyId
    name: str
    role: Role
    independent: bool = False
    brp_id: PartyId | None = None
    active: bool = True
    reason: str = ""
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Region:
    """A DSO's grid region and the TSO above its coupling point."""

    id: RegionId
    name: str
    dso_id: PartyId
    tso_id: PartyId
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who is acting: the account, the participant behind it and its role.

    login : the session or token it acts with, "" where there is none
    scopes : what an API key may be used for; None for everything that the role may
    """

    account: str
    party_id: PartyId
    role: Role
    name: str = ""
    login: LoginId = field(default=LoginId(""), compare=False)
    scopes: frozenset[Scope] | None = None


SYSTEM = Principal(account="system", party_id=PartyId("system"), role=Role.SYSTEM, name="Market")
