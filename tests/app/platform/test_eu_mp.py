"""The EU-MP API of a platform: services are confirmed and canceled, and keys follow each other."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from platform_world import BUYER, DSO, PlatformWorld, WallClock, who
from starlette.testclient import TestClient

from app.codec import to_data
from app.platform.rest.eu_mp import EU_MP
from app.platform.serving import Serving, asgi_of
from app.transport.sending import address
from domain.commands import CreateApiKey, MarkNotificationsRead
from domain.commands.platform import IssueMarketPlaceKey
from domain.ids import PartyId, ServiceDescriptionId, SubscriptionId
from domain.marketplace.notices import ServiceCanceled, ServiceConfirmed
from domain.marketplace.services import Player, ServiceDescription, ServiceTerms, SubscriptionContent
from domain.marketplace.words import Environment, ServiceType
from domain.notifications import Notification
from domain.parties import SYSTEM, Party, Role, Scope
from domain.platform.subscriptions import PlatformSubscription, SubscriptionStanding
from domain.transport import Correspondent, ReceivedMessage

OTHER = PartyId("agg-fr")
SUB = SubscriptionId("SUB-1")
CONFIRMED = "/eu-mp/v1/service-offer/confirmed/provider"
FIXED = WallClock().now
CANCELED = "/eu-mp/v1/service-offer/canceled/provider"


def content(**changes: Any) -> SubscriptionContent:
    made = SubscriptionContent(
        id=SUB,
        environment=Environment.REGULATED,
        provider=Player(id=DSO.id, name=DSO.name, platform_url="https://dso.example"),
        requester=Player(id=OTHER, name="Agrégateur", platform_url="https://agg.example"),
        validated_at=FIXED,
        starts_at=FIXED,
        ends_at=FIXED + timedelta(days=365),
        data_details="Quarter hours of last year",
        processing_details="",
        descriptions=(
            ServiceDescription(
                id=ServiceDescriptionId("SD-1"),
                service_type=ServiceType.INDIVIDUAL_DATA,
                short_description="Load",
                localisation=("IT", "Roma"),
            ),
        ),
        terms=ServiceTerms(price_eur=Decimal("12.50")),
    )
    return replace(made, **changes)


@dataclass
class Place:
    """The market place as it calls the platform."""

    client: TestClient
    world: PlatformWorld
    key: str

    def headers(self, **changes: str | None) -> dict[str, str]:
        usual: dict[str, str | None] = {
            "Authorization": f"Bearer {self.key}",
            "Message-Id": "MS-1",
            "Message-Stream": SUB,
            "Message-Sequence": "1",
            "Message-Sent-At": self.world.wall().isoformat(),
        }
        return {name: value for name, value in (usual | changes).items() if value is not None}

    def post(self, path: str, body: Any, **changes: str | None) -> Any:
        named = {name.replace("_", "-").title(): value for name, value in changes.items()}
        data = body if isinstance(body, dict) else to_data(body)
        return self.client.post(path, json=data, headers=self.headers(**named))

    def confirm(self, **changes: str | None) -> Any:
        return self.post(CONFIRMED, ServiceConfirmed(subscription=content(), introduction="word"), **changes)

    def held(self) -> tuple[PlatformSubscription, ...]:
        with self.world.platform.read() as uow:
            return uow.find(PlatformSubscription)

    def count(self, kind: type[Any]) -> int:
        with self.world.platform.read() as uow:
            return uow.count(kind)


def finding(answer: Any) -> tuple[int, str, str]:
    first = answer.json()["findings"][0]
    return answer.status_code, first["code"], first["field"]


def own_key(place: Place) -> str:
    """Of one of our own registrations."""
    place.world.platform.auth.create_account(DSO.id, "a long password", DSO.id, Role.PROVIDER)
    command = CreateApiKey(name="k", scopes=(Scope.READ, Scope.EXCHANGE), days=9)
    return str(place.world.do(who(DSO), command).secret)


@pytest.fixture
def place(founded: PlatformWorld, tmp_path: Path) -> Iterator[Place]:
    how = Serving(secret=b"secret of the tests" * 3, data_dir=tmp_path, plain_answers=True)
    key = founded.platform.execute(IssueMarketPlaceKey(registration_id=DSO.id)).secret
    with TestClient(asgi_of(founded.platform, how), raise_server_exceptions=False) as client:
        yield Place(client=client, world=founded, key=key)


def test_a_confirmed_service_is_entered_with_its_other_side(place: Place) -> None:
    answer = place.confirm()
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"message_id": "MS-1", "received_at": FIXED.isoformat().replace("+00:00", "Z")}
    (held,) = place.held()
    assert (held.content, held.introduction) == (content(), "word")
    assert (held.own_id, held.peer_id, held.state) == (DSO.id, OTHER, SubscriptionStanding.ACTIVE)
    with place.world.platform.read() as uow:
        assert uow.get(Party, OTHER).role is Role.PEER
        there = uow.get(Correspondent, OTHER)
    assert (there.url, there.sealed_key) == ("https://agg.example", "")


def test_our_registration_is_told(place: Place) -> None:
    place.confirm()
    place.world.platform.dispatcher.run()
    with place.world.platform.read() as uow:
        told = [(n.party_id, n.sentence) for n in uow.find(Notification, party_id=DSO.id)]
    assert told == [(DSO.id, "Agrégateur has subscribed to your service (SUB-1).")]


def test_a_repeat_gets_the_same_answer_and_does_nothing(place: Place) -> None:
    first = place.confirm()
    place.world.wall.move(hours=30)
    again = place.confirm(message_sent_at=FIXED.isoformat())
    assert (again.status_code, again.json()) == (200, first.json())
    assert (len(place.held()), place.count(ReceivedMessage)) == (1, 1)
    assert place.held()[0].version == 0


def test_an_id_is_of_one_message(place: Place) -> None:
    place.confirm()
    told = ServiceCanceled(subscription_id=SUB, canceled_at=FIXED, reason="Over")
    assert finding(place.post(CANCELED, told)) == (409, "message_differs", "Message-Id")
    assert place.held()[0].state is SubscriptionStanding.ACTIVE


def test_what_was_refused_may_come_again(place: Place) -> None:
    told = ServiceCanceled(subscription_id=SUB, canceled_at=FIXED, reason="Over")
    assert finding(place.post(CANCELED, told, message_id="MS-2", message_sequence="2"))[:2] == (404, "not_found")
    assert place.confirm().status_code == 200
    assert place.post(CANCELED, told, message_id="MS-2", message_sequence="2").status_code == 200
    (held,) = place.held()
    assert (held.state, held.reason, held.canceled_at) == (SubscriptionStanding.CANCELED, "Over", FIXED)
    assert held.introduction == ""
    assert not held.in_force(FIXED)


def test_a_stale_sequence_is_refused_and_a_gap_is_not(place: Place) -> None:
    place.confirm(message_sequence="5")
    told = ServiceCanceled(subscription_id=SUB, canceled_at=FIXED, reason="Over")
    for sequence in ("4", "5"):
        answer = place.post(CANCELED, told, message_id="MS-2", message_sequence=sequence)
        assert finding(answer) == (409, "stale_sequence", "Message-Sequence")
    other = place.post(CANCELED, told, message_id="MS-2", message_sequence="4", message_stream="other")
    assert other.status_code == 200


@pytest.mark.parametrize("minutes", [-6, 6])
def test_clocks_that_disagree_are_refused(place: Place, minutes: int) -> None:
    sent = (FIXED + timedelta(minutes=minutes)).isoformat()
    assert finding(place.confirm(message_sent_at=sent)) == (422, "clock_skew", "Message-Sent-At")
    assert place.held() == ()
    near = (FIXED + timedelta(minutes=minutes * 2 // 3)).isoformat()
    assert place.confirm(message_sent_at=near).status_code == 200


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("message_id", None),
        ("message_id", "a b"),
        ("message_id", "x" * 101),
        ("message_stream", None),
        ("message_sequence", "0"),
        ("message_sequence", "one"),
        ("message_sequence", str(2**53)),
        ("message_sent_at", "2026-11-22T09:00:00"),
        ("message_sent_at", "yesterday"),
    ],
)
def test_headers_are_checked(place: Place, header: str, value: str | None) -> None:
    status, _, field = finding(place.confirm(**{header: value}))
    assert status == 422
    assert field.lower().replace("-", "_").endswith(header)


def test_a_subscription_of_others_is_refused(place: Place) -> None:
    strangers = content(provider=Player(id=PartyId("other"), name="Other"))
    answer = place.post(CONFIRMED, ServiceConfirmed(subscription=strangers, introduction=""))
    assert finding(answer) == (422, "unknown_party", "subscription.provider.id")
    wrong_side = content(provider=Player(id=BUYER.id, name="B"))
    answer = place.post(CONFIRMED, ServiceConfirmed(subscription=wrong_side, introduction=""))
    assert finding(answer)[1] == "unknown_party"
    as_peer = content(requester=Player(id=PartyId("market-place"), name="Me"))
    answer = place.post(CONFIRMED, ServiceConfirmed(subscription=as_peer, introduction=""))
    assert finding(answer) == (422, "unknown_party", "subscription.requester.id")
    assert (place.held(), place.count(ReceivedMessage)) == ((), 0)


def test_a_subscription_is_entered_once(place: Place) -> None:
    place.confirm()
    assert finding(place.confirm(message_id="MS-2", message_sequence="2")) == (409, "duplicate", "subscription.id")


def test_the_other_side_is_followed_where_it_moves(place: Place) -> None:
    """Only its address changes: neither the word, nor what was agreed, nor our key there."""
    place.confirm()
    with place.world.platform.store.write(SYSTEM, MarkNotificationsRead()) as uow:
        address(uow, content().requester.id, content().requester.platform_url, "fdk_theirs")
    moved = replace(content().requester, platform_url="https://moved.example")
    again = {"message_id": "MS-2", "message_sequence": "2"}
    body = ServiceConfirmed(subscription=content(requester=moved), introduction="")
    assert place.post(CONFIRMED, body, **again).status_code == 200
    (held,) = place.held()
    assert (held.introduction, held.content) == ("word", content(requester=moved))
    with place.world.platform.read() as uow:
        there = uow.get(Correspondent, moved.id)
        assert (there.url, uow.vault.open(there.sealed_key, moved.id)) == ("https://moved.example", "fdk_theirs")
    other = ServiceConfirmed(subscription=content(processing_details="All of it."), introduction="")
    refused = place.post(CONFIRMED, other, message_id="MS-3", message_sequence="3")
    assert finding(refused) == (409, "duplicate", "subscription.id")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"environment": "wild"}, "environment"),
        ({"validated_at": "2026-11-22T09:00:00"}, "validated_at"),
        ({"descriptions": []}, "descriptions"),
        ({"more": 1}, "more"),
        ({"id": None}, "id"),
        ({"provider": {"id": "dso-it", "name": "", "platform_url": ""}}, "provider.name"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(place: Place, change: dict[str, Any], field: str) -> None:
    body = to_data(ServiceConfirmed(subscription=content(), introduction="word"))
    body["subscription"] |= change
    status, _, named = finding(place.post(CONFIRMED, body))
    assert (status, named) == (422, f"subscription.{field}")


@pytest.mark.parametrize("number", ['"NaN"', "NaN", "1e400", "-0.5"])
def test_no_share_is_beyond_its_bounds(place: Place, number: str) -> None:
    text = json.dumps(to_data(ServiceConfirmed(subscription=content(), introduction="word")))
    sent = text.replace('"0.95"', number)
    assert sent != text
    headers = place.headers() | {"Content-Type": "application/json"}
    assert place.client.post(CONFIRMED, content=sent, headers=headers).status_code == 422


def test_only_the_market_place_calls(place: Place) -> None:
    own = own_key(place)
    for method, path in (
        ("POST", CONFIRMED),
        ("POST", CANCELED),
        ("POST", "/eu-mp/v1/apikey"),
        ("GET", "/eu-mp/v1/test"),
    ):
        for key, status in ((own, 403), ("fdk_" + "x" * 43, 401), ("", 401)):
            headers = place.headers() | {"Authorization": f"Bearer {key}"}
            answer = place.client.request(method, path, json={} if method == "POST" else None, headers=headers)
            assert answer.status_code == status, (path, key)
    assert place.client.get("/eu-mp/v1/test", headers=place.headers()).json()["interface"] == "EU-MP API"


def test_a_key_follows_another_and_nobody_is_locked_out(place: Place) -> None:
    """The answer may be lost as often as it likes: the old key works on, and the same new key is taken again."""
    old, new = place.key, "fdk_" + secrets.token_urlsafe(32)
    for _ in range(3):
        assert place.post("/eu-mp/v1/apikey", {"key": new}).status_code == 200
    for key in (old, new):
        place.key = key
        assert place.client.get("/eu-mp/v1/test", headers=place.headers()).status_code == 200
    place.world.wall.move(hours=71, minutes=59)
    place.key = old
    assert place.client.get("/eu-mp/v1/test", headers=place.headers()).status_code == 200
    place.world.wall.move(minutes=2)
    assert place.client.get("/eu-mp/v1/test", headers=place.headers()).status_code == 401
    place.key = new
    place.world.wall.move(days=80)
    assert place.client.get("/eu-mp/v1/test", headers=place.headers()).status_code == 200


@pytest.mark.parametrize("key", ["", "fdk_short", "x" * 50, "fdk_" + "ä" * 43, "fdk_" + "x" * 201])
def test_no_weak_key_is_taken(place: Place, key: str) -> None:
    assert finding(place.post("/eu-mp/v1/apikey", {"key": key}))[::2] == (422, "key")


def test_nobody_takes_anothers_key(place: Place) -> None:
    theirs = own_key(place)
    assert finding(place.post("/eu-mp/v1/apikey", {"key": theirs})) == (409, "duplicate", "key")


def test_the_description_has_exactly_the_four_endpoints() -> None:
    document = EU_MP.description
    assert document["openapi"].startswith("3.1")
    assert {(method, path) for path, methods in document["paths"].items() for method in methods} == {
        ("post", "/eu-mp/v1/service-offer/confirmed/{platformRole}"),
        ("post", "/eu-mp/v1/service-offer/canceled/{platformRole}"),
        ("post", "/eu-mp/v1/apikey"),
        ("get", "/eu-mp/v1/test"),
    }
    titles = {schema.get("title") for schema in document["components"]["schemas"].values()}
    assert {"B2B-SRV-SUB", "MKP-SRV-DES"} <= titles
