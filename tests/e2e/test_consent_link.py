"""From the link in a customer's letter to values on the requester's open page, and back to none.

The demo's market place with its hosted platforms: messages go by the couriers, over HTTP, and each person has a
browser of its own.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from browsing import IDLE, watch
from playwright.sync_api import Browser, Page, expect

from app.bootstrap import App, build
from app.cli.hosted import hosting
from app.cli.serve import _api_server
from app.demo import inputs
from app.demo.loader import Loader
from app.demo.place import load_place
from app.demo.place_data import readings, subscribed
from app.demo.place_scene import Actor, Scene
from app.demo.scenario import read_scenario
from app.free_ports import free_port
from app.platform.hosting import FOLDER, DemoHosts, Hosting
from app.platform.serving import Serving
from app.settings import Settings
from domain.commands.platform import AskForConsents, RequestActivation
from domain.marketplace.requests import Subscription
from domain.marketplace.words import ActivationStatus, Quantity, TimeStep
from domain.platform.activations import DataSelection, ServiceActivation
from domain.platform.consents import Consent
from domain.platform.deliveries import ReceivedSeries
from domain.platform.pods import Pod
from domain.time import DeliveryDay, market_day
from tests.views.serving import on_a_thread
from views import app as desks_app

pytestmark = pytest.mark.browser
AGGREGATOR, DSO, CUSTOMER = "flotte-data", "dso-it", "forno"
SLOW_MS = 60_000
PATIENCE_S = 120.0
SECRET = "x" * 48


@dataclass(frozen=True, kw_only=True)
class Place:
    """Everything in this process: where the desks and the interfaces are, and who plays."""

    desks: str
    api: str
    scene: Scene
    hosted: Hosting

    def actor(self, account: str) -> Actor:
        return self.scene.actor(account)

    def token(self, platform: str, account: str) -> dict[str, str]:
        path = f"{self.api}/platforms/{platform}/own/v1/auth/token"
        answer = httpx.post(path, json={"account": account, "password": f"demo-{account}"}, timeout=60)
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with socket.socket() as at:
        at.bind(("127.0.0.1", 0))
        at.listen()
        port = at.getsockname()[1]
        settings = Settings(
            data_dir=tmp_path,
            database_url=f"sqlite:///{tmp_path}/flexdesk.db",
            secret_key=SECRET,
            demo=True,
            api_port=port,
            desks_port=free_port(),
            poll_seconds=0.5,
        )
        app = build(settings)
        try:
            load(app, tmp_path, port)
            with hosting(app, settings, port) as hosted:
                assert hosted is not None
                scene = Scene(desk=app.desk, read=app.read, players=hosted, say=lambda _: None, waiting=until)
                with (
                    listening(app, settings, hosted, at),
                    on_a_thread(lambda: desks_app.build_desks(app, settings, platforms=hosted)),
                ):
                    base = "http://127.0.0.1"
                    yield Place(
                        desks=f"{base}:{settings.desks_port}", api=f"{base}:{port}", scene=scene, hosted=hosted
                    )
        finally:
            app.close()


def load(app: App, folder: Path, port: int) -> None:
    """The demo's companies and their platforms, without its market day."""
    loader = Loader(app, read_scenario(), "full", lambda *_: None)
    loader.at("uploads", "Participants", 0.0)
    inputs.participants(loader)
    how = Serving(secret=SECRET.encode(), data_dir=folder, plain_answers=True)
    load_place(loader, DemoHosts(folder / FOLDER, f"http://127.0.0.1:{port}", how))
    loader.set_clock("clock_starts", speed=1.0)


@contextmanager
def listening(app: App, settings: Settings, hosted: Hosting, at: socket.socket) -> Iterator[None]:
    server = _api_server(app, settings, None, hosted)
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


