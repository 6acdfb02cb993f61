"""A customer gives and ends a consent in a browser: the requester's open page has values, and then at once none.

Two platforms with databases and servers of their own; the test is the courier between them.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from browsing import IDLE, watch
from playwright.sync_api import Browser, Page, expect

from app.codec import from_data, loads
from app.free_ports import free_port
from app.platform.bootstrap import Platform, build
from app.platform.delivery_periods import due
from domain.commands import platform as pc
from domain.events.platform import ConsentAsked
from domain.ids import (
    ConsentAskId,
    ConsentId,
    PartyId,
    PodId,
    ServiceActivationId,
    ServiceAgreementId,
    ServiceDescriptionId,
    SubscriptionId,
)
from domain.marketplace.services import Player, ServiceDescription, ServiceTerms, SubscriptionContent
from domain.marketplace.words import Environment, PlatformRole, Quantity, ServiceType, TimeStep
from domain.parties import SYSTEM, Party, Principal, Role
from domain.platform import messages as m
from domain.platform.activations import DataSelection, ServiceAgreement
from domain.platform.consents import Consent, ConsentWay
from domain.platform.deliveries import VALUES, ValuesMessage
from domain.platform.pods import Pod
from domain.platform.subscriptions import PlatformSubscription
from domain.transport import Envelope, OutgoingMessage
from tests.e2e.conftest import LAUNCH
from tests.views.platform_room import ATTACK, Doors
from tests.views.serving import on_a_thread
from views import app as desks_app

pytestmark = pytest.mark.browser
NOW = datetime(2026, 7, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
POD, HOUSE = PodId("DE0001"), PartyId("house")
METERS = Party(id=PartyId("meters"), name="North meters", role=Role.PROVIDER)
POOL = Party(id=PartyId("pool"), name=f"West pool {ATTACK}", role=Role.REQUESTER)
TAKEN: dict[str, tuple[type[Any], type[Any]]] = {
    m.ACKNOWLEDGEMENT: (m.AcknowledgementMessage, pc.TakeConsentAcknowledgement),
    m.REVOCATION: (m.RevocationMessage, pc.TakeConsentRevocation),
    VALUES: (ValuesMessage, pc.TakeValues),
}
SIGNED_OUT = ("WebSocket",)


def acting(party: Party, role: Role | None = None) -> Principal:
    return Principal(account=party.id, party_id=party.id, role=role or party.role, name=party.name)


def content() -> SubscriptionContent:
    service = ServiceDescription(
        id=ServiceDescriptionId("D-1"),
        service_type=ServiceType.INDIVIDUAL_DATA,
        short_description="Load curves",
        time_step=TimeStep.HOUR,
    )
    return SubscriptionContent(
        id=SubscriptionId("S-1"),
        environment=Environment.REGULATED,
        provider=Player(id=METERS.id, name=METERS.name),
        requester=Player(id=POOL.id, name=POOL.name),
        validated_at=NOW - 30 * DAY,
        starts_at=NOW - 30 * DAY,
        ends_at=None,
        data_details="Hours of consumption",
        processing_details="Offers of flexibility",
        descriptions=(service,),
        terms=ServiceTerms(),
    )


def agreement(side: PlatformRole) -> ServiceAgreement:
    return ServiceAgreement(
        id=ServiceAgreementId("AGR-1"),
        side=side,
        activation_id=ServiceActivationId("A-1"),
        subscription_id=SubscriptionId("S-1"),
        description_id=ServiceDescriptionId("D-1"),
        pod_ids=(POD,),
        pod_names=(POD,),
        selection=DataSelection(
            quantity=Quantity.CONSUMPTION,
            time_step=TimeStep.HOUR,
            period_start=NOW - 2 * DAY,
            period_end=NOW + 20 * DAY,
        ),
        data_details="",
        processing_details="Offers of flexibility",
        validated_at=NOW - 2 * DAY,
        starts_at=NOW - 2 * DAY,
        ends_at=NOW + 20 * DAY,
    )


def ask() -> Consent:
    return Consent(
        id=ConsentId("C-1"),
        ask_id=ConsentAskId("CA-1"),
        way=ConsentWay.LIST,
        subscription_id=SubscriptionId("S-1"),
        description_id=ServiceDescriptionId("D-1"),
        provider_id=METERS.id,
        requester_id=POOL.id,
        customer_id=HOUSE,
        pod_ids=(POD,),
        data_details=f"Hours of consumption {ATTACK}",
        processing_details="Offers of flexibility",
        starts_at=NOW - 10 * DAY,
        ends_at=NOW + 300 * DAY,
        asked_at=NOW,
        answer_until=NOW + 30 * DAY,
    )


@dataclass
class Two:
    """Both platforms and their desks' addresses."""

    provider: Platform
    requester: Platform
    urls: dict[str, str] = field(default_factory=dict)
    _carried: set[str] = field(default_factory=set)

    def send_values(self) -> None:
        """What is due goes into the messages."""
        with self.provider.read() as uow:
            commands = due(uow)
        for command in commands:
            self.provider.execute(command)

    def carry(self) -> int:
        """The provider's messages to the requester; how many."""
        with self.provider.read() as uow:
            waiting = sorted(uow.find(OutgoingMessage, addressee_id=POOL.id), key=lambda each: each.sequence)
        new = [each for each in waiting if each.id not in self._carried and each.body and each.path in TAKEN]
        for each in new:
            self._carried.add(each.id)
            kind, command = TAKEN[each.path]
            envelope = Envelope(message_id=each.id, stream=each.stream, sequence=each.sequence, sent_at=NOW)
            message = from_data(kind, loads(each.body))
            self.requester.desk.execute(acting(METERS, Role.PEER), command(envelope=envelope, message=message))
        return len(new)


