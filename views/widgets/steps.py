"""Market sessions as rows of steps with a ticking countdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import param
from panel.custom import JSComponent

_ASSETS = Path(__file__).resolve().parents[2] / "assets"
StepMark = Literal["done", "now", "later", "failed"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: `note` under it (its local time), `hover` (its UTC time)."""

    label: str
    state: StepMark
    note: str = ""
    hover: str = ""


@dataclass(frozen=True, kw_only=True)
class SessionSteps:
    """A session's row; `href` of our own pages or "". `due_at` (market time) and `due_label`: what comes next."""

    title: str
    note: str
    steps: Sequence[Step]
    href: str = ""
    due_at: datetime | None = None
    due_label: str = ""


class StepRows(JSComponent):
    """Draws session rows; the countdown runs in the browser at the market clock's speed."""

    shown = param.Dict(default={"market_ms": 0, "speed": 0, "sessions": []})

    _esm = _ASSETS / "js" / "steps.js"
    _stylesheets = ((_ASSETS / "css" / "steps.css").read_text(encoding="utf-8"),)

    def show(self, rows: Sequence[SessionSteps], market_now: datetime, speed: float) -> None:
        """Show these rows; `market_now` and `speed` set the countdown going."""
        self.shown = {
            "market_ms": market_now.timestamp() * 1000.0,
            "speed": speed,
            "sessions": [_row(row) for row in rows],
        }


def _row(row: SessionSteps) -> dict[str, object]:
    due = None if row.due_at is None else {"label": row.due_label, "due_ms": row.due_at.timestamp() * 1000.0}
    return {
        "title": row.title,
        "note": row.note,
        "href": row.href,
        "steps": [asdict(step) for step in row.steps],
        "next": due,
    }
