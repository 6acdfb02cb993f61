"""Consents and activation over the interfaces: what one platform sends, the other's interface takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from consent_world import DAY, NOW, PROVIDER, READING, REQUESTER, SERVICE, SUB
from starlette.testclient import TestClient
from two_platforms import Side, TwoPlatforms, two_platforms

from app.auth import Auth
from app.persistence.credentials import Credentials
from app.platform.serving import Serving, asgi_of
from domain.parties import Party
from domain.platform.company import MARKET_PLACE
from domain.platform.consents import Consent
from domain.platform.subscriptions import PlatformSubscription

PASSWORD = "correct-horse-1"
DATA = "Quarter hours of consumption."
SELECTION = {"quantity": "energy consumption", "time_step": "PT15M"}


class Room:
    """A platform's interfaces, and its people's tokens."""

    def __init__(self, side: Side, client: TestClient) -> None:
        self.side, self.client = side, client
        auth = Auth(
            Credentials(side.platform.store),
            side.wall,
            hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
        )
        self.tokens = {}
        for party in side.find(Party):
            auth.create_account(party.id, PASSWORD, party.id, party.role)
            self.tokens[str(party.id)] = auth.issue_token(party.id, PASSWORD, "10.0.0.1").token

    def call(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        said = {"Authorization": f"Bearer {self.tokens[who]}"} | headers
        return self.client.request(method, path, json=body, headers=said)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[TwoPlatforms]:
    with two_platforms(tmp_path) as made:
        yield made


@pytest.fixture
def rooms(two: TwoPlatforms, tmp_path: Path) -> Iterator[tuple[Room, Room]]:
    with ExitStack() as stack:
        made = []
        for side in (two.provider, two.requester):
            how = Serving(secret=b"s" * 48, data_dir=tmp_path, plain_answers=True)
            client = TestClient(asgi_of(side.platform, how), raise_server_exceptions=False)
            made.append(Room(side, stack.enter_context(client)))
        yield made[0], made[1]


def carried(sender: Room, receiver: Room, as_whom: str) -> list[int]:
    """What waits is posted as the courier does; the statuses."""
    statuses = []
    for message in sender.side.outgoing():
        sender.side.taken(message)
        if message.addressee_id == MARKET_PLACE:
            continue
        headers = {
            "Message-Id": message.id,
            "Message-Stream": message.stream,
            "Message-Sequence": str(message.sequence),
            "Message-Sent-At": sender.side.wall.now.isoformat(),
        }
        for _ in range(2):
            answer = receiver.call(as_whom, "POST", message.path, json.loads(message.body), **headers)
            assert answer.status_code == 200, answer.text
            statuses.append(answer.status_code)
    return statuses


def test_from_the_ask_to_the_agreement_and_back_out(rooms: tuple[Room, Room]) -> None:
    provider, requester = rooms
    ask = {
        "subscription_id": SUB,
        "description_id": SERVICE,
        "pod_ids": ["AT001", "AT002", "AT999"],
        "starts_at": (NOW - DAY).isoformat(),
        "ends_at": (NOW + 300 * DAY).isoformat(),
        "data_details": "Quarter hours.",
        "processing_details": READING,
    }
    asked = requester.call(REQUESTER, "POST", "/own/v1/consent-asks", ask)
    assert (asked.status_code, asked.json()["answered_at"]) == (202, None)
    assert carried(requester, provider, REQUESTER)
    assert carried(provider, requester, PROVIDER)

    (seen,) = provider.call("house", "GET", "/b2c/v1/consents").json()["items"]
    assert (seen["state"], seen["pod_ids"], seen["processing_details"]) == ("asked", ["AT001", "AT002"], READING)
    assert provider.call("flat", "GET", "/b2c/v1/consents").json()["items"] == []
    path = f"/b2c/v1/consents/{seen['id']}"
    assert provider.call("flat", "POST", f"{path}/give", {}).status_code == 404
    given = provider.call("house", "POST", f"{path}/give", {"pod_ids": ["AT001"]})
    assert (given.status_code, given.json()["state"]) == (200, "acknowledged")
    assert carried(provider, requester, PROVIDER)
    (stands,) = provider.call("house", "GET", "/b2c/v1/consents").json()["items"]
    assert (stands["requester"], stands["customer_id"], stands["standing"]) == ("West pool", "house", ["AT001"])

    request = {
        "subscription_id": SUB,
        "description_id": SERVICE,
        "selection": SELECTION,
        "pod_ids": ["AT001", "AT002"],
        "processing_details": READING,
    }
    wanted = requester.call(REQUESTER, "POST", "/own/v1/activations", request)
    assert (wanted.status_code, wanted.json()["status"]) == (202, None), wanted.text
    carried(requester, provider, REQUESTER)
    carried(provider, requester, PROVIDER)
    (activation,) = requester.call(REQUESTER, "GET", "/own/v1/activations").json()["items"]
    assert (activation["status"], activation["confirmed"]) == ("Partial", ["AT001"])
    assert [(each["pod_id"], each["code"]) for each in activation["refused"]] == [("AT002", "no_consent")]
    (agreement,) = provider.call(REQUESTER, "GET", "/b2b/v1/agreements").json()["items"]
    assert (agreement["id"], agreement["pod_names"]) == (activation["agreement_id"], ["AT001"])
    assert agreement["selection"] == activation["selection"]
    assert activation["selection"].items() >= SELECTION.items()
    assert (agreement["data_details"], agreement["processing_details"]) == (DATA, READING)
    assert provider.call("other", "GET", "/b2b/v1/agreements").json()["items"] == []
    assert len(provider.call(PROVIDER, "GET", "/own/v1/consents").json()["items"]) == 1

    (heard,) = requester.call(REQUESTER, "GET", "/own/v1/told-consents").json()["items"]
    assert (heard["id"], heard["state"], heard["pod_names"]) == (seen["id"], "acknowledged", ["AT001"])
    (known,) = requester.call(REQUESTER, "GET", "/own/v1/consent-asks").json()["items"]
    assert (known["id"], known["n_asked"]) == (asked.json()["id"], 1)
    assert [(each["pod_id"], each["code"]) for each in known["refused"]] == [("AT999", "unknown_pod")]

    revoked = provider.call("house", "POST", f"{path}/revoke", {})
    assert revoked.json()["state"] == "revoked"
    carried(provider, requester, PROVIDER)
    assert requester.call(REQUESTER, "GET", "/own/v1/told-consents?state=acknowledged").json()["items"] == []
    over = requester.call(REQUESTER, "POST", f"/own/v1/agreements/{agreement['id']}/end", {"reason": "Over."})
    assert over.json()["state"] == "ended"
    carried(requester, provider, REQUESTER)
    assert provider.call(PROVIDER, "GET", "/own/v1/agreements").json()["items"][0]["state"] == "ended"


def test_each_side_lists_its_subscriptions(rooms: tuple[Room, Room]) -> None:
    """As the market place told of them, without the word that introduces the platforms."""
    for room, who, side in zip(rooms, (PROVIDER, REQUESTER), ("provider", "requester"), strict=True):
        answer = room.call(who, "GET", "/own/v1/subscriptions")
        (told,) = answer.json()["items"]
        assert (told["id"], told["side"], told["state"], told["in_force"]) == (SUB, side, "active", True)
        assert SERVICE in [each["id"] for each in told["descriptions"]]
        assert "introduction" not in answer.text
    assert rooms[0].call("house", "GET", "/own/v1/subscriptions").status_code == 403


def test_a_subscriptions_own_words_serve_however_long_they_are(rooms: tuple[Room, Room]) -> None:
    """As long as the market place takes them; where they say nothing of data, the service does."""
    provider, requester = rooms
    long = "\n".join(("To forecast consumption." * 10,) * 16)
    for room in rooms:
        known = room.side.only(PlatformSubscription)
        content = replace(known.content, data_details="", processing_details=long)
        room.side.change(known, content=content)
    which = {"subscription_id": SUB, "description_id": SERVICE, "pod_ids": ["AT001"]}
    period = {"starts_at": NOW.isoformat(), "ends_at": (NOW + 300 * DAY).isoformat()}
    asked = requester.call(REQUESTER, "POST", "/own/v1/consent-asks", which | period)
    assert asked.status_code == 202, asked.text
    carried(requester, provider, REQUESTER)
    (seen,) = provider.call("house", "GET", "/b2c/v1/consents").json()["items"]
    assert (seen["data_details"], seen["processing_details"]) == ("Load curves", long)
    assert provider.call("house", "POST", f"/b2c/v1/consents/{seen['id']}/give", {}).status_code == 200
    carried(provider, requester, PROVIDER)
    wanted = requester.call(REQUESTER, "POST", "/own/v1/activations", which | {"selection": SELECTION})
    assert wanted.status_code == 202, wanted.text
    carried(requester, provider, REQUESTER)
    carried(provider, requester, PROVIDER)
    (activation,) = requester.call(REQUESTER, "GET", "/own/v1/activations").json()["items"]
    assert (activation["status"], activation["processing_details"]) == ("OK", long)


def test_links_are_shown_once_and_only_to_the_provider(two: TwoPlatforms, rooms: tuple[Room, Room]) -> None:
    provider, _ = rooms
    two.asked()
    consent = two.provider.only(Consent)
    made = provider.call(PROVIDER, "POST", "/own/v1/consent-links", {"consent_ids": [consent.id]})
    assert (made.status_code, len(made.json()[0]["token"])) == (201, 43)
    listed = provider.call(PROVIDER, "GET", "/own/v1/consents").text
    assert made.json()[0]["token"] not in listed
    assert "link" not in listed
    assert provider.call("house", "POST", "/own/v1/consent-links", {"consent_ids": []}).status_code == 403


@pytest.mark.parametrize(
    ("who", "method", "path"),
    [
        ("house", "GET", "/own/v1/consents"),
        ("house", "GET", "/b2b/v1/agreements"),
        ("provider", "GET", "/b2c/v1/consents"),
        ("requester", "GET", "/own/v1/activations"),
        ("requester", "POST", "/b2c/v1/consents/CN-1/give"),
        ("provider", "GET", "/own/v1/consent-asks"),
        ("provider", "GET", "/own/v1/told-consents"),
        ("house", "POST", "/b2b/v1/consents/asks"),
        ("market-place", "GET", "/b2b/v1/agreements"),
    ],
)
def test_each_interface_is_for_its_own_people(rooms: tuple[Room, Room], who: str, method: str, path: str) -> None:
    assert rooms[0].call(who, method, path, {} if method == "POST" else None).status_code == 403


def test_business_objects_are_named_in_the_descriptions(rooms: tuple[Room, Room]) -> None:
    said = {name: rooms[0].client.get(f"/{name}/v1/openapi.json").json() for name in ("b2b", "b2c", "own")}
    titles = {s.get("title") for each in said.values() for s in each["components"]["schemas"].values()}
    assert {"CUS-CON-ACK", "CUS-CON-REV", "CUS-CON-DES", "SRV-ACT-AGR", "DSO-REQ or USP-REQ"} <= titles
    assert all(each["openapi"].startswith("3.1") for each in said.values())