@contextmanager
def made(path: Path, side: PlatformRole, peer: Party, *things: Any) -> Iterator[Platform]:
    platform = build(f"sqlite:///{path}", wall_clock=lambda: NOW, secret=lambda: b"e" * 32)
    told = PlatformSubscription(id=content().id, side=side, peer_id=peer.id, content=content())
    with platform.store.write(SYSTEM, told) as uow:
        for thing in (*things, told, agreement(side)):
            uow.add(thing)
    try:
        yield platform
    finally:
        platform.close()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    place = {"country": "DE", "postcode": "24103", "city": "Kiel", "street": "Lange Reihe 1"}
    house = Party(id=HOUSE, name="House", role=Role.CUSTOMER)
    market = Party(id=PartyId("market-place"), name="EU Market Place", role=Role.MARKET_PLACE)
    at_meters = (METERS, house, market, Party(id=POOL.id, name=POOL.name, role=Role.PEER))
    at_pool = (POOL, market, Party(id=METERS.id, name=METERS.name, role=Role.PEER))
    pod = Pod(id=POD, customer_id=HOUSE, **place)
    with ExitStack() as stack:
        provider = stack.enter_context(
            made(tmp_path / "meters.db", PlatformRole.PROVIDER, POOL, *at_meters, pod, ask())
        )
        requester = stack.enter_context(made(tmp_path / "pool.db", PlatformRole.REQUESTER, METERS, *at_pool))
        with provider.store.write(SYSTEM, pod) as uow:
            uow.record(ConsentAsked(consent_id=ask().id, customer_id=HOUSE))
        provider.dispatcher.run()
        day = (NOW - DAY).strftime("%Y-%m-%dT00:00:00+02:00")
        values = f"pod_id,quantity,time_step,start,value\n{POD},energy consumption,PT1H,{day}{',0.5' * 24}\n"
        provider.upload_values(acting(METERS), values.encode(), "csv", good_only=False, correct=False)
        pair = Two(provider, requester)
        for name, platform, people in (("provider", provider, at_meters), ("requester", requester, at_pool)):
            pair.urls[name] = stack.enter_context(served(platform, people))
        yield pair


