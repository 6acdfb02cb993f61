"""Interim messages of a provider's platform: when the market place was told of a service last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.ids import SubscriptionId


@dataclass(frozen=True, kw_only=True)
class InterimMark:
    """Everything until `at` (market time) was told of the subscription."""

    id: SubscriptionId
    at: datetime
    version: int = 0
