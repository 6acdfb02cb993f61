"""What can be asked of the EU Market Place, and by what it is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.queries.models.base import Query

HANDLERS: Mapping[type[Query[Any]], Callable[..., Any]] = {}
