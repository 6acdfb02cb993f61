"""Who may do what on the EU Market Place: one row per command and per query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.queries.models.base import Query
from domain.commands import Command
from domain.parties import Role

COMMANDS: Mapping[type[Command], frozenset[Role]] = {}
QUERIES: Mapping[type[Query[Any]], frozenset[Role]] = {}
