"""What happens around technical validations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.events.platform.base import PlatformEvent
from domain.ids import PartyId


@dataclass(frozen=True, kw_only=True)
class ValidationFilesChanged(PlatformEvent):
    """A DSO changed its network, a day's schedules or the coupling point's limits."""

    party_id: PartyId
    what: str


@dataclass(frozen=True, kw_only=True)
class ValidationSchedulesDropped(PlatformEvent):
    """A day's schedules do not fit the DSO's new network; the day needs new ones."""

    party_id: PartyId
    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class TechnicalValidationChanged(PlatformEvent):
    """A question (TECH-FLEX-REQ) came, is computed, or has its answer (TECH-FLEX-RESP); `party_id` is the
    company's own registration."""

    validation_id: str
    party_id: PartyId
    peer_id: PartyId
    state: str
