"""Commands: frozen, keyword-only. Each has one policy row, one handler and one round-trip test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from domain.flexibility.assets import AssetKind, Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import OfferLine, PriceKind
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.ids import ActivationId, AssetId, GateId, JobId, OfferId, PartyId, RegionId, RequestId, SessionId
from domain.units import Series


@dataclass(frozen=True, kw_only=True)
class Command:
    """Base of all commands, for the registry."""


@dataclass(frozen=True, kw_only=True)
class UploadNetwork(Command):
    """DSO: its network as a `flexdesk.grid/1` JSON document."""

    region_id: RegionId
    document: str


@dataclass(frozen=True, kw_only=True)
class UploadSchedules(Command):
    """DSO: the day's schedules per generator and load as CSV."""

    region_id: RegionId
    delivery_day: date
    document: str


@dataclass(frozen=True, kw_only=True)
class UploadPrices(Command):
    """FMO: a day's day-ahead or balancing prices, [n_steps]."""

    kind: PriceKind
    delivery_day: date
    price_eur_per_mwh: Series
    source: str


@dataclass(frozen=True, kw_only=True)
class RegisterAsset(Command):
    """ESP, aggregator: an asset behind a unit of a DSO's network."""

    region_id: RegionId
    unit_id: str
    name: str
    kind: AssetKind
    p_min_mw: Decimal
    p_max_mw: Decimal
    flexible_share: Decimal = Decimal(1)
    s_max_mva: Decimal | None = None
    brp_id: PartyId | None = None


@dataclass(frozen=True, kw_only=True)
class ConfirmAsset(Command):
    asset_id: AssetId


@dataclass(frozen=True, kw_only=True)
class RefuseAsset(Command):
    asset_id: AssetId
    reason: str


@dataclass(frozen=True, kw_only=True)
class UploadBaseline(Command):
    """Owner: injection of its asset over a day, [n_steps], MW, up positive."""

    asset_id: AssetId
    delivery_day: date
    p_mw: Series


@dataclass(frozen=True, kw_only=True)
class PlanSession(Command):
    """FMO: a session with its gates and the rules it is cleared by."""

    region_id: RegionId
    delivery_day: date
    opens_at: datetime
    gate_closes_at: datetime
    publishes_at: datetime
    clearing: ClearingMode = ClearingMode.NETWORK
    payment: PaymentRule = PaymentRule.PAY_AS_BID
    energy: EnergyPricing = EnergyPricing.IGNORED


@dataclass(frozen=True, kw_only=True)
class SetClearingRules(Command):
    """FMO: how a session is cleared and paid, until its gate closes."""

    session_id: SessionId
    clearing: ClearingMode
    payment: PaymentRule
    energy: EnergyPricing


@dataclass(frozen=True, kw_only=True)
class PublishRequest(Command):
    """DSO: a FlexRequest at buses of its own grid."""

    session_id: SessionId
    congestion_point: str
    buses: tuple[str, ...]
    direction: Direction
    quantity_mw: Series
    price_cap_eur_per_mwh: Decimal
    deadline: datetime
    commodity: Commodity = Commodity.P


@dataclass(frozen=True, kw_only=True)
class WithdrawRequest(Command):
    request_id: RequestId


@dataclass(frozen=True, kw_only=True)
class SubmitOffer(Command):
    """ESP, aggregator: an offer of one commodity from its confirmed assets."""

    session_id: SessionId
    direction: Direction
    lines: tuple[OfferLine, ...]
    price_eur_per_mwh: Series
    commodity: Commodity = Commodity.P


@dataclass(frozen=True, kw_only=True)
class WithdrawOffer(Command):
    offer_id: OfferId


@dataclass(frozen=True, kw_only=True)
class PassGate(Command):
    """Market: a due gate is passed, once. FMO: pass the session's next gate before it is due."""

    gate_id: GateId


@dataclass(frozen=True, kw_only=True)
class RetryClearing(Command):
    """FMO: clear a session again whose clearing did not succeed."""

    session_id: SessionId


@dataclass(frozen=True, kw_only=True)
class ApplyJob(Command):
    """Market: take over the result of a finished job."""

    job_id: JobId
    succeeded: bool
    result: bytes = b""
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class StartJob(Command):
    """Market: the worker takes a queued job."""

    job_id: JobId


@dataclass(frozen=True, kw_only=True)
class ReportProgress(Command):
    """Market: how far a running job is, `progress` from 0 to 1; at most once a second."""

    job_id: JobId
    stage: str
    progress: float


@dataclass(frozen=True, kw_only=True)
class RequeueJob(Command):
    """Market: a job whose worker is gone is queued again."""

    job_id: JobId


@dataclass(frozen=True, kw_only=True)
class CancelJob(Command):
    job_id: JobId


@dataclass(frozen=True, kw_only=True)
class AcknowledgeActivation(Command):
    activation_id: ActivationId


@dataclass(frozen=True, kw_only=True)
class RefuseActivation(Command):
    activation_id: ActivationId
    reason: str


class ClockAction(StrEnum):
    RUN = "run"
    PAUSE = "pause"


@dataclass(frozen=True, kw_only=True)
class MoveClock(Command):
    """FMO, demo only: run at `speed`, or pause."""

    action: ClockAction
    speed: float = 1.0


@dataclass(frozen=True, kw_only=True)
class MoveToGate(Command):
    """FMO, demo only: move the clock on to the gate that the page names; twice is the same as once."""

    gate_id: GateId


@dataclass(frozen=True, kw_only=True)
class MarkNotificationsRead(Command):
    """Everyone: all own notifications are read."""
