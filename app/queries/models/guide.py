"""The guided demo."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.models.base import Query
from domain.flexibility.market import MarketSession
from domain.guide import Chapter, ChapterName
from domain.parties import Region


@dataclass(frozen=True, kw_only=True)
class ChapterRow:
    """A chapter: what has become of it, None before it is played; `blocked` says why it cannot be played now."""

    name: ChapterName
    chapter: Chapter | None
    blocked: str


@dataclass(frozen=True, kw_only=True)
class GuideView:
    """The chapters in their order, and the sessions of the day they tell. `demo`: they can be played at all."""

    demo: bool
    chapters: tuple[ChapterRow, ...]
    sessions: tuple[tuple[Region, MarketSession], ...]


@dataclass(frozen=True, kw_only=True)
class GetGuide(Query[GuideView]):
    pass
