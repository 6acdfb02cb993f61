"""The market operator's overview: all sessions of a delivery day, prices, status reports and the clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np
import param
from numpy.typing import NDArray

from app.queries.models import (
    GetGrid,
    GetNodalPrices,
    GetResult,
    GetShell,
    GridView,
    ListNotifications,
    ListPrices,
    ListRegions,
    ListSessions,
    NodalPrices,
    SessionRow,
    ShellView,
)
from domain.commands import ClockAction, MoveClock, MoveToGate
from domain.errors import Refused
from domain.flexibility.market import Gate, PriceKind, PriceSeries
from domain.lifecycle import SessionState
from domain.notifications import Notification
from domain.parties import Region
from views.state import price_files
from views.state.door import Door
from views.state.session_result import HAS_RESULT
from views.state.sessions import next_gate

STATUS_REPORT = "SessionStatusReported"
_IN_TRADING = (SessionState.OPEN, SessionState.CLEARING)


@dataclass(frozen=True, kw_only=True, eq=False)
class RegionDay:
    """A region on the day shown, with its session if it has one; `n_unmet` and `prices` once there is a result."""

    region: Region
    row: SessionRow | None
    grid: GridView | None
    n_unmet: int | None
    prices: NodalPrices | None

    @property
    def n_needs(self) -> int | None:
        """Elements that pass a limit before any clearing; None until it is computed."""
        return None if self.grid is None or self.grid.before is None else len(self.grid.before.needs)

    @property
    def price_range(self) -> tuple[float, float] | None:
        """Lowest and highest d-LMP over buses and quarter hours, EUR/MWh."""
        if self.prices is None or not self.prices.bus_ids:
            return None
        return float(self.prices.p.total.min()), float(self.prices.p.total.max())


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
        self.regions: tuple[RegionDay, ...] = ()
        self._known: dict[tuple[str, str, SessionState | None], RegionDay] = {}

    def refresh(self) -> None:
        """Ask again for everything shown."""
        rows = self._door.ask(ListSessions())
        self.days = tuple(sorted({row.session.delivery_day.isoformat() for row in rows}, reverse=True))
        if self.day not in self.days:
            self.day = _day_of_next_gate(rows) or (self.days[0] if self.days else "")
        self.sessions = tuple(row for row in rows if row.session.delivery_day.isoformat() == self.day)
        of_region = {row.region.id: row for row in self.sessions}
        self.regions = tuple(
            self._region(region, of_region.get(region.id)) for region in self._door.ask(ListRegions()) if self.day
        )
        self.prices = self._door.ask(ListPrices(delivery_day=self.delivery_day)) if self.day else ()
        notes = self._door.ask(ListNotifications(limit=100))
        self.reports = tuple(note for note in notes if note.event == STATUS_REPORT)[:12]

    def _region(self, region: Region, row: SessionRow | None) -> RegionDay:
        """Grid and prices are large and change with the session's state only; until the needs are known they are
        asked for again."""
        key = (region.id, self.day, row.session.state if row else None)
        known = self._known.get(key)
        if known is not None and known.grid is not None and known.grid.before is not None:
            return replace(known, row=row)
        n_unmet, prices = None, None
        grid = self._door.ask(GetGrid(region_id=region.id, delivery_day=self.delivery_day))
        if row is not None and row.session.state in HAS_RESULT:
            try:
                n_unmet = len(self._door.ask(GetResult(session_id=row.session.id)).unmet)
                prices = self._door.ask(GetNodalPrices(session_id=row.session.id))
            except Refused:
                pass  # somebody started it anew meanwhile: the next news asks again
        self._known[key] = RegionDay(region=region, row=row, grid=grid, n_unmet=n_unmet, prices=prices)
        return self._known[key]

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
        price_files.upload(self._door, kind, self.delivery_day, filename, content)

    def prices_csv(self, kind: PriceKind) -> bytes:
        """The stored prices of the day as a file that `upload` takes; the header alone where there are none."""
        return price_files.as_csv(self.delivery_day, self.prices, kind)


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


def _day_of_next_gate(rows: Sequence[SessionRow]) -> str:
    """The delivery day whose session has something to do next; "" where none has."""
    ahead = [(gate.due_at, row.session.delivery_day) for row in rows if (gate := next_gate(row.gates))]
    return min(ahead)[1].isoformat() if ahead else ""


def local_range(state: Overview) -> dict[str, NDArray[np.float64]]:
    """Lowest and highest d-LMP over the buses of all regions shown, each [n_steps]; nothing without a result."""
    totals = [region.prices.p.total for region in state.regions if region.prices and region.prices.bus_ids]
    if not totals:
        return {}
    whole = np.concatenate(totals, axis=1)
    return {"local_low": whole.min(axis=1), "local_high": whole.max(axis=1)}
