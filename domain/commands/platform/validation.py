"""What a DSO keeps for technical validations, and the questions and answers themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.commands.platform.base import PlatformCommand
from domain.ids import SubscriptionId, TechnicalValidationId
from domain.platform.validation import (
    AreaPart,
    PowerPoint,
    TechnicalValidationRequest,
    TechnicalValidationResponse,
)
from domain.platform.validations import ValidationRefusal


@dataclass(frozen=True, kw_only=True)
class UploadValidationNetwork(PlatformCommand):
    """DSO: its network, a `flexdesk.grid/1` document."""

    document: str


@dataclass(frozen=True, kw_only=True)
class UploadValidationSchedules(PlatformCommand):
    """DSO: a day's schedules per generator and load, CSV."""

    delivery_day: date
    document: str


@dataclass(frozen=True, kw_only=True)
class SetCouplingLimits(PlatformCommand):
    """DSO: what its TSO allows at the coupling point from now on; None where it says nothing. `source`: where."""

    import_max_mw: Decimal | None
    export_max_mw: Decimal | None
    s_max_mva: Decimal | None
    source: str


@dataclass(frozen=True, kw_only=True)
class AskTechnicalValidation(PlatformCommand):
    """Requester: ask the DSO of a subscription how much of an exchange its network bears (TECH-FLEX-REQ)."""

    subscription_id: SubscriptionId
    start: datetime
    end: datetime
    curve: tuple[PowerPoint, ...]
    load_area: tuple[AreaPart, ...]


@dataclass(frozen=True, kw_only=True)
class TakeTechnicalRequest(PlatformCommand):
    """Peer: a TECH-FLEX-REQ has come. The same one again has no effect."""

    subscription_id: SubscriptionId
    request: TechnicalValidationRequest


@dataclass(frozen=True, kw_only=True)
class TakeTechnicalResponse(PlatformCommand):
    """Peer: a TECH-FLEX-RESP has come, or why there is none."""

    subscription_id: SubscriptionId
    request_id: TechnicalValidationId
    response: TechnicalValidationResponse | None
    refusals: tuple[ValidationRefusal, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StartTechnicalValidation(PlatformCommand):
    """Platform: the worker takes a question."""

    validation_id: str


@dataclass(frozen=True, kw_only=True)
class RequeueTechnicalValidation(PlatformCommand):
    """Platform: its worker is gone; it is to be computed again."""

    validation_id: str


@dataclass(frozen=True, kw_only=True)
class ApplyTechnicalValidation(PlatformCommand):
    """Platform: the worker's outcome; the answer goes to who asked."""

    validation_id: str
    succeeded: bool
    result: bytes = b""
    error: str = ""
