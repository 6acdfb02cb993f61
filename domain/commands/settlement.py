"""Metering, forecasts, contracts, statements and invoices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.commands.base import Command
from domain.flexibility.contracts import DeliveryRule
from domain.flexibility.metering import Readings
from domain.flexibility.reference import BaselineMethod
from domain.ids import AssetId, PartyId, PodId, RegionId, SessionId
from domain.units import Series


@dataclass(frozen=True, kw_only=True)
class MapPod(Command):
    """FMO, DSO: a point of delivery stands for an asset from a day on."""

    pod_id: PodId
    asset_id: AssetId
    valid_from: date


@dataclass(frozen=True, kw_only=True)
class ReportReading(Command):
    """FMO, DSO: what was metered at one point of delivery, [n_steps], MW and Mvar, up positive, None for a gap."""

    pod_id: PodId
    delivery_day: date
    p_mw: Readings
    q_mvar: Readings = ()


@dataclass(frozen=True, kw_only=True)
class UploadMetering(Command):
    """FMO, DSO: a day's readings of many points of delivery as CSV."""

    delivery_day: date
    document: str


@dataclass(frozen=True, kw_only=True)
class UploadForecast(Command):
    """Owner: forecast injection of its asset over a day, [n_steps], MW, up positive."""

    asset_id: AssetId
    delivery_day: date
    p_mw: Series


@dataclass(frozen=True, kw_only=True)
class AgreeContract(Command):
    """FMO: the terms of a party in a region from a delivery day on."""

    region_id: RegionId
    party_id: PartyId
    valid_from: date
    baseline: BaselineMethod
    rule: DeliveryRule
    tolerance_share: Decimal = Decimal(0)
    penalty_eur_per_mwh: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class SettleSession(Command):
    """FMO: statements of a session from the readings there are; unchanged inputs change nothing."""

    session_id: SessionId


@dataclass(frozen=True, kw_only=True)
class ValidateStatements(Command):
    """FMO: the session's drafts are right; findings that would stop it are accepted where it says so."""

    session_id: SessionId
    accept_findings: bool = False


@dataclass(frozen=True, kw_only=True)
class IssueStatements(Command):
    """FMO: validated statements go to their parties, with their invoices."""

    session_id: SessionId


@dataclass(frozen=True, kw_only=True)
class MoveToDayEnd(Command):
    """FMO, demo only: move the clock on to the end of a published session's delivery day."""

    session_id: SessionId
