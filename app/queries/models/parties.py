"""Applications to take part."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.models.base import Query
from domain.parties import Application


@dataclass(frozen=True, kw_only=True)
class ListApplications(Query[tuple[Application, ...]]):
    """FMO: all, newest first."""
