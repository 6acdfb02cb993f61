"""The worked case from an empty database: data delivered and acknowledged, offers in the book, none of it in the
market place's database. Messages between the systems go over HTTP; each system has a database of its own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from world import DAY, network, schedule

from app.bootstrap import App, build
from app.cli.hosted import hosting
from app.cli.serve import _api_server
from app.demo import inputs
from app.demo.loader import Loader
from app.demo.place import load_place
from app.demo.place_case import Outcome, play
from app.demo.place_chapter import words
from app.demo.place_scene import Scene
from app.demo.place_validated import validated
from app.demo.scenario import read_scenario
from app.platform.hosting import DemoHosts, Hosting
from app.platform.serving import Serving
from app.queries.models import ListOfferedFlexibility, ListOffers
from app.settings import Settings
from domain.commands import AnswerCall, CallOffer, PassGate, PlanSession, UploadNetwork, UploadSchedules
from domain.flexibility.assets import Direction
from domain.flexibility.market import Activation, Gate, GateKind
from domain.ids import AnswerId, CallId, PartyId, RegionId
from domain.lifecycle import ActivationState
from domain.marketplace.notices import ConsentNotice
from domain.parties import SYSTEM, Principal, Role
from domain.platform.energy_service import CallUp, Flexibility
from domain.time import DeliveryDay
from domain.transport import MessageState, OutgoingMessage
from examples.eu_market_place_case import leaked, marks_of

PATIENCE_S = 120.0
BROKEN_OFF_AFTER = (0, 1, 2, 4, 6, 8, 11, 15, 20)
"""Waits for messages, before a run is broken off and begun again."""
FEEDER = "Feeder L1"
DSO, FLOTTE, RURAL = PartyId("dso1"), PartyId("flotte"), RegionId("rural")


def settings_of(folder: Path, port: int) -> Settings:
    return Settings(
        data_dir=folder,
        database_url=f"sqlite:///{folder}/flexdesk.db",
        secret_key="x" * 48,
        demo=True,
        api_port=port,
        poll_seconds=0.1,
    )


def load(app: App, folder: Path, port: int) -> None:
    """The demo's companies, and a local market on three buses."""
    loader = Loader(app, read_scenario(), "full", lambda *_: None)
    loader.at("uploads", "Participants", 0.0)
    inputs.participants(loader)
    loader.do(DSO, UploadNetwork(region_id=RURAL, document=network()))
    loader.do(DSO, UploadSchedules(region_id=RURAL, delivery_day=DAY, document=schedule()))
    loader.at("session", "Session", 0.5)
    times = loader.scenario.times
    gates = {name: times[name.removesuffix("_at")] for name in ("opens_at", "gate_closes_at", "publishes_at")}
    session: Any = loader.do(PartyId("fmo"), PlanSession(region_id=RURAL, delivery_day=DAY, **gates))
    loader.at("opens", "Session", 0.6)
    with app.store.read() as uow:
        (gate,) = uow.find(Gate, session_id=session.id, kind=GateKind.OPEN)
    app.desk.execute(SYSTEM, PassGate(gate_id=gate.id))
    how = Serving(secret=b"x" * 48, data_dir=folder, plain_answers=True)
    load_place(loader, DemoHosts(folder / "platforms", f"http://127.0.0.1:{port}", how))
    loader.set_clock("clock_starts", speed=1.0)


@contextmanager
def listening(app: App, settings: Settings, hosted: Hosting, at: socket.socket) -> Iterator[None]:
    server: uvicorn.Server = _api_server(app, settings, None, hosted)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [at]}, daemon=True)
    thread.start()
    app.courier.start()
    try:
        yield
    finally:
        app.courier.stop()
        server.should_exit = True
        thread.join(20)


class BrokenOffError(Exception):
    """A run ends in the middle."""


def breaking(most: int) -> Callable[[Callable[[], bool]], None]:
    """Waits so often, and then no more."""
    n = 0

    def wait(reached: Callable[[], bool]) -> None:
        nonlocal n
        n += 1
        if n > most:
            raise BrokenOffError
        until(reached)

    return wait


def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < end, "a message did not arrive"
        time.sleep(0.05)


