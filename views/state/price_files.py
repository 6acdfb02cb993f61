"""A day's wholesale prices as files: taken in, and given out in the same form."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from app.bridge import prices
from domain.commands import UploadPrices
from domain.flexibility.market import PriceKind, PriceSeries
from views.state.door import Door
from views.state.files import file_text


def upload(door: Door, kind: PriceKind, day: date, filename: str, content: bytes) -> None:
    """Take a day's prices from a CSV file. Raises `Refused` naming the row and column that is wrong."""
    door.do(
        UploadPrices(
            kind=kind,
            delivery_day=day,
            price_eur_per_mwh=prices.read(file_text(content), day),
            source=f"file {filename}"[:200],
        )
    )


def as_csv(day: date, known: Iterable[PriceSeries], kind: PriceKind) -> bytes:
    """The stored prices of the day as a file that `upload` takes; the header alone where there are none."""
    stored = next((series.price_eur_per_mwh for series in known if series.kind is kind), None)
    text = f"{','.join(prices.HEAD)}\n" if stored is None else prices.write(day, stored)
    return text.encode()
