"""Alarms about services over REST, on the market place and on platforms."""

from __future__ import annotations

from typing import Any

from app.rest.fields import In, Instant, Out, Text
from app.rest.paging import Listing
from app.rest.schemas import Paging


class ServiceAlarmOut(Out):
    """`subject`: the subscription, or the stream of messages that is stopped; instants are market time."""

    id: str
    kind: str
    subject: str
    provider_id: str
    requester_id: str | None
    priority: str
    detail: str
    state: str
    raised_at: Instant
    acknowledged_by: str
    acknowledged_at: Instant | None
    shelved_by: str
    shelved_until: Instant | None
    shelve_reason: str
    returned_at: Instant | None

    @classmethod
    def of(cls, alarm: Any) -> ServiceAlarmOut:
        return cls.model_validate(alarm)


class ServiceAlarmFilter(Paging):
    with_cleared: bool = False


class ShelveServiceAlarmIn(In):
    """Until when, on the market clock and at most a week ahead, and why."""

    until: Instant
    reason: Text


SERVICE_ALARMS = Listing(ServiceAlarmOut)
