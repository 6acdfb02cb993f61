"""A platform's trail: a registration sees its side of it, a peer and a customer what concerns them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from validation_room import DAY, NETWORK, NOW, SCHEDULE, Room, opened_room, subscription

from app.platform.serving import Serving, asgi_of
from app.queries.models.platform import ExportTrail
from app.signing import opened, public_keys
from app.trails import check
from domain.commands import MarkNotificationsRead
from domain.commands.platform import (
    AskTechnicalValidation,
    AuthorizeClient,
    RegisterPod,
    TakeTechnicalRequest,
    UploadValidationNetwork,
    UploadValidationSchedules,
)
from domain.ids import PartyId, PodId, ServiceDescriptionId, SubscriptionId, TechnicalValidationId
from domain.marketplace.words import PlatformRole
from domain.platform.validation import AreaPart, PowerPoint, TechnicalValidationRequest
from domain.time import DeliveryDay

SECRET = b"secret of a platform's own file in its folder"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """Files of the DSO, a question that cannot be answered, and a customer who read its letters."""
    side = PlatformRole.PROVIDER
    both = [subscription(side, "dso", "pool"), subscription(side, "dso", "other", SubscriptionId("SUB-2"))]
    with opened_room(tmp_path / "platform.db", subscriptions=both, secret=SECRET) as room:
        room.do("dso", UploadValidationNetwork(document=NETWORK))
        room.do("dso", UploadValidationSchedules(delivery_day=DAY, document=SCHEDULE))
        start = DeliveryDay(day=DAY).start
        request = TechnicalValidationRequest(
            id=TechnicalValidationId("Q-1"),
            start=start,
            end=start + timedelta(hours=1),
            curve=(PowerPoint(at=start, power_mw=Decimal(1)),),
            load_area=(AreaPart(name="Nowhere"),),
        )
        room.do("pool", TakeTechnicalRequest(subscription_id=SubscriptionId("SUB-1"), request=request))
        room.do("house", MarkNotificationsRead())
        yield room


@pytest.fixture
def client(room: Room, tmp_path: Path) -> Iterator[Any]:
    how = Serving(secret=SECRET, data_dir=tmp_path, plain_answers=True)
    with TestClient(asgi_of(room.platform, how), raise_server_exceptions=False) as made:
        yield made


def commands(client: Any, room: Room, who: str, prefix: str = "own", more: str = "") -> list[tuple[str, bool]]:
    """What somebody sees, the oldest first, each with whether its fields are shown."""
    found = client.get(f"/{prefix}/v1/trail?limit=1000{more}", headers=headers(room, who))
    assert found.status_code == 200, found.text
    return [(line["command"], line["body"] is not None) for line in reversed(found.json()["items"])]


def headers(room: Room, who: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {room.token(who)}"}


def test_everybody_sees_its_part(room: Room, client: Any) -> None:
    everything = commands(client, room, "dso")
    assert ("UploadValidationNetwork", True) in everything
    assert all(shown for _, shown in everything)
    peers = commands(client, room, "pool", "b2b")
    assert ("TakeTechnicalRequest", True) in peers
    assert not any("Upload" in name for name, _ in peers)
    assert commands(client, room, "other", "b2b") == []
    assert commands(client, room, "house") == [("MarkNotificationsRead", True)]


def test_another_registration_of_the_company_is_no_insider(room: Room, client: Any) -> None:
    """The company's requester knows no more of what its provider does, and for whom, than a stranger."""
    seen = commands(client, room, "own")
    assert seen, "what the platform itself does is told"
    assert not any(shown for _, shown in seen)
    assert not {"UploadValidationNetwork", "TakeTechnicalRequest", "MarkNotificationsRead"} & {
        name for name, _ in seen
    }
    pod = RegisterPod(pod_id=PodId("DE-1"), country="DE", postcode="28203", city="Bremen", street="Am Deich")
    room.do("dso", replace(pod, customer_id=PartyId("house")))
    assert ("RegisterPod", False) in commands(client, room, "house")
    assert "DE-1" not in client.get("/own/v1/trail/export", headers=headers(room, "own")).text
    assert "RegisterPod" not in dict(commands(client, room, "own"))


