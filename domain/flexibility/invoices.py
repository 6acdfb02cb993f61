"""Invoices of issued statements: one series of numbers without gaps, notes over the difference of a correction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.flexibility.commodity import Commodity
from domain.flexibility.settlement import LineKind, Statement, StatementLine, differences
from domain.ids import AssetId, InvoiceId, PartyId, RegionId, SessionId, StatementId
from domain.units import total


class InvoiceKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit note"
    DEBIT_NOTE = "debit note"


@dataclass(frozen=True, kw_only=True)
class InvoiceLine:
    """One line: what it is for, MWh (Mvarh of Q), and EUR that the party gets (pays where negative)."""

    text: str
    quantity_mwh: Decimal
    unit: str
    amount_eur: Decimal


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """A numbered document about one statement; amounts are without taxes."""

    id: InvoiceId
    number: int
    kind: InvoiceKind
    statement_id: StatementId
    session_id: SessionId
    region_id: RegionId
    party_id: PartyId
    issued_on: date
    lines: tuple[InvoiceLine, ...]
    corrects: int | None = None
    version: int = 0

    @property
    def amount_eur(self) -> Decimal:
        return total([line.amount_eur for line in self.lines])

    @property
    def name(self) -> str:
        """Such as `FD-000017`."""
        return f"FD-{self.number:06d}"


_WORDS: Mapping[LineKind, str] = {
    LineKind.BESIDE: "Paid beside the awards",
    LineKind.PURCHASE: "Flexibility bought in the clearing",
    LineKind.COUPLING: "Energy over the coupling point",
}


def invoice_lines(
    before: Statement | None, after: Statement, assets: Mapping[AssetId, str]
) -> tuple[InvoiceLine, ...]:
    """The lines of a statement's first invoice, or of a note over what changed since the one `before`.

    assets : names of the assets that the lines are about
    """
    if before is None:
        return tuple(_line(line, line.quantity_mwh, line.amount_eur, assets) for line in after.lines)
    changes = differences(before, after)
    return tuple(_line(c.line, c.quantity_mwh, c.amount_eur, assets) for c in changes if c.amount_eur)


def invoice_kind(before: Statement | None, amount_eur: Decimal) -> InvoiceKind:
    """A correction is a credit note where the party gets more than before, else a debit note."""
    if before is None:
        return InvoiceKind.INVOICE
    return InvoiceKind.CREDIT_NOTE if amount_eur >= 0 else InvoiceKind.DEBIT_NOTE


def line_text(line: StatementLine, assets: Mapping[AssetId, str]) -> str:
    """What a line is for, in words."""
    if line.asset_id is None or line.direction is None:
        return _WORDS[line.kind]
    what = f"{assets[line.asset_id]}, {line.direction.value}"
    what = f"{what}, reactive power" if line.commodity is Commodity.Q else what
    return f"Not delivered: {what}" if line.kind is LineKind.REFUND else what


def _line(
    line: StatementLine, quantity_mwh: Decimal, amount_eur: Decimal, assets: Mapping[AssetId, str]
) -> InvoiceLine:
    return InvoiceLine(
        text=line_text(line, assets),
        quantity_mwh=quantity_mwh,
        unit=line.commodity.units.energy,
        amount_eur=amount_eur,
    )
