"""Bodies and answers of metering and settlement. Series have one value per quarter hour of the delivery day."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.rest.fields import Day, Exact, Filter, Id, In, Instant, Out
from app.rest.schemas import Paging, SeriesIn

Method = Literal["nomination", "comparable_days", "forecast"]
Rule = Literal["pay_delivered", "penalty", "all_or_nothing"]
PodCode = Annotated[str, StringConstraints(min_length=1, max_length=60)]
ReadingsIn = Annotated[list[Exact | None], Field(max_length=200)]
"""Null for a quarter hour without a reading."""


class PodIn(In):
    """The asset that a point of delivery stands for, from a day on."""

    asset_id: Id
    valid_from: Day


class PodOut(Out):
    pod_id: str
    asset_id: str
    asset_name: str
    region_id: str
    bus: str
    valid_from: Day


class ReadingIn(In):
    """Mean injection per quarter hour, up positive: `p_mw` MW and, where it is metered, `q_mvar` Mvar."""

    p_mw: ReadingsIn
    q_mvar: ReadingsIn = Field(default_factory=list)


class ReadingOut(Out):
    pod_id: str
    delivery_day: Day
    revision: int
    p_mw: list[Exact | None]
    q_mvar: list[Exact | None]
    reported_by: str
    reported_at: Instant


class ReadingRowOut(ReadingOut):
    asset_id: str
    asset_name: str
    latest: bool


class ReadingFilter(Paging):
    delivery_day: Day
    pod_id: PodCode | None = None


class ForecastIn(In):
    """Injection [n_steps], MW, up positive."""

    p_mw: SeriesIn


class ForecastOut(Out):
    asset_id: str
    delivery_day: Day
    p_mw: list[Exact]
    uploaded_by: str
    uploaded_at: Instant


class ContractIn(In):
    """Terms from a delivery day on; `tolerance_share` from 0 to 1, a penalty price with `penalty` only."""

    region_id: Id
    party_id: Id
    valid_from: Day
    baseline: Method
    rule: Rule
    tolerance_share: Exact = Field(default=0, validate_default=True)
    penalty_eur_per_mwh: Exact = Field(default=0, validate_default=True)


class ContractOut(Out):
    """`id` and `valid_from` are null for the standard terms of a participant without a contract."""

    id: str | None
    region_id: str
    party_id: str
    valid_from: Day | None
    baseline: Method
    rule: Rule
    tolerance_share: Exact
    penalty_eur_per_mwh: Exact
    words: str


class ValidateIn(In):
    """Whether findings that stop the validation are accepted."""

    accept_findings: bool = False


class RemarkOut(Out):
    kind: str
    sentence: str
    blocking: bool


class StatementLineOut(Out):
    """A line; `change_eur` against the version before, null without one; `gone`: only that version had it."""

    kind: str
    text: str
    award_id: str | None
    asset_id: str | None
    commodity: Literal["P", "Q"]
    direction: str | None
    awarded_mwh: Exact
    delivered_mwh: Exact
    missing_mwh: Exact
    cleared_eur: Exact
    deduction_eur: Exact
    penalty_eur: Exact
    amount_eur: Exact
    basis: str
    remarks: list[RemarkOut]
    change_eur: Exact | None
    gone: bool


class StatementOut(Out):
    id: str
    session_id: str
    region_id: str
    delivery_day: Day
    party_id: str
    revision: int
    state: str
    computed_at: Instant
    issued_at: Instant | None
    cleared_eur: Exact
    amount_eur: Exact
    correction_eur: Exact | None
    invoice_id: str | None
    lines: list[StatementLineOut]


class SessionRefFilter(Paging):
    session_id: Id | None = None


class SettlementOut(Out):
    """A session's settlement; `balance_eur` is the sum of all statements and the coupling point, 0."""

    session_id: str
    delivered: bool
    n_assets: int
    n_metered: int
    awarded_mwh: Exact
    delivered_mwh: Exact
    awarded_mvarh: Exact
    delivered_mvarh: Exact
    cleared_eur: Exact
    to_pay_eur: Exact
    coupling_eur: Exact
    balance_eur: Exact
    statements: list[StatementOut]


class DeliveryFilter(Filter):
    method: Method | None = None


class DeliveryOut(Out):
    """An award's day: metered, baseline, awarded and delivered; Mvar where the commodity is Q."""

    award_id: str
    asset_id: str
    commodity: Literal["P", "Q"]
    direction: str
    pod_id: str
    reading_revision: int | None
    agreed_baseline: Method
    baseline_method: Method
    baseline_source: str
    baseline_reason: str
    baseline_mw: list[Exact] | None
    metered_mw: list[Exact | None]
    awarded_mw: list[Exact]
    delivered_mw: list[Exact]
    remarks: list[RemarkOut]


class InvoiceLineOut(Out):
    text: str
    quantity_mwh: Exact
    unit: str
    amount_eur: Exact


class InvoiceOut(Out):
    """`amount_eur`: what the participant gets, pays where negative; `corrects`: its first invoice's number."""

    id: str
    name: str
    number: int
    kind: str
    corrects: int | None
    statement_id: str
    session_id: str
    region_id: str
    party_id: str
    issued_on: Day
    amount_eur: Exact
    lines: list[InvoiceLineOut]
