"""The whole day's inputs over REST: networks, schedules, prices, assets, gates, calls, jobs and the clock."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
import world as w

from domain.flexibility.grids import Network, Schedule
from domain.flexibility.market import GateKind, MarketSession
from domain.lifecycle import AssetState, JobState, SessionState

NETWORK, SCHEDULES = "/regions/R1/network", "/regions/R1/schedules/2016-07-25"


def put(api: Any, path: str, document: Any, media_type: str, who: str | None = "dso1") -> Any:
    return api.raw(path, document, who, method="PUT", **{"content-type": media_type})


def test_network_and_schedules_are_taken_as_they_are(api: Any) -> None:
    network = put(api, NETWORK, w.network(), "application/json")
    assert network.status_code == 200, network.text
    assert api.world.only(Network).document == w.network()
    assert network.json()["sha256"] == api.world.only(Network).sha256
    schedules = put(api, SCHEDULES, w.schedule(), "text/csv; charset=utf-8")
    assert (schedules.status_code, schedules.json()["delivery_day"]) == (200, "2016-07-25")
    assert api.world.only(Schedule).document == w.schedule()
    (job,) = api.get("/jobs", who="dso1").json()["items"]
    assert (job["kind"], job["state"], job["region_id"]) == ("needs", "queued", "R1")
    assert api.get(f"/jobs/{job['id']}", who="dso1").json().items() >= job.items()
    assert api.get(f"/jobs/{job['id']}", who="esp1").status_code == 404


@pytest.mark.parametrize(
    ("path", "media_type", "body", "status", "code"),
    [
        (NETWORK, "application/json", b"{", 422, "malformed"),
        (NETWORK, "application/json", b" ", 422, "missing"),
        (NETWORK, "application/json", b"\xff", 422, "malformed"),
        (NETWORK, "application/json", b"[" * 50_000, 422, "malformed"),
        (NETWORK, "application/json", b'{"schema": "flexdesk.grid/1"}', 422, "missing"),
        (NETWORK, "text/plain", b"{}", 415, "unsupported_media_type"),
        (NETWORK, "application/json; charset=latin-1", b"{}", 415, "unsupported_media_type"),
        (SCHEDULES, "text/csv", b"unit_id", 409, "no_network"),
        (SCHEDULES, "application/json", b"unit_id", 415, "unsupported_media_type"),
        (SCHEDULES, "text/csv", b" " * 100_001, 413, "too_large"),
    ],
)
def test_bad_documents(api: Any, path: str, media_type: str, body: bytes, status: int, code: str) -> None:
    answer = put(api, path, body, media_type)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert api.row_counts()["networks"] == 0


def test_documents_need_the_regions_operator(api: Any) -> None:
    assert put(api, NETWORK, w.network(), "application/json", who=None).status_code == 401
    assert put(api, NETWORK, w.network(), "application/json", who="esp1").status_code == 403
    assert put(api, NETWORK, w.network(), "application/json", who="dso2").json()["code"] == "not_yours"


def test_prices_of_a_day(api: Any) -> None:
    body = {"price_eur_per_mwh": ["31.25"] + [40] * 95, "source": "exchange"}
    answer = api.put("/prices/day_ahead/2016-07-25", body, who="fmo")
    assert answer.status_code == 200, answer.text
    assert api.get("/prices", delivery_day="2016-07-25").json()["items"] == [answer.json()]
    assert answer.json()["price_eur_per_mwh"][:2] == ["31.25", "40"]
    assert api.put("/prices/day_ahead/2016-07-25", body, who="esp1").status_code == 403
    assert api.put("/prices/spot/2016-07-25", body, who="fmo").status_code == 422
    short = api.put("/prices/balancing/2016-07-25", body | {"price_eur_per_mwh": [1]}, who="fmo")
    assert short.json()["code"] == "wrong_length"


def test_an_asset_is_registered_confirmed_and_given_a_baseline(api: Any, market: Any) -> None:
    answer = api.post("/assets", market.asset())
    assert answer.status_code == 201, answer.text
    asset = answer.json()
    assert (asset["owner_id"], asset["bus"], asset["state"]) == ("esp1", "2", "registered")
    units = {unit["unit_id"]: unit for unit in api.get("/regions/R1/units").json()["items"]}
    assert units["PV-3"]["asset"]["id"] == asset["id"]
    refused = api.post(f"/assets/{asset['id']}/refuse", {"reason": "No meter."}, who="dso1").json()
    assert (refused["state"], refused["reason"]) == (AssetState.REFUSED.value, "No meter.")
    assert api.post(f"/assets/{asset['id']}/confirm", None, who="dso2").json()["code"] == "not_yours"
    confirmed = api.raw(f"/assets/{asset['id']}/confirm", b"", "dso1")
    assert confirmed.json()["state"] == AssetState.CONFIRMED.value
    baseline = api.put(f"/assets/{asset['id']}/baselines/2016-07-25", {"p_mw": ["0.25"] * 96})
    assert baseline.status_code == 200, baseline.text
    day = api.get(f"/assets/{asset['id']}/days/2016-07-25").json()
    assert (day["baseline_p_mw"][0], day["schedule_p_mw"][50]) == ("0.25", "0.5")
    assert day["headroom"]["down_mw"][50] == "0.25"


def test_gates_calls_and_the_clock(api: Any, market: Any) -> None:
    session = api.get(f"/sessions/{market.session_id}").json()
    (close,) = [gate for gate in session["gates"] if gate["kind"] == GateKind.CLOSE.value]
    moved = api.post("/clock/gate", {"gate_id": close["id"]}, who="fmo")
    assert moved.json()["market_time"] == session["gate_closes_at"]
    assert api.raw(f"/gates/{close['id']}/pass", b"", "fmo").status_code == 204
    state = api.world.only(MarketSession, id=market.session_id).state
    assert state in (SessionState.CLEARING, SessionState.NOT_CLEARED)
    assert api.get("/activations").json()["items"] == []
    (job,) = [job for job in api.get("/jobs", who="fmo").json()["items"] if job["kind"] == "clearing"]
    assert api.raw(f"/jobs/{job['id']}/cancel", b"", "esp1").json()["code"] == "not_yours"
    cancelled = api.raw(f"/jobs/{job['id']}/cancel", b"", "fmo").json()
    assert cancelled["state"] == JobState.CANCELLED.value
    assert api.raw(f"/sessions/{market.session_id}/clearing", b"", "fmo").status_code == 202
    assert api.raw("/activations/AV-none/acknowledge", b"", "esp1").status_code == 404


def test_the_clock_is_moved_in_a_demo_only(api: Any) -> None:
    assert api.get("/clock").json()["market_time"] == "2016-07-24T06:30:00Z"
    paused = api.put("/clock", {"action": "pause"}, who="fmo")
    run = api.put("/clock", {"action": "run", "speed": "60.5"}, who="fmo")
    assert (paused.json()["speed"], run.json()["speed"]) == (0, 60.5)
    assert api.put("/clock", {"action": "run", "speed": 1e9}, who="fmo").json()["code"] == "out_of_range"
    assert api.put("/clock", {"action": "jump"}, who="fmo").status_code == 422
    assert run.json()["movable"]


def lines_of(table: str, id_name: str) -> str:
    """The rows of a CSV file as JSON lines."""
    _, *rows = csv.reader(io.StringIO(table))
    return "\n".join(
        json.dumps({id_name: row[0], "quantity": row[1], "values": [value or None for value in row[2:]]})
        for row in rows
    )


@pytest.mark.parametrize("media_type", ["application/jsonl", "application/x-ndjson; charset=utf-8"])
def test_schedules_as_json_lines_are_the_same_schedules(api: Any, media_type: str) -> None:
    assert put(api, NETWORK, w.network(), "application/json").status_code == 200
    answer = put(api, SCHEDULES, lines_of(w.schedule(), "unit_id") + "\n", media_type)
    assert answer.status_code == 200, answer.text
    stored = api.world.only(Schedule).document
    assert list(csv.reader(io.StringIO(stored))) == list(csv.reader(io.StringIO(w.schedule())))


GOOD_LINE = '{"unit_id": "PV-3", "quantity": "p_mw", "values": [1]}'


BAD_LINES = (
    ("", "missing", "body"),
    ("[]", "malformed", "line 1, body"),
    ("{", "malformed", "line 1, body"),
    (GOOD_LINE + "\n\n" + GOOD_LINE, "malformed", "line 2, body"),
    (GOOD_LINE.replace("[1]", "[NaN]"), "not_finite", "line 1, body"),
    (GOOD_LINE.replace("[1]", "[1e999]"), "out_of_range", "line 1, body"),
    (GOOD_LINE.replace("[1]", "[true]"), "malformed", "line 1, values[0]"),
    (GOOD_LINE.replace("[1]", "[" * 5000), "malformed", "line 1, body"),
    (GOOD_LINE.replace("unit_id", "pod_id"), "missing", "line 1, unit_id"),
    (GOOD_LINE.replace("{", '{"quantity": "p_mw", '), "malformed", "line 1, body"),
    (GOOD_LINE.replace("PV-3", "\\ud800"), "malformed", "line 1, body"),
    ("\n".join([GOOD_LINE] * 1500), "wrong_length", "row 2"),
)


def test_bad_lines(api: Any) -> None:
    put(api, NETWORK, w.network(), "application/json")
    for lines, code, field in BAD_LINES:
        answer = put(api, SCHEDULES, lines, "application/jsonl")
        assert answer.status_code == 422, answer.text
        assert (code, field) in {(f["code"], f["field"]) for f in answer.json()["findings"]}, answer.text
    assert api.row_counts()["schedules"] == 0
