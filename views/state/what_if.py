"""A what-if in words and rows: what appears, what goes, what gets worse, and what loses supply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.queries.models import NeedRow, WhatIfSolved, WhatIfView
from domain.flexibility.what_if import TrialOffer, UnitChange, WhatIf
from domain.lifecycle import JobState
from domain.time import DeliveryDay
from views.state import spans
from views.state.common import count, number
from views.state.dso_room import KIND_OF_NEED, NEED_WORDS, SYMBOLS, need_limit, need_value, severity

CHANGES = {"new": "＋ appears", "worse": "▲ worse", "better": "▽ better", "gone": "– goes", "same": "= the same"}
_ORDER = tuple(CHANGES)
_NOISE = {"loading": 0.05, "voltage": 0.00005}
"""Differences that rounding hides are none."""


def compared(before: Sequence[NeedRow], after: Sequence[NeedRow], day: DeliveryDay) -> list[dict[str, Any]]:
    """One row for each element with a need on either side: what appears first, what stays the same last."""
    was = {(need.element, need.kind): need for need in before}
    now = {(need.element, need.kind): need for need in after}
    rows = [_row(was.get(key), now.get(key), day) for key in {**now, **was}]
    return sorted(rows, key=lambda row: (_ORDER.index(row["change"]), -row["beyond"], row["element"]))


def _row(was: NeedRow | None, now: NeedRow | None, day: DeliveryDay) -> dict[str, Any]:
    need = now or was
    if need is None:
        raise ValueError("a row needs a need on one side")
    return {
        "change": _change(was, now),
        "change_words": CHANGES[_change(was, now)],
        "severity": severity(need),
        "need": f"{SYMBOLS[severity(need)]} {NEED_WORDS[need.kind]}",
        "element": need.element,
        "span": spans.span(day, need.first_step, need.last_step),
        "span_utc": spans.span_utc(day, need.first_step, need.last_step),
        "before": "–" if was is None else need_value(was.kind, was.worst_value),
        "after": "–" if now is None else need_value(now.kind, now.worst_value),
        "limit": need_limit(need.kind, need.limit),
        "beyond": abs(need.worst_value - need.limit) / need.limit,
        "key": f"{KIND_OF_NEED[need.kind]}:{need.element}",
        "worst_step": need.worst_step,
    }


def _change(was: NeedRow | None, now: NeedRow | None) -> str:
    if was is None or now is None:
        return "new" if was is None else "gone"
    more = abs(now.worst_value - now.limit) - abs(was.worst_value - was.limit)
    if abs(more) < _NOISE[now.kind]:
        return "same"
    return "worse" if more > 0 else "better"


def verdict(solved: WhatIfSolved, day: DeliveryDay) -> str:
    """The answer in a sentence or two."""
    rows = compared(solved.as_is.needs, solved.changed.needs, day)
    n = {change: sum(row["change"] == change for row in rows) for change in CHANGES}
    parts = [
        f"{count(n[change], 'need')} {words if n[change] != 1 else one}"
        for change, words, one in (
            ("new", "appear", "appears"),
            ("worse", "get worse", "gets worse"),
            ("better", "get better", "gets better"),
            ("gone", "go", "goes"),
        )
        if n[change]
    ]
    said = f"{', '.join(parts)}." if parts else "No need appears, goes or changes."
    return " ".join(part for part in (dark_words(solved.answer.dark_buses), said) if part)


def dark_words(buses: Sequence[str], most: int = 6) -> str:
    """Such as `2 buses lose supply: A, B.`, at most some of them by name."""
    if not buses:
        return ""
    named = ", ".join(buses[:most]) + (f" and {len(buses) - most} more" if len(buses) > most else "")
    who = "1 bus loses" if len(buses) == 1 else f"{len(buses)} buses lose"
    return f"{who} supply: {named}."


def question(asked: WhatIf) -> str:
    """What was asked, such as `Line 7 out of service; SGen 4 at 150 %, 10:00–14:00`."""
    day = DeliveryDay(day=asked.delivery_day)
    parts = [f"{name} out of service" for name in asked.lines_out]
    parts += [change_words(change, day) for change in asked.changes]
    parts += [offer_words(offer, day) for offer in asked.added]
    if asked.removed:
        parts.append(f"without {count(len(asked.removed), 'offer')} of the book")
    return "; ".join(parts)


def change_words(change: UnitChange, day: DeliveryDay) -> str:
    """Such as `SGen 4 at 150 %, 10:00–14:00`."""
    to = f"{number(change.scale_percent, 0)} %" if change.p_mw is None else f"{number(change.p_mw, 3)} MW"
    return f"{change.unit_id} at {to}, {spans.span(day, change.first_step, change.last_step)}"


def offer_words(offer: TrialOffer, day: DeliveryDay) -> str:
    """Such as `offer of 0.200 MW down from SGen 4 at 50.00 EUR/MWh, 10:00–14:00`."""
    what = f"offer of {number(offer.quantity_mw, 3)} MW {offer.direction.value} from {offer.unit_id}"
    hours = spans.span(day, offer.first_step, offer.last_step)
    return f"{what} at {number(offer.price_eur_per_mwh)} EUR/MWh, {hours}"


def under_way(view: WhatIfView | None) -> bool:
    return view is not None and view.job.state in (JobState.QUEUED, JobState.RUNNING)
