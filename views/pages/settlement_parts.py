"""Parts of both pages of settlement: columns, an award's day, and invoices to download."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import DeliveryView, FileForm, InvoiceFile, InvoiceRow
from domain.flexibility.reference import METHOD_WORDS
from domain.time import DeliveryDay
from views.pages.books import show_fitted
from views.pages.dso_parts import utc_on_hover, whole_on_hover
from views.plots.book import Column
from views.plots.day_series import Curve, day_series
from views.state.common import step_labels
from views.state.settlement import AGREED
from views.state.settlement_records import delivery_curves, delivery_words, invoice_records
from views.widgets import Book, empty_state, figure_pane, panel, text

AMOUNTS = (
    Column("awarded_mwh", "Awarded", "mw", width_px=84),
    Column("delivered_mwh", "Delivered", "mw", width_px=86),
    Column("missing_mwh", "Missing", "mw", width_px=78),
    Column("cleared_eur", "Cleared, EUR", "money", width_px=104),
    Column("less_eur", "Taken off", "money", width_px=84),
    Column("amount_eur", "To pay, EUR", "money", width_px=100),
)
PARTY, SESSION = Column("party", "Participant", min_px=120), Column("about", "Session", min_px=150)
CHANGE = Column("change_eur", "Change, EUR", "money", width_px=104)
LINES = (
    Column("what", "For", min_px=210),
    Column("power", "Power", width_px=76),
    *AMOUNTS,
    CHANGE,
    Column("basis", "Measured by", min_px=180),
)
VERSIONS = (
    Column("revision", "Version", "figure", width_px=76),
    Column("state", "State", "state", width_px=116),
    Column("at", "Since", "time", width_px=122),
    Column("at_utc", "UTC"),
    Column("amount_eur", "To pay, EUR", "money", width_px=108),
    CHANGE,
    Column("invoice", "Invoice", width_px=92),
)
INVOICES = (
    Column("name", "Number", width_px=96),
    Column("kind", "Kind", width_px=92),
    Column("issued_on", "Issued on", width_px=104),
    Column("corrects", "Corrects", width_px=96),
    Column("amount_eur", "EUR", "money", width_px=100),
)
_CURVES = (
    Curve(key="delivered", label="Delivered, up positive", mark="bar", tone="normal"),
    Curve(key="baseline", label="Baseline", mark="dash", tone="text"),
    Curve(key="asked", label="Baseline with the award", tone="high"),
    Curve(key="metered", label="Metered", tone="primary"),
)
METHODS = {"As agreed": AGREED, **{words: method.value for method, words in METHOD_WORDS.items()}}


class AwardDay:
    """The chart of one award's day with a switch of the baseline method. `on_method(value)` when it is turned."""

    def __init__(self, day: DeliveryDay, theme: str, on_method: Callable[[str], None]) -> None:
        self._on_method = on_method
        self.plot = day_series(_CURVES, step_labels(day), "MW", places=3, theme=theme, height_px=250)
        self._method = pmu.Select(label="Baseline", options=METHODS, width=170, size="small", margin=0)
        self._words = text("", "muted", margin=(0, 12, 4, 12))
        self._empty = empty_state("No award is chosen.", "Choose a line of the table to see its day.")
        self._chart = figure_pane(self.plot.figure)
        self.view = panel(
            "Metered, baseline and delivered",
            self._words,
            self._chart,
            self._empty,
            tools=[pn.HSpacer(), self._method],
        )
        self._method.param.watch(self._on_choice, "value")

    def show(self, view: DeliveryView | None, method: str) -> None:
        """An award's day, or that none is chosen."""
        self._chart.visible = self._words.visible = self._method.visible = view is not None
        self._empty.visible = view is None
        if view is None:
            return
        self._method.value = method
        self._words.object = text(delivery_words(view), "muted").object
        self.plot.figure.yaxis.axis_label = view.delivery.award.commodity.units.power
        self.plot.show(delivery_curves(view))

    def _on_choice(self, event: Any) -> None:
        self._on_method(event.new or AGREED)


class Invoices:
    """Invoices and notes; the chosen one is downloaded as CSV or PDF. `read(id, form)` gives the file."""

    def __init__(self, read: Callable[[str, FileForm], InvoiceFile], *, with_party: bool) -> None:
        self._read = read
        self._rows: tuple[InvoiceRow, ...] = ()
        self._chosen = ""
        about = PARTY if with_party else SESSION
        self._book = Book((*INVOICES[:2], about, *INVOICES[2:]), on_pick=self._on_pick)
        self._files = {form: self._download(form) for form in FileForm}
        self._words = text("", "muted", margin=(6, 8))
        self._empty = empty_state("There is no invoice yet.", "Invoices come with issued statements.")
        self.view = panel(
            "Invoices",
            self._book.view,
            self._empty,
            tools=[pn.HSpacer(), self._words, *self._files.values()],
        )

    def show(self, rows: tuple[InvoiceRow, ...]) -> None:
        """These invoices, newest first; the newest is chosen unless another was."""
        self._rows = rows
        if self._chosen not in {row.invoice.id for row in rows}:
            self._chosen = rows[0].invoice.id if rows else ""
        show_fitted(self._book, invoice_records(rows), most_px=300)
        self._book.view.visible, self._empty.visible = bool(rows), not rows
        self._name_files()

    def _name_files(self) -> None:
        chosen = next((row.invoice.name for row in self._rows if row.invoice.id == self._chosen), "")
        self._words.object = text(chosen, "muted").object
        for form, button in self._files.items():
            button.visible = bool(chosen)
            button.filename = f"{chosen}.{form.value}"

    def _download(self, form: FileForm) -> pmu.FileDownload:
        return pmu.FileDownload(
            callback=lambda: io.BytesIO(self._read(self._chosen, form).content),
            filename=f"invoice.{form.value}",
            label=form.value.upper(),
            variant="text",
            size="small",
            embed=False,
            auto=True,
        )

    def _on_pick(self, record: Any) -> None:
        self._chosen = record["id"]
        self._name_files()


def lines_book(on_pick: Callable[[Any], None]) -> Book:
    """The lines of a statement; what was measured by is told in full on hover."""
    book = Book(LINES, on_pick=on_pick)
    whole_on_hover(book, "basis")
    return book


def versions_book(on_pick: Callable[[Any], None], *, of_all: bool = False) -> Book:
    """Versions of statements: of all participants of one session, or of one participant's sessions."""
    book = Book((PARTY if of_all else SESSION, *VERSIONS), on_pick=on_pick)
    utc_on_hover(book, "at")
    return book
