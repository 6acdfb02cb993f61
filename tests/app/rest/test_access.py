"""Who may call what: every route asks for a token unless it is named public, and the desk decides by role."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi import APIRouter
from starlette.testclient import TestClient

from app.rest import access, rows
from app.rest.interfaces import Interface, Part
from app.rest.interfaces import build_asgi as build_interfaces
from domain.commands import MarkNotificationsRead
from domain.flexibility.market import FlexOffer
from domain.lifecycle import OfferState
from domain.parties import SYSTEM, Party, Role

PUBLIC = {
    ("GET", "/api/v1/health"),
    ("POST", "/api/v1/token"),
    ("POST", "/api/v1/oauth/token"),
    ("POST", "/api/v1/oauth/revoke"),
    ("POST", "/api/v1/password"),
    ("POST", "/api/v1/applications"),
    ("POST", "/interflex/api/v1/authentication/token"),
    ("POST", "/interflex/api/v1/authentication/refresh"),
    ("GET", "/api/v1/ready"),
}


def calls(api: Any) -> list[tuple[str, str]]:
    """Every (method, path) of the description."""
    paths = api.client.get("/api/v1/openapi.json").json()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


def test_every_route_but_the_public_ones_needs_a_token(api: Any) -> None:
    asked = [call for call in calls(api) if call not in PUBLIC]
    assert len(asked) >= 16
    for method, path in asked:
        for headers in ({}, {"Authorization": "Bearer forged"}, {"Authorization": f"Basic {api.tokens['fmo']}"}):
            answer = api.client.request(method, path.replace("{", "").replace("}", ""), headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "signed_out"), (method, path)
            assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("kind", ["known", "public"])
def test_a_route_without_a_row_is_refused_to_everyone(
    api: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    careless = APIRouter()
    careless.add_api_route("/careless", lambda: {"secret": 1}, name="careless")
    part = Part(prefix="/api/v1", **{kind: (careless,)})  # type: ignore[arg-type]
    served = build_interfaces(api.services, [Interface("/openapi.json", "Careless", "", (part,))], lambda _: False)
    with TestClient(served) as client:
        assert client.get("/api/v1/careless").status_code == (403 if kind == "public" else 401)
        for who in api.tokens:
            answer = client.get("/api/v1/careless", headers=api.headers(who))
            assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
        monkeypatch.setattr(rows, "OPERATIONS", {**rows.OPERATIONS, "careless": {Role.ESP}})
        monkeypatch.setattr(access, "ANYBODY", frozenset({"careless"}))
        assert client.get("/api/v1/careless", headers=api.headers("esp1")).status_code == 200


def test_the_description_says_which_routes_need_a_token(api: Any) -> None:
    paths = api.client.get("/api/v1/openapi.json").json()["paths"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            assert bool(operation.get("security")) is ((method.upper(), path) not in PUBLIC), path


@pytest.mark.parametrize(
    ("method", "path", "who"),
    [
        ("GET", "/offers", "tso"),
        ("GET", "/offers", "retailer1"),
        ("GET", "/sessions", "customer1"),
        ("GET", "/results/S-1", "retailer1"),
        ("DELETE", "/offers/FO-1", "dso1"),
        ("DELETE", "/requests/FR-1", "esp1"),
    ],
)
def test_the_role_decides(api: Any, method: str, path: str, who: str) -> None:
    answer = api.client.request(method, f"/api/v1{path}", headers=api.headers(who))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


def test_posts_of_the_wrong_role(api: Any, market: Any) -> None:
    for path, body, who in (("/offers", market.offer(), "dso1"), ("/requests", market.request(), "esp1")):
        answer = api.post(path, body, who=who)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


def test_an_offer_on_another_participants_asset(api: Any, market: Any) -> None:
    answer = api.post("/offers", market.offer(), who="esp2")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    assert answer.json()["findings"][0]["field"] == "lines[0].asset_id"
    assert api.world.find(FlexOffer) == ()


def test_a_request_in_another_dsos_region(api: Any, market: Any) -> None:
    answer = api.post("/requests", market.request(), who="dso2")
    assert answer.status_code == 403


def test_offers_of_others_are_neither_seen_nor_withdrawn(api: Any, market: Any) -> None:
    offer_id = api.post("/offers", market.offer()).json()["id"]
    assert api.get(f"/offers/{offer_id}", who="esp2").status_code == 404
    assert api.get("/offers", who="esp2").json()["items"] == []
    assert api.delete(f"/offers/{offer_id}", who="esp2").status_code in (403, 404)
    assert api.world.only(FlexOffer, id=offer_id).state is OfferState.SUBMITTED


def test_a_token_ends(api: Any) -> None:
    assert api.get("/sessions").status_code == 200
    api.world.wall.now += timedelta(hours=13)
    assert api.get("/sessions").status_code == 401


def test_a_closed_participant_is_out_at_once(api: Any) -> None:
    assert api.get("/sessions").status_code == 200
    with api.world.store.write(SYSTEM, MarkNotificationsRead()) as uow:
        uow.save(replace(uow.get(Party, "esp1"), active=False))
    assert api.get("/sessions").status_code == 401


def test_wrong_passwords_are_refused_and_throttled(api: Any) -> None:
    for body in ({"account": "esp1", "password": "wrong"}, {"account": "nobody", "password": "wrong"}):
        answer = api.post("/token", body, who=None)
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
    answers = [api.post("/token", {"account": "esp1", "password": "wrong"}, who=None) for _ in range(50)]
    last = answers[-1]
    assert (last.status_code, last.json()["code"]) == (429, "throttled")
    assert int(last.headers["retry-after"]) > 0


def test_forwarding_headers_do_not_escape_the_throttle(api: Any) -> None:
    statuses = {
        api.client.post(
            "/api/v1/token",
            json={"account": f"nobody{n}", "password": "wrong"},
            headers={"X-Forwarded-For": f"10.1.0.{n}", "Forwarded": f"for=10.2.0.{n}"},
        ).status_code
        for n in range(100)
    }
    assert 429 in statuses
