"""Technical validations on a platform: what a DSO keeps for them, and those that were asked and answered.

The question and its answer by themselves are in `domain.platform.validation`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.ids import PartyId, SubscriptionId, TechnicalValidationId
from domain.marketplace.words import PlatformRole
from domain.platform.validation import CouplingLimits, TechnicalValidationRequest, TechnicalValidationResponse

LAST_DAY = 62
"""Schedules are taken for days up to this many ahead."""
MOST_WAITING = 20
"""Of one player: questions that are yet to be computed."""
MOST_REASON = 1000


class ValidationState(StrEnum):
    """`ASKED`: by this company, the DSO has not answered yet. All others but `ANSWERED`: on the DSO's side."""

    ASKED = "asked"
    QUEUED = "queued"
    RUNNING = "running"
    ANSWERED = "answered"
    FAILED = "failed"


VALIDATION: Mapping[tuple[ValidationState, str], ValidationState] = {
    (ValidationState.ASKED, "answer"): ValidationState.ANSWERED,
    (ValidationState.ASKED, "fail"): ValidationState.FAILED,
    (ValidationState.QUEUED, "start"): ValidationState.RUNNING,
    (ValidationState.RUNNING, "requeue"): ValidationState.QUEUED,
    (ValidationState.RUNNING, "answer"): ValidationState.ANSWERED,
    (ValidationState.RUNNING, "fail"): ValidationState.FAILED,
}


@dataclass(frozen=True, kw_only=True)
class ValidationNetwork:
    """A DSO's network, a `flexdesk.grid/1` document (JSON). `id`: the DSO's registration."""

    id: PartyId
    document: str
    sha256: str
    uploaded_at: datetime
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class ValidationSchedules:
    """A DSO's schedules of a day (CSV, per generator and load), which fit the network of that hash."""

    id: str
    party_id: PartyId
    delivery_day: date
    document: str
    sha256: str
    network_sha256: str
    uploaded_at: datetime
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class CouplingPoint:
    """What the TSO allows at a DSO's coupling point. `id`: the DSO's registration; `source`: where it says so."""

    id: PartyId
    limits: CouplingLimits
    source: str
    set_at: datetime
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class TechnicalValidation:
    """A question (TECH-FLEX-REQ) with its answer (TECH-FLEX-RESP); (side, peer_id, request_id) is unique.

    side : `provider` on the platform of the DSO, `requester` on the one that asks
    party_id : the company's own registration; peer_id : the other side's
    asked_at, answered_at : wall time
    inputs, network_sha256, schedule_sha256 : on the DSO's side alone, what it is computed from
    reason : why there is no answer
    """

    id: str
    side: PlatformRole
    request_id: TechnicalValidationId
    subscription_id: SubscriptionId
    party_id: PartyId
    peer_id: PartyId
    request: TechnicalValidationRequest
    asked_at: datetime
    state: ValidationState
    inputs: bytes = b""
    network_sha256: str = ""
    schedule_sha256: str = ""
    response: TechnicalValidationResponse | None = None
    answered_at: datetime | None = None
    reason: str = ""
    version: int = 0
