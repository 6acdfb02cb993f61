"""The base of all queries, and the part of a long list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Answer = TypeVar("Answer")
Row = TypeVar("Row")


class Part(tuple[Row, ...], Generic[Row]):
    """Rows of a `domain.paging.Slice`; `total`: how many the whole list has, where it was asked for."""

    total: int | None = None


@dataclass(frozen=True, kw_only=True)
class Query(Generic[Answer]):
    """Base of all queries; the parameter is the read model it answers with."""
