"""The parts put together: a migrated database, a desk that answers, and events that reach the runner."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from world import PARTIES, R1, REGIONS, WHO, network, plan

from app.bootstrap import App, build
from app.queries import models as q
from app.scheduler import Scheduler
from app.settings import Settings
from domain import commands as c
from domain.errors import Refused
from domain.flexibility.grids import Job
from domain.parties import SYSTEM, Role


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    made = build(Settings(database_url=f"sqlite:///{tmp_path}/flexdesk.db"))
    with made.store.write(SYSTEM, plan()) as uow:
        for entity in (*PARTIES, *REGIONS):
            uow.add(entity)
    yield made
    made.close()


def test_a_new_database_is_migrated_and_served(app: App) -> None:
    assert not app.store.needs_migration()
    shell = app.desk.query(WHO["fmo"], q.GetShell())
    assert shell.party.name == "Market operator"
    assert not shell.clock.movable


def test_sign_in_leads_to_the_desk(app: App) -> None:
    app.auth.create_account("dso1", "demo-dso1-password", WHO["dso1"].party_id, Role.DSO)
    token = app.auth.sign_in("dso1", "demo-dso1-password", "127.0.0.1").token
    principal = app.auth.principal_of_session(token)
    assert app.desk.execute(principal, c.UploadNetwork(region_id=R1, document=network()))
    with pytest.raises(Refused, match="not_permitted"):
        app.desk.execute(principal, plan())


def test_building_again_keeps_the_data(app: App, tmp_path: Path) -> None:
    app.desk.execute(WHO["dso1"], c.UploadNetwork(region_id=R1, document=network()))
    app.close()
    again = build(Settings(database_url=f"sqlite:///{tmp_path}/flexdesk.db"))
    assert again.desk.query(WHO["dso1"], q.ListUnits(region_id=R1))
    again.close()


def test_the_scheduler_drives_all_parts(app: App) -> None:
    scheduler = Scheduler(
        desk=app.desk, read=app.read, dispatcher=app.dispatcher, jobs=app.jobs, poll_seconds=0.05
    )
    app.desk.execute(WHO["dso1"], c.UploadNetwork(region_id=R1, document=network()))
    scheduler.start()
    end = time.monotonic() + 10
    while not app.desk.query(WHO["fmo"], q.ListNotifications()):
        assert time.monotonic() < end
        time.sleep(0.01)
    scheduler.stop()
    with app.read() as uow:
        assert uow.find(Job) == ()
