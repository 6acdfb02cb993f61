"""Entity tags: nothing sent twice, nothing changed unseen. Long work: asked for with 202, followed, kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import world as w

from app.bridge import work
from domain import commands as c
from domain.flexibility.grids import Job
from domain.flexibility.market import FlexOffer
from domain.flexibility.zones import GridZone
from domain.lifecycle import OfferState

CORNERS = [{"lon": lon, "lat": lat} for lon, lat in ((9, 52), (9.5, 52), (9.5, 54), (9, 54))]


def sent(api: Any, method: str, path: str, who: str, body: Any = None, **headers: str) -> Any:
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.client.request(method, f"/api/v1{path}", json=body, headers=api.headers(who) | more)


@pytest.fixture
def zone(api: Any, market: Any) -> dict[str, Any]:
    made: dict[str, Any] = api.post(
        "/zones", {"region_id": "R1", "name": "End", "corners": CORNERS}, "dso1"
    ).json()
    return made


def test_what_was_got_is_not_sent_again(api: Any, market: Any) -> None:
    for path in ("/sessions", f"/sessions/{market.session_id}", "/jobs", "/health"):
        first = api.get(path, who="fmo")
        tag = first.headers["etag"]
        for asked in (tag, f'"other", {tag}', "*", tag.removeprefix("W/")):
            again = sent(api, "GET", path, "fmo", If_None_Match=asked)
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), path
            assert first.headers["cache-control"] == again.headers["cache-control"] == "private, no-cache"
        for asked in ('"other"', tag[:-2] + '"', "none", '"'):
            assert sent(api, "GET", path, "fmo", If_None_Match=asked).content == first.content
    tag = api.get("/requests").headers["etag"]
    assert api.post("/requests", market.request(), who="dso1").status_code == 201
    assert sent(api, "GET", "/requests", "esp1", If_None_Match=tag).status_code == 200


def test_refusals_have_no_tag(api: Any) -> None:
    answer = sent(api, "GET", "/offers/FO-none", "esp1", If_None_Match="*")
    assert (answer.status_code, "etag" in answer.headers) == (404, False)
    assert answer.headers["cache-control"] == "no-store"


def test_a_change_is_made_for_what_was_seen(api: Any, zone: dict[str, Any]) -> None:
    path, body = f"/zones/{zone['id']}", {"name": "Far end", "corners": CORNERS}
    tag = api.get(path, who="dso1").headers["etag"]
    assert tag.startswith('"0-')
    for stale in ('"7-abc"', '"7"', f"W/{tag}", '"other"', '""'):
        answer = sent(api, "PUT", path, "dso1", body, If_Match=stale)
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed"), stale
    assert api.world.only(GridZone).name == "End"
    assert sent(api, "PUT", path, "dso1", body, If_Match=f'"other", {tag}').status_code == 200
    assert sent(api, "PUT", path, "dso1", body, If_Match=tag).status_code == 412
    assert sent(api, "DELETE", path, "dso1", If_Match=tag).status_code == 412
    assert sent(api, "DELETE", path, "dso1", If_Match=api.get(path, who="dso1").headers["etag"]).status_code == 204
    assert sent(api, "PUT", path, "dso1", body, If_Match="*").status_code == 404


@pytest.mark.parametrize("bad", ["3", "'3'", '"3', 'W/"3" "4"', "* *", '"' + "x" * 3000 + '"'])
def test_what_is_no_tag_is_refused(api: Any, zone: dict[str, Any], bad: str) -> None:
    answer = sent(api, "DELETE", f"/zones/{zone['id']}", "dso1", If_Match=bad)
    assert (answer.status_code, answer.json()["findings"][0]["field"]) == (422, "If-Match")
    assert api.world.find(GridZone)


def test_strangers_learn_no_version(api: Any, market: Any, zone: dict[str, Any]) -> None:
    offer = api.post("/offers", market.offer()).json()
    for path, owner, stranger in (
        (f"/offers/{offer['id']}", "esp1", "esp2"),
        (f"/zones/{zone['id']}", "dso1", "dso2"),
    ):
        right, wrong = api.get(path, who=owner).headers["etag"], '"9"'
        answers = (sent(api, "DELETE", path, stranger, If_Match=tag).json() for tag in (right, wrong, "*"))
        told = {str((answer["code"], answer["findings"])) for answer in answers}
        assert len(told) == 1
        assert "precondition" not in told.pop()
    assert api.world.only(FlexOffer).state is OfferState.SUBMITTED


def test_one_of_many_writers_wins(api: Any, zone: dict[str, Any]) -> None:
    path = f"/zones/{zone['id']}"
    tag = api.get(path, who="dso1").headers["etag"]

    def change(n: int) -> int:
        body = {"name": f"End {n}", "corners": CORNERS}
        return int(sent(api, "PUT", path, "dso1", body, If_Match=tag).status_code)

    with ThreadPoolExecutor(8) as threads:
        statuses = sorted(threads.map(change, range(16)))
    assert statuses == [200] + [412] * 15
    assert api.world.only(GridZone).version == 1


def test_the_book_tells_no_version_before_the_result(api: Any, market: Any) -> None:
    offer = api.post("/offers", market.offer()).json()
    api.post("/requests", market.request(), who="dso1")
    session = api.world.only(w.MarketSession)
    api.world.run(api.world.close(session), work.run)
    assert api.world.only(FlexOffer).version > 1
    assert api.get(f"/offers/{offer['id']}").headers["etag"].startswith('"0-')
    assert not api.get(f"/offers/{offer['id']}", who="fmo").headers["etag"].startswith('"0-')


def test_needs_are_a_job_that_is_followed_and_kept(api: Any, market: Any) -> None:
    body = {"region_id": "R1", "delivery_day": "2016-07-25"}
    answer = api.post("/needs", body, who="dso1")
    assert answer.status_code == 202, answer.text
    job, path = answer.json(), answer.headers["location"].removeprefix("/api/v1")
    assert (job["kind"], job["state"], job["owner_id"], path) == ("needs", "queued", "dso1", f"/jobs/{job['id']}")
    assert api.get(path, who="dso1").json() == {**job, "started_at": None, "finished_at": None}
    assert api.get(f"{path}/result", who="dso1").json()["code"] == "no_result"
    inputs = api.get(f"{path}/inputs", who="dso1").json()
    assert {bus["id"] for bus in inputs["grid"]["buses"]} == {"1", "2", "3"}

    world = api.world
    world.do("system", c.StartJob(job_id=job["id"]))
    world.do("system", c.ReportProgress(job_id=job["id"], stage="needs", progress=0.25))
    running = api.get(path, who="dso1").json()
    assert (running["state"], running["stage"], running["progress"]) == ("running", "needs", 0.25)
    assert running["started_at"]
    stored = world.only(Job, id=job["id"])
    result = work.run("needs", stored.inputs, lambda stage, share: None)
    world.do("system", c.ApplyJob(job_id=job["id"], succeeded=True, result=result))
    done = api.get(path, who="dso1").json()
    assert (done["state"], done["progress"], done["finished_at"] is None) == ("done", 1.0, False)
    found = api.get(f"{path}/result", who="dso1").json()
    assert found["schema"] == "flexdesk.result/1"
    assert len(found["series"]["before.vm_pu"]) == w.N_STEPS
    assert found["facts"]["needs"]["before"]

    first, second = api.get("/jobs", who="dso1", kind="needs").json()["items"]
    assert (first["id"], first["state"], second["state"]) == (job["id"], "done", "cancelled")
    assert api.get("/jobs", who="dso1", state="failed").json()["items"] == []


def test_a_job_is_its_owners_and_the_market_operators(api: Any, market: Any) -> None:
    job = api.post("/needs", {"region_id": "R1", "delivery_day": "2016-07-25"}, who="dso1").json()
    path = f"/jobs/{job['id']}"
    for who in ("dso2", "esp1", "tso"):
        for address in (path, f"{path}/inputs", f"{path}/result"):
            assert api.get(address, who=who).status_code == 404
        assert api.post(f"{path}/cancel", None, who=who).status_code == 403
    for who in ("dso1", "fmo"):
        assert api.get(f"{path}/inputs", who=who).status_code == 200
    tag = api.get(path, who="dso1").headers["etag"]
    assert sent(api, "POST", f"{path}/cancel", "dso1", If_Match=tag).json()["state"] == "cancelled"
    assert api.post("/needs", {"region_id": "R1", "delivery_day": "2016-07-25"}, who="dso2").status_code == 403


def test_a_clearing_is_tried_again_as_a_job(api: Any, market: Any) -> None:
    session = api.world.only(w.MarketSession)
    api.post("/requests", market.request(), who="dso1")
    job = api.world.close(session)
    api.world.do("system", c.StartJob(job_id=job.id))
    api.world.do("system", c.ApplyJob(job_id=job.id, succeeded=False, error="no solution"))
    answer = api.post(f"/sessions/{session.id}/clearing", None, who="fmo")
    assert answer.status_code == 202, answer.text
    again = answer.json()
    assert answer.headers["location"] == f"/api/v1/jobs/{again['id']}"
    assert (again["kind"], again["state"], again["id"] != job.id) == ("clearing", "queued", True)
    assert api.get(f"/jobs/{again['id']}/inputs", who="fmo").status_code == 200
