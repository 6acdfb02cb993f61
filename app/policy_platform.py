"""Who may do what on a player's platform: one row per command and per query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.queries.models import platform as q
from app.queries.models.base import Query
from domain.commands import Command
from domain.commands import platform as c
from domain.parties import Role

_PROVIDER = frozenset({Role.PROVIDER})

COMMANDS: Mapping[type[Command], frozenset[Role]] = {
    c.UploadValidationNetwork: _PROVIDER,
    c.UploadValidationSchedules: _PROVIDER,
    c.SetCouplingLimits: _PROVIDER,
    c.RegisterPod: _PROVIDER,
    c.ChangePod: _PROVIDER,
    c.UploadPods: _PROVIDER,
}
QUERIES: Mapping[type[Query[Any]], frozenset[Role]] = {
    q.ListPods: _PROVIDER | {Role.CUSTOMER},
    q.GetPod: _PROVIDER | {Role.CUSTOMER},
}
