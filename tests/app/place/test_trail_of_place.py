"""The market place's trail: the operator's part and the players', and exports that hold."""

from __future__ import annotations

import json

import pytest
from world import WHO, World

from app.persistence.vault import Vault
from app.queries.models.place import ExportPlaceTrail, ListPlaceTrail
from app.queries.trails import ids_in
from app.signing import public_keys
from app.trails import check
from domain.commands import MarkNotificationsRead
from domain.commands.place import SuspendRegistration
from domain.errors import Refused
from domain.ids import PartyId
from domain.paging import Slice
from domain.trail import TrailLine

SECRET = b"secret of the market place" * 2
FIRST = Slice(order=(("sequence", True),), limit=100)


def lines(world: World, who: str) -> list[TrailLine]:
    return list(world.desk.query(WHO[who], ListPlaceTrail(part=FIRST)))


@pytest.fixture(autouse=True)
def acted(world: World) -> None:
    for who in ("provider1", "provider2", "esp1", "place1"):
        world.desk.execute(WHO[who], MarkNotificationsRead())


def test_a_player_sees_its_own_acts(world: World) -> None:
    assert [(line.party_id, line.command) for line in lines(world, "provider1")] == [
        ("provider1", "MarkNotificationsRead")
    ]
    assert lines(world, "requester1") == []


def test_a_player_is_told_what_the_operator_does_about_it(world: World) -> None:
    suspend = SuspendRegistration(registration_id=PartyId("provider1"), reason="Not paid.")
    with world.store.write(WHO["place1"], suspend):
        pass
    newest = lines(world, "provider1")[0]
    assert (newest.party_id, newest.command, newest.body) == ("place1", "SuspendRegistration", None)
    assert "SuspendRegistration" not in {line.command for line in lines(world, "provider2")}
    assert "Not paid." not in world.desk.query(WHO["provider1"], ExportPlaceTrail())


def test_what_a_command_names_stands_anywhere_in_it() -> None:
    body = {
        "request_id": "RQ-1",
        "lines": [{"offer_id": "OF-1", "wish_id": "W-1"}],
        "message": {"pod_ids": ["P-1"], "at": "2026", "n": 3},
        "subscription": {"id": "SS-1", "provider": {"id": "R-1", "name": "x"}, "ends_at": None},
        "offer_id": None,
        "id": "not told",
    }
    assert ids_in(json.dumps(body)) == {"RQ-1", "OF-1", "W-1", "P-1", "SS-1"}


def test_the_operator_sees_the_market_place_and_not_the_flexibility_market(world: World) -> None:
    assert {line.party_id for line in lines(world, "place1")} == {"provider1", "provider2", "place1"}


def test_no_one_of_the_flexibility_market_sees_it(world: World) -> None:
    for who in ("fmo", "dso1", "esp1", "customer1"):
        for query in (ListPlaceTrail(part=FIRST), ExportPlaceTrail()):
            with pytest.raises(Refused) as refused:
                world.desk.query(WHO[who], query)
            assert refused.value.findings[0].code == "not_permitted"


@pytest.mark.parametrize("who", ["place1", "provider1", "requester1"])
def test_exports_hold(world: World, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.store, "_vault", Vault(lambda: SECRET))
    text = world.desk.query(WHO[who], ExportPlaceTrail())
    assert check(text, public_keys(SECRET)) == []
    assert '"esp1"' not in text
    shown = text.count('"row"')
    assert shown == len(lines(world, who))
