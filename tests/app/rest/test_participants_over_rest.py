"""Applications, participants and portfolios over REST."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from writing_routes import APPLICATION

from app.applying import PER_ADDRESS
from domain.flexibility.assets import AssetBaseline

SECRET = APPLICATION["password"]


def test_a_stranger_applies_is_accepted_and_signs_in(api: Any) -> None:
    received = api.post("/applications", APPLICATION, who=None)
    assert received.status_code == 201, received.text
    assert received.json().keys() == {"id", "state"}
    (waiting,) = api.get("/applications", who="fmo").json()["items"]
    assert (waiting["company"], waiting["state"], waiting["party_id"]) == ("Hillside", "submitted", None)
    sign_in = {"account": "hill", "password": SECRET}
    assert api.post("/token", sign_in, who=None).status_code == 401
    accepted = api.post(f"/applications/{waiting['id']}/accept", {"role": "esp"}, who="fmo")
    assert accepted.status_code == 200, accepted.text
    token = api.post("/token", sign_in, who=None).json()["access_token"]
    own = api.raw("/assets", b"", None, method="GET", authorization=f"Bearer {token}")
    assert own.json()["items"] == []
    party = accepted.json()["party_id"]
    assert api.post(f"/parties/{party}/suspend", {"reason": "Did not pay."}, who="fmo").json()["active"] is False
    assert api.raw("/assets", b"", None, method="GET", authorization=f"Bearer {token}").status_code == 401
    assert api.raw(f"/parties/{party}/reinstate", b"", "fmo").json()["active"] is True


def test_nothing_of_the_password_is_echoed_logged_or_kept(api: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [
        api.post("/applications", APPLICATION | {"email": "nobody"}, who=None),
        api.post("/applications", APPLICATION | {"role": "fmo"}, who=None),
        api.post("/applications", APPLICATION | {"password": [SECRET]}, who=None),
        api.post("/applications", APPLICATION, who=None),
        api.post("/applications", APPLICATION, who=None),
        api.get("/applications", who="fmo"),
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 201, 409, 200]
    assert [answer.text for answer in answers if SECRET in answer.text] == []
    assert SECRET not in caplog.text
    path = api.world.store._engines.url.database
    with open(path, "rb") as database, open(f"{path}-wal", "rb") as log:
        stored = database.read() + log.read()
    assert b"Hillside" in stored
    assert SECRET.encode() not in stored


def test_one_address_applies_so_often_and_no_more(api: Any) -> None:
    sent = [
        api.post("/applications", APPLICATION | {"account": f"hill{n}"}, who=None)
        for n in range(PER_ADDRESS.attempts + 1)
    ]
    assert [answer.status_code for answer in sent] == [201] * PER_ADDRESS.attempts + [429]
    assert int(sent[-1].headers["Retry-After"]) > 0
    assert len(api.get("/applications", who="fmo").json()["items"]) == PER_ADDRESS.attempts


@pytest.mark.parametrize("who", ["dso1", "tso", "esp1", "brp1", "customer1", None])
def test_only_the_market_operator_sees_and_decides_applications(api: Any, who: str | None) -> None:
    (one,) = [api.post("/applications", APPLICATION, who=None).json()["id"]]
    expected = 401 if who is None else 403
    assert api.get("/applications", who=who).status_code == expected
    assert api.post(f"/applications/{one}/accept", {"role": "esp"}, who=who).status_code == expected
    assert api.get("/applications", who="fmo").json()["items"][0]["state"] == "submitted"


def test_a_portfolio_is_stored_whole_or_not_at_all(api: Any, market: Any) -> None:
    other = api.world.asset("esp2", "PV-2")
    mine = {"asset_id": market.asset_id, "p_mw": [1] * 96}
    path = "/portfolio/baseline/2016-07-25"
    refused = api.put(path, {"series": [mine, {"asset_id": other.id, "p_mw": [1] * 96}]})
    assert refused.status_code in (403, 422), refused.text
    assert "series[1]" in refused.text
    assert api.world.find(AssetBaseline) == ()
    assert api.put(path, {"series": [mine]}).json() == {"stored": 1}
    assert api.world.only(AssetBaseline).asset_id == market.asset_id