def test_who_acted_on_its_subscription_is_told_without_the_fields(room: Room, client: Any) -> None:
    command = AskTechnicalValidation(
        subscription_id=SubscriptionId("SUB-2"), start=NOW, end=NOW, curve=(), load_area=(AreaPart(name="Hidden"),)
    )
    with room.platform.store.write(room.who["own"], command):
        pass
    assert commands(client, room, "other", "b2b") == [("AskTechnicalValidation", False)]
    assert ("AskTechnicalValidation", False) not in commands(client, room, "pool", "b2b")
    assert "Hidden" not in client.get("/b2b/v1/trail/export", headers=headers(room, "other")).text
    assert ("AskTechnicalValidation", False) in commands(client, room, "dso")
    assert "Hidden" not in client.get("/own/v1/trail/export", headers=headers(room, "dso")).text
    assert "Hidden" in client.get("/own/v1/trail/export", headers=headers(room, "own")).text


def test_a_peer_is_not_told_which_customer_acted(room: Room, client: Any) -> None:
    """A customer that lets the peer's program have its data does so under their subscription."""
    authorize = AuthorizeClient(
        client_id="C-1",
        redirect_uri="https://pool.example/back",
        challenge="x" * 43,
        subscription_id=SubscriptionId("SUB-1"),
        description_id=ServiceDescriptionId("D-1"),
        pod_ids=(PodId("DE-1"),),
    )
    with room.platform.store.write(room.who["house"], authorize):
        pass
    assert "AuthorizeClient" not in dict(commands(client, room, "pool", "b2b"))
    assert '"house"' not in client.get("/b2b/v1/trail/export", headers=headers(room, "pool")).text
    assert ("AuthorizeClient", True) in commands(client, room, "house")
    assert ("AuthorizeClient", True) in commands(client, room, "dso")


def test_pages_follow_each_other(room: Room, client: Any) -> None:
    parts: list[int] = []
    path = "/own/v1/trail?limit=2"
    own = headers(room, "dso")
    whole = [line["sequence"] for line in _items(client.get("/own/v1/trail?limit=1000", headers=own))]
    while path:
        answer = client.get(path, headers=own)
        parts += [line["sequence"] for line in _items(answer)]
        next = answer.json()["next"]
        path = f"/own/v1/trail?limit=2&cursor={next}" if next else ""
    assert parts == whole == sorted(whole, reverse=True)


def _items(answer: Any) -> list[Any]:
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


@pytest.mark.parametrize(("who", "prefix"), [("dso", "own"), ("pool", "b2b"), ("other", "b2b"), ("house", "own")])
def test_every_export_holds_and_its_cut_does_not(room: Room, client: Any, who: str, prefix: str) -> None:
    keys = client.get(f"/{prefix}/v1/trail/keys").json()
    answer = client.get(f"/{prefix}/v1/trail/export", headers=headers(room, who))
    assert answer.headers["content-type"].startswith("application/jsonl")
    assert check(answer.text, keys) == []
    lines = answer.text.splitlines(keepends=True)
    with room.platform.read() as uow:
        n_rows = len(uow.trail.rows())
    assert len(lines) == n_rows + 1
    assert check("".join(lines[:-1]), keys) != []
    assert "d" not in keys["keys"][0]


def test_an_export_names_for_whom_it_is(room: Room) -> None:
    text = room.platform.desk.query(room.who["pool"], ExportTrail())
    said = opened(json.loads(text.splitlines()[0])["head"], public_keys(SECRET))
    assert said["scope"] == {"party_id": "pool", "role": "peer"}


def test_nobody_without_a_name(client: Any) -> None:
    assert client.get("/own/v1/trail").status_code == 401
    assert client.get("/own/v1/trail/export").status_code == 401
    assert client.get("/b2b/v1/trail/keys").status_code == 200
