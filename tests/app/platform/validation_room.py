"""A DSO's platform with one who asks: three buses, a day's schedules, a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from app.platform.bootstrap import Platform, build
from domain.commands import Command
from domain.errors import Refused
from domain.ids import PartyId
from domain.parties import SYSTEM, Party, Principal, Role

EXAMPLES = Path(__file__).parents[3] / "assets" / "demo" / "examples"
NETWORK = (EXAMPLES / "three-bus.json").read_text()
SCHEDULE = (EXAMPLES / "three-bus-2016-07-25.csv").read_text()
DAY = date(2016, 7, 25)
NOW = datetime(2016, 7, 24, 8, tzinfo=UTC)
PARTIES = (
    Party(id=PartyId("dso"), name="North grid", role=Role.PROVIDER),
    Party(id=PartyId("dso-2"), name="South grid", role=Role.PROVIDER),
    Party(id=PartyId("own"), name="North pool", role=Role.REQUESTER),
    Party(id=PartyId("pool"), name="West pool", role=Role.PEER),
    Party(id=PartyId("other"), name="East pool", role=Role.PEER),
    Party(id=PartyId("house"), name="House", role=Role.CUSTOMER),
    Party(id=PartyId("market-place"), name="EU Market Place", role=Role.MARKET_PLACE),
)
WHO = {p.id: Principal(account=p.id, party_id=p.id, role=p.role, name=p.name) for p in PARTIES}
WHO[PartyId("system")] = SYSTEM


@dataclass
class Room:
    """`now`: of both clocks."""

    platform: Platform
    now: datetime = NOW

    def do(self, who: str, command: Command) -> object:
        return self.platform.desk.execute(WHO[PartyId(who)], command)

    def refused(self, who: str, command: Command) -> list[tuple[str, str]]:
        """Code and field of each finding; nothing when it is not refused."""
        try:
            self.do(who, command)
        except Refused as refused:
            return [(finding.code, finding.field) for finding in refused.findings]
        return []


@contextmanager
def opened_room(path: Path) -> Iterator[Room]:
    wall = [NOW]
    platform = build(f"sqlite:///{path}", wall_clock=lambda: wall[0])
    room = Room(platform=platform)
    with platform.store.write(SYSTEM, PARTIES[0]) as uow:
        for party in PARTIES:
            uow.add(party)
    try:
        yield room
    finally:
        platform.close()
