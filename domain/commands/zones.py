"""Grid zones, congested regions, conditional confirmation, and what the TSO says of requests."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.commands.base import Command
from domain.flexibility.conditions import Condition
from domain.flexibility.zones import Corner
from domain.ids import AssetId, CongestedRegionId, RegionId, RequestId, ZoneId


@dataclass(frozen=True, kw_only=True)
class DefineZone(Command):
    """DSO: a zone of its own region, by its corners in order."""

    region_id: RegionId
    name: str
    corners: tuple[Corner, ...]


@dataclass(frozen=True, kw_only=True)
class ChangeZone(Command):
    zone_id: ZoneId
    name: str
    corners: tuple[Corner, ...]


@dataclass(frozen=True, kw_only=True)
class RemoveZone(Command):
    zone_id: ZoneId


@dataclass(frozen=True, kw_only=True)
class RegisterCongestedRegion(Command):
    """DSO: a congestion point of its own region, by a zone, or buses and branches, or both."""

    region_id: RegionId
    name: str
    zone_id: ZoneId | None = None
    elements: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class CloseCongestedRegion(Command):
    congested_region_id: CongestedRegionId


@dataclass(frozen=True, kw_only=True)
class ConfirmConditionally(Command):
    """DSO: an asset may be offered up to what the condition says; the reason is for its owner."""

    asset_id: AssetId
    condition: Condition
    reason: str


class Verdict(StrEnum):
    """The trigger of the review's state table."""

    ACCEPT = "accept"
    HOLD = "hold"
    ASK_CHANGE = "ask_change"


@dataclass(frozen=True, kw_only=True)
class ReviewRequest(Command):
    """TSO: accept, hold or ask to change a request of its region; the note is for the DSO."""

    request_id: RequestId
    verdict: Verdict
    note: str = ""
