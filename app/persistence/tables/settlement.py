"""Metering, forecasts, contracts, statements and invoices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.codec import from_data, to_data
from app.persistence.columns import (
    EUR_PER_MWH,
    MW,
    SHARE,
    WHOLE,
    Spec,
    Unit,
    count,
    day,
    decimals,
    enum,
    exact,
    from_whole,
    instant,
    key,
    series,
    structure,
    to_whole,
    wholes,
)
from app.persistence.columns import text as text_
from app.persistence.registry import entity
from domain.flexibility.contracts import DeliveryRule, FlexContract
from domain.flexibility.invoices import Invoice, InvoiceKind, InvoiceLine
from domain.flexibility.metering import AssetForecast, MeterReading, PodMapping, Readings
from domain.flexibility.reference import BaselineMethod
from domain.flexibility.settlement import Statement, StatementLine
from domain.lifecycle import StatementState

MVAR = Unit(suffix="_mvar", stored="_var", places=6)


def readings(field: str, unit: Unit) -> Spec:
    """A series with gaps as a JSON list of integers and nulls."""

    def to(values: Readings) -> list[int | None]:
        return [None if v is None else to_whole(v, unit.places, f"{field}[{i}]") for i, v in enumerate(values)]

    def back(values: list[int | None]) -> tuple[Decimal | None, ...]:
        return tuple(None if value is None else from_whole(value, unit.places) for value in values)

    return structure(field, unit.column(field), to_data=to, from_data=back)


def _statement_line_to(line: StatementLine) -> dict[str, Any]:
    """The delivered series in whole watts: long and read often."""
    return to_data(replace(line, delivered_mw=())) | {
        "delivered_mw": wholes(line.delivered_mw, MW, "delivered_mw")
    }


def _statement_line_from(data: dict[str, Any]) -> StatementLine:
    line: StatementLine = from_data(StatementLine, data | {"delivered_mw": []})
    return replace(line, delivered_mw=decimals(data["delivered_mw"], MW))


def _invoice_line_from(data: dict[str, Any]) -> InvoiceLine:
    line: InvoiceLine = from_data(InvoiceLine, data)
    return line


def _lines(to: Callable[[Any], Any], back: Callable[[Any], Any]) -> Spec:
    kept = structure(
        "lines",
        "lines",
        to_data=lambda lines: [to(line) for line in lines],
        from_data=lambda data: tuple(back(line) for line in data),
    )
    return replace(kept, large=True)


entity(
    PodMapping,
    "pod_mappings",
    key(),
    text_("pod_id"),
    text_("asset_id", references="assets.id"),
    day("valid_from"),
    unique=[["pod_id", "valid_from"]],
    index=[["asset_id"]],
)

entity(
    MeterReading,
    "meter_readings",
    key(),
    text_("pod_id"),
    day("delivery_day"),
    count("revision"),
    readings("p_mw", MW),
    text_("reported_by", references="parties.id"),
    instant("reported_at"),
    readings("q_mvar", MVAR),
    unique=[["pod_id", "delivery_day", "revision"]],
    index=[["delivery_day"]],
)

entity(
    AssetForecast,
    "forecasts",
    key(),
    text_("asset_id", references="assets.id"),
    day("delivery_day"),
    series("p_mw", MW),
    text_("uploaded_by", references="parties.id"),
    instant("uploaded_at"),
    unique=[["asset_id", "delivery_day"]],
)

entity(
    FlexContract,
    "contracts",
    key(),
    text_("region_id", references="regions.id"),
    text_("party_id", references="parties.id"),
    day("valid_from"),
    enum("baseline", BaselineMethod),
    enum("rule", DeliveryRule),
    exact("tolerance_share", SHARE),
    exact("penalty_eur_per_mwh", EUR_PER_MWH),
    instant("agreed_at"),
    unique=[["region_id", "party_id", "valid_from"]],
)

entity(
    Statement,
    "statements",
    key(),
    text_("session_id", references="sessions.id"),
    text_("region_id", references="regions.id"),
    text_("party_id", references="parties.id"),
    count("revision"),
    _lines(_statement_line_to, _statement_line_from),
    instant("computed_at"),
    enum("state", StatementState),
    instant("issued_at", nullable=True),
    unique=[["session_id", "party_id", "revision"]],
    index=[["party_id"]],
)

entity(
    Invoice,
    "invoices",
    key(),
    count("number"),
    enum("kind", InvoiceKind),
    text_("statement_id", references="statements.id"),
    text_("session_id", references="sessions.id"),
    text_("region_id", references="regions.id"),
    text_("party_id", references="parties.id"),
    day("issued_on"),
    _lines(to_data, _invoice_line_from),
    Spec(
        field="corrects",
        column="corrects",
        type=WHOLE,
        to_db=int,
        from_db=int,
        nullable=True,
    ),
    unique=[["number"], ["statement_id"]],
    index=[["session_id"], ["party_id"]],
)
