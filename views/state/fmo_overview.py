"""The market operator's overview: all sessions of a delivery day, prices, status reports and the clock."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import param

from app.bridge import prices
from app.queries.models import GetShell, ListNotifications, ListPrices, ListSessions, SessionRow, ShellView
from domain.commands import ClockAction, MoveClock, MoveToGate, UploadPrices
from domain.flexibility.market import Gate, PriceKind, PriceSeries
from domain.lifecycle import SessionState
from domain.notifications import Notification
from views.state.door import Door
from views.state.files import file_text

STATUS_REPORT = "SessionStatusReported"
_IN_TRADING = (SessionState.OPEN, SessionState.CLEARING)


class Overview(param.Parameterized):
    """What the page shows; `day` (ISO) is its permalink, "" until the first session is known."""

    day = param.String(default="", doc="Delivery day shown, such as 2016-07-25")

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door
        self.days: tuple[str, ...] = ()
        self.sessions: tuple[SessionRow, ...] = ()
        self.prices: tuple[PriceSeries, ...] = ()
        self.reports: tuple[Notification, ...] = ()

    def refresh(self) -> None:
        """Ask again for everything shown."""
        rows = self._door.ask(ListSessions())
        self.days = tuple(sorted({row.session.delivery_day.isoformat() for row in rows}, reverse=True))
        if self.day not in self.days:
            self.day = self.days[0] if self.days else ""
        self.sessions = tuple(row for row in rows if row.session.delivery_day.isoformat() == self.day)
        self.prices = self._door.ask(ListPrices(delivery_day=self.delivery_day)) if self.day else ()
        notes = self._door.ask(ListNotifications(limit=100))
        self.reports = tuple(note for note in notes if note.event == STATUS_REPORT)[:12]

    @property
    def delivery_day(self) -> date:
        return date.fromisoformat(self.day)

    def shell(self) -> ShellView:
        """Clock and market time as of now."""
        return self._door.ask(GetShell())

    def move_clock(self, action: ClockAction, speed: float = 1.0) -> None:
        """Run or pause the demo's clock. Raises `Refused`."""
        self._door.do(MoveClock(action=action, speed=speed))

    def move_to(self, gate: Gate) -> None:
        """Move the demo's clock on to a gate; an impatient second click moves nothing. Raises `Refused`."""
        self._door.do(MoveToGate(gate_id=gate.id))

    def upload(self, kind: PriceKind, filename: str, content: bytes) -> None:
        """Take a day's prices from a CSV file. Raises `Refused` naming the row and column that is wrong."""
        self._door.do(
            UploadPrices(
                kind=kind,
                delivery_day=self.delivery_day,
                price_eur_per_mwh=prices.read(file_text(content), self.delivery_day),
                source=f"file {filename}"[:200],
            )
        )

    def prices_csv(self, kind: PriceKind) -> bytes:
        """The stored prices of the day as a file that `upload` takes; the header alone where there are none."""
        stored = next((series.price_eur_per_mwh for series in self.prices if series.kind is kind), None)
        text = f"{','.join(prices.HEAD)}\n" if stored is None else prices.write(self.delivery_day, stored)
        return text.encode()


def volumes(rows: tuple[SessionRow, ...]) -> dict[str, Decimal | int]:
    """Sums over all sessions shown, MWh and counts."""
    return {
        "sessions": len(rows),
        "trading": sum(row.session.state in _IN_TRADING for row in rows),
        "requests": sum(row.n_requests for row in rows),
        "offers": sum(row.n_offers for row in rows),
        "requested_mwh": sum((row.requested_mwh for row in rows), Decimal(0)),
        "offered_mwh": sum((row.offered_mwh for row in rows), Decimal(0)),
        "awarded_mwh": sum((row.awarded_mwh for row in rows), Decimal(0)),
    }
