"""Invoices as files: the same invoice gives the same bytes at every time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from app.invoicing.pdf import pdf
from app.invoicing.sheet import Heading, sheet
from domain.flexibility.invoices import Invoice

_FORMS: Mapping[str, Callable[[Invoice, Heading], bytes]] = {"csv": sheet, "pdf": pdf}


def invoice_file(
    form: str, invoice: Invoice, *, party: str, operator: str, region: str, delivery_day: date
) -> bytes:
    """An invoice as `csv` or `pdf`."""
    heading = Heading(party=party, operator=operator, region=region, delivery_day=delivery_day)
    return _FORMS[form](invoice, heading)
