"""How books look: columns with units, right-aligned figures, states with a symbol. Plain data, no widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from bokeh.models import NumberFormatter, StringFormatter

Kind = Literal["text", "figure", "mw", "price", "money", "percent", "voltage", "count", "state", "time"]

_NUMBER_FORMAT: dict[Kind, str] = {
    "mw": "0,0.000",
    "price": "0,0.00",
    "money": "0,0.00",
    "percent": "0.0",
    "voltage": "0.0000",
    "count": "0,0",
}
# Shape before colour: each state reads without seeing its colour.
STATE_SYMBOL = {
    "draft": "○",
    "registered": "○",
    "submitted": "◔",
    "open": "◔",
    "published": "◔",
    "confirmed": "●",
    "conditionally confirmed": "◐",
    "not reviewed": "○",
    "accepted by the tso": "●",
    "held by the tso": "◆",
    "change asked by the tso": "△",
    "queued": "○",
    "requested": "◔",
    "locked": "◑",
    "accepted": "●",
    "acknowledged": "●",
    "partly accepted": "◐",
    "met": "✓",
    "not needed": "–",
    "done": "✓",
    "rejected": "–",
    "cancelled": "–",
    "unmet": "▲",
    "not cleared": "▲",
    "running": "◑",
    "closed": "◑",
    "cleared": "●",
    "awarded": "●",
    "partly awarded": "◐",
    "activated": "●",
    "delivered": "✓",
    "settled": "✓",
    "validated": "◑",
    "issued": "●",
    "superseded": "–",
    "not awarded": "–",
    "withdrawn": "–",
    "open to call": "◔",
    "no flexibility": "–",
    "expired": "–",
    "refused": "▲",
    "suspended": "▲",
    "revoked": "–",
    "asked": "◔",
    "sent": "◔",
    "empty": "–",
    "withheld": "◆",
    "received": "●",
    "gaps": "◆",
    "dead": "▲",
    "waiting": "◔",
    "ok": "●",
    "ko": "▲",
    "partial": "◐",
    "given": "●",
    "answered": "●",
    "in force": "●",
    "not in force": "○",
    "ended": "–",
    "active": "●",
    "failed": "▲",
    "failing": "▲",
    "working": "✓",
    "unused": "–",
    "standing": "◔",
    "partly matched": "◐",
    "matched": "●",
    "rest withdrawn": "–",
    "applied": "◔",
    "tested": "◑",
    "certified": "●",
    "not seen": "◆",
    "not told yet": "○",
    "raised": "△",
    "returned": "◆",
    "shelved": "○",
    "degraded": "△",
    "stopped": "▲",
    "offered": "◑",
    "declined": "–",
    "canceled": "–",
    "over": "–",
    "quit": "–",
    "none": "△",
    "one": "●",
    "several": "◐",
    "critical": "▲",
    "alarm": "△",
    "watch": "◆",
}


@dataclass(frozen=True)
class Column:
    """A column of a book.

    key : the record's field; title : any text; Tabulator renders titles as markup, so it is escaped
    kind : decides format and alignment ("figure" is a number as text, such as a range)
    width_px : fixed, or None to share what is left
    min_px : never narrower, so that the column that matters is not cut; what is left is shared in proportion
    """

    key: str
    title: str
    kind: Kind = "text"
    width_px: int | None = None
    min_px: int = 72


def state_text(state: str) -> str:
    """A state with its symbol: "● cleared"; an unknown state gets "·"."""
    words = state.replace("_", " ").lower()
    return f"{STATE_SYMBOL.get(words, '·')} {words}"


def tabulator_options(columns: Sequence[Column]) -> dict[str, Any]:
    """Keyword arguments for a Tabulator: titles, formatters, alignment, widths, sort and layout."""
    numbers = [c.key for c in columns if c.kind in _NUMBER_FORMAT or c.kind == "figure"]
    return {
        "titles": {c.key: escape(c.title) for c in columns},
        "formatters": {c.key: _formatter(c.kind) for c in columns},
        "text_align": {c.key: "right" if c.key in numbers else "left" for c in columns},
        "header_align": {c.key: "right" if c.key in numbers else "left" for c in columns},
        "widths": {c.key: c.width_px for c in columns if c.width_px is not None},
        "configuration": {
            "columnDefaults": {"tooltip": False, "headerSortTristate": True},
            "columns": [{"field": c.key, "minWidth": c.min_px, "widthGrow": c.min_px} for c in columns],
        },
    }


def _formatter(kind: Kind) -> NumberFormatter | StringFormatter:
    if kind in _NUMBER_FORMAT:
        return NumberFormatter(format=_NUMBER_FORMAT[kind], nan_format="–")
    return StringFormatter()  # escapes its text
