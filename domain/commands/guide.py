"""The guided demo."""

from __future__ import annotations

from dataclasses import dataclass

from domain.commands.base import Command
from domain.guide import ChapterName


@dataclass(frozen=True, kw_only=True)
class PlayChapter(Command):
    """FMO, demo only: play a chapter of the guided day; what was played is not played again."""

    chapter: ChapterName


@dataclass(frozen=True, kw_only=True)
class ReportChapter(Command):
    """Market: how far the chapter that plays is, `progress` from 0 to 1."""

    chapter: ChapterName
    stage: str
    progress: float


@dataclass(frozen=True, kw_only=True)
class EndChapter(Command):
    """Market: the chapter was played, or stopped; `told` says what it changed, or why it stopped."""

    chapter: ChapterName
    played: bool
    told: str
