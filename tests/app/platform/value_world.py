"""A provider's platform for tests of values: its parties, and short words for what tests do again and again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.platform.bootstrap import Platform, build
from domain.commands import Command
from domain.errors import Refused
from domain.ids import PartyId
from domain.parties import SYSTEM, Party, Principal, Role

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
PARTIES = (
    Party(id=PartyId("meters"), name="North meters", role=Role.PROVIDER),
    Party(id=PartyId("pool"), name="West pool", role=Role.REQUESTER),
    Party(id=PartyId("house"), name="House", role=Role.CUSTOMER),
    Party(id=PartyId("flat"), name="Flat", role=Role.CUSTOMER),
    Party(id=PartyId("market-place"), name="EU Market Place", role=Role.MARKET_PLACE),
    Party(id=PartyId("peer1"), name="East pool", role=Role.PEER),
)
WHO = {p.id: Principal(account=p.id, party_id=p.id, role=p.role, name=p.name) for p in PARTIES}


@dataclass
class Wall:
    """A wall clock that stands still until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass(kw_only=True)
class ValueWorld:
    platform: Platform
    wall: Wall

    def do(self, who: str, command: Command) -> Any:
        return self.platform.desk.execute(WHO[PartyId(who)], command)

    def ask(self, who: str, query: Any) -> Any:
        return self.platform.desk.query(WHO[PartyId(who)], query)

    def codes(self, who: str, message: Any) -> list[tuple[str, str]]:
        """(code, field) of a refusal; empty when it was taken."""
        try:
            self.do(who, message) if isinstance(message, Command) else self.ask(who, message)
        except Refused as refused:
            return [(finding.code, finding.field) for finding in refused.findings]
        return []

    def find(self, kind: type[Any], **equal: object) -> tuple[Any, ...]:
        with self.platform.read() as uow:
            return uow.find(kind, **equal)


@contextmanager
def value_world(folder: Path) -> Iterator[ValueWorld]:
    wall = Wall()
    platform = build(f"sqlite:///{folder / 'platform.db'}", wall_clock=wall)
    with platform.store.write(SYSTEM, Party(id=PartyId("x"), name="seed", role=Role.SYSTEM)) as uow:
        for party in PARTIES:
            uow.add(party)
    yield ValueWorld(platform=platform, wall=wall)
    platform.close()
