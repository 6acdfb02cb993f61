"""A platform in a file of its own, with two registrations, on clocks that a test moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from app.auth import Auth
from app.desk import Desk
from app.persistence.credentials import Credentials
from app.platform.bootstrap import Platform, build, preparing
from app.platform.queries import HANDLERS as QUERIES
from app.platform.usecases import HANDLERS as COMMANDS
from domain.commands import Command
from domain.commands.platform import FoundPlatform
from domain.ids import PartyId
from domain.marketplace.words import PlayerRole
from domain.parties import Principal, Role
from domain.platform.company import Registration

DSO = Registration(id=PartyId("dso-it"), name="Rete Sud", player_role=PlayerRole.REGULATED_DATA_PROVIDER)
BUYER = Registration(
    id=PartyId("buyer-it"), name="Rete Sud, purchases", player_role=PlayerRole.UNREGULATED_DATA_REQUESTER
)
WEAK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class WallClock:
    now: datetime = field(default_factory=lambda: datetime(2026, 11, 22, 9, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def who(registration: Registration) -> Principal:
    role = Role.REQUESTER if "requester" in registration.player_role.value else Role.PROVIDER
    return Principal(account=registration.id, party_id=registration.id, role=role, name=registration.name)


@dataclass(frozen=True)
class PlatformWorld:
    platform: Platform
    wall: WallClock

    def do(self, principal: Principal, command: Command) -> Any:
        return self.platform.desk.execute(principal, command)


@contextmanager
def opened_platform(
    path: Path, *registrations: Registration, wall: WallClock | None = None
) -> Iterator[PlatformWorld]:
    """A platform, founded where registrations are given; passwords are hashed fast."""
    clock = wall or WallClock()
    platform = build(f"sqlite:///{path}", wall_clock=clock, secret=lambda: b"s" * 48)
    auth = Auth(Credentials(platform.store), clock, hasher=WEAK)
    desk = Desk(platform.store.write, platform.read, QUERIES, ahead=preparing(auth), commands=COMMANDS)
    platform = replace(platform, auth=auth, desk=desk)
    if registrations:
        platform.execute(FoundPlatform(company="Rete Sud SpA", country="IT", registrations=registrations))
    try:
        yield PlatformWorld(platform, clock)
    finally:
        platform.close()
