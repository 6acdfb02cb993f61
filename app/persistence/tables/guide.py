"""The guided demo's chapters."""

from __future__ import annotations

from app.persistence.columns import enum, key, number, text
from app.persistence.registry import entity
from domain.guide import Chapter, ChapterState

entity(
    Chapter,
    "chapters",
    key(),
    enum("state", ChapterState),
    text("stage"),
    number("progress", 0.0, 1.0),
    text("told"),
)
