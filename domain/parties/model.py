"""Participants and regions (FLEXGRID 004, section 3.5.2)."""

from __future__ import annotations

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
    SYSTEM = "system"
    """The market itself: gates, clearings, dispatch. No account has this role."""


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
