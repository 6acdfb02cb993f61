"""Two clearings that are compared: which, and their figures as the page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import param

from app.queries.models import (
    ClearingDay,
    ClearingKind,
    ClearingRow,
    CompareClearings,
    ComparedFigure,
    Comparison,
    GetClearingDay,
    ListClearings,
    ListSessions,
    SessionRow,
)
from domain.commands import CancelJob, TryClearing
from domain.errors import Refused
from domain.flexibility.operation import BookState, ClearingTry
from domain.flexibility.rules import ClearingRules
from domain.ids import SessionId
from domain.lifecycle import JobState
from views.state.common import MISSING, number, sentence
from views.state.door import Door

_PLACES = {"EUR": 2, "MWh": 3, "Mvarh": 3, "EUR/MWh": 2, "EUR/Mvarh": 2, "pu": 4, "%": 1, "s": 2, "": 0}
_RUNNING = (JobState.QUEUED, JobState.RUNNING)
GROUPS = {"result": "Result", "volume": "Volume", "price": "Price", "proof": "Proof"}


class Compare(param.Parameterized):
    """What the page shows; both sides and the map's layer are its permalink."""

    left = param.String(default="")
    right = param.String(default="")
    session = param.String(default="", doc="Whose book other rules are tried on")
    overlay = param.Selector(default="voltage", objects=["voltage", "loading"])

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door
        self.sessions: tuple[SessionRow, ...] = ()
        self.rows: tuple[ClearingRow, ...] = ()
        self.waited_for = ""

    def refresh(self) -> None:
        """Ask again for what can be chosen; a side that is not there falls back to one that is."""
        self.sessions = self._door.ask(ListSessions())
        self.rows = self._door.ask(ListClearings())
        ids = [row.id for row in self.done]
        if self.left not in ids:
            self.left = ids[0] if ids else ""
        if self.waited_for in ids:
            self.right, self.waited_for = self.waited_for, ""
        if self.right not in ids:
            self.right = next((id for id in ids if id != self.left), self.left)
        known = [row.session.id for row in self.sessions]
        if self.session not in known:
            self.session = next(
                (row.session_id for row in self.done if row.id == self.left), known[0] if known else ""
            )

    @property
    def done(self) -> tuple[ClearingRow, ...]:
        """Clearings that can be compared."""
        return tuple(row for row in self.rows if row.job.state is JobState.DONE)

    @property
    def running(self) -> ClearingRow | None:
        """The newest try that waits or runs."""
        tries = [row for row in self.rows if row.kind is ClearingKind.TRY and row.job.state in _RUNNING]
        return max(tries, key=lambda row: row.job.submitted_at, default=None)

    def choices(self) -> dict[str, str]:
        """Every clearing in words; two that read the same are told apart by their ids."""
        words: dict[str, str] = {}
        for row in self.done:
            name = clearing_words(row)
            words[name if name not in words else f"{name} ({row.id})"] = row.id
        return words

    def session_choices(self) -> dict[str, str]:
        return {
            f"{row.region.name}, {row.session.delivery_day:%a %d %b %Y}": row.session.id for row in self.sessions
        }

    def compared(self) -> Comparison | str:
        """Both sides' figures, or why there are none."""
        try:
            return self._door.ask(CompareClearings(left=self.left, right=self.right))
        except Refused as refused:
            return sentence(refused)

    def days(self) -> tuple[ClearingDay | None, ClearingDay | None]:
        """Grid and prices of both sides."""
        return self._day(self.left), self._day(self.right)

    def _day(self, id: str) -> ClearingDay | None:
        try:
            return self._door.ask(GetClearingDay(id=id))
        except Refused:
            return None

    def attempt(self, rules: ClearingRules) -> ClearingTry:
        """Try other rules on the chosen session's book; the result becomes the right side. Raises `Refused`."""
        tried: ClearingTry = self._door.do(
            TryClearing(
                session_id=SessionId(self.session),
                clearing=rules.clearing,
                payment=rules.payment,
                energy=rules.energy,
            )
        )
        own = next((row.id for row in self.done if row.id == self.session), "")
        if own:
            self.left = own
        self.waited_for = tried.id
        return tried

    def cancel(self) -> None:
        if self.running is not None:
            self._door.do(CancelJob(job_id=self.running.job.id))


def clearing_words(row: ClearingRow) -> str:
    """Such as `Rural region, 25.07.2016: market, network clearing, paid as bid, energy ignored`."""
    words = row.rules.words()
    kind = "market" if row.kind is ClearingKind.MARKET else "try"
    book = " (book before the gate)" if row.book is BookState.OPEN else ""
    return f"{row.region.name}, {row.delivery_day:%d.%m.%Y}: {kind}{book}, {words[0].lower()}{words[1:]}"


def figure_record(figure: ComparedFigure) -> dict[str, Any]:
    """One row of the table; what is missing on a side is a dash, and has no difference."""
    places = _PLACES.get(figure.unit, 2)
    difference = figure.difference
    return {
        "group": GROUPS[figure.group],
        "label": figure.label,
        "unit": figure.unit,
        "left": number(figure.left, places),
        "right": number(figure.right, places),
        "difference": MISSING if difference is None else _signed(difference, places),
    }


def _signed(value: Decimal, places: int) -> str:
    told = number(value, places)
    return f"+{told}" if value > 0 and told.strip("0.,") else told.lstrip("-") if not told.strip("-0.,") else told


def of_group(figures: Sequence[ComparedFigure], group: str) -> list[ComparedFigure]:
    """Figures of a group that either side has."""
    return [f for f in figures if f.group == group and (f.left is not None or f.right is not None)]
