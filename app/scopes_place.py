"""Which commands and queries of the EU Market Place each scope of an API key covers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.queries.models.base import Query
from domain.commands import Command
from domain.parties import Scope

COMMANDS: Mapping[type[Command], frozenset[Scope]] = {}
QUERIES: Mapping[type[Query[Any]], frozenset[Scope]] = {}