def test_it_ends_with_data_acknowledged_and_offers_in_the_book(tmp_path: Path) -> None:
    said: list[str] = []
    with socket.socket() as at:
        at.bind(("127.0.0.1", 0))
        at.listen()
        port = at.getsockname()[1]
        settings = settings_of(tmp_path, port)
        app = build(settings)
        try:
            load(app, tmp_path, port)
            with hosting(app, settings, port) as hosted:
                assert hosted is not None
                with listening(app, settings, hosted, at):
                    scene = Scene(desk=app.desk, read=app.read, players=hosted, say=said.append, waiting=until)
                    for most in BROKEN_OFF_AFTER:
                        with pytest.raises(BrokenOffError):
                            play(replace(scene, waiting=breaking(most)))
                    done = play(scene)
                    again = play(scene)
                    validated(scene, scene.actor("flotte-data"), FEEDER)
                    validated(scene, scene.actor("flotte-data"), FEEDER)
                    _check_book(scene)
                    _check_local_book(app)
                    _check_messages(app, hosted)
        finally:
            app.close()
    assert done == Outcome(
        n_data_subscriptions=2,
        n_consents=2,
        n_deliveries_acknowledged=2,
        n_series_received=3,
        n_values_received=288,
        n_offers=2,
        n_acquisitions=3,
        n_activations=3,
        n_local_offers=2,
    )
    assert again == done, "what is done is not done again"
    assert "288 values of 3 PoDs" in words(done)
    validations = [one for one in said if FEEDER in one]
    assert len(validations) == 2, "asked once, told twice"
    assert "Netz Nord's network bears" in validations[0]
    assert "voltage of" in validations[0]
    assert validations[0] == validations[1]
    assert [one for one in said if "Partial: 1 of 2 PoDs" in one]
    pods, values = marks_of(tmp_path)
    assert len(pods) == 360
    assert values
    assert leaked(tmp_path / "flexdesk.db", pods | values) == []


def _check_book(scene: Scene) -> None:
    """Each buyer sees all offers, what it got of one, and that it is delivered."""
    for account in ("buyer-de", "tso-ch", "retailer-de"):
        buyer = scene.actor(account)
        assert len(buyer.held(Flexibility)) == 2
        (called,) = buyer.held(CallUp)
        assert called.energy_mwh > 0


def _check_local_book(app: App) -> None:
    """The market operator sees the aggregator's offers in the session's book; the DSO calls one."""
    rows = app.desk.query(principal("fmo", Role.FMO), ListOffers())
    assert {(row.party.id, row.offer.direction) for row in rows} == {(FLOTTE, Direction.UP)}
    assert len(rows) == 2
    dso, seller = principal(DSO, Role.DSO), principal(FLOTTE, Role.AGGREGATOR)
    offered = app.desk.query(dso, ListOfferedFlexibility())
    assert {row.offer_id for row in offered} == {row.offer.id for row in rows}
    offer = rows[0].offer
    first = next(step for step, power_mw in enumerate(offer.lines[0].quantity_mw) if power_mw)
    power_mw = offer.lines[0].quantity_mw[first]
    assert 0 < power_mw < Decimal("0.005"), "a few households"
    times: dict[str, Any] = {"starts_at": DeliveryDay(day=DAY).instant(first), "duration_s": Decimal(900)}
    app.desk.execute(
        dso,
        CallOffer(
            call_id=CallId("CALL-1"),
            party_id=FLOTTE,
            offer_id=offer.id,
            power_mw=power_mw,
            price_eur_per_mwh=offer.price_eur_per_mwh[first],
            **times,
        ),
    )
    answer = AnswerCall(
        answer_id=AnswerId("ACK-1"), acknowledged=True, offer_id=offer.id, power_mw=power_mw, **times
    )
    app.desk.execute(seller, answer)
    with app.read() as uow:
        (call,) = uow.find(Activation, party_id=FLOTTE)
    assert call.state is ActivationState.ACKNOWLEDGED


def principal(party_id: str, role: Role) -> Principal:
    return Principal(account=party_id, party_id=PartyId(party_id), role=role)


def _check_messages(app: App, hosted: Hosting) -> None:
    """All were delivered, and the market place was told of states alone."""
    until(lambda: not _waiting(app, hosted))
    with app.read() as uow:
        assert {one.state for one in uow.find(OutgoingMessage)} == {MessageState.DELIVERED}
    assert "pod" not in " ".join(ConsentNotice.__dataclass_fields__)


def _waiting(app: App, hosted: Hosting) -> list[OutgoingMessage]:
    found: list[OutgoingMessage] = []
    for read in (app.read, *(platform.read for platform in hosted.platforms.values())):
        with read() as uow:
            found += uow.find(OutgoingMessage, state=MessageState.WAITING)
    return found


@pytest.mark.parametrize("mark", ["IT001E00000001", "0.431"])
def test_a_leak_would_be_found(tmp_path: Path, mark: str) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / "main.db")) as connection, connection:
        connection.execute("CREATE TABLE audit (body TEXT)")
        connection.execute("INSERT INTO audit VALUES (?)", (f'{{"x": ["{mark}"]}}',))
        connection.execute("INSERT INTO audit VALUES (?)", (b"PK\xff",))
    assert leaked(tmp_path / "main.db", {mark}) == ["audit.body"]
    assert leaked(tmp_path / "main.db", {"other"}) == []
