"""Queries on alarms about a platform's services."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.models.platform.base import PlatformQuery
from domain.marketplace.service_alarms import ServiceAlarm


@dataclass(frozen=True, kw_only=True)
class ListOwnAlarms(PlatformQuery[tuple[ServiceAlarm, ...]]):
    """The company: what asks for an answer comes first."""

    with_cleared: bool = False
