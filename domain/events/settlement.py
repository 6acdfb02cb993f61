"""Metering, forecasts, contracts, statements and invoices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.events.base import Event
from domain.ids import AssetId, ContractId, PartyId, PodId, RegionId, SessionId, StatementId


@dataclass(frozen=True, kw_only=True)
class PodMapped(Event):
    pod_id: PodId
    asset_id: AssetId
    region_id: RegionId
    owner_id: PartyId


@dataclass(frozen=True, kw_only=True)
class MeteringReported(Event):
    """Readings of one owner's assets of a day; `n_corrected` of them replaced earlier ones."""

    region_id: RegionId
    owner_id: PartyId
    delivery_day: date
    n_readings: int
    n_corrected: int


@dataclass(frozen=True, kw_only=True)
class ForecastUploaded(Event):
    asset_id: AssetId
    region_id: RegionId
    owner_id: PartyId
    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class ContractAgreed(Event):
    contract_id: ContractId
    region_id: RegionId
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class SessionSettled(Event):
    """Statements of a session were computed anew or changed; `n_missing`: awards without readings."""

    session_id: SessionId
    region_id: RegionId
    n_statements: int
    n_missing: int


@dataclass(frozen=True, kw_only=True)
class StatementsValidated(Event):
    session_id: SessionId
    region_id: RegionId
    n_statements: int


@dataclass(frozen=True, kw_only=True)
class StatementIssued(Event):
    """A party's statement; `correction_eur`: what it changes against the one issued before, None for the first."""

    statement_id: StatementId
    session_id: SessionId
    region_id: RegionId
    party_id: PartyId
    revision: int
    correction_eur: Decimal | None
