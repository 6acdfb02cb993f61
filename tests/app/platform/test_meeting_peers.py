"""Platforms meet by one word, which opens once; keys end with the last common subscription."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from platform_world import DSO, PlatformWorld, opened_platform
from starlette.testclient import TestClient
from subscribed_world import PROVIDER, REQUESTER, WORD, confirmed

from app.platform.due import DUE
from app.platform.rest.b2b.introductions import PER_MINUTE
from app.platform.scheduler import PlatformScheduler
from app.platform.serving import Serving, asgi_of
from domain.commands.platform import (
    AcceptIntroduction,
    BeginIntroduction,
    DelayIntroduction,
    EndPeer,
    ExpectPeer,
    FinishIntroduction,
)
from domain.errors import Refused
from domain.ids import PartyId, SubscriptionId
from domain.marketplace.services import Player
from domain.marketplace.words import PlatformRole, PlayerRole
from domain.parties import SYSTEM, Party, Role
from domain.platform.company import Registration
from domain.platform.peers import Meeting
from domain.platform.subscriptions import PlatformSubscription, SubscriptionStanding
from domain.transport import Correspondent

AGG = Registration(id=REQUESTER.id, name=REQUESTER.name, player_role=PlayerRole.UNREGULATED_DATA_REQUESTER)
ID = SubscriptionId("B2B-1")
THEIR_KEY = "fdk_the-key-that-they-bring"


@pytest.fixture
def dso(tmp_path: Path) -> Iterator[PlatformWorld]:
    with opened_platform(tmp_path / "dso.db", DSO) as world:
        yield world


@pytest.fixture
def agg(tmp_path: Path) -> Iterator[PlatformWorld]:
    with opened_platform(tmp_path / "agg.db", AGG) as world:
        yield world


def poll(world: PlatformWorld) -> None:
    PlatformScheduler(desk=world.platform.desk, read=world.platform.read, steps=(), due=DUE[:2]).poll()


def shown(**changes: Any) -> AcceptIntroduction:
    fields: dict[str, Any] = {
        "subscription_id": ID,
        "requester_id": REQUESTER.id,
        "secret": f"{WORD} B2B-1",
        "token": THEIR_KEY,
    }
    return AcceptIntroduction(**fields | changes)


def refused(world: PlatformWorld, command: Any) -> str:
    with pytest.raises(Refused) as error:
        world.platform.execute(command)
    return error.value.findings[0].code


def opens(world: PlatformWorld, secret: str) -> bool:
    return world.platform.auth.caller_of_key(secret) is not None


def cancel(world: PlatformWorld, id: str = "B2B-1") -> None:
    with world.platform.store.write(SYSTEM, EndPeer(peer_id=PartyId("none"))) as uow:
        subscription = uow.get(PlatformSubscription, id)
        uow.save(replace(subscription, state=SubscriptionStanding.CANCELED, introduction=""))


def test_both_sides_have_a_key_of_the_other_in_the_end(dso: PlatformWorld, agg: PlatformWorld) -> None:
    confirmed(dso, PlatformRole.PROVIDER)
    confirmed(agg, PlatformRole.REQUESTER)
    poll(agg)
    said = agg.platform.execute(BeginIntroduction(subscription_id=ID))
    assert (said.url, said.requester_id, said.word) == (PROVIDER.platform_url, REQUESTER.id, f"{WORD} B2B-1")
    given = dso.platform.execute(shown(secret=said.word, token=said.key))
    agg.platform.execute(FinishIntroduction(subscription_id=ID, secret=given.secret))
    caller = dso.platform.auth.caller_of_key(given.secret)
    assert caller is not None
    assert (caller.principal.party_id, caller.principal.role) == (REQUESTER.id, Role.PEER)
    for world, peer, url in ((dso, REQUESTER, "agg"), (agg, PROVIDER, "dso")):
        with world.platform.read() as uow:
            known = uow.get(Correspondent, peer.id)
            assert known.url == f"https://{url}.example"
            kept = uow.vault.open(known.sealed_key, peer.id)
            assert uow.get(Meeting, ID).met_at is not None
        assert kept == (said.key if world is dso else given.secret)
    assert opens(agg, said.key)


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": "another word"},
        {"secret": ""},
        {"secret": f"{WORD} B2B-1\u00e9"},
        {"subscription_id": SubscriptionId("B2B-2")},
        {"requester_id": PartyId("somebody")},
    ],
)
def test_what_does_not_fit_is_refused_alike(dso: PlatformWorld, changes: dict[str, Any]) -> None:
    confirmed(dso, PlatformRole.PROVIDER)
    assert refused(dso, shown(**changes)) == "wrong_introduction"
    with dso.platform.read() as uow:
        assert uow.find(Correspondent, id=REQUESTER.id) == ()


def test_a_subscription_without_a_word_lets_nobody_in(dso: PlatformWorld) -> None:
    confirmed(dso, PlatformRole.PROVIDER)
    with dso.platform.store.write(SYSTEM, shown()) as uow:
        uow.save(replace(uow.get(PlatformSubscription, ID), introduction=""))
    assert refused(dso, shown(secret="")) == "wrong_introduction"


def test_the_requesters_own_platform_takes_no_introduction(agg: PlatformWorld) -> None:
    confirmed(agg, PlatformRole.REQUESTER)
    assert refused(agg, shown(requester_id=PROVIDER.id)) == "wrong_introduction"


def test_a_lost_answer_locks_nobody_out_and_the_word_opens_once(dso: PlatformWorld) -> None:
    confirmed(dso, PlatformRole.PROVIDER)
    lost = dso.platform.execute(shown())
    dso.wall.move(hours=5)
    again = dso.platform.execute(shown())
    assert not opens(dso, lost.secret)
    assert opens(dso, again.secret)
    assert refused(dso, shown()) == "wrong_introduction"
    assert opens(dso, again.secret)


def test_an_introduction_ends_after_a_week(dso: PlatformWorld) -> None:
    confirmed(dso, PlatformRole.PROVIDER)
    poll(dso)
    dso.wall.move(days=7)
    assert refused(dso, shown()) == "wrong_introduction"


def test_a_canceled_subscription_introduces_nobody(dso: PlatformWorld, agg: PlatformWorld) -> None:
    confirmed(dso, PlatformRole.PROVIDER)
    confirmed(agg, PlatformRole.REQUESTER)
    poll(agg)
    cancel(dso)
    cancel(agg)
    assert refused(dso, shown()) == "wrong_introduction"
    assert refused(agg, BeginIntroduction(subscription_id=ID)) == "wrong_state"
    assert refused(agg, FinishIntroduction(subscription_id=ID, secret="fdk_late")) == "wrong_state"


def test_keys_end_with_the_last_common_subscription(dso: PlatformWorld) -> None:
    for id in ("B2B-1", "B2B-2"):
        confirmed(dso, PlatformRole.PROVIDER, id)
    first = dso.platform.execute(shown())
    second = dso.platform.execute(shown(subscription_id=SubscriptionId("B2B-2"), secret=f"{WORD} B2B-2"))
    assert opens(dso, first.secret), "messages under way still carry the key of before"
    dso.wall.move(minutes=11)
    assert not opens(dso, first.secret)
    cancel(dso)
    poll(dso)
    assert opens(dso, second.secret)
    cancel(dso, "B2B-2")
    poll(dso)
    assert not opens(dso, second.secret)
    with dso.platform.read() as uow:
        assert uow.get(Correspondent, REQUESTER.id).sealed_key == ""


def test_keys_end_some_days_after_a_subscription_that_ran_out(dso: PlatformWorld) -> None:
    confirmed(dso, PlatformRole.PROVIDER, ends_at=dso.wall.now.replace(year=2027))
    key = dso.platform.execute(shown())
    dso.wall.now = dso.wall.now.replace(year=2027)
    poll(dso)
    assert opens(dso, key.secret)
    dso.wall.move(days=8)
    poll(dso)
    assert not opens(dso, key.secret)


def test_tries_that_fail_are_spread_and_end(agg: PlatformWorld) -> None:
    confirmed(agg, PlatformRole.REQUESTER)
    poll(agg)
    pauses = []
    for _ in range(12):
        agg.platform.execute(BeginIntroduction(subscription_id=ID))
        agg.platform.execute(DelayIntroduction(subscription_id=ID, error="no answer"))
        with agg.platform.read() as uow:
            meeting = uow.get(Meeting, ID)
        pauses.append((meeting.next_at - agg.wall.now).total_seconds())
        assert refused(agg, BeginIntroduction(subscription_id=ID)) == "wrong_state"
        agg.wall.now = meeting.next_at
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    agg.wall.move(days=7)
    assert refused(agg, BeginIntroduction(subscription_id=ID)) == "wrong_state"


def test_each_try_ends_the_key_of_the_one_before(agg: PlatformWorld) -> None:
    confirmed(agg, PlatformRole.REQUESTER)
    poll(agg)
    first = agg.platform.execute(BeginIntroduction(subscription_id=ID))
    second = agg.platform.execute(BeginIntroduction(subscription_id=ID))
    assert not opens(agg, first.key)
    assert opens(agg, second.key)


def test_a_peer_is_expected_once(agg: PlatformWorld) -> None:
    confirmed(agg, PlatformRole.REQUESTER)
    poll(agg)
    poll(agg)
    assert refused(agg, ExpectPeer(subscription_id=ID)) == "duplicate"


def test_nobody_but_the_platform_itself_introduces(dso: PlatformWorld) -> None:
    from platform_world import who

    confirmed(dso, PlatformRole.PROVIDER)
    for command in (shown(), BeginIntroduction(subscription_id=ID), EndPeer(peer_id=REQUESTER.id)):
        with pytest.raises(Refused) as error:
            dso.do(who(DSO), command)
        assert error.value.findings[0].code == "not_permitted"


def test_own_registrations_are_no_peers(dso: PlatformWorld) -> None:
    confirmed(dso, PlatformRole.PROVIDER)
    with dso.platform.store.write(SYSTEM, shown()) as uow:
        party = uow.get(Party, REQUESTER.id)
        uow.save(replace(party, role=Role.REQUESTER))
    assert refused(dso, shown()) == "wrong_state"


def served(world: PlatformWorld, folder: Path) -> TestClient:
    how = Serving(secret=b"secret of the tests" * 3, data_dir=folder, plain_answers=True)
    return TestClient(asgi_of(world.platform, how), raise_server_exceptions=False)


def body(**changes: Any) -> dict[str, Any]:
    fields = {
        "subscription_id": "B2B-1",
        "requester_id": REQUESTER.id,
        "introduction": f"{WORD} B2B-1",
        "key": THEIR_KEY,
    }
    return fields | changes


def test_over_rest_a_peer_sees_what_it_has_in_common_until_it_is_canceled(
    dso: PlatformWorld, tmp_path: Path
) -> None:
    confirmed(dso, PlatformRole.PROVIDER)
    other = Player(id=PartyId("agg-at"), name="Andere", platform_url="https://other.example")
    confirmed(dso, PlatformRole.PROVIDER, "B2B-2", requester=other)
    with served(dso, tmp_path) as client:
        told = client.post("/b2b/v1/introductions", json=body())
        assert told.status_code == 201
        headers = {"Authorization": f"Bearer {told.json()['key']}"}
        found = client.get("/b2b/v1/subscriptions/B2B-1", headers=headers)
        assert (found.status_code, found.json()["state"]) == (200, "active")
        assert client.get("/b2b/v1/subscriptions/B2B-2", headers=headers).status_code == 404
        assert client.get("/own/v1/company", headers=headers).status_code == 403
        again = client.post("/b2b/v1/introductions", json=body())
        assert (again.status_code, again.json()["code"]) == (401, "wrong_introduction")
        cancel(dso)
        assert client.get("/b2b/v1/subscriptions/B2B-1", headers=headers).json()["state"] == "canceled"
        poll(dso)
        assert client.get("/b2b/v1/subscriptions/B2B-1", headers=headers).status_code == 401


def test_guesses_at_a_word_are_throttled(dso: PlatformWorld, tmp_path: Path) -> None:
    confirmed(dso, PlatformRole.PROVIDER)
    with served(dso, tmp_path) as client:
        answers = [
            client.post("/b2b/v1/introductions", json=body(introduction=f"guess {n}")).status_code
            for n in range(PER_MINUTE + 1)
        ]
        assert answers == [401] * PER_MINUTE + [429]
        assert client.post("/b2b/v1/introductions", json=body()).status_code == 429


@pytest.mark.parametrize(
    "changes", [{"key": "two words"}, {"key": ""}, {"introduction": None}, {"more": 1}, {"key": "x" * 201}]
)
def test_a_body_that_is_no_introduction_spends_nothing(
    dso: PlatformWorld, tmp_path: Path, changes: dict[str, Any]
) -> None:
    confirmed(dso, PlatformRole.PROVIDER)
    with served(dso, tmp_path) as client:
        assert client.post("/b2b/v1/introductions", json=body(**changes)).status_code == 422
        assert client.post("/b2b/v1/introductions", json=body()).status_code == 201


def test_without_a_key_only_introductions_and_public_keys_are_open(dso: PlatformWorld, tmp_path: Path) -> None:
    with served(dso, tmp_path) as client:
        paths = client.get("/b2b/v1/openapi.json").json()["paths"]
        open_ones = {
            path for path, methods in paths.items() for each in methods.values() if not each.get("security")
        }
        assert open_ones == {"/b2b/v1/introductions", "/b2b/v1/trail/keys"}, "keys that verify a trail are public"


def test_a_peer_changes_its_key(dso: PlatformWorld, tmp_path: Path) -> None:
    confirmed(dso, PlatformRole.PROVIDER)
    new = "fdk_" + "n" * 43
    with served(dso, tmp_path) as client:
        headers = {"Authorization": f"Bearer {client.post('/b2b/v1/introductions', json=body()).json()['key']}"}
        assert client.post("/b2b/v1/apikey", json={"key": new}).status_code == 401
        assert client.post("/b2b/v1/apikey", json={"key": new}, headers=headers).status_code == 200
        for key in (headers, {"Authorization": f"Bearer {new}"}):
            assert client.get("/b2b/v1/subscriptions/B2B-1", headers=key).status_code == 200
        dso.wall.move(hours=73)
        assert client.get("/b2b/v1/subscriptions/B2B-1", headers=headers).status_code == 401
        cancel(dso)
        poll(dso)
        assert (
            client.get("/b2b/v1/subscriptions/B2B-1", headers={"Authorization": f"Bearer {new}"}).status_code
            == 401
        )
