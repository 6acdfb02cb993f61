"""Books as high as what they hold."""

from __future__ import annotations

from collections.abc import Sequence

from views.widgets import Book
from views.widgets.tables import Record

_HEAD_PX, _ROW_PX = 42, 31


def show_fitted(book: Book, records: Sequence[Record], most_px: int) -> None:
    """Show the records; the book is as high as they need, at least two rows and at most `most_px`."""
    book.view.height = min(most_px, _HEAD_PX + _ROW_PX * max(2, len(records)))
    book.show(records)
