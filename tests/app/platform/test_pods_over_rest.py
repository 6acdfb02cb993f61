"""Points of delivery over the company's own interface: one, many, changed, and by the page."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from platform_world import BUYER, DSO, PlatformWorld, who
from starlette.testclient import TestClient

from app.platform.serving import Serving, asgi_of
from app.platform.usecases.keys import issued, no_password
from app.platform.values.pods import HEAD
from app.platform.values.rules import least_pods
from domain.commands.platform import AddCustomer, AddStaff
from domain.ids import PartyId
from domain.parties import SYSTEM, Party
from domain.platform.pods import Pod

CSV = {"Content-Type": "text/csv"}
POD = {"pod_id": "IT-1", "country": "IT", "postcode": "00100", "city": "Roma", "street": "Via A 1"}
PLACE = {name: value for name, value in POD.items() if name != "pod_id"}


class Company:
    """A platform's own interface, called for one or another of the company."""

    def __init__(self, world: PlatformWorld, http: TestClient) -> None:
        self.world, self._http = world, http
        self.headers = {party: self._key(party) for party in (DSO.id, BUYER.id, PartyId("house"))}

    def _key(self, party: PartyId) -> dict[str, str]:
        with self.world.platform.store.write(SYSTEM, AddCustomer(customer_id=party, name="x")) as uow:
            uow.sign_ins.enter(party, no_password(), uow.get(Party, party))
            return {"Authorization": f"Bearer {issued(uow, party, party, timedelta(days=1)).secret}"}

    def call(self, method: str, path: str, party: PartyId = DSO.id, **more: Any) -> Any:
        headers = self.headers[party] | more.pop("headers", {})
        return self._http.request(method, f"/own/v1{path}", headers=headers, **more)


@pytest.fixture
def company(founded: PlatformWorld, tmp_path: Path) -> Iterator[Company]:
    founded.do(who(DSO), AddCustomer(customer_id=PartyId("house"), name="House"))
    how = Serving(secret=b"s" * 48, data_dir=tmp_path, plain_answers=True, max_body_bytes=1_000)
    with TestClient(asgi_of(founded.platform, how), raise_server_exceptions=False) as http:
        yield Company(founded, http)


def test_a_point_of_delivery_is_registered_and_changed(company: Company) -> None:
    made = company.call("POST", "/pods", json=POD)
    assert (made.status_code, made.headers["location"]) == (201, "/own/v1/pods/IT-1"), made.text
    assert company.call("POST", "/pods", json=POD).status_code == 201
    assert company.call("POST", "/pods", json=POD | {"city": "Ostia"}).status_code == 409
    seen = company.call("GET", "/pods/IT-1")
    assert seen.json() == PLACE | {"id": "IT-1", "customer_id": None}
    given = PLACE | {"customer_id": "house"}
    changed = company.call("PUT", "/pods/IT-1", json=given, headers={"If-Match": seen.headers["etag"]})
    assert (changed.status_code, changed.json()["customer_id"]) == (200, "house"), changed.text
    stale = company.call("PUT", "/pods/IT-1", json=PLACE, headers={"If-Match": seen.headers["etag"]})
    assert stale.status_code == 412
    assert company.call("PUT", "/pods/IT-2", json=PLACE).status_code == 404
    wrong = company.call("PUT", "/pods/IT-1", json=PLACE | {"country": "it", "customer_id": "nobody"})
    assert {found["field"] for found in wrong.json()["findings"]} == {"country", "customer_id"}


def test_lists_by_the_page(company: Company) -> None:
    for i, city in enumerate(("Roma", "Bari", "Roma", "Roma")):
        body = POD | {"pod_id": f"IT-{i}", "city": city, "customer_id": "house" if i == 2 else None}
        assert company.call("POST", "/pods", json=body).status_code == 201
    first = company.call("GET", "/pods", params={"city": "Roma", "limit": 2, "with_total": "true"})
    assert ([pod["id"] for pod in first.json()["items"]], first.json()["total"]) == (["IT-0", "IT-2"], 3)
    rest = company.call("GET", "/pods", params={"city": "Roma", "limit": 2, "cursor": first.json()["next"]})
    assert [pod["id"] for pod in rest.json()["items"]] == ["IT-3"]
    by_city = company.call("GET", "/pods", params={"sort": "city,-id"}).json()["items"]
    assert [pod["id"] for pod in by_city] == ["IT-1", "IT-3", "IT-2", "IT-0"]
    own = company.call("GET", "/pods", PartyId("house")).json()["items"]
    assert [pod["id"] for pod in own] == ["IT-2"]
    assert company.call("GET", "/pods/IT-0", PartyId("house")).status_code == 404


