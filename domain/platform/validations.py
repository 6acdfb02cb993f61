"""Technical validations on a platform: what a DSO keeps for them, and those that were asked and answered.

The question and its answer by themselves are in `domain.platform.validation`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from domain.errors import Finding
from domain.ids import PartyId, SubscriptionId, TechnicalValidationId
from domain.marketplace.words import PlatformRole
from domain.platform.validation import (
    WHOLE,
    BindingLimit,
    CouplingLimits,
    TechnicalValidationRequest,
    TechnicalValidationResponse,
)
from domain.texts import text_findings
from domain.time import instant_findings
from domain.units import number_findings

LAST_DAY = 62
"""Schedules are taken for days up to this many ahead."""
MOST_WAITING = 20
"""Of one player: questions that are yet to be computed."""
MOST_REFUSALS = 50


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
class ValidationRefusal:
    """Why a question has no answer, in the DSO's words: its code need not be one of ours."""

    code: str
    field: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class ValidationAsked:
    """TECH-FLEX-REQ as it is sent, player -> DSO."""

    subscription_id: SubscriptionId
    request: TechnicalValidationRequest


@dataclass(frozen=True, kw_only=True)
class ValidationAnswered:
    """TECH-FLEX-RESP as it is sent, DSO -> player. Without a response, `refusals` say why there is none."""

    subscription_id: SubscriptionId
    request_id: TechnicalValidationId
    response: TechnicalValidationResponse | None
    refusals: tuple[ValidationRefusal, ...] = ()


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
    refusals : why there is no answer
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
    refusals: tuple[ValidationRefusal, ...] = ()
    version: int = 0


def answer_findings(answered: ValidationAnswered) -> list[Finding]:
    """What is wrong with an answer by itself: it has shares in 0..1 or refusals, and not both."""
    response = answered.response
    found = _refusal_findings(answered.refusals)
    if (response is None) is not bool(answered.refusals):
        sentence = "An answer has shares or refusals, one of them and not both."
        found.append(Finding(code="terms_conflict", field="refusals", sentence=sentence))
    if response is None:
        return found
    if response.request_id != answered.request_id:
        sentence = "It answers another question than the one named."
        found.append(Finding(code="terms_conflict", field="response.request_id", sentence=sentence))
    for name in ("share", "dso_share", "tso_share"):
        share: Decimal = getattr(response, name)
        found += number_findings(share, f"response.{name}", unit="1", places=6, low=Decimal(0), high=WHOLE)
    for name in ("binding", "dso_binding", "tso_binding"):
        found += _binding_findings(getattr(response, name), f"response.{name}")
    return found


def _refusal_findings(refusals: tuple[ValidationRefusal, ...]) -> list[Finding]:
    if len(refusals) > MOST_REFUSALS:
        return [Finding(code="out_of_range", field="refusals", sentence=f"At most {MOST_REFUSALS} are taken.")]
    found = []
    for i, refusal in enumerate(refusals):
        found += text_findings(refusal.code, f"refusals[{i}].code")
        found += text_findings(refusal.sentence, f"refusals[{i}].sentence", most=1000)
        if refusal.field:
            found += text_findings(refusal.field, f"refusals[{i}].field", most=200)
    return found


def _binding_findings(binding: BindingLimit | None, field: str) -> list[Finding]:
    if binding is None:
        return []
    numbers = {name: getattr(binding, name) for name in ("limit", "base", "value", "whole")}
    sentence = "It is no finite number."
    return [
        *text_findings(binding.element, f"{field}.element", most=200),
        *instant_findings(binding.at, f"{field}.at"),
        *(
            Finding(code="not_finite", field=f"{field}.{name}", sentence=sentence)
            for name, number in numbers.items()
            if number is not None and not number.is_finite()
        ),
    ]
