"""The worked case from an empty database: data delivered and acknowledged, offers in the book, none of it in the
market place's database. Messages between the systems go over HTTP; each system has a database of its own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from app.bootstrap import App, build
from app.cli.hosted import hosting
from app.cli.serve import _api_server
from app.demo import inputs
from app.demo.loader import Loader
from app.demo.place import load_place
from app.demo.place_case import Outcome, play
from app.demo.place_chapter import words
from app.demo.place_scene import Scene
from app.demo.scenario import read_scenario
from app.platform.hosting import DemoHosts, Hosting
from app.platform.serving import Serving
from app.settings import Settings
from domain.marketplace.notices import ConsentNotice
from domain.platform.energy_service import CallUp, Flexibility
from domain.transport import MessageState, OutgoingMessage
from examples.eu_market_place_case import leaked, marks_of

PATIENCE_S = 120.0


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
    """The demo's companies, without its market day."""
    loader = Loader(app, read_scenario(), "full", lambda *_: None)
    loader.at("uploads", "Participants", 0.0)
    inputs.participants(loader)
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
                    done = play(scene)
                    again = play(scene)
                    _check_book(scene)
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
    )
    assert again == done, "what is done is not done again"
    assert "288 values of 3 PoDs" in words(done)
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
