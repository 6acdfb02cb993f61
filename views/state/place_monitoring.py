"""Services under way, alarms about them and messages that were not taken, as rows: counts and states only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.queries.models.messages import MessageRow
from app.queries.models.place import ServiceHistory, ServiceStatus
from domain.marketplace.service_alarms import ServiceAlarm
from domain.marketplace.told import ActivationStatusRow, InterimReport
from views.state.common import MISSING, local, utc

_SHOWN = "%d %b %Y %H:%M"


def counted(counts: Mapping[str, int]) -> str:
    """Such as `2 given, 1 revoked`."""
    return ", ".join(f"{n:,} {state}" for state, n in counts.items() if n) or MISSING


def status_record(one: ServiceStatus) -> dict[str, Any]:
    """A subscription with what the market place was told of it."""
    subscription, report = one.subscription, one.report
    return {
        "id": subscription.id,
        "state": subscription.state.value,
        "provider": subscription.content.provider.name,
        "requester": subscription.content.requester.name,
        "service": "not told yet" if report is None else report.state.value,
        "consents": counted(one.consents),
        "activations": counted(one.activations),
        "delivered": None if report is None else report.n_delivered,
        "acknowledged": None if report is None else report.n_acknowledged,
        "overdue": None if report is None else report.n_overdue,
        "alarms": len(one.alarms),
        "at": MISSING if report is None else local(report.at, _SHOWN),
        "at_utc": "" if report is None else utc(report.at),
    }


def told_records(history: ServiceHistory) -> list[dict[str, Any]]:
    """What was told of a subscription, the newest first: states of consents and activations, and reports."""
    told = [
        *((one.at, "consent", one.id, one.state.value, "") for one in history.consents),
        *((one.at, "activation", one.id, one.status.value, _term(one)) for one in history.activations),
        *((one.at, "report", one.id, one.state.value, _counts(one)) for one in history.reports),
    ]
    return [
        {
            "id": f"{kind} {id}",
            "kind": kind,
            "name": id,
            "state": state,
            "detail": detail or MISSING,
            "at": local(at, _SHOWN),
            "at_utc": utc(at),
        }
        for at, kind, id, state, detail in sorted(told, reverse=True)
    ]


def _term(one: ActivationStatusRow) -> str:
    if one.starts_at is None or one.ends_at is None:
        return ""
    if one.ended_at is not None:
        return f"ended {local(one.ended_at, _SHOWN)}"
    return f"{local(one.starts_at, _SHOWN)} to {local(one.ends_at, _SHOWN)}"


def _counts(one: InterimReport) -> str:
    share = "" if one.in_time_share is None else f", {one.in_time_share * 100:.0f} % in time"
    return f"{one.n_delivered:,} delivered, {one.n_acknowledged:,} acknowledged, {one.n_overdue:,} overdue{share}"


def _shelf(one: ServiceAlarm) -> str:
    """Until when and why it is put aside."""
    return "" if one.shelved_until is None else f"{local(one.shelved_until, _SHOWN)}: {one.shelve_reason}"


def alarm_record(one: ServiceAlarm) -> dict[str, Any]:
    return {
        "id": one.id,
        "priority": one.priority.value,
        "state": one.state.value,
        "kind": one.kind.value,
        "subject": one.subject,
        "detail": one.detail,
        "by": one.acknowledged_by or one.shelved_by or MISSING,
        "until": _shelf(one),
        "at": local(one.raised_at, _SHOWN),
        "at_utc": utc(one.raised_at),
    }


def shelf_ends(now: datetime) -> dict[str, datetime]:
    """Until when an alarm can be put aside, in words; market time."""
    choices = {"for an hour": 1, "for four hours": 4, "for a day": 24, "for three days": 72, "for a week": 168}
    return {words: now + timedelta(hours=hours) for words, hours in choices.items()}


def message_record(row: MessageRow) -> dict[str, Any]:
    """A message's way; what stands in it is not known here."""
    return {
        "id": row.id,
        "state": row.state.value,
        "to": row.addressee,
        "stream": row.stream,
        "path": row.path,
        "tries": row.n_tries,
        "behind": row.behind,
        "error": row.error or MISSING,
        "at": row.created_at.strftime("%Y-%m-%d %H:%M UTC"),
        "next": row.next_try_at.strftime("%Y-%m-%d %H:%M UTC") if row.state.value == "waiting" else MISSING,
    }
