"""The interface as it is served, on the use cases' small market in a database of its own."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient
from world import N_STEPS, NOON, WHO, Wall, World

from app.applying import Applying
from app.auth import Auth, Policy
from app.bootstrap import preparing
from app.bus import Bus
from app.desk import Desk
from app.persistence import open_store
from app.persistence.credentials import Credentials
from app.persistence.repeats import KeptAttempts
from app.queries import HANDLERS
from app.rest import build_asgi
from app.rest.access import Services
from app.rest.issuer import Issuer
from domain.parties import SYSTEM, Principal

MAX_BODY_BYTES = 100_000
_WEAK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_NAMES = ("fmo", "dso1", "dso2", "tso", "esp1", "esp2", "agg1", "retailer1", "brp1", "customer1")
USUAL: Mapping[str, Principal] = {name: WHO[name] for name in _NAMES}


@dataclass
class Api:
    """The interface with one token per participant."""

    client: TestClient
    world: World
    tokens: dict[str, str]
    services: Services

    def headers(self, who: str | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}

    def get(self, path: str, who: str | None = "esp1", **query: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers(who), params=query or None)

    def post(self, path: str, body: object, who: str | None = "esp1") -> Any:
        return self.client.post(f"/api/v1{path}", json=body, headers=self.headers(who))

    def put(self, path: str, body: object, who: str | None = "esp1") -> Any:
        return self.client.put(f"/api/v1{path}", json=body, headers=self.headers(who))

    def raw(self, path: str, body: Any, who: str | None = "esp1", *, method: str = "POST", **headers: str) -> Any:
        sent = {"content-type": "application/json", **headers} | self.headers(who)
        sent = {name: value for name, value in sent.items() if value}
        prefix = "" if path.startswith("/interflex/") else "/api/v1"
        return self.client.request(method, f"{prefix}{path}", content=body, headers=sent)

    def delete(self, path: str, who: str | None = "esp1") -> Any:
        return self.client.delete(f"/api/v1{path}", headers=self.headers(who))

    def row_counts(self) -> Mapping[str, int]:
        """Rows of every table of the database."""
        path = self.world.store._engines.url.database
        assert path is not None
        with closing(sqlite3.connect(path)) as database:
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            each = (f"SELECT '{name}', count(*) FROM \"{name}\"" for name in tables)
            return dict(database.execute(" UNION ALL ".join(each)).fetchall())


@contextmanager
def served(world: World, callers: Mapping[str, Principal] = USUAL, desk: Desk | None = None) -> Iterator[Api]:
    """The interface on a world, with an account and a token for each caller."""
    auth = Auth(Credentials(world.store), world.wall, hasher=_WEAK, policy=Policy(password_grant=True))

    def market_now() -> Any:
        with world.store.read() as uow:
            return uow.market

    services = Services(
        desk=desk or Desk(world.store.write, world.store.read, HANDLERS, None, preparing(auth)),
        auth=auth,
        applying=Applying(lambda command: world.desk.execute(SYSTEM, command), auth, world.wall),
        market_now=market_now,
        max_body_bytes=MAX_BODY_BYTES,
        issuer=Issuer(b"secret of the tests"),
        bus=world.bus,
        repeats=KeptAttempts(world.store),
        missing=tuple,
        fingerprint_key=b"the same after a restart",
    )
    tokens = {}
    for name, who in callers.items():
        auth.create_account(name, f"demo-{name}", who.party_id, who.role)
        tokens[name] = auth.issue_token(name, f"demo-{name}", "10.0.0.1").token
    with TestClient(build_asgi(services), raise_server_exceptions=False) as client:
        yield Api(client=client, world=world, tokens=tokens, services=services)


@pytest.fixture
def api(world: World) -> Iterator[Api]:
    with served(world) as made:
        yield made


@pytest.fixture
def delivered(after: tuple[World, Any]) -> Iterator[tuple[Api, Any]]:
    """The interface after a delivery day, with its market."""
    world, market = after
    with served(world) as made:
        yield made, market


@dataclass(frozen=True)
class Market:
    """An open session in a region with a grid, and a confirmed asset of esp1."""

    session_id: str
    asset_id: str

    def plan(self, **changes: Any) -> dict[str, Any]:
        """A session of the second region that would be taken from the market operator."""
        values: dict[str, Any] = {
            "region_id": "R2",
            "delivery_day": "2016-07-25",
            "opens_at": "2016-07-24T09:00:00+02:00",
            "gate_closes_at": "2016-07-24T12:00:00+02:00",
            "publishes_at": "2016-07-24T12:15:00+02:00",
        }
        return values | changes

    def request(self, **changes: Any) -> dict[str, Any]:
        """A request that would be taken from dso1."""
        values: dict[str, Any] = {
            "session_id": self.session_id,
            "congestion_point": "End of the line",
            "buses": ["3"],
            "direction": "down",
            "quantity_mw": at_noon(0.4),
            "price_cap_eur_per_mwh": 150.25,
            "deadline": "2016-07-24T12:00:00+02:00",
        }
        return values | changes

    def offer(self, **changes: Any) -> dict[str, Any]:
        """An offer that would be taken from esp1."""
        values: dict[str, Any] = {
            "session_id": self.session_id,
            "direction": "down",
            "lines": [self.line()],
            "price_eur_per_mwh": [40] * N_STEPS,
        }
        return values | changes

    def asset(self, **changes: Any) -> dict[str, Any]:
        """An asset that would be taken from esp1."""
        values: dict[str, Any] = {
            "region_id": "R1",
            "unit_id": "PV-3",
            "name": "Barn roof",
            "kind": "pv",
            "p_min_mw": 0,
            "p_max_mw": 1,
        }
        return values | changes

    def line(self, **changes: Any) -> dict[str, Any]:
        return {"asset_id": self.asset_id, "quantity_mw": at_noon("0.123456")} | changes


def at_noon(quantity: Any) -> list[Any]:
    return [quantity if step == NOON else 0 for step in range(N_STEPS)]


def opened_market(api: Api) -> Market:
    api.world.grid()
    asset = api.world.asset()
    return Market(session_id=api.world.session().id, asset_id=asset.id)


@pytest.fixture
def market(api: Api) -> Market:
    return opened_market(api)


@pytest.fixture(scope="module")
def steady(seeded_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, Market]]:
    """One interface and market for a module whose tests leave everything as it is."""
    path = tmp_path_factory.mktemp("steady") / "flexdesk.db"
    shutil.copy(seeded_database, path)
    wall = Wall()
    with open_store(f"sqlite:///{path}", wall_clock=wall) as store:
        world = World(store=store, desk=Desk(store.write, store.read, HANDLERS), wall=wall, bus=Bus())
        with served(world) as made:
            yield made, opened_market(made)
