"""Status, alarms and the trail at the market place's interface."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from conftest import Api, served
from world import WHO, World

from app.persistence.vault import Vault
from app.trails import check
from domain.commands.place import FollowServices
from domain.ids import PartyId, ProposalId, SubscriptionId
from domain.marketplace.requests import Subscription
from domain.marketplace.services import Player, ServiceTerms, SubscriptionContent
from domain.marketplace.words import Environment
from domain.parties import SYSTEM

PLACE = ("place1", "provider1", "provider2", "requester1", "esp1")
AT = "/market-place"


@pytest.fixture
def watched(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """A subscription that began two days ago and was never reported on."""
    monkeypatch.setattr(world.store, "_vault", Vault(lambda: b"the same after a restart"))
    with world.store.write(SYSTEM, FollowServices()) as uow:
        began = uow.market - timedelta(days=2)
        content = SubscriptionContent(
            id=SubscriptionId("SUB-1"),
            environment=Environment.REGULATED,
            provider=Player(id=PartyId("provider1"), name="North meters"),
            requester=Player(id=PartyId("requester1"), name="West pool"),
            validated_at=began,
            starts_at=began,
            ends_at=None,
            data_details="",
            processing_details="",
            descriptions=(),
            terms=ServiceTerms(interim_hours=8),
        )
        uow.add(
            Subscription(
                id=content.id,
                proposal_id=ProposalId("P-1"),
                requester_id=PartyId("requester1"),
                provider_id=PartyId("provider1"),
                content=content,
                agreement_version="1",
            )
        )
    world.desk.execute(SYSTEM, FollowServices())
    with served(world, {name: WHO[name] for name in PLACE}) as made:
        yield made


def items(answer: Any) -> list[Any]:
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_status_and_alarms_are_for_those_whom_they_concern(watched: Api) -> None:
    for who, n in (("place1", 1), ("provider1", 1), ("requester1", 1), ("provider2", 0)):
        assert len(items(watched.get(f"{AT}/services", who))) == n
        assert len(items(watched.get(f"{AT}/service-alarms", who))) == n
    (status,) = items(watched.get(f"{AT}/services", "requester1"))
    assert (status["subscription_id"], status["report"]) == ("SUB-1", None)
    assert [alarm["kind"] for alarm in status["alarms"]] == ["interim overdue"]
    history = watched.get(f"{AT}/services/SUB-1", "provider1").json()
    assert (history["status"]["state"], history["reports"]) == ("active", [])
    assert watched.get(f"{AT}/services/SUB-1", "provider2").status_code == 404
    for path in ("/services", "/services/SUB-1", "/service-alarms", "/trail", "/trail/export"):
        assert watched.get(f"{AT}{path}", "esp1").status_code == 403
        assert watched.get(f"{AT}{path}", None).status_code == 401


def test_an_alarm_is_answered_at_the_version_that_was_seen(watched: Api) -> None:
    (alarm,) = items(watched.get(f"{AT}/service-alarms", "provider1"))
    at = f"{AT}/service-alarms/{alarm['id']}"
    tag = watched.get(at, "provider1").headers["etag"]
    body = {"until": alarm["raised_at"], "reason": "Later."}
    late = watched.post(f"{at}/shelve", body, "provider1")
    assert (late.status_code, late.json()["findings"][0]["field"]) == (422, "until")
    assert watched.post(f"{at}/acknowledge", {}, "requester1").status_code == 403
    done = watched.client.post(
        f"/api/v1{at}/acknowledge", headers=watched.headers("provider1") | {"If-Match": tag}
    )
    assert (done.status_code, done.json()["acknowledged_by"]) == (200, "provider1")
    again = watched.client.post(f"/api/v1{at}/acknowledge", headers=watched.headers("place1") | {"If-Match": tag})
    assert again.status_code in (409, 412)


@pytest.mark.parametrize("who", ["place1", "provider1", "requester1"])
def test_the_trail_holds_and_its_key_is_public(watched: Api, who: str) -> None:
    keys = watched.get(f"{AT}/trail/keys", None).json()
    text = watched.get(f"{AT}/trail/export", who).text
    assert check(text, keys) == []
    assert check(text[: text.rindex("{")], keys) != []
    shown = items(watched.get(f"{AT}/trail", who))
    assert bool(shown) is (who == "place1")


def test_it_is_described(watched: Api) -> None:
    paths = watched.get(f"{AT}/openapi.json", None).json()["paths"]
    assert {f"/api/v1{AT}/services", f"/api/v1{AT}/trail/export"} <= set(paths)
