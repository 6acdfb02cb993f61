"""The audit trail as a participant may see it: its own acts, and who did what on its subscriptions."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from typing import cast

from app.queries.models.base import Part
from app.trails import export, seen
from domain.paging import Slice
from domain.parties import Principal
from domain.ports import UnitOfWork
from domain.trail import AuditRow, Sight, TrailLine

AT_ONCE = 1000
SightOf = Callable[[AuditRow], Sight]


def of_a_party(principal: Principal, subscriptions: Collection[str]) -> SightOf:
    """Its own acts in full; that others, or the system, acted on its subscriptions, and not how."""

    def sight(row: AuditRow) -> Sight:
        if row.party_id == principal.party_id:
            return Sight.WHOLE
        if subscriptions and not subscriptions_in(row.body).isdisjoint(subscriptions):
            return Sight.TOLD
        return Sight.HASH

    return sight


def subscriptions_in(body: str) -> frozenset[str]:
    """The subscriptions that a command is about, by its fields."""
    data = json.loads(body)
    named = [data.get("subscription_id")]
    for value in data.values():
        if isinstance(value, dict):
            named += [value.get("subscription_id"), value.get("id") if "provider" in value else None]
    return frozenset(name for name in named if isinstance(name, str))


def page(uow: UnitOfWork, part: Slice, sight: SightOf) -> Part[TrailLine]:
    """What is to be seen, the newest first. `part.after`: the sequence that the page before ended at."""
    before = cast(int, part.after[0]) if part.after else None
    found: list[TrailLine] = []
    while len(found) < part.limit and (rows := uow.trail.newest(before, AT_ONCE)):
        shown = (seen(row, sight(row)) for row in rows)
        found += [line for line in shown if line is not None]
        before = rows[-1].sequence
    return Part(found[: part.limit])


def exported(uow: UnitOfWork, principal: Principal, sight: SightOf) -> str:
    """As `app.trails.export`, for this principal."""
    scope = {"party_id": principal.party_id, "role": principal.role.value}
    return export(_all(uow), sight, scope=scope, taken_at=uow.wall, sign=uow.vault.sign)


def _all(uow: UnitOfWork) -> Iterator[AuditRow]:
    after = 0
    while rows := uow.trail.rows(after, AT_ONCE):
        yield from rows
        after = rows[-1].sequence
