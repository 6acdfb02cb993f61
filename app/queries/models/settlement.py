"""Metering, contracts, statements and invoices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.queries.models.base import Query
from domain.flexibility.assets import FlexAsset
from domain.flexibility.contracts import FlexContract, Terms
from domain.flexibility.delivery import Delivery, Measured
from domain.flexibility.invoices import Invoice
from domain.flexibility.market import MarketSession
from domain.flexibility.metering import AssetForecast, MeterReading, PodMapping
from domain.flexibility.reference import BaselineMethod
from domain.flexibility.settlement import Statement, StatementLine
from domain.ids import AwardId, InvoiceId, PodId, RegionId, SessionId
from domain.paging import Slice
from domain.parties import Party, Region


@dataclass(frozen=True, kw_only=True)
class PodRow:
    """A point of delivery with the asset that it stands for, and by it the bus."""

    mapping: PodMapping
    asset: FlexAsset


@dataclass(frozen=True, kw_only=True)
class ListPods(Query[tuple[PodRow, ...]]):
    """Every mapping, by code and day. FMO: all; DSO: in its regions; owners: own."""

    region_id: RegionId | None = None


@dataclass(frozen=True, kw_only=True)
class ReadingRow:
    """A reading with its asset; `latest`: no later revision has replaced it."""

    reading: MeterReading
    asset: FlexAsset
    latest: bool


@dataclass(frozen=True, kw_only=True)
class ListReadings(Query[tuple[ReadingRow, ...]]):
    """Every revision of a day's readings. FMO: all; DSO: in its regions; owners: own."""

    delivery_day: date
    pod_id: PodId | None = None
    part: Slice | None = None


@dataclass(frozen=True, kw_only=True)
class ListForecasts(Query[tuple[AssetForecast, ...]]):
    """Forecasts of a day. FMO: all; DSO: in its regions; owners: own."""

    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class ContractRow:
    """A contract, or the standard terms (`contract` None) where a party has none; `words` say them."""

    region: Region
    party: Party
    contract: FlexContract | None
    terms: Terms
    words: str


@dataclass(frozen=True, kw_only=True)
class ListContracts(Query[tuple[ContractRow, ...]]):
    """By region, party and day. FMO: all; DSO: of its regions; offering parties: own."""


@dataclass(frozen=True, kw_only=True)
class LineRow:
    """A line with its words and asset; `change_eur` against the version before, None without one.

    `gone`: it was in the version before and is no longer; its amounts are then zero.
    """

    line: StatementLine
    text: str
    asset: FlexAsset | None
    change_eur: Decimal | None
    gone: bool = False


@dataclass(frozen=True, kw_only=True)
class StatementRow:
    """A version of a statement; `correction_eur` against the version before that the asker may see."""

    statement: Statement
    party: Party
    region: Region
    session: MarketSession
    lines: tuple[LineRow, ...]
    correction_eur: Decimal | None
    invoice: Invoice | None


@dataclass(frozen=True, kw_only=True)
class ListStatements(Query[tuple[StatementRow, ...]]):
    """Newest first. FMO: every version of all; others: their own that were issued."""

    session_id: SessionId | None = None


@dataclass(frozen=True, kw_only=True)
class SettlementView:
    """A session's settlement: the statements as they stand, and whether they add up.

    `coupling_eur`: what the coupling point gets in the clearing; `balance_eur`: all statements with it, 0.00.
    `n_metered` of `n_assets` awarded assets have a reading; `over`: the delivery day is over.
    """

    session: MarketSession
    region: Region
    over: bool
    n_assets: int
    n_metered: int
    statements: tuple[StatementRow, ...]
    awarded_mwh: Decimal
    delivered_mwh: Decimal
    awarded_mvarh: Decimal
    delivered_mvarh: Decimal
    cleared_eur: Decimal
    to_pay_eur: Decimal
    coupling_eur: Decimal
    balance_eur: Decimal


@dataclass(frozen=True, kw_only=True)
class GetSettlement(Query[SettlementView]):
    session_id: SessionId


@dataclass(frozen=True, kw_only=True)
class DeliveryView:
    """An award's day: what was measured, and what is credited by the method asked for.

    `agreed`: the contract's method.
    """

    session: MarketSession
    party: Party
    measured: Measured
    delivery: Delivery
    agreed: BaselineMethod


@dataclass(frozen=True, kw_only=True)
class GetDelivery(Query[DeliveryView]):
    """FMO: all; DSO: in its regions; offering parties: own. From publication on.

    method : None for the contract's
    """

    award_id: AwardId
    method: BaselineMethod | None = None


@dataclass(frozen=True, kw_only=True)
class InvoiceRow:
    invoice: Invoice
    party: Party
    region: Region
    session: MarketSession


@dataclass(frozen=True, kw_only=True)
class ListInvoices(Query[tuple[InvoiceRow, ...]]):
    """Newest first. FMO: all; others: own."""

    session_id: SessionId | None = None


class FileForm(StrEnum):
    CSV = "csv"
    PDF = "pdf"


@dataclass(frozen=True, kw_only=True)
class InvoiceFile:
    """A file of an invoice, the same bytes at every time."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class GetInvoiceFile(Query[InvoiceFile]):
    invoice_id: InvoiceId
    form: FileForm
