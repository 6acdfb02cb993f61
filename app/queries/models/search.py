"""What is found by words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.queries.models.base import Query
from domain.ids import RegionId, SessionId


class HitKind(StrEnum):
    BUS = "bus"
    BRANCH = "branch"
    UNIT = "unit"
    ASSET = "asset"
    PARTY = "party"
    SESSION = "session"
    REQUEST = "request"
    OFFER = "offer"
    COMPANY = "company"
    SERVICE_OFFER = "service offer"
    SERVICE_REQUEST = "service request"
    SUBSCRIPTION = "subscription"


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One thing that was found: what it is, its id, how people call it, and what tells it from others.

    Region, session, delivery day and bus where it has them, so that a page can be opened on it; a grid element has
    the session of its region that has a result, or else the newest.
    """

    kind: HitKind
    id: str
    label: str
    note: str
    region_id: RegionId | None = None
    session_id: SessionId | None = None
    delivery_day: date | None = None
    bus: str = ""


@dataclass(frozen=True, kw_only=True)
class Search(Query[tuple[Hit, ...]]):
    """Grid elements, assets, participants, sessions, requests, offers (of the EU Market Place companies, offers,
    requests and subscriptions) that hold all words of `text`, best first; only what the asker may see on pages."""

    text: str
    limit: int = 20