@contextmanager
def served(platform: Platform, people: tuple[Party, ...]) -> Iterator[str]:
    port = free_port()
    settings = SimpleNamespace(
        secret=lambda: b"p" * 40,
        desks_port=port,
        host="127.0.0.1",
        websocket_origins=(),
        secure_cookies=False,
        reached_by_https=False,
        proxy=(),
    )

    class Shown:
        """The platform with sign-ins by name."""

        desk, bus, upload_values = platform.desk, platform.bus, platform.upload_values
        address = ""
        auth = Doors({party.id: acting(party) for party in people})

        @property
        def revision(self) -> int:
            return platform.revision

    with on_a_thread(lambda: desks_app.build_platform_desks(Shown(), settings)):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def person(browser: Browser, url: str, account: str, path: str) -> Iterator[Page]:
    """Somebody at a platform's desk; nothing may go wrong in the browser."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    found = watch(page)
    page.goto(f"{url}/login?next={path}")
    page.get_by_role("textbox", name="Account").fill(account)
    page.get_by_label("Password").fill(account)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{path.partition('?')[0]}**")
    page.wait_for_function(IDLE)
    yield page
    page.context.close()
    assert [one for one in found if not any(word in one for word in SIGNED_OUT)] == []


def test_a_consent_opens_the_requesters_page_and_its_end_empties_it_at_once(browser: Browser, two: Two) -> None:
    with (
        person(browser, two.urls["provider"], HOUSE, "/platform/notifications") as house,
        person(browser, two.urls["requester"], POOL.id, "/platform/data") as pool,
    ):
        expect(pool.get_by_text("You may see no data now.")).to_be_visible()
        house.get_by_role("link", name="Open").click()  # what the ask's notification leads to
        house.wait_for_url("**/platform/consents?consent=C-1")
        house.wait_for_function(IDLE)
        expect(house.get_by_role("heading", name=f"West pool {ATTACK} asks for your data")).to_be_visible()
        house.get_by_role("button", name="I agree", exact=True).click()
        expect(house.get_by_role("heading", name=f"West pool {ATTACK} gets your data")).to_be_visible()

        two.send_values()
        assert two.carry() >= 2
        expect(pool.get_by_text(POD).first).to_be_visible()
        expect(pool.get_by_text("12.00 kWh").first).to_be_visible()

        house.get_by_role("button", name="End this").click()
        expect(house.get_by_text("of the past neither")).to_be_visible()
        house.get_by_role("button", name="End it").click()
        expect(house.get_by_text("Nobody gets your data.")).to_be_visible()
        assert two.carry() == 1
        expect(pool.get_by_text("You may see no data now.")).to_be_visible(timeout=5_000)
        assert pool.get_by_text(POD).count() == 0
        expect(house.get_by_text("revoked").first).to_be_visible()
        two.send_values()
        assert two.carry() == 0, "nothing goes out any more"


def test_a_platforms_own_process_serves_its_pages_and_none_of_the_markets(tmp_path: Path) -> None:
    desks, api = free_port(), free_port()
    env = {
        **os.environ,
        "FLEXDESK_DATA_DIR": str(tmp_path / "data"),
        "FLEXDESK_DESKS_PORT": str(desks),
        "FLEXDESK_API_PORT": str(api),
    }
    made = ("init", "--company", "North", "--country", "DE", "--registration", "meters=regulated-data-provider")
    told = subprocess.run(
        [*LAUNCH, "platform", *made, "--staff", "anna=meters"], env=env, capture_output=True, text=True, timeout=60
    )
    assert told.returncode == 0, told.stderr
    log = tmp_path / "serve.log"
    with log.open("w") as out:
        process = subprocess.Popen([*LAUNCH, "platform", "serve", "--desks"], env=env, stdout=out, stderr=out)
    try:
        http = httpx.Client(base_url=f"http://127.0.0.1:{desks}", follow_redirects=False, timeout=10)
        end = time.monotonic() + 60
        while "Desks" not in log.read_text() and time.monotonic() < end:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        password = re.search(r"one-time password (\S+),", told.stdout)
        assert password, told.stdout
        http.get("/login")
        form = {"account": "anna", "password": password[1], "new_password": "a long enough secret"}
        answer = http.post("/login", data=form | {"_xsrf": http.cookies["_xsrf"]})
        assert answer.status_code == 302, answer.text
        assert http.get("/").headers["Location"] == "/platform/subscriptions"
        assert http.get("/platform/pods").status_code == 200
        assert http.get("/platform/asks").status_code == 403, "that is the requester's"
        assert http.get("/fmo").status_code == 404
    finally:
        process.terminate()
        process.wait(30)
    assert "could not be drawn" not in log.read_text()
