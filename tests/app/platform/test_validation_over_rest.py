"""Technical validation over the B2B interface and the company's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from validation_room import DAY, NETWORK, SCHEDULE, SUBSCRIPTION, Room, opened_room, subscription

from app.platform.serving import Serving, asgi_of
from domain.ids import PartyId
from domain.marketplace.words import PlatformRole
from domain.parties import Party, Role
from domain.transport import OutgoingMessage

ASK: dict[str, Any] = {
    "subscription_id": SUBSCRIPTION,
    "start": "2016-07-25T01:00:00Z",
    "end": "2016-07-25T02:00:00Z",
    "curve": [{"at": "2016-07-25T01:00:00Z", "power_mw": 8}],
    "load_area": [{"name": "Solar park", "share": 1}],
}


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[tuple[Room, Any, Room, Any]]:
    """The DSO's platform and the player's, each with a client."""
    player = (
        Party(id=PartyId("pool"), name="West pool", role=Role.REQUESTER),
        Party(id=PartyId("dso"), name="North grid", role=Role.PEER),
    )
    dso_side = [subscription(PlatformRole.PROVIDER, "dso", "pool")]
    with ExitStack() as stack:
        made: list[Any] = []
        asked = subscription(PlatformRole.REQUESTER, "dso", "pool")
        for name, room in (
            ("dso", opened_room(tmp_path / "dso.db", subscriptions=dso_side)),
            ("player", opened_room(tmp_path / "player.db", player, [asked])),
        ):
            opened = stack.enter_context(room)
            how = Serving(secret=name.encode() * 20, data_dir=tmp_path, plain_answers=True)
            client = TestClient(asgi_of(opened.platform, how), raise_server_exceptions=False)
            made += [opened, stack.enter_context(client)]
        yield (made[0], made[1], made[2], made[3])


def headers_of(room: Room, who: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {room.token(who)}"}


def body_of_message(room: Room, path: str) -> Any:
    """As the courier sends it."""
    with room.platform.read() as uow:
        sent = [message for message in uow.find(OutgoingMessage) if message.path == path]
    return json.loads(sent[-1].body)


def test_over_both_interfaces_from_the_upload_to_the_answer(sides: tuple[Room, Any, Room, Any]) -> None:
    dso, dso_client, player, player_client = sides
    own = headers_of(dso, "dso")
    network = dso_client.put("/own/v1/validation-files/network", content=NETWORK, headers=own | JSON)
    assert network.status_code == 200, network.text
    path = f"/own/v1/validation-files/schedules/{DAY}"
    assert dso_client.put(path, content=SCHEDULE, headers=own | CSV).status_code == 200
    limits = {"import_max_mw": "5.5", "export_max_mw": None, "s_max_mva": None, "source": "Agreement"}
    assert dso_client.put("/own/v1/validation-files/limits", json=limits, headers=own).status_code == 200
    files = dso_client.get("/own/v1/validation-files", headers=own).json()
    assert files["network"]["sha256"] == network.json()["sha256"] == files["schedules"][0]["network_sha256"]
    assert files["coupling"]["import_max_mw"] == "5.5"

    asked = player_client.post("/own/v1/technical-validations", json=ASK, headers=headers_of(player, "pool"))
    assert (asked.status_code, asked.json()["state"]) == (202, "asked")
    message = body_of_message(player, "/b2b/v1/technical-validations")
    peer = headers_of(dso, "pool")
    for _ in range(2):
        taken = dso_client.post("/b2b/v1/technical-validations", json=message, headers=peer)
        assert (taken.status_code, taken.json()["state"]) == (202, "queued"), taken.text
    assert dso.platform.validating.run_inline() == 1
    answer = body_of_message(dso, "/b2b/v1/technical-validation-responses")
    for _ in range(2):
        back = player_client.post(
            "/b2b/v1/technical-validation-responses", json=answer, headers=headers_of(player, "dso")
        )
        assert (back.status_code, back.json()["state"]) == (200, "answered"), back.text

    request_id = asked.json()["request_id"]
    there = player_client.get(f"/own/v1/technical-validations/{request_id}", headers=headers_of(player, "pool"))
    here = dso_client.get(f"/b2b/v1/technical-validations/{request_id}", headers=peer)
    assert there.json()["response"] == here.json()["response"]
    assert 0 < float(there.json()["response"]["share"]) < 1
    assert there.json()["response"]["binding"]["unit"] in ("pu", "%", "MW")
    listed = dso_client.get("/own/v1/technical-validations?state=answered&with_total=true", headers=own).json()
    assert (listed["total"], listed["items"][0]["request_id"]) == (1, request_id)
    assert dso_client.get("/own/v1/technical-validations?state=queued", headers=own).json()["items"] == []


def test_nobody_sees_or_does_what_is_others(sides: tuple[Room, Any, Room, Any]) -> None:
    dso, client, player, player_client = sides
    player_client.post("/own/v1/technical-validations", json=ASK, headers=headers_of(player, "pool"))
    message = body_of_message(player, "/b2b/v1/technical-validations")
    taken = client.post("/b2b/v1/technical-validations", json=message, headers=headers_of(dso, "pool"))
    id = taken.json()["id"]
    assert taken.json()["refusals"] == [
        {"code": "no_network", "field": "", "sentence": "The DSO has no network here yet."}
    ]
    for who, path in (("other", "b2b"), ("dso-2", "own"), ("own", "own")):
        at = f"/{path}/v1/technical-validations"
        assert client.get(f"{at}/{id}", headers=headers_of(dso, who)).status_code == 404
        assert client.get(at, headers=headers_of(dso, who)).json()["items"] == []
    for who in ("dso", "house", "market-place"):
        again = client.post("/b2b/v1/technical-validations", json=message, headers=headers_of(dso, who))
        assert (again.status_code, again.json()["code"]) == (403, "not_permitted")
    assert client.post("/b2b/v1/technical-validations", json=message).status_code == 401
    for who in ("house", "pool", "own"):
        assert client.get("/own/v1/validation-files", headers=headers_of(dso, who)).status_code == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"curve": [{"at": "2016-07-25T01:00:00Z", "power_mw": "NaN"}]}, "request.curve[0].power_mw"),
        ({"curve": [{"at": "2016-07-25T01:00:00", "power_mw": 1}]}, "request.curve[0].at"),
        ({"curve": [{"at": "2016-07-25T01:00:00Z", "power_mw": True}]}, "request.curve[0].power_mw"),
        ({"curve": [{"at": "2016-07-25T01:00:00Z", "power_mw": 1}] * 1501}, "request.curve"),
        ({"load_area": [{"name": "Solar park", "share": "0.5"}]}, "request.load_area"),
        ({"load_area": [{"name": "x" * 201, "share": 1}]}, "request.load_area[0].name"),
        ({"id": ""}, "request.id"),
        ({"more": 1}, "request.more"),
    ],
)
def test_bad_questions_are_refused_with_their_field(
    sides: tuple[Room, Any, Room, Any], change: dict[str, Any], field: str
) -> None:
    dso, client, player, player_client = sides
    player_client.post("/own/v1/technical-validations", json=ASK, headers=headers_of(player, "pool"))
    message = body_of_message(player, "/b2b/v1/technical-validations")
    message["request"] |= change
    refused = client.post("/b2b/v1/technical-validations", json=message, headers=headers_of(dso, "pool"))
    assert refused.status_code == 422, refused.text
    assert field in [finding["field"] for finding in refused.json()["findings"]]


def test_it_is_described(sides: tuple[Room, Any, Room, Any]) -> None:
    _, client, _, _ = sides
    document = client.get("/b2b/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    titles = {schema.get("title") for schema in document["components"]["schemas"].values()}
    assert {"TECH-FLEX-REQ", "TECH-FLEX-RESP"} <= titles
    assert "/b2b/v1/technical-validations" in document["paths"]


JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}
