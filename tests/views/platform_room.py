"""A company's platform with one account of each kind, on a database of its own; the market beside it is small."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from app.platform.bootstrap import Platform, build
from domain.ids import PartyId
from domain.parties import SYSTEM, Party, Principal, Role
from tests.views.opened import Silence
from views.pages.context import BoundDesk, Content, Page, PageContext

ATTACK = "<img src=x onerror=alert(1)>"
NOW = datetime(2026, 7, 1, 8, tzinfo=UTC)
PARTIES = (
    Party(id=PartyId("provider1"), name=f"Meters {ATTACK}", role=Role.PROVIDER),
    Party(id=PartyId("requester1"), name=f"Pool {ATTACK}", role=Role.REQUESTER),
    Party(id=PartyId("customer1"), name=f"House {ATTACK}", role=Role.CUSTOMER),
    Party(id=PartyId("customer2"), name="Barn", role=Role.CUSTOMER),
    Party(id=PartyId("pool"), name=f"Other pool {ATTACK}", role=Role.PEER),
    Party(id=PartyId("market-place"), name="EU Market Place", role=Role.MARKET_PLACE),
)
WHO: Mapping[str, Principal] = {
    party.id: Principal(account=party.id, party_id=party.id, role=party.role, name=party.name) for party in PARTIES
}


@dataclass
class Room:
    """The platform, and its pages as their principals open them."""

    platform: Platform
    said: list[tuple[str, str]] = field(default_factory=list)

    def do(self, who: str, command: Any) -> Any:
        return self.platform.desk.execute(WHO[who], command)

    def ask(self, who: str, query: Any) -> Any:
        return self.platform.desk.query(WHO[who], query)

    def add(self, *entities: Any) -> None:
        with self.platform.store.write(SYSTEM, PARTIES[0]) as uow:
            for entity in entities:
                uow.add(entity)

    def change(self, entity: Any, **changes: Any) -> None:
        with self.platform.store.write(SYSTEM, PARTIES[0]) as uow:
            uow.save(replace(uow.get(type(entity), entity.id), **changes))

    def context(self, who: str, **address: Any) -> PageContext:
        """As of a page that was opened at this address."""
        hub = Silence(address)
        return PageContext(
            desk=BoundDesk(self.platform.desk, WHO[who]),
            live=hub,
            location=hub,
            notify=lambda text, kind: self.said.append((kind, text)),
            uploads=partial(self.platform.upload_values, WHO[who]),
        )

    def open(self, who: str, page: Page, **address: Any) -> Content:
        return page.build(self.context(who, **address))


@contextmanager
def platform_room(path: Path) -> Iterator[Room]:
    """Its database file; the clock stands still."""
    platform = build(f"sqlite:///{path}", wall_clock=lambda: NOW, secret=lambda: b"p" * 32)
    room = Room(platform)
    room.add(*PARTIES)
    try:
        yield room
    finally:
        platform.close()


@dataclass
class Doors:
    """Sign-ins in a dictionary: everyone's password is their name."""

    people: Mapping[str, Principal]
    open: dict[str, Principal] = field(default_factory=dict)

    def sign_in(self, account: str, password: str, _remote_ip: str, _agent: str) -> Any:
        assert password == account
        self.open[f"token-{account}"] = self.people[account]
        return SimpleNamespace(token=f"token-{account}", expires_at=datetime.now(UTC) + timedelta(hours=1))

    def principal_of_session(self, token: str, *, active: bool = False) -> Principal | None:
        return self.open.get(token)

    def sign_out(self, token: str) -> None:
        self.open.pop(token, None)
