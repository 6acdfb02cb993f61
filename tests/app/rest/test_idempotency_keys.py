"""Idempotency keys: a POST sent again does nothing twice, also when many come at once and after a crash."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from starlette.testclient import TestClient

from app.persistence import open_store
from app.persistence.repeats import KeptAttempts
from app.repeats import Answer, Attempt
from app.rest import build_asgi
from app.rest import repeating as edge
from domain.errors import Refused
from domain.flexibility.market import FlexOffer, FlexRequest

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


def post(api: Any, path: str, body: object, who: str | None = "esp1", key: str = KEY, **more: Any) -> Any:
    client = more.get("client", api.client)
    headers = api.headers(who) | {"Idempotency-Key": key}
    return client.post(f"/api/v1{path}", json=body, headers=headers, params=more.get("params"))


def kept(api: Any) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(api.world.store._engines.url.database)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute("SELECT * FROM attempts")]


def test_the_same_request_has_the_same_answer(api: Any, market: Any) -> None:
    first = post(api, "/offers", market.offer())
    again = post(api, "/offers", market.offer())
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["content-type"] == first.headers["content-type"]
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    assert again.headers["x-correlation-id"] != first.headers["x-correlation-id"]
    assert len(api.world.find(FlexOffer)) == 1
    short = post(api, "/offers", market.offer(), params={"pretty": "false"})
    assert "\n" not in short.text
    assert short.json() == first.json()
    quoted = post(api, "/offers", market.offer(), key=f'"{KEY}"')
    assert quoted.headers["idempotency-replayed"] == "true"


def test_what_makes_a_key_another_one(api: Any, market: Any) -> None:
    assert post(api, "/offers", market.offer()).status_code == 201
    other = post(api, "/offers", market.offer(price_eur_per_mwh=[41] * 96))
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")
    assert len(api.world.find(FlexOffer)) == 1
    assert post(api, "/offers", market.offer(), key="another").status_code == 201
    assert post(api, "/requests", market.request(), who="dso1").status_code == 201
    dry = post(api, "/offers/dry-clearing", market.offer())
    assert "idempotency-replayed" not in dry.headers
    assert (len(api.world.find(FlexOffer)), len(api.world.find(FlexRequest))) == (2, 1)


def test_participants_do_not_share_keys(api: Any, market: Any) -> None:
    first = post(api, "/notifications/read", None, who="esp1")
    other = post(api, "/notifications/read", None, who="esp2")
    assert "idempotency-replayed" not in other.headers
    assert first.status_code == other.status_code


def test_a_refusal_is_an_answer_too(api: Any, market: Any) -> None:
    body = market.offer(session_id="MS-none")
    first, again = (post(api, "/offers", body) for _ in range(2))
    assert first.status_code == again.status_code
    assert 400 <= first.status_code < 500
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"


def test_what_could_not_be_read_is_not_kept(api: Any, market: Any) -> None:
    for body in (b"{", b'{"x": NaN}'):
        refused = api.raw("/offers", body, "esp1", **{"Idempotency-Key": KEY})
        assert refused.status_code == 422
    assert post(api, "/offers", market.offer()).status_code == 201


def test_a_caller_that_is_not_let_in_uses_no_key(api: Any, market: Any) -> None:
    assert post(api, "/offers", market.offer(), who=None).status_code == 401
    assert post(api, "/offers", market.offer()).status_code == 201
    assert len(kept(api)) == 1


def test_bad_keys(api: Any, market: Any) -> None:
    for key in ("", "a b", '"', '"a', "x" * 256, "a\u00fc", "a\\b"):
        headers = api.headers("esp1") | {"Idempotency-Key": key.encode("latin-1")}
        answer = api.client.post("/api/v1/offers", json=market.offer(), headers=headers)
        assert (answer.status_code, answer.json()["findings"][0]["field"]) == (422, "Idempotency-Key"), key
    assert api.world.find(FlexOffer) == ()


@pytest.mark.parametrize("address", ["offers?a=\xff", "offers?" + "a" * 5000, "offers/%00/%ff", "jobs/%00/cancel"])
def test_any_bytes_in_the_address(api: Any, market: Any, address: str) -> None:
    """As they may come from the wire, where the test's client would mend them."""
    path, _, query = address.partition("?")
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/api/v1/{unquote(path)}",
        "query_string": query.encode("latin-1"),
        "headers": [
            (b"authorization", api.headers("esp1")["Authorization"].encode()),
            (b"idempotency-key", KEY.encode()),
        ],
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(build_asgi(api.services)(scope, receive, send))
    assert sent[0]["status"] in (404, 422)
    assert all(row["route"].isascii() and len(row["route"]) <= 500 for row in kept(api))


def test_fifty_at_once_make_one(api: Any, market: Any) -> None:
    async def all_at_once() -> list[httpx.Response]:
        transport = httpx.ASGITransport(build_asgi(api.services))
        headers = api.headers("esp1") | {"Idempotency-Key": KEY}
        async with httpx.AsyncClient(transport=transport, base_url="http://here", headers=headers) as client:
            sent = (client.post("/api/v1/offers", json=market.offer()) for _ in range(50))
            return await asyncio.gather(*sent)

    answers = asyncio.run(all_at_once())
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len(api.world.find(FlexOffer)) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 49


def test_whoever_would_wait_too_long_is_told(api: Any, market: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "WAIT_S", 0.05)
    flight = edge.InFlight()
    attempt = Attempt(caller="p", route="POST /x", key="k", fingerprint="")

    async def twice() -> None:
        await flight.begin(attempt)
        with pytest.raises(Refused) as refused:
            await flight.begin(attempt)
        assert refused.value.findings[0].code == "in_progress"
        flight.end(attempt)
        await flight.begin(attempt)

    asyncio.run(twice())


