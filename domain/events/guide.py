"""The guided demo."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.base import Event
from domain.guide import ChapterName


@dataclass(frozen=True, kw_only=True)
class ChapterChanged(Event):
    """A chapter of the guided demo began, went on, or ended."""

    chapter: ChapterName
    state: str