@contextmanager
def browsing(browser: Browser) -> Iterator[Page]:
    """Somebody's own browser; nothing may go wrong in it."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(SLOW_MS)
    found = watch(page)
    yield page
    page.context.close()
    assert found == []


def sign_in(page: Page, account: str, path: str) -> None:
    """On the sign-in page that is shown."""
    page.get_by_role("textbox", name="Account").fill(account)
    page.get_by_label("Password").fill(f"demo-{account}")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{path}**")
    page.wait_for_function(IDLE)


def asked(place: Place) -> tuple[Subscription, tuple[str, ...]]:
    """The aggregator is subscribed to the DSO, and has asked for the customer's points of delivery."""
    agg, dso = place.actor(AGGREGATOR), place.actor(DSO)
    (subscription,) = subscribed(place.scene, agg, [dso.principal.party_id])
    pods = tuple(pod.id for pod in dso.held(Pod, customer_id=CUSTOMER))
    with place.scene.read() as uow:
        now = uow.market
    agg.do(
        AskForConsents(
            subscription_id=subscription.id,
            description_id=subscription.content.descriptions[0].id,
            pod_ids=pods,
            starts_at=now - timedelta(days=30),
            ends_at=now + timedelta(days=365),
        )
    )
    until(lambda: bool(dso.held(Consent, customer_id=CUSTOMER)))
    return subscription, pods


def activated(place: Place, subscription: Subscription, pods: tuple[str, ...]) -> None:
    """DSO-REQ, DSO-CNF, and yesterday's values, which go out by themselves."""
    agg, dso = place.actor(AGGREGATOR), place.actor(DSO)
    with place.scene.read() as uow:
        yesterday = DeliveryDay(day=market_day(uow.market) - timedelta(days=1))
    made = agg.do(
        RequestActivation(
            subscription_id=subscription.id,
            description_id=subscription.content.descriptions[0].id,
            selection=DataSelection(
                quantity=Quantity.CONSUMPTION, time_step=TimeStep.MINUTES_15, period_start=yesterday.start
            ),
            pod_ids=pods,
        )
    )
    until(lambda: agg.held(ServiceActivation, id=made.id)[0].status is ActivationStatus.OK)
    file = "\n".join(["pod_id,quantity,time_step,start,value", *readings(dso, yesterday.day)]) + "\n"
    place.hosted.read_in(dso.principal, file.encode())


def test_from_the_link_of_a_letter_to_values_and_back_to_none(browser: Browser, place: Place) -> None:
    subscription, pods = asked(place)
    with browsing(browser) as dso, browsing(browser) as house, browsing(browser) as pool:
        dso.goto(f"{place.desks}/login?next=/platform/asked")
        sign_in(dso, DSO, "/platform/asked")
        dso.get_by_text("Forno Vesuvio").first.click()
        dso.get_by_role("button", name="Link for the letter").click()
        link = dso.get_by_role("dialog").get_by_role("textbox").input_value()
        assert link.startswith(f"{place.api}/platforms/rete-sud/b2c/v1/asks/")
        dso.get_by_role("button", name="I have kept it").click()

        pool.goto(f"{place.desks}/login?next=/platform/data")
        sign_in(pool, AGGREGATOR, "/platform/data")
        expect(pool.get_by_text("You may see no data now.")).to_be_visible()

        house.goto(link)
        sign_in(house, CUSTOMER, "/platform/consents?consent=CN-")
        assert pods[0] in house.get_by_text("Of which points").locator("xpath=..").inner_text()
        house.get_by_role("button", name="I agree", exact=True).click()
        expect(house.get_by_role("button", name="End this")).to_be_visible()

        activated(place, subscription, pods)
        expect(pool.get_by_text(pods[0]).first).to_be_visible(timeout=SLOW_MS)
        signed = place.token("flotte", AGGREGATOR)
        path = f"{place.api}/platforms/flotte/own/v1/received-values"
        rows = httpx.get(path, headers=signed, timeout=60).json()["items"]
        assert {row["name"] for row in rows} == set(pods)

        house.get_by_role("button", name="End this").click()
        house.get_by_role("button", name="End it").click()
        expect(house.get_by_text("Nobody gets your data.")).to_be_visible()
        expect(pool.get_by_text("You may see no data now.")).to_be_visible(timeout=SLOW_MS)
        assert pool.get_by_text(pods[0]).count() == 0
        assert httpx.get(path, headers=signed, timeout=60).json()["items"] == []
        assert place.actor(AGGREGATOR).held(ReceivedSeries), "it is there, and nobody is shown it"
        assert httpx.get(link, timeout=60).status_code == 404, "the link is over with the answer"
