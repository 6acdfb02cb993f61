"""What the demo day is loaded with: the application, each of its participants, and the demo's clock."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.applying import Applying
from app.auth import Auth
from app.demo.scenario import Scenario
from app.desk import Desk
from app.lanes import JobLanes
from app.outbox import Dispatcher
from domain.commands import Command
from domain.ids import PartyId
from domain.parties import SYSTEM, Principal, Role
from domain.ports import UnitOfWork
from domain.time import MarketClock

Progress = Callable[[str, float], None]


class Store(Protocol):
    """The part of the store that sets up participants and the clock, for which there are no commands."""

    def write(self, principal: Principal, command: object) -> AbstractContextManager[UnitOfWork]: ...
    def read(self) -> AbstractContextManager[UnitOfWork]: ...


class DemoApp(Protocol):
    """What loading needs of the running application."""

    @property
    def store(self) -> Store: ...
    @property
    def auth(self) -> Auth: ...
    @property
    def applying(self) -> Applying: ...
    @property
    def desk(self) -> Desk: ...
    @property
    def jobs(self) -> JobLanes: ...
    @property
    def dispatcher(self) -> Dispatcher: ...


@dataclass(frozen=True, kw_only=True)
class LoadDemo:
    """For the audit trail: the demo's participants, regions and clock are set up."""

    scenario: str
    step: str


class Loader:
    """Acts as each participant, at the times of the demo's clock.

    name : the variant of the scenario; progress : told the stage and its share 0..1
    """

    def __init__(self, app: DemoApp, scenario: Scenario, name: str, progress: Progress) -> None:
        self.app, self.scenario, self.progress = app, scenario, progress
        self._name = name
        self.principals = {
            party.id: Principal(account=party.id, party_id=party.id, role=party.role, name=party.name)
            for party in scenario.parties
        }
        self.fmo = next(party.id for party in scenario.parties if party.role is Role.FMO)

    def do(self, party_id: PartyId, command: Command) -> object:
        return self.app.desk.execute(self.principals[party_id], command)

    def directly(self, step: str) -> AbstractContextManager[UnitOfWork]:
        """A transaction for what no command sets up."""
        return self.app.store.write(SYSTEM, self.step(step))

    def step(self, step: str) -> LoadDemo:
        return LoadDemo(scenario=self._name, step=step)

    def at(self, time: str, stage: str, share: float) -> None:
        """The clock stands at one of the scenario's times."""
        self.progress(stage, share)
        self.set_clock(time, speed=0.0)

    def set_clock(self, time: str, speed: float) -> None:
        with self.directly(f"clock {time}") as uow:
            market: datetime = self.scenario.times[time]
            uow.set_clock(MarketClock(anchor_market=market, anchor_wall=uow.wall, speed=speed, movable=True))