def test_a_file_of_many(company: Company) -> None:
    good = "".join(f"IT-{i},IT,00100,Roma,Via A {i}\r\n" for i in range(100))
    file = ",".join(HEAD) + "\r\n" + good
    assert len(file) > 1_000
    made = company.call("PUT", "/pods", content=file, headers=CSV)
    assert made.json() == {"n_stored": 100, "n_same": 0, "n_bad": 0, "bad": []}, made.text
    bad = file + "IT-x,XX,00100,Roma,Via B\r\nIT-y,IT,00100,Roma,Via B\r\n"
    refused = company.call("PUT", "/pods", content=bad, headers=CSV)
    assert (refused.status_code, refused.json()["findings"][0]["field"]) == (422, "line 102, country")
    told = company.call("PUT", "/pods?good_only=true", content=bad, headers=CSV).json()
    assert (told["n_stored"], told["n_same"], told["n_bad"]) == (1, 100, 1)
    assert [(line["line"], line["field"]) for line in told["bad"]] == [(102, "country")]
    small = gzip.compress(bad.encode())
    again = company.call("PUT", "/pods?good_only=true", content=small, headers=CSV | {"Content-Encoding": "gzip"})
    assert (again.json()["n_stored"], again.json()["n_same"]) == (0, 101), again.text
    with company.world.platform.read() as uow:
        assert uow.count(Pod) == 101


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"Content-Type": "application/json"}, b"{}", 415),
        (CSV | {"Content-Encoding": "gzip"}, b"x", 422),
        (CSV | {"Content-Encoding": "br"}, b"x", 422),
        (CSV, b"\xff\xfe", 422),
        (CSV, b" ", 422),
        (CSV, b"a,b\n", 422),
    ],
)
def test_what_is_no_such_file(company: Company, headers: dict[str, str], content: bytes, status: int) -> None:
    assert company.call("PUT", "/pods", content=content, headers=headers).status_code == status


def test_a_file_that_is_too_large(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.platform.rest.own.pods.MAX_SENT", 20)
    assert company.call("PUT", "/pods", content=b"x" * 21, headers=CSV).status_code == 413
    monkeypatch.setattr("app.platform.rest.own.pods.MAX_SENT", 900)
    small = gzip.compress(b"x" * 1_000)
    assert len(small) < 100
    coded = CSV | {"Content-Encoding": "gzip"}
    assert company.call("PUT", "/pods", content=small, headers=coded).status_code == 413


def test_of_how_many_an_aggregate_is_at_least(company: Company) -> None:
    once, chosen = "a password for once", "correct horse battery"
    company.world.do(who(DSO), AddStaff(registration_id=DSO.id, account="rosa", password=once))
    body = {"account": "rosa", "password": once, "new_password": chosen}
    assert company.call("POST", "/auth/password", json=body).status_code == 204
    signing_in = {"account": "rosa", "password": chosen}
    token = company.call("POST", "/auth/token", json=signing_in).json()["access_token"]
    rosa = {"Authorization": f"Bearer {token}"}
    made = company.call("PUT", "/value-rules", json={"least_pods": 9}, headers=rosa)
    assert (made.status_code, made.json()) == (200, {"least_pods": 9})
    with company.world.platform.read() as uow:
        assert least_pods(uow) == 9
    assert company.call("PUT", "/value-rules", json={"least_pods": 2}, headers=rosa).status_code == 422
    by_key = company.call("PUT", "/value-rules", json={"least_pods": 3})
    assert by_key.status_code == 403


@pytest.mark.parametrize("party", [BUYER.id, PartyId("house")])
def test_only_the_provider_writes_them(company: Company, party: PartyId) -> None:
    assert company.call("POST", "/pods", json=POD).status_code == 201
    calls = [
        company.call("POST", "/pods", party, json=POD | {"pod_id": "IT-9"}),
        company.call("PUT", "/pods/IT-1", party, json=PLACE),
        company.call("PUT", "/pods", party, content=",".join(HEAD), headers=CSV),
        company.call("PUT", "/value-rules", party, json={"least_pods": 9}),
    ]
    assert [call.status_code for call in calls] == [403] * 4
