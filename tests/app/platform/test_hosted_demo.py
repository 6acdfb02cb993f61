"""The demo's market place and its hosted platforms: loaded, mounted, on one clock, told where the server is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.bootstrap import App, build
from app.demo import inputs
from app.demo.accounts import place_accounts
from app.demo.companies import read_place
from app.demo.loader import LoadDemo, Loader
from app.demo.place import load_place, pods_csv
from app.demo.scenario import read_scenario
from app.platform.hosting import DemoHosts, Front, Hosting
from app.platform.serving import Serving
from app.settings import Settings
from domain.commands.platform import MakeConsentLinks
from domain.ids import ConsentAskId, ConsentId, PartyId, ServiceDescriptionId, SubscriptionId
from domain.marketplace.offers import ServiceOffer
from domain.marketplace.registrations import Registration, RegistrationState
from domain.parties import SYSTEM, Party, Principal, Role
from domain.platform.company import MARKET_PLACE, Company
from domain.platform.consents import Consent, ConsentWay
from domain.platform.pods import Pod
from domain.transport import Correspondent

BASE = "http://127.0.0.1:8006"


def how(folder: Path) -> Serving:
    urls = {"api_url": BASE, "pages_url": "http://127.0.0.1:8005"}
    return Serving(secret=b"secret of the tests" * 3, data_dir=folder, plain_answers=True, **urls)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the main database and the platforms of the demo, without its market day."""
    folder = tmp_path_factory.mktemp("demo")
    app = _main(folder)
    load = Loader(app, read_scenario(), "full", lambda *_: None)
    load.at("uploads", "Participants", 0.0)
    inputs.participants(load)
    load_place(load, DemoHosts(folder / "platforms", BASE, how(folder)))
    load.set_clock("clock_starts", speed=1.0)
    app.close()
    return folder


def _main(folder: Path) -> App:
    secret = "x" * 48
    return build(
        Settings(data_dir=folder, database_url=f"sqlite:///{folder}/main.db", secret_key=secret, demo=True)
    )


@pytest.fixture
def main(loaded: Path) -> Iterator[App]:
    app = _main(loaded)
    yield app
    app.close()


@pytest.fixture
def hosting(loaded: Path, main: App) -> Iterator[Hosting]:
    hosted = Hosting(loaded / "platforms", how(loaded), main.read)
    yield hosted
    hosted.close()


def by_account(main: App) -> dict[str, Registration]:
    with main.read() as uow:
        return {each.account: each for each in uow.find(Registration)}


def test_all_companies_are_certified_and_the_catalogue_is_not_empty(main: App) -> None:
    registrations = by_account(main)
    assert {each.state for each in registrations.values()} == {RegistrationState.CERTIFIED}
    with main.read() as uow:
        offers = uow.find(ServiceOffer)
    assert len(offers) == sum(len(company.offers) for company in read_place().companies) == 8
    assert len({offer.service_type for offer in offers}) == 3


def test_each_account_signs_in_on_the_market_place_and_on_its_platform(main: App, hosting: Hosting) -> None:
    for account in place_accounts():
        issued = main.auth.issue_token(account.account, account.password, "10.0.0.1")
        principal = main.auth.principal_of_bearer(issued.token)
        assert principal is not None
        platform = hosting.of(principal.party_id)
        assert platform is not None, account.account
        there = platform.auth.issue_token(account.account, account.password, "10.0.0.1")
        its = platform.auth.principal_of_bearer(there.token)
        assert its is not None
        assert (its.party_id, its.role) == (principal.party_id, principal.role)


def test_who_is_not_hosted_has_no_platform(main: App, hosting: Hosting) -> None:
    with main.read() as uow:
        others = [party.id for party in uow.find(Party, role=(Role.FMO, Role.DSO, Role.PLACE_OPERATOR))]
    assert others
    assert [hosting.of(each) for each in others] == [None] * len(others)


def test_points_of_delivery_are_on_their_providers_platform_alone(main: App, hosting: Hosting) -> None:
    n_pods = {}
    for slug, platform in hosting.platforms.items():
        with platform.read() as uow:
            n_pods[slug] = uow.count(Pod)
    assert n_pods == {
        "flotte": 0,
        "licht": 0,
        "netz-nord": 120,
        "reseau-ouest": 120,
        "rete-sud": 120,
        "transnet": 0,
    }
    with hosting.platforms["rete-sud"].read() as uow:
        assert len(uow.find(Pod, customer_id="forno")) == 3


def test_the_same_points_of_delivery_each_time() -> None:
    place = read_place()
    first, again = (pods_csv(place, place.companies[0]) for _ in range(2))
    assert first == again
    assert first != pods_csv(replace(place, pods_seed=1), place.companies[0])


def test_no_point_of_delivery_in_the_main_database(loaded: Path, main: App) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(loaded / "main.db")) as database:
        dump = "\n".join(database.iterdump())
    pods = [line.split(",")[0] for line in pods_csv(read_place(), read_place().companies[0]).splitlines()[1:]]
    assert pods
    assert not [pod for pod in pods if pod in dump]


