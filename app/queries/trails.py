"""The audit trail as a participant may see it: its own acts, and who did what about what is its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any, cast

from app.queries.models.base import Part
from app.trails import export, seen
from domain.ids import PartyId
from domain.paging import Slice
from domain.parties import Party, Principal
from domain.ports import UnitOfWork
from domain.trail import AuditRow, Sight, TrailLine

AT_ONCE = 1000
SightOf = Callable[[AuditRow], Sight]


def of_a_party(principal: Principal, concerns: Collection[str]) -> SightOf:
    """Its own acts in full; that others, or the system, acted on what concerns it, and not how.

    concerns : ids of what is the reader's, and the reader's own
    """

    def sight(row: AuditRow) -> Sight:
        if row.party_id == principal.party_id:
            return Sight.WHOLE
        return Sight.HASH if ids_in(row.body).isdisjoint(concerns) else Sight.TOLD

    return sight


def ids_in(body: str) -> frozenset[str]:
    """What a command names, by its fields: ids wherever they stand, and a subscription that comes as a whole."""
    return frozenset(_named(json.loads(body)))


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _named(each)
    elif isinstance(value, dict):
        for name, inner in value.items():
            ids = inner if isinstance(inner, list) else [inner]
            if name.endswith(("_id", "_ids")) or (name == "id" and "provider" in value):
                yield from (id for id in ids if isinstance(id, str))
            yield from _named(inner)


def page(uow: UnitOfWork, part: Slice, sight: SightOf) -> Part[TrailLine]:
    """What is to be seen, the newest first. `part.after`: the sequence that the page before ended at."""
    before = cast(int, part.after[0]) if part.after else None
    found: list[TrailLine] = []
    while len(found) < part.limit and (rows := uow.trail.newest(before, AT_ONCE)):
        shown = (seen(row, sight(row)) for row in rows)
        found += [line for line in shown if line is not None]
        before = rows[-1].sequence
    return Part(_with_names(uow, found[: part.limit]))


def _with_names(uow: UnitOfWork, lines: list[TrailLine]) -> list[TrailLine]:
    ids = tuple({PartyId(line.party_id) for line in lines})
    names = {party.id: party.name for party in uow.find(Party, id=ids)}
    return [replace(line, party_name=names.get(PartyId(line.party_id), "")) for line in lines]


def exported(uow: UnitOfWork, principal: Principal, sight: SightOf) -> str:
    """As `app.trails.export`, for this principal."""
    scope = {"party_id": principal.party_id, "role": principal.role.value}
    return export(_all(uow), sight, scope=scope, taken_at=uow.wall, sign=uow.vault.sign)


def _all(uow: UnitOfWork) -> Iterator[AuditRow]:
    after = 0
    while rows := uow.trail.rows(after, AT_ONCE):
        yield from rows
        after = rows[-1].sequence
