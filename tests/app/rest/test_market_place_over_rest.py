"""The market place over REST: its own description, every operation's row, and the whole way by its routes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from conftest import Api, served
from schemathesis.specs.openapi.definitions import OPENAPI_31
from sqlalchemy import inspect, text
from world import WHO, World

from app.rest import rows
from app.rest.market_place import PLACE, PREFIX
from app.rest.rows import may_call
from app.rest.rows_place import ANYBODY, NOTIFICATIONS, OPERATIONS
from app.transport.sending import send
from domain.commands import MarkNotificationsRead, ReportTries, Tried
from domain.commands import place as c
from domain.ids import PartyId
from domain.parties import SYSTEM, Role
from domain.transport import MessageState

PASSWORD = "correct horse battery"
POD = "DE00012312345000000000000000012345"
COMPANY = {
    "legal": {"name": "North Grid", "legal_form": "GmbH", "register_number": "HRB 1"},
    "company_type": "energy regulated player",
    "contact": {"name": "Ada Hill", "email": "desk@north.example"},
    "address": {"street": "Main street 1", "postcode": "10115", "city": "Berlin", "country": "DE"},
    "registrations": [
        {
            "player_role": "regulated data provider",
            "account": "north",
            "platform_url": "https://north.example",
        }
    ],
    "password": PASSWORD,
}
POOL = COMPANY | {
    "legal": {"name": "Pool", "legal_form": "SAS", "register_number": "RCS 2"},
    "company_type": "energy unregulated player",
    "registrations": [
        {
            "player_role": "unregulated data requester",
            "account": "pool",
            "platform_url": "https://pool.example",
        }
    ],
}
DATA = {"service_type": "individual data provision", "short_description": "Quarter hours"}
TERMS = {"price_eur": "25.00", "availability_share": "0.95"}


class Room:
    """Short words for calls of the market place."""

    def __init__(self, api: Api) -> None:
        self.api, self.world = api, api.world

    def call(self, method: str, path: str, who: str | None = None, body: object = None, **more: Any) -> Any:
        headers = self.api.headers(who) | more.pop("headers", {})
        return self.api.client.request(method, PREFIX + path, json=body, headers=headers, **more)

    def ok(self, method: str, path: str, who: str | None = None, body: object = None, **more: Any) -> Any:
        answer = self.call(method, path, who, body, **more)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def refused(self, method: str, path: str, who: str | None = None, body: object = None) -> tuple[int, str]:
        answer = self.call(method, path, who, body)
        return answer.status_code, answer.json()["code"]

    def enrolled(self, company: dict[str, Any], account: str) -> str:
        """A certified registration that has a token; its id."""
        made = self.ok("POST", "/enrolments", None, company)
        (row,) = self.ok("POST", f"/companies/{made['id']}/accept", "place1")["registrations"]
        answer = self.api.client.post("/api/v1/token", json={"account": account, "password": PASSWORD})
        self.api.tokens[account] = answer.json()["access_token"]
        url = row["platform_url"]
        record = c.RecordIntegrationTest(registration_id=PartyId(row["id"]), platform_url=url, passed=True)
        self.world.do("system", record)
        self.ok("POST", f"/registrations/{row['id']}/certify", "place1")
        return str(row["id"])


@pytest.fixture
def room(world: World) -> Iterator[Room]:
    with served(world, {"place1": WHO["place1"], "esp1": WHO["esp1"]}) as api:
        yield Room(api)


def test_the_whole_way_over_rest(room: Room) -> None:
    north, pool = room.enrolled(COMPANY, "north"), room.enrolled(POOL, "pool")
    area = {"countries": ["DE"], "pod_patterns": ["DE000123*"]}
    assert room.ok("PUT", "/registration/served-area", "north", area)["pod_patterns"] == ["DE000123*"]
    for filters, expected in (
        ({"player_role": "regulated data provider", "country": "DE", "environment": "regulated"}, [north]),
        ({"country": "FR"}, []),
        ({"state": "suspended"}, []),
        ({}, [north, pool]),
    ):
        rows = room.ok("GET", "/registrations", "pool", params=filters)["items"]
        assert [row["id"] for row in rows] == expected, filters
    located = room.ok("POST", "/localisations", "pool", {"pods": [POD, "FR1"], "places": [{"country": "IT"}]})
    assert [one["registration_id"] for one in located["providers"]] == [north]
    assert (located["unlocated_pods"], located["unlocated_places"]) == ([1], [0])
    body = {"service_type": DATA["service_type"], "title": "Meters", "descriptions": [DATA], "terms": TERMS}
    offer = room.ok("POST", "/offers", "north", body)
    (found,) = room.ok("GET", "/offers", "pool", params={"text": "meters", "country": "DE"})["items"]
    assert (found["id"], found["provider_name"]) == (offer["id"], "North Grid")
    wishes = {"environment": "regulated", "title": "W", "processing_details": "Forecasts.", "wishes": [DATA]}
    request = room.ok("POST", "/requests", "pool", wishes)
    assert request["service_types"] == [DATA["service_type"]]
    matches = room.ok("POST", f"/requests/{request['id']}/matches", "pool", {"provider_ids": [north]})
    (match,) = matches["wishes"][0]["matches"]
    line = {
        "wish_id": matches["wishes"][0]["wish_id"],
        "offer_id": match["offer_id"],
        "description_id": match["description_id"],
    }
    asked = {
        "request_id": request["id"],
        "lines": [line],
        "terms": TERMS,
        "starts_at": "2016-07-24T08:00:00Z",
        "deadline": "2016-07-30T00:00:00Z",
    }
    proposal = room.ok("POST", "/proposals", "pool", asked)
    for who, by in (("north", [request["id"]]), ("pool", [request["id"]])):
        described = room.ok("GET", f"/offers/{match['offer_id']}", who)["descriptions"]
        assert [one["request_ids"] for one in described if one["id"] == match["description_id"]] == [by]
    version = room.ok("GET", "/agreement", "pool")["version"]
    for who in ("north", "pool"):
        assert room.ok("POST", "/agreement/accept", who, {"version": version})["accepted"] is True
    dearer = {"terms": TERMS | {"price_eur": "30"}}
    assert room.ok("PUT", f"/proposals/{proposal['id']}/terms", "north", dearer)["state"] == "offered"
    subscription = room.ok("POST", f"/proposals/{proposal['id']}/accept", "pool")
    assert (subscription["side"], subscription["terms"]["price_eur"]) == ("requester", "30")
    text_ = room.ok("GET", f"/subscriptions/{subscription['id']}/agreement", "north")["text"]
    assert "North Grid" in text_
    pdf = room.call("GET", f"/subscriptions/{subscription['id']}/agreement/pdf", "pool")
    assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    cancel = f"/subscriptions/{subscription['id']}/cancel"
    assert room.ok("POST", cancel, "north", {"reason": "Over."})["state"] == "canceled"
    assert room.refused("POST", cancel, "pool", {"reason": "Over."}) == (409, "wrong_state")
    assert room.ok("GET", "/subscriptions", "pool", params={"active": "true"})["items"] == []
    assert pool == subscription["requester_id"]


def test_nothing_of_a_localisation_is_kept_even_with_an_idempotency_key(room: Room) -> None:
    north = room.enrolled(COMPANY, "north")
    room.ok("PUT", "/registration/served-area", "north", {"countries": ["DE"], "pod_patterns": ["DE000123*"]})
    headers = {"Idempotency-Key": "once"}
    told = [room.ok("POST", "/localisations", "north", {"pods": [POD]}, headers=headers)["pods"] for _ in range(2)]
    assert told[0] == told[1]
    assert told[0][0]["matches"][0]["registration_id"] == north
    with room.world.store.snapshot() as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).all()
            assert POD not in repr(rows)


def test_the_description_is_openapi_and_names_business_objects() -> None:
    document = PLACE.description
    validator = jsonschema_rs.validator_for(OPENAPI_31)
    assert [error.message for error in validator.iter_errors(document)] == []
    titles = {schema.get("title", "") for schema in document["components"]["schemas"].values()}
    for name in ("MKP-DES", "MPL-DES", "MPL-REG", "MPL-ADD", "MKP-SRV-OFF", "MKP-SRV-DES", "MKP-SRV-SUB"):
        assert name in titles
    assert "B2B-SRV-SUB" in titles
    tags = {tag["name"] for tag in document["tags"]}
    for methods in document["paths"].values():
        for operation in methods.values():
            assert set(operation["tags"]) <= tags
            for parameter in operation.get("parameters", ()):
                assert parameter.get("description") or "$ref" in parameter, (operation["operationId"], parameter)


def test_every_operation_has_a_row_and_no_other_has() -> None:
    named = {
        operation["operationId"]
        for methods in PLACE.description["paths"].values()
        for operation in methods.values()
    }
    assert named == (set(OPERATIONS) - set(NOTIFICATIONS)) | ANYBODY
    assert not named & set(rows.OPERATIONS)
    assert not any(may_call(Role.ESP, name) or may_call(Role.FMO, name) for name in OPERATIONS)


def test_it_is_served_with_its_description(room: Room) -> None:
    document = room.call("GET", "/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert f"{PREFIX}/offers" in document["paths"]
    assert room.ok("GET", "/place")["purpose"]


ADDRESSES = [
    (method.upper(), path.removeprefix(PREFIX).replace("{form}", "pdf"), operation["operationId"])
    for path, methods in PLACE.description["paths"].items()
    for method, operation in methods.items()
]


@pytest.mark.parametrize(("method", "path", "name"), ADDRESSES, ids=[name for _, _, name in ADDRESSES])
def test_strangers_and_other_roles_are_refused(shared: Room, method: str, path: str, name: str) -> None:
    path = path.replace("{", "").replace("}", "")
    if name in ANYBODY:
        return
    assert shared.refused(method, path, None, {})[0] == 401
    assert shared.refused(method, path, "esp1", {}) == (403, "not_permitted")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, seeded_database: Any) -> Iterator[Room]:
    """One world for those who change nothing."""
    import shutil

    from delivered import opened

    path = tmp_path_factory.mktemp("strangers") / "flexdesk.db"
    shutil.copy(seeded_database, path)
    with opened(path) as world, served(world, {"place1": WHO["place1"], "esp1": WHO["esp1"]}) as api:
        yield Room(api)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"company_type": "bank"}, 422),
        ({"legal": {"name": "\u202ex", "legal_form": "a", "register_number": "b"}}, 422),
        ({"registrations": []}, 422),
        ({"password": "short"}, 422),
        ({"extra": 1}, 422),
    ],
)
def test_enrolments_that_are_refused(room: Room, changes: dict[str, Any], expected: int) -> None:
    assert room.call("POST", "/enrolments", None, COMPANY | changes).status_code == expected


def test_hostile_bodies_are_no_fault(room: Room) -> None:
    room.enrolled(COMPANY, "north")
    headers = room.api.headers("north") | {"content-type": "application/json"}
    for raw in (
        b'{"pods": [NaN]}',
        b'{"pods": ["\\ud800"]}',
        b"[" * 10_000,
        b'{"places":[{"lon":1e999}]}',
        b"\xff",
    ):
        answer = room.api.client.post(f"{PREFIX}/localisations", content=raw, headers=headers)
        assert answer.status_code == 422, raw
    many = {"pods": ["A1"] * 2001}
    assert room.call("POST", "/localisations", "north", many).status_code == 422
    assert room.refused("POST", "/localisations", "north", {"pods": ["A1"] * 1001}) == (422, "out_of_range")
    assert json.dumps(room.call("POST", "/localisations", "north", {"pods": ["<i>" + POD]}).json()).find(POD) < 0


def test_entity_tags_keep_changes_apart(room: Room) -> None:
    room.enrolled(COMPANY, "north")
    body = {"service_type": DATA["service_type"], "title": "Meters", "descriptions": [DATA], "terms": TERMS}
    offer = room.ok("POST", "/offers", "north", body)
    seen = room.call("GET", f"/offers/{offer['id']}", "north").headers["etag"]
    edit = {"title": "Better", "descriptions": [DATA], "terms": TERMS}
    first = room.call("PUT", f"/offers/{offer['id']}", "north", edit, headers={"If-Match": seen})
    assert (first.status_code, first.json()["title"]) == (200, "Better")
    second = room.call("PUT", f"/offers/{offer['id']}", "north", edit, headers={"If-Match": seen})
    assert second.status_code == 412


def test_what_a_registration_says_of_itself_is_changed_as_it_was_seen(room: Room) -> None:
    north = room.enrolled(COMPANY, "north")
    area = {"countries": ["DE"]}
    assert room.call("GET", f"/registrations/{north}/served-area", "north").headers["etag"].startswith("W/")
    room.ok("PUT", "/registration/served-area", "north", area)
    company = {name: COMPANY[name] for name in ("contact", "address")}
    for seen, path, body in (
        ("/company", "/company", company),
        (f"/registrations/{north}/served-area", "/registration/served-area", area),
        (f"/registrations/{north}", "/registration/address", {"platform_url": "https://other.example"}),
    ):
        tag = room.call("GET", seen, "north").headers["etag"]
        first = room.call("PUT", path, "north", body, headers={"If-Match": tag})
        second = room.call("PUT", path, "north", body, headers={"If-Match": tag})
        assert (first.status_code, second.status_code) == (200, 412), (path, first.text)


def test_the_page_is_changed_as_it_was_read_the_first_time_too(room: Room) -> None:
    seen = room.call("GET", "/place").headers["etag"]
    body = room.ok("GET", "/place")
    first = room.call("PUT", "/place", "place1", body, headers={"If-Match": seen})
    assert first.status_code == 200, "nobody has written it yet"
    seen = room.call("GET", "/place").headers["etag"]
    changed = room.call("PUT", "/place", "place1", body | {"help": "Ask."}, headers={"If-Match": seen})
    assert changed.status_code == 200
    again = room.call("PUT", "/place", "place1", body, headers={"If-Match": seen})
    assert again.status_code == 412


def test_foreign_and_unknown_ids_are_not_found(room: Room) -> None:
    room.enrolled(COMPANY, "north")
    room.enrolled(POOL, "pool")
    body = {"service_type": DATA["service_type"], "title": "Meters", "descriptions": [DATA], "terms": TERMS}
    offer = room.ok("POST", "/offers", "north", body)
    assert room.refused("POST", "/offers", "pool", body) == (403, "not_permitted")
    south = COMPANY | {"legal": COMPANY["legal"] | {"name": "South Grid"}}  # type: ignore[operator]
    south["registrations"] = [COMPANY["registrations"][0] | {"account": "south"}]  # type: ignore[index]
    room.enrolled(south, "south")
    assert room.refused("POST", f"/offers/{offer['id']}/withdraw", "south") == (404, "not_found")
    for path in (
        "/offers/SO-0",
        "/requests/SR-0",
        "/proposals/PR-0",
        "/subscriptions/SS-0",
        "/registrations/MP-0",
    ):
        assert room.refused("GET", path, "pool") == (404, "not_found")
    assert room.refused("GET", "/subscriptions/SS-0/agreement/pdf", "pool") == (404, "not_found")


def test_the_operator_settles_messages_that_no_platform_took(room: Room) -> None:
    pool = PartyId(room.enrolled(POOL, "pool"))
    with room.world.store.write(SYSTEM, MarkNotificationsRead()) as uow:
        ids = [send(uow, to=pool, stream="s", path="/x", body=MarkNotificationsRead()) for _ in range(3)]
    room.world.do("system", ReportTries(tries=(Tried(message_id=ids[0], state=MessageState.DEAD, error="No."),)))
    dead = room.ok("GET", "/messages?state=dead&with_total=true", "place1")
    assert [(row["id"], row["error"], row["behind"], row["addressee"]) for row in dead["items"]] == [
        (ids[0], "No.", 2, "Pool")
    ]
    assert (dead["total"], "body" in dead["items"][0]) == (1, False)
    page = room.ok("GET", "/messages?limit=2", "place1")
    rest = room.ok("GET", f"/messages?limit=2&cursor={page['next']}", "place1")
    assert sorted(row["id"] for row in (*page["items"], *rest["items"])) == sorted(ids)
    for who in ("pool", "esp1"):
        assert room.call("GET", "/messages", who).status_code == 403
        assert room.call("POST", f"/messages/{ids[0]}/drop", who).status_code == 403
    assert room.ok("POST", f"/messages/{ids[0]}/replay", "place1") == {"id": ids[0], "state": "waiting"}
    assert room.refused("POST", f"/messages/{ids[0]}/replay", "place1") == (409, "wrong_state")
    assert room.ok("POST", f"/messages/{ids[0]}/drop", "place1")["state"] == "dropped"
    assert room.refused("POST", "/messages/MS-none/drop", "place1") == (404, "not_found")
    assert ids[0] not in {row["id"] for row in room.ok("GET", "/messages", "place1")["items"]}
