"""Tries, comparisons and health over REST: the market operator's alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.desk import Desk
from app.queries import handlers
from app.rest import build_asgi
from app.vitals import Pulse
from domain.notifications import MOST_TRIES, Notification

RULES = {"clearing": "network", "payment": "nodal", "energy": "ignored"}


def test_a_try_is_a_job_that_can_be_followed(api: Any, market: Any) -> None:
    answer = api.post(f"/sessions/{market.session_id}/tries", RULES, who="fmo")
    assert answer.status_code == 202, answer.text
    tried = answer.json()
    assert (tried["kind"], tried["book"], tried["payment"], tried["job"]["state"]) == (
        "try",
        "open",
        "nodal",
        "queued",
    )
    assert answer.headers["location"] == f"/api/v1/jobs/{tried['job']['id']}"
    assert api.get("/clearings", who="fmo", session_id=market.session_id).json()["items"] == [tried]
    refused = api.get("/comparisons", who="fmo", left=tried["id"], right=tried["id"])
    assert (refused.status_code, refused.json()["findings"][0]["field"]) == (404, "left")


@pytest.mark.parametrize("who", ["dso1", "tso", "esp1", "agg1", "retailer1", "brp1"])
def test_others_see_nothing_of_it(api: Any, market: Any, who: str) -> None:
    assert api.post(f"/sessions/{market.session_id}/tries", RULES, who=who).status_code == 403
    for path in ("/clearings", "/operation/health"):
        assert api.get(path, who=who).status_code == 403
    assert api.get("/comparisons", who=who, left="x", right="y").status_code == 403
    assert api.put("/operation/toolkits/needs", {"party_id": "dso1"}, who=who).status_code == 403


def test_health_tells_jobs_and_toolkits(api: Any, market: Any) -> None:
    assigned = api.put("/operation/toolkits/needs", {"party_id": "dso1", "note": "Night shift"}, who="fmo")
    assert assigned.json() == {"toolkit": "needs", "party_id": "dso1", "note": "Night shift"}
    health = api.get("/operation/health", who="fmo").json()
    assert (health["vitals"], health["open_pages"]) == (None, None)
    needs = next(row for row in health["toolkits"] if row["toolkit"] == "needs")
    assert (needs["party_id"], needs["n_waiting"]) == ("dso1", len(health["jobs"]))
    bad = api.put("/operation/toolkits/wizardry", {"party_id": "esp1"}, who="fmo").json()
    assert {finding["field"] for finding in bad["findings"]} == {"toolkit", "party_id"}


def test_health_counts_the_open_pages_of_the_desks(api: Any) -> None:
    world = api.world
    pulse = Pulse(world.store, world.wall)
    pulse.count_pages(lambda: 7)
    desk = Desk(world.store.write, world.store.read, handlers(pulse))
    with TestClient(build_asgi(replace(api.services, desk=desk))) as client:
        answer = client.get("/api/v1/operation/health", headers=api.headers("fmo"))
    health = answer.json()
    assert health["open_pages"] == 7
    assert health["vitals"]["worker_alive"] is False


def test_a_letter_that_could_not_be_sent_is_told_and_tried_again(api: Any, market: Any) -> None:
    def broken(_uow: object, _row: object) -> list[Notification]:
        raise LookupError("nothing there")

    for _ in range(MOST_TRIES):
        api.world.store.dispatch(broken)
    told = api.get("/operation/health", who="fmo").json()["dead_letters"]
    assert {letter["error"] for letter in told} == {"LookupError: nothing there"}
    path = f"/operation/letters/{told[0]['id']}/send-again"
    assert api.raw(path, b"", "dso1").status_code == 403
    assert api.raw(path, b"", "fmo").status_code == 204
    assert api.raw(path, b"", "fmo").status_code == 404
    assert len(api.get("/operation/health", who="fmo").json()["dead_letters"]) == len(told) - 1
