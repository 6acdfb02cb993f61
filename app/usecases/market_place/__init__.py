"""What each command of the EU Market Place does: `(unit of work, principal, command) -> result`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from domain.commands import Command

HANDLERS: Mapping[type[Command], Callable[..., Any]] = {}
