"""The guided demo's chapters: begun by the FMO, reported on and ended by the conductor that plays them."""

from __future__ import annotations

from dataclasses import replace

from domain.commands import EndChapter, PlayChapter, ReportChapter
from domain.errors import refuse
from domain.events import ChapterChanged
from domain.flexibility.market import MarketSession
from domain.guide import CHAPTER, Chapter, ChapterName, ChapterState, blocked, told_day
from domain.lifecycle import advance
from domain.parties import Principal
from domain.ports import UnitOfWork


def play(uow: UnitOfWork, _principal: Principal, command: PlayChapter) -> Chapter:
    """Begin a chapter; the conductor hears of it. One that stopped can be played again.

    Raises:
        Refused: `not_demo`; `wrong_state` when it was played already, a chapter is playing, or the
            market is not where the chapter begins.
    """
    if not uow.clock().movable:
        raise refuse("not_demo", "chapter", "Chapters are played in a demo only.")
    if playing := uow.find(Chapter, state=ChapterState.PLAYING):
        raise refuse("wrong_state", "chapter", f"The chapter {playing[0].id} is playing; wait for its end.")
    found = uow.find(Chapter, id=command.chapter.value)
    if found and found[0].state is ChapterState.PLAYED:
        sentence = "This chapter was played. To play it again, load the demo anew: launch.py demo reset"
        raise refuse("wrong_state", "chapter", sentence)
    if why := blocked(command.chapter, told_day(uow.find(MarketSession))):
        raise refuse("wrong_state", "chapter", why)
    if not found:
        begun = Chapter(id=command.chapter.value)
        uow.add(begun)
        return _told(uow, begun)
    state = advance(CHAPTER, found[0].state, "play", "chapter")
    return _kept(uow, replace(found[0], state=state, stage="", progress=0.0, told=""))


def report(uow: UnitOfWork, _principal: Principal, command: ReportChapter) -> Chapter:
    """How far it is. Raises `Refused`: `wrong_state` when it does not play."""
    chapter = _playing(uow, command.chapter)
    progress = min(1.0, max(0.0, command.progress))
    return _kept(uow, replace(chapter, stage=command.stage, progress=progress))


def end(uow: UnitOfWork, _principal: Principal, command: EndChapter) -> Chapter:
    """It is played, or it stopped. Raises `Refused`: `wrong_state` when it does not play."""
    chapter = _playing(uow, command.chapter)
    state = advance(CHAPTER, chapter.state, "finish" if command.played else "stop", "chapter")
    progress = 1.0 if command.played else chapter.progress
    return _kept(uow, replace(chapter, state=state, stage="", progress=progress, told=command.told))


def _playing(uow: UnitOfWork, name: ChapterName) -> Chapter:
    chapter = uow.get(Chapter, name.value)
    if chapter.state is not ChapterState.PLAYING:
        raise refuse("wrong_state", "chapter", f"The chapter is {chapter.state.value}.")
    return chapter


def _kept(uow: UnitOfWork, chapter: Chapter) -> Chapter:
    uow.save(chapter)
    return _told(uow, chapter)


def _told(uow: UnitOfWork, chapter: Chapter) -> Chapter:
    uow.record(ChapterChanged(chapter=ChapterName(chapter.id), state=chapter.state.value))
    return chapter
