"""The guided demo's chapters."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query

from app.queries.models import GetGuide
from app.rest.access import FromCaller
from app.rest.fields import Out
from app.rest.paging import FromPager, Listing
from app.rest.schemas import Page, Paging
from app.rest.strict import StrictRoute
from domain.commands import PlayChapter
from domain.guide import Chapter, ChapterName

router = APIRouter(route_class=StrictRoute, tags=["guide"])


class ChapterOut(Out):
    """`state` is null before the chapter is played; `told` what it changed, or why it stopped; `blocked` why it
    cannot be played now."""

    name: str
    state: str | None
    stage: str
    progress: float
    told: str
    blocked: str


CHAPTERS = Listing(ChapterOut)


@router.get("/guide")
def list_chapters(caller: FromCaller, pager: FromPager, where: Annotated[Paging, Query()]) -> Page[ChapterOut]:
    """The chapters in their order."""
    rows = caller.query(GetGuide()).chapters
    return pager.page(CHAPTERS, where, rows, lambda row: _out(row.name, row.chapter, row.blocked))


@router.post("/guide/{chapter}", status_code=202)
def play_chapter(caller: FromCaller, chapter: Annotated[ChapterName, Path()]) -> ChapterOut:
    """FMO, demo only: begin a chapter; it is played beside, and tells how far it is."""
    return _out(chapter, cast(Chapter, caller.execute(PlayChapter(chapter=chapter))), "")


def _out(name: ChapterName, chapter: Chapter | None, blocked: str) -> ChapterOut:
    return ChapterOut(
        name=name,
        state=chapter.state if chapter else None,
        stage=chapter.stage if chapter else "",
        progress=chapter.progress if chapter else 0.0,
        told=chapter.told if chapter else "",
        blocked=blocked,
    )
