"""What a DSO uploads and what is computed from it. Documents stay text: the bridge reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.ids import JobId, PartyId, RegionId, SessionId
from domain.lifecycle import JobState


@dataclass(frozen=True, kw_only=True)
class Network:
    """A region's network, a `flexdesk.grid/1` document (JSON); a new upload is a new version of the row."""

    id: RegionId
    document: str
    sha256: str
    uploaded_at: datetime
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A region's production and consumption schedules of a day (CSV, per generator and load).

    `network_document` is the network whose units they name: a decided or past day keeps the one it was read with.
    """

    id: str
    region_id: RegionId
    delivery_day: date
    document: str
    network_document: str
    sha256: str
    uploaded_at: datetime
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class GridState:
    """Computed state of a region's day, before or after a clearing; `payload` is the bridge's own encoding."""

    id: str
    region_id: RegionId
    delivery_day: date
    session_id: SessionId | None
    payload: bytes
    network_sha256: str
    schedule_sha256: str
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Job:
    """Long work done in the worker on one region's day: stored inputs, state, progress and result."""

    id: JobId
    kind: str
    owner_id: PartyId
    region_id: RegionId
    delivery_day: date
    session_id: SessionId | None
    submitted_at: datetime
    inputs: bytes
    state: JobState = JobState.QUEUED
    stage: str = ""
    progress: float = 0.0
    result: bytes = b""
    error: str = ""
    version: int = 0
