"""An invoice as CSV: one row per line, every row with the invoice's own facts, the total in the last."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date

from domain.flexibility.invoices import Invoice
from domain.texts import csv_safe

COLUMNS = (
    "invoice",
    "kind",
    "corrects",
    "issued_on",
    "party",
    "region",
    "delivery_day",
    "position",
    "text",
    "quantity",
    "unit",
    "amount_eur",
)


@dataclass(frozen=True, kw_only=True)
class Heading:
    """Names that an invoice shows beside its own facts."""

    party: str
    operator: str
    region: str
    delivery_day: date


def name_of(number: int | None) -> str:
    return "" if number is None else f"FD-{number:06d}"


def sheet(invoice: Invoice, heading: Heading) -> bytes:
    """UTF-8 with a byte order mark; a text that a spreadsheet would run as a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    facts = (
        invoice.name,
        invoice.kind.value,
        name_of(invoice.corrects),
        invoice.issued_on.isoformat(),
        csv_safe(heading.party),
        csv_safe(heading.region),
        heading.delivery_day.isoformat(),
    )
    for position, line in enumerate(invoice.lines, start=1):
        row = (position, csv_safe(line.text), f"{line.quantity_mwh:.6f}", line.unit, f"{line.amount_eur:.2f}")
        writer.writerow((*facts, *row))
    writer.writerow((*facts, "", "Total", "", "", f"{invoice.amount_eur:.2f}"))
    return out.getvalue().encode("utf-8-sig")
