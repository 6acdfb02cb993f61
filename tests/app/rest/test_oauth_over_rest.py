"""OAuth2 over REST: grants, rotation and reuse of refresh tokens, revocation, clients, forms, InterFlex."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient
from world import World

from app.auth import Auth, Grant, Policy
from app.persistence.credentials import Credentials
from app.rest import build_asgi
from domain.commands import MarkNotificationsRead, SuspendParty
from domain.ids import PartyId
from domain.parties import SYSTEM, Party
from tests.app.rest.conftest import _WEAK, Api, served

CLIENT = {"client_id": "interflex-demo", "client_secret": "interflex-demo"}
ROBOT = {"client_id": "robot", "client_secret": "robots-secret"}
TOKEN = "/api/v1/oauth/token"
INTERFLEX = "/interflex/api/v1/authentication"


@pytest.fixture
def oauth(world: World) -> Iterator[Api]:
    with served(world) as api:
        auth = api.services.auth
        auth.create_client("interflex-demo", "interflex-demo", frozenset({Grant.PASSWORD, Grant.REFRESH}))
        auth.create_client("robot", "robots-secret", frozenset({Grant.CLIENT}), "esp1")
        yield api


def send(api: Api, path: str = TOKEN, headers: Any = None, **form: str) -> Any:
    return api.client.post(path, data=form, headers=headers)


def signed_in(api: Api, who: str = "esp1", path: str = TOKEN) -> dict[str, Any]:
    answer = send(api, path, grant_type="password", username=who, password=f"demo-{who}", **CLIENT)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def refreshed(api: Api, token: str, **client: str) -> Any:
    return send(api, grant_type="refresh_token", refresh_token=token, **client or CLIENT)


def works(api: Api, token: str) -> bool:
    answer = api.client.get("/api/v1/sessions", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in (200, 401)
    return bool(answer.status_code == 200)


def wrong(answer: Any) -> tuple[int, str, str]:
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["error_description"]
    return answer.status_code, body["code"], body["error"]


def test_a_password_gives_what_listing_3_has(oauth: Api) -> None:
    for path in (TOKEN, f"{INTERFLEX}/token"):
        answer = signed_in(oauth, path=path)
        assert set(answer) == {"access_token", "token_type", "expires_in", "refresh_token"}
        assert (answer["token_type"], answer["expires_in"]) == ("bearer", 3600)
        assert works(oauth, answer["access_token"])
        assert not works(oauth, answer["refresh_token"])


def test_interflex_refreshes_without_a_grant_type(oauth: Api) -> None:
    first = signed_in(oauth)
    answer = send(oauth, f"{INTERFLEX}/refresh", refresh_token=first["refresh_token"], **CLIENT)
    assert answer.status_code == 200
    assert works(oauth, answer.json()["access_token"])


def test_a_refresh_token_rotates_and_its_reuse_ends_every_token_of_the_grant(oauth: Api) -> None:
    first, other = signed_in(oauth), signed_in(oauth)
    second = refreshed(oauth, first["refresh_token"]).json()
    third = refreshed(oauth, second["refresh_token"]).json()
    assert all(works(oauth, tokens["access_token"]) for tokens in (first, second, third))
    assert wrong(refreshed(oauth, first["refresh_token"])) == (400, "wrong_grant", "invalid_grant")
    assert not any(works(oauth, tokens["access_token"]) for tokens in (first, second, third))
    assert refreshed(oauth, third["refresh_token"]).status_code == 400
    assert works(oauth, other["access_token"]), "another grant of the account goes on"


def test_tokens_end_in_time_and_a_family_at_its_end(oauth: Api) -> None:
    tokens = signed_in(oauth)
    oauth.world.wall.now += timedelta(seconds=3600)
    assert not works(oauth, tokens["access_token"])
    oauth.world.wall.now += timedelta(days=30) - timedelta(seconds=3600 + 60)
    tokens = refreshed(oauth, tokens["refresh_token"]).json()
    assert tokens["expires_in"] == 60, "no longer than its family"
    oauth.world.wall.now += timedelta(seconds=60)
    assert refreshed(oauth, tokens["refresh_token"]).status_code == 400


def test_client_credentials_act_as_the_clients_account(oauth: Api) -> None:
    answer = send(oauth, grant_type="client_credentials", **ROBOT)
    assert set(answer.json()) == {"access_token", "token_type", "expires_in"}
    assert works(oauth, answer.json()["access_token"])
    refused = send(oauth, grant_type="client_credentials", **CLIENT)
    assert wrong(refused) == (400, "grant_not_allowed", "unauthorized_client")
    refused = send(oauth, grant_type="password", username="esp1", password="demo-esp1", **ROBOT)
    assert wrong(refused) == (400, "grant_not_allowed", "unauthorized_client")


def test_the_operator_registers_a_client_and_ends_it_with_its_tokens(oauth: Api) -> None:
    body = {"client_id": "scada", "grants": ["client_credentials"], "account": "esp1"}
    assert oauth.post("/oauth/clients", body, "esp1").status_code == 403
    client = oauth.post("/oauth/clients", body, "fmo").json()
    assert oauth.post("/oauth/clients", body, "fmo").json()["code"] == "duplicate"
    assert len(client["client_secret"]) >= 43
    listed = oauth.get("/oauth/clients", "fmo").json()["items"]
    assert "client_secret" not in listed[0]
    assert {row["id"] for row in listed} == {"interflex-demo", "robot", "scada"}
    form = {"client_id": "scada", "client_secret": client["client_secret"]}
    token = send(oauth, grant_type="client_credentials", **form).json()["access_token"]
    assert works(oauth, token)
    assert oauth.delete("/oauth/clients/scada", "fmo").status_code == 204
    assert not works(oauth, token)
    assert wrong(send(oauth, grant_type="client_credentials", **form)) == (401, "wrong_client", "invalid_client")
    assert oauth.delete("/oauth/clients/scada", "fmo").status_code == 404


def test_clients_sign_in_by_basic_too_but_not_twice(oauth: Api) -> None:
    basic = {"Authorization": "Basic " + base64.b64encode(b"robot:robots%2Dsecret").decode()}
    assert send(oauth, headers=basic, grant_type="client_credentials").status_code == 200
    twice = send(oauth, headers=basic, grant_type="client_credentials", **ROBOT)
    assert wrong(twice)[2] == "invalid_request"
    other = send(oauth, headers=basic, grant_type="client_credentials", client_id="interflex-demo")
    assert wrong(other)[2] == "invalid_request"


def test_a_bearer_token_beside_the_clients_own_credentials_is_no_second_client(oauth: Api) -> None:
    token = signed_in(oauth)["access_token"]
    answer = send(oauth, headers={"Authorization": f"Bearer {token}"}, grant_type="client_credentials", **ROBOT)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "header", ["Basic", "Basic ?", "Basic cm9ib3Q=", "Bearer x", "Basic //8=", "Basic JWZmOng="]
)
def test_spoilt_basic_headers_are_wrong_clients(oauth: Api, header: str) -> None:
    answer = send(oauth, headers={"Authorization": header}, grant_type="client_credentials")
    assert wrong(answer) == (401, "wrong_client", "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (CLIENT, (400, "missing", "invalid_request")),
        ({"grant_type": "magic"} | CLIENT, (400, "unknown_grant", "unsupported_grant_type")),
        ({"grant_type": "password"} | CLIENT, (400, "missing", "invalid_request")),
        ({"grant_type": "client_credentials"}, (401, "wrong_client", "invalid_client")),
        ({"grant_type": "client_credentials", "client_id": "robot"}, (401, "wrong_client", "invalid_client")),
        (
            {"grant_type": "client_credentials", "client_id": "ä", "client_secret": "x"},
            (401, "wrong_client", "invalid_client"),
        ),
        ({"grant_type": "refresh_token", "refresh_token": "x"} | CLIENT, (400, "wrong_grant", "invalid_grant")),
        (
            {"grant_type": "password", "username": "esp1", "password": "wrong"} | CLIENT,
            (400, "wrong_credentials", "invalid_grant"),
        ),
    ],
)
def test_what_is_wrong_is_told_in_both_languages(oauth: Api, form: dict[str, str], expected: Any) -> None:
    assert wrong(send(oauth, **form)) == expected


def test_a_refresh_token_serves_its_own_client_only(oauth: Api) -> None:
    auth = oauth.services.auth
    auth.create_client("thief", "thiefs-secret", frozenset({Grant.REFRESH}))  # type: ignore[attr-defined]
    tokens = signed_in(oauth)
    stolen = refreshed(oauth, tokens["refresh_token"], client_id="thief", client_secret="thiefs-secret")
    assert wrong(stolen) == (400, "wrong_grant", "invalid_grant")
    assert refreshed(oauth, tokens["refresh_token"]).status_code == 200


def test_revocation_ends_a_token_or_a_grant_and_tells_nothing(oauth: Api) -> None:
    tokens = signed_in(oauth)
    others = refreshed(oauth, signed_in(oauth)["refresh_token"]).json()
    for token in ("unknown", oauth.tokens["esp1"]):
        assert send(oauth, "/api/v1/oauth/revoke", token=token, **CLIENT).json() == {}
    assert works(oauth, oauth.tokens["esp1"]), "a token of no client is not its to end"
    assert send(oauth, "/api/v1/oauth/revoke", token=tokens["access_token"], **ROBOT).status_code == 200
    assert works(oauth, tokens["access_token"]), "of another client"
    send(oauth, "/api/v1/oauth/revoke", token=tokens["access_token"], **CLIENT)
    assert not works(oauth, tokens["access_token"])
    send(oauth, "/api/v1/oauth/revoke", token=others["refresh_token"], **CLIENT)
    assert not works(oauth, others["access_token"])
    assert refreshed(oauth, others["refresh_token"]).status_code == 400
    assert send(oauth, "/api/v1/oauth/revoke", token="x").status_code == 401


def test_suspension_ends_access_and_refresh_tokens_for_good(oauth: Api) -> None:
    tokens = signed_in(oauth)
    oauth.world.do("fmo", SuspendParty(party_id=PartyId("esp1"), reason="Enough."))
    assert not works(oauth, tokens["access_token"])
    assert refreshed(oauth, tokens["refresh_token"]).status_code == 400
    assert send(oauth, grant_type="client_credentials", **ROBOT).status_code == 400
    with oauth.world.store.write(SYSTEM, MarkNotificationsRead()) as uow:
        uow.save(replace(uow.get(Party, "esp1"), active=True))
    assert not works(oauth, tokens["access_token"])
    assert refreshed(oauth, tokens["refresh_token"]).status_code == 400


def test_guessing_is_slowed_on_every_token_route(oauth: Api) -> None:
    guesses = [refreshed(oauth, f"guess {n}").status_code for n in range(21)]
    assert guesses == [400] * 20 + [429]
    for path in (TOKEN, f"{INTERFLEX}/token"):
        answer = send(oauth, path, grant_type="password", username="esp1", password="demo-esp1", **CLIENT)
        assert wrong(answer) == (429, "throttled", "temporarily_unavailable")
        assert int(answer.headers["retry-after"]) > 0


def test_without_the_switch_no_password_is_taken(world: World) -> None:
    with served(world) as api:
        auth = Auth(Credentials(world.store), world.wall, hasher=_WEAK, policy=Policy())
        auth.create_client("interflex-demo", "interflex-demo", frozenset({Grant.PASSWORD}))
        with TestClient(build_asgi(replace(api.services, auth=auth))) as client:
            form = {"grant_type": "password", "username": "esp1", "password": "demo-esp1"} | CLIENT
            answer = client.post(f"{INTERFLEX}/token", data=form)
    assert wrong(answer) == (400, "grant_not_allowed", "unauthorized_client")


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{}", "application/json", 415),
        (b"grant_type=password", "", 415),
        (b"grant_type=a&grant_type=b", "application/x-www-form-urlencoded", 400),
        (b"grant_type", "application/x-www-form-urlencoded", 400),
        (b"grant_type=%ff", "application/x-www-form-urlencoded", 400),
        (b"grant_type=%00", "application/x-www-form-urlencoded", 400),
        (b"grant_type=\xff", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a%d=1" % n for n in range(50)), "application/x-www-form-urlencoded", 400),
    ],
)
def test_only_forms_are_read(steady: Any, body: bytes, media_type: str, status: int) -> None:
    api, _market = steady
    for path in (TOKEN, "/api/v1/oauth/revoke", f"{INTERFLEX}/token", f"{INTERFLEX}/refresh"):
        answer = api.client.post(path, content=body, headers={"content-type": media_type} if media_type else {})
        assert answer.status_code == status, (path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert "grant_type=" not in answer.text
