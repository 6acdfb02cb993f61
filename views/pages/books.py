"""Books as high as what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from views.widgets import Book
from views.widgets.tables import Record

_HEAD_PX, _ROW_PX = 42, 31


def picked_or_first(picked: str, ids: Iterable[str]) -> str:
    """Which row a page shows at its side: the picked one, and the first while nobody has picked."""
    return picked or next(iter(ids), "")


def show_fitted(book: Book, records: Sequence[Record], most_px: int) -> None:
    """Show the records; the book is as high as they need, at least two rows and at most `most_px`."""
    book.view.height = min(most_px, _HEAD_PX + _ROW_PX * max(2, len(records)))
    book.show(records)
