"""Which commands and queries of a player's platform each scope of an API key covers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.queries.models import platform as q
from app.queries.models.base import Query
from domain.commands import Command
from domain.commands import platform as c
from domain.parties import Scope

_EXCHANGE = frozenset({Scope.EXCHANGE})
_METERING = frozenset({Scope.METERING})
_READING = frozenset({Scope.READ, Scope.METERING})

COMMANDS: Mapping[type[Command], frozenset[Scope]] = {
    c.ConfirmService: _EXCHANGE,
    c.CancelService: _EXCHANGE,
    c.RegisterPod: _METERING,
    c.ChangePod: _METERING,
    c.UploadPods: _METERING,
}
QUERIES: Mapping[type[Query[Any]], frozenset[Scope]] = {
    q.ListPods: _READING,
    q.GetPod: _READING,
    q.GetCompany: _READING,
    q.ListSubscriptions: _READING,
    q.GetCommonSubscription: _EXCHANGE,
}
