"""The guided demo as its presenter sees it."""

from __future__ import annotations

from app.queries import models as q
from domain.flexibility.market import MarketSession
from domain.guide import Chapter, ChapterName, ChapterState, blocked, told_day
from domain.parties import Principal, Region
from domain.ports import UnitOfWork


def get_guide(uow: UnitOfWork, _principal: Principal, _query: q.GetGuide) -> q.GuideView:
    """All chapters, also those that were not played yet."""
    sessions = told_day(uow.find(MarketSession))
    regions = {region.id: region for region in uow.find(Region)}
    played = {chapter.id: chapter for chapter in uow.find(Chapter)}
    rows = []
    for name in ChapterName:
        chapter = played.get(name.value)
        ended = chapter is not None and chapter.state is ChapterState.PLAYED
        rows.append(q.ChapterRow(name=name, chapter=chapter, blocked="" if ended else blocked(name, sessions)))
    return q.GuideView(
        demo=uow.clock().movable,
        chapters=tuple(rows),
        sessions=tuple((regions[session.region_id], session) for session in sessions),
    )