class PowerCut(BaseException):
    """The end of the process."""


class _Dies(KeptAttempts):
    """The process dies before the answer is stored."""

    def keep(self, attempt: Attempt, answer: Answer | None) -> None:
        raise PowerCut


def test_a_crash_before_the_answer_is_stored_makes_no_second_object(api: Any, market: Any) -> None:
    dying = TestClient(
        build_asgi(replace(api.services, repeats=_Dies(api.world.store))), raise_server_exceptions=False
    )
    assert post(api, "/offers", market.offer(), client=dying).status_code == 500  # the client's word for no answer
    (offer,) = api.world.find(FlexOffer)
    assert [(row["status"], row["made"]) for row in kept(api)] == [(None, offer.id)]
    with TestClient(build_asgi(api.services)) as restarted:
        answer = post(api, "/offers", market.offer(), client=restarted)
        assert (answer.status_code, answer.json()["code"]) == (409, "answer_lost")
        assert offer.id in answer.json()["detail"]
        other = post(api, "/offers", market.offer(price_eur_per_mwh=[41] * 96), client=restarted)
        assert other.json()["code"] == "idempotency_mismatch"
    assert api.world.find(FlexOffer) == (offer,)


def test_a_command_that_fails_leaves_the_key_free(api: Any, market: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("the power went out")

    with monkeypatch.context() as patch:
        patch.setattr("app.persistence.outbox.post", fails)
        assert post(api, "/offers", market.offer()).status_code == 500
    assert kept(api) == []
    assert post(api, "/offers", market.offer()).status_code == 201


def test_two_processes_cannot_both_carry_it_out(api: Any, market: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row's key decides where no process knows of the other's attempt."""
    blind = KeptAttempts(api.world.store)
    monkeypatch.setattr(blind, "find", lambda attempt: None)
    with TestClient(build_asgi(replace(api.services, repeats=blind))) as other:
        assert post(api, "/offers", market.offer()).status_code == 201
        answer = post(api, "/offers", market.offer(), client=other)
    assert (answer.status_code, answer.json()["code"]) == (409, "in_progress")
    assert len(api.world.find(FlexOffer)) == 1


def test_it_is_remembered_over_a_restart_for_a_day(api: Any, market: Any) -> None:
    first = post(api, "/offers", market.offer())
    store = api.world.store
    with (
        open_store(f"sqlite:///{store._engines.url.database}", wall_clock=api.world.wall) as reopened,
        TestClient(build_asgi(replace(api.services, repeats=KeptAttempts(reopened)))) as restarted,
    ):
        again = post(api, "/offers", market.offer(), client=restarted)
    assert again.json() == first.json()
    api.world.wall.now += timedelta(hours=24, seconds=1)
    api.tokens["esp1"] = api.services.auth.issue_token("esp1", "demo-esp1", "10.0.0.1").token
    late = post(api, "/offers", market.offer())
    assert "idempotency-replayed" not in late.headers
    assert len(kept(api)) == 1


def test_nothing_secret_is_kept(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("access_token", "client_secret", "api_key"):
        assert edge._issues_a_secret(f'{{"id": 1, "{name}": "x"}}'.encode())
    assert not edge._issues_a_secret(b'{"id": "token", "session_id": "a"}')
    application = {
        "company": "Hillside",
        "contact": "A. Hill",
        "email": "hill@example.org",
        "role": "esp",
        "account": "hill",
        "password": "long enough, is it",
    }
    first, again = (post(api, "/applications", application, who=None) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    (row,) = kept(api)
    assert "long enough" not in str(row)
    tokens = [post(api, "/token", {"account": "esp1", "password": "demo-esp1"}, who=None) for _ in range(2)]
    assert tokens[0].json()["access_token"] != tokens[1].json()["access_token"]
    assert len(kept(api)) == 1


def test_an_answer_that_issues_a_secret_is_not_given_again(
    api: Any, market: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[[bytes], bool] = edge._issues_a_secret
    monkeypatch.setattr(edge, "_issues_a_secret", lambda body: real(b'{"api_key": "' + body[:1] + b'"}'))
    assert post(api, "/offers", market.offer()).status_code == 201
    assert post(api, "/offers", market.offer()).json()["code"] == "answer_lost"
    assert len(api.world.find(FlexOffer)) == 1


def issued_key(api: Any, **more: Any) -> Any:
    body = {"name": "a script", "scopes": ["read", "trade"], "days": 30} | more
    return post(api, "/keys", body, key=f"key-{len(more)}")


def test_a_new_api_key_is_told_once_and_stored_nowhere(api: Any) -> None:
    first, again = (issued_key(api) for _ in range(2))
    assert first.status_code == 201, first.text
    assert (again.status_code, again.json()["code"]) == (409, "answer_lost")
    secret = first.json()["key"]
    assert secret not in again.text
    assert secret not in str(kept(api))
    assert len(api.get("/keys").json()["items"]) == 1


def test_an_api_key_has_keys_and_a_rate_of_its_own(api: Any, market: Any) -> None:
    secret = issued_key(api, calls_per_minute=3).json()["key"]
    assert post(api, "/offers", market.offer()).status_code == 201
    headers = {"X-API-Key": secret, "Idempotency-Key": KEY}
    answers = [api.client.post("/api/v1/offers", json=market.offer(), headers=headers) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429, 429]
    assert ["idempotency-replayed" in answer.headers for answer in answers] == [False, True, True, False, False]
    assert api.get("/clock").status_code == 200