def test_a_hosted_platform_answers_under_its_prefix(main: App, hosting: Hosting) -> None:
    registration = by_account(main)["dso-it"]
    client = TestClient(Front(_nothing, hosting.asgi()))  # type: ignore[arg-type]
    health = client.get("/platforms/rete-sud/own/v1/health")
    assert health.json()["market_time"].startswith("2016-07-24")
    body = {"account": "dso-it", "password": "demo-dso-it"}
    token = client.post("/platforms/rete-sud/own/v1/auth/token", json=body).json()["access_token"]
    company = client.get("/platforms/rete-sud/own/v1/company", headers={"Authorization": f"Bearer {token}"})
    assert [each["id"] for each in company.json()["registrations"]] == [registration.id]
    elsewhere = client.get("/platforms/netz-nord/own/v1/company", headers={"Authorization": f"Bearer {token}"})
    assert elsewhere.status_code == 401
    for path in ("/platforms/nobody/own/v1/health", "/platforms/rete-sud", "/api/v1/health"):
        assert client.get(path).text == "main"


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b"main"})


def test_platforms_follow_the_market_clock(main: App, hosting: Hosting) -> None:
    main.bus.subscribe(hosting.on_events)
    hosting.follow()
    with main.store.write(SYSTEM, LoadDemo(scenario="full", step="clock")) as uow:
        clock = uow.clock()
        uow.set_clock(replace(clock, anchor_market=clock.anchor_market + timedelta(days=3)))
    for platform in hosting.platforms.values():
        with platform.read() as uow:
            assert uow.clock() == clock
    hosting.follow()
    for platform in hosting.platforms.values():
        with platform.read() as uow:
            assert uow.market > clock.anchor_market + timedelta(days=2)


def test_another_port_is_told_to_all(main: App, hosting: Hosting) -> None:
    hosting.move(main.store, "http://127.0.0.1:9999")
    urls = {each.platform_url for each in by_account(main).values()}
    assert "http://127.0.0.1:9999/platforms/rete-sud" in urls
    assert all(url.startswith("http://127.0.0.1:9999/platforms/") for url in urls)
    with main.read() as uow:
        assert {each.url for each in uow.find(Correspondent)} == urls
    for platform in hosting.platforms.values():
        with platform.read() as uow:
            (company,) = uow.find(Company)
            known = uow.get(Correspondent, MARKET_PLACE)
        assert (company.market_place_url, known.url) == ("http://127.0.0.1:9999", "http://127.0.0.1:9999")
    rows = [platform.store.measured().n_audit_rows for platform in hosting.platforms.values()]
    hosting.move(main.store, "http://127.0.0.1:9999")
    assert rows == [platform.store.measured().n_audit_rows for platform in hosting.platforms.values()]


def test_addresses_of_a_hosted_platform_have_its_prefix(main: App, hosting: Hosting) -> None:
    client = TestClient(Front(_nothing, hosting.asgi()))  # type: ignore[arg-type]
    own = "/platforms/rete-sud/own/v1"
    token = client.post(f"{own}/auth/token", json={"account": "dso-it", "password": "demo-dso-it"}).json()
    signed = {"Authorization": f"Bearer {token['access_token']}"}
    pod = {"pod_id": "IT-NEW", "country": "IT", "postcode": "00100", "city": "Roma", "street": "Via A 1"}
    made = client.post(f"{own}/pods", json=pod, headers=signed)
    assert made.headers["location"] == f"{own}/pods/IT-NEW", made.text
    assert client.get(made.headers["location"], headers=signed).json()["id"] == "IT-NEW"
    page = client.get(f"{own}/pods?limit=1", headers=signed)
    assert page.links["next"]["url"].startswith(f"{own}/pods?limit=1&cursor=")
    assert len(client.get(page.links["next"]["url"], headers=signed).json()["items"]) == 1


@pytest.mark.parametrize("location", ["https://pool.example/back", "//pool.example/back"])
def test_other_addresses_stay_as_they_are(location: str) -> None:
    async def leads_away(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"location", location.encode())]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    client = TestClient(Front(_nothing, {"rete-sud": leads_away}))  # type: ignore[arg-type, dict-item]
    answer = client.get("/platforms/rete-sud/x", follow_redirects=False)
    assert answer.headers["location"] == location


def test_a_letters_link_of_a_hosted_platform_leads_to_the_servers_pages(main: App, hosting: Hosting) -> None:
    platform = hosting.platforms["rete-sud"]
    assert platform.address == f"{BASE}/platforms/rete-sud"
    registration = by_account(main)["dso-it"]
    with platform.store.write(SYSTEM, LoadDemo(scenario="full", step="link")) as uow:
        consent = Consent(
            id=ConsentId("C-link"),
            ask_id=ConsentAskId("CA-link"),
            way=ConsentWay.LIST,
            subscription_id=SubscriptionId("S-link"),
            description_id=ServiceDescriptionId("D-link"),
            provider_id=registration.id,
            requester_id=registration.id,
            customer_id=PartyId("forno"),
            pod_ids=(uow.find(Pod, customer_id="forno")[0].id,),
            data_details="Quarter hours",
            processing_details="Forecasts",
            starts_at=uow.market,
            ends_at=uow.market + timedelta(days=30),
            asked_at=uow.market,
            answer_until=uow.market + timedelta(days=30),
        )
        uow.add(consent)
    provider = Principal(account="dso-it", party_id=registration.id, role=Role.PROVIDER, name="Rete Sud")
    links: Any = platform.desk.execute(provider, MakeConsentLinks(consent_ids=(consent.id,)))
    client = TestClient(Front(_nothing, hosting.asgi()))  # type: ignore[arg-type]
    answer = client.get(f"/platforms/rete-sud/b2c/v1/asks/{links[0].token}", follow_redirects=False)
    leads_to = "http://127.0.0.1:8005/platform/consents?consent=C-link"
    assert (answer.status_code, answer.headers["location"]) == (303, leads_to)
