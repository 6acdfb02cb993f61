"""Alarms as the control room lists them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.flexibility.alarms import UNANSWERED, Alarm
from domain.lifecycle import AlarmState
from domain.time import DeliveryDay
from views.state import spans
from views.state.common import local, utc
from views.state.dso_room import KIND_OF_NEED, NEED_WORDS, SYMBOLS, ZONE_PREFIX, need_limit, need_value

STATE_WORDS = {
    AlarmState.RAISED: "● asks",
    AlarmState.RETURNED: "○ over, asks",
    AlarmState.ACKNOWLEDGED: "✓ acknowledged",
    AlarmState.SHELVED: "‖ shelved",
    AlarmState.CLEARED: "– cleared",
}


def alarm_record(alarm: Alarm) -> dict[str, Any]:
    """A row of the list."""
    day = DeliveryDay(day=alarm.delivery_day)
    return {
        "priority": alarm.priority.value,
        "alarm": f"{SYMBOLS[alarm.priority.value]} {NEED_WORDS[alarm.kind]}",
        "element": alarm.element,
        "zone": alarm.zone.removeprefix(ZONE_PREFIX),
        "span": spans.span(day, alarm.first_step, alarm.last_step),
        "span_utc": spans.span_utc(day, alarm.first_step, alarm.last_step),
        "worst": need_value(alarm.kind, alarm.worst_value),
        "limit": need_limit(alarm.kind, alarm.limit_value),
        "state": STATE_WORDS[alarm.state] + (", not cured" if alarm.unmet else ""),
        "answer": answer_words(alarm),
        "raised": local(alarm.raised_at, "%d %b %H:%M"),
        "raised_utc": utc(alarm.raised_at),
        "key": f"{KIND_OF_NEED[alarm.kind]}:{alarm.element}",
        "worst_step": alarm.worst_step,
        "id": alarm.id,
    }


def answer_words(alarm: Alarm) -> str:
    """Who answered, when, and why it is put aside."""
    if alarm.state is AlarmState.SHELVED and alarm.shelved_until is not None:
        until = local(alarm.shelved_until, "%d %b %H:%M")
        return f"{alarm.shelved_by}, until {until}: {alarm.shelve_reason}"
    if alarm.acknowledged_at is not None:
        return f"{alarm.acknowledged_by}, {local(alarm.acknowledged_at, '%d %b %H:%M')}"
    return ""


def unanswered(alarms: Sequence[Alarm]) -> list[Alarm]:
    """Those that ask for an answer."""
    return [alarm for alarm in alarms if alarm.state in UNANSWERED]


def same_cause(alarm: Alarm, alarms: Sequence[Alarm]) -> list[Alarm]:
    """Unanswered alarms of the same kind in the same zone: one cause, so one answer may do for all of them."""
    return [a for a in unanswered(alarms) if (a.zone, a.kind) == (alarm.zone, alarm.kind)]


def shelf_ends(now: datetime, alarm: Alarm) -> dict[str, datetime]:
    """Until when an alarm can be put aside, in words, none after its delivery day."""
    end = DeliveryDay(day=alarm.delivery_day).end
    choices = {
        "for 15 minutes": now + timedelta(minutes=15),
        "for an hour": now + timedelta(hours=1),
        "for four hours": now + timedelta(hours=4),
    }
    return {words: at for words, at in choices.items() if at < end} | {"until the delivery day is over": end}
