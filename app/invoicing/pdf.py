"""An invoice as PDF on A4: drawn as text, never as markup, and without a clock."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from app.invoicing.sheet import Heading, name_of
from domain.flexibility.invoices import Invoice, InvoiceKind, InvoiceLine

PLAIN, BOLD = "Vera", "VeraBd"
LEFT, RIGHT, TOP, BOTTOM = 20 * mm, A4[0] - 20 * mm, A4[1] - 25 * mm, 25 * mm
ROW = 5.5 * mm
COLUMNS = {"text": LEFT + 12 * mm, "quantity": 140 * mm, "amount": RIGHT}
TEXT_MM = 100
_TITLES = {
    InvoiceKind.INVOICE: "Invoice",
    InvoiceKind.CREDIT_NOTE: "Credit note",
    InvoiceKind.DEBIT_NOTE: "Debit note",
}


@cache
def fonts() -> dict[str, frozenset[int]]:
    """The fonts that come with the library, embedded so that every viewer shows the same; their characters."""
    known = {}
    for name in (PLAIN, BOLD):
        font = TTFont(name, f"{name}.ttf")
        pdfmetrics.registerFont(font)
        known[name] = frozenset(font.face.charToGlyph)
    return known


def pdf(invoice: Invoice, heading: Heading) -> bytes:
    """The document's bytes; a character that the font does not have is shown as a question mark."""
    fonts()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setTitle(invoice.name)
    canvas.setAuthor("FlexDesk")
    sheet = _Sheet(canvas, invoice)
    sheet.head(heading)
    for position, line in enumerate(invoice.lines, start=1):
        sheet.line(position, line)
    sheet.total()
    canvas.save()
    return out.getvalue()


class _Sheet:
    """Pages filled from the top."""

    def __init__(self, canvas: Canvas, invoice: Invoice) -> None:
        self._canvas, self._invoice = canvas, invoice
        self._y, self._page = TOP, 1

    def head(self, heading: Heading) -> None:
        """Title and facts, then the table's first row."""
        invoice = self._invoice
        self._say(LEFT, f"{_TITLES[invoice.kind]} {invoice.name}", BOLD, 16)
        self._y -= 9 * mm
        for name, value in _facts(invoice, heading):
            self._say(LEFT, name, PLAIN, 9)
            self._say(LEFT + 38 * mm, _fitted(value, PLAIN, 9, 130), PLAIN, 9)
            self._y -= 5 * mm
        self._y -= 4 * mm
        self._columns()

    def line(self, position: int, line: InvoiceLine) -> None:
        self._room(ROW)
        self._say(LEFT, f"{position}", PLAIN, 9)
        self._say(COLUMNS["text"], _fitted(line.text, PLAIN, 9, TEXT_MM), PLAIN, 9)
        quantity = f"{line.quantity_mwh:,.3f} {line.unit}" if line.quantity_mwh else ""
        self._say_right(COLUMNS["quantity"] + 12 * mm, quantity, PLAIN)
        self._say_right(COLUMNS["amount"], f"{line.amount_eur:,.2f}", PLAIN)
        self._y -= ROW

    def total(self) -> None:
        self._room(3 * ROW)
        self._canvas.line(LEFT, self._y + ROW / 2, RIGHT, self._y + ROW / 2)
        self._y -= 1.5 * mm
        amount = self._invoice.amount_eur
        words = "To be paid to you" if amount >= 0 else "To be paid by you"
        self._say(COLUMNS["text"], f"{words}, EUR, without taxes", BOLD, 9)
        self._say_right(COLUMNS["amount"], f"{amount:,.2f}", BOLD)
        self._foot()

    def _columns(self) -> None:
        self._say(LEFT, "No.", BOLD, 9)
        self._say(COLUMNS["text"], "For", BOLD, 9)
        self._say_right(COLUMNS["quantity"] + 12 * mm, "Quantity", BOLD)
        self._say_right(COLUMNS["amount"], "EUR", BOLD)
        self._y -= 2 * mm
        self._canvas.line(LEFT, self._y, RIGHT, self._y)
        self._y -= ROW

    def _room(self, height: float) -> None:
        """A new page where this one is full."""
        if self._y - height >= BOTTOM:
            return
        self._foot()
        self._canvas.showPage()
        self._y, self._page = TOP, self._page + 1
        self._columns()

    def _foot(self) -> None:
        self._canvas.setFont(PLAIN, 8)
        self._canvas.drawRightString(RIGHT, 15 * mm, f"{self._invoice.name}, page {self._page}")

    def _say(self, x: float, text: str, font: str, size: float) -> None:
        self._canvas.setFont(font, size)
        self._canvas.drawString(x, self._y, drawable(text, font))

    def _say_right(self, x: float, text: str, font: str) -> None:
        self._canvas.setFont(font, 9)
        self._canvas.drawRightString(x, self._y, drawable(text, font))


def _facts(invoice: Invoice, heading: Heading) -> Iterator[tuple[str, str]]:
    yield "Between", heading.operator
    yield "and", heading.party
    yield "Region", heading.region
    yield "Delivery day", f"{heading.delivery_day:%d.%m.%Y}"
    yield "Issued on", f"{invoice.issued_on:%d.%m.%Y}"
    if invoice.corrects is not None and invoice.kind is not InvoiceKind.INVOICE:
        yield "Corrects", name_of(invoice.corrects)


def drawable(text: str, font: str) -> str:
    known = fonts()[font]
    return "".join(character if ord(character) in known else "?" for character in text)


def _fitted(text: str, font: str, size: float, width_mm: float) -> str:
    """The text, cut with dots where it is wider than its room."""
    text = drawable(text, font)
    while text and pdfmetrics.stringWidth(text, font, size) > width_mm * mm:
        text = f"{text.removesuffix('...')[:-1]}..."
    return text
