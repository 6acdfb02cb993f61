"""API keys, sessions and passwords over REST: what they open, what ends them, and that no secret is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.auth import Grant
from app.persistence.ledgers import audit, key_secrets
from domain import commands as c
from domain.ids import PartyId
from domain.parties import Role

NEW = {"name": "Scheduler", "scopes": ["trade"]}


def made(api: Any, who: str = "esp1", **changes: Any) -> dict[str, Any]:
    answer = api.post("/keys", NEW | changes, who)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def status(api: Any, secret: str, path: str = "/sessions") -> int:
    answers = {
        api.client.get(f"/api/v1{path}", headers=headers).status_code
        for headers in ({"Authorization": f"Bearer {secret}"}, {"X-API-Key": secret})
    }
    (only,) = answers
    return int(only)


def listed(api: Any, who: str = "esp1", **query: str) -> list[dict[str, Any]]:
    answer = api.get("/keys", who, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]  # type: ignore[no-any-return]


def later(api: Any, **time: float) -> None:
    """Time passes, and the participant signs in anew."""
    api.world.wall.now += timedelta(**time)
    api.tokens["esp1"] = api.services.auth.issue_token("esp1", "demo-esp1", "::1").token


def test_a_key_is_shown_once_and_opens_what_its_role_and_scopes_allow(api: Any, market: Any) -> None:
    key = made(api)
    assert key["key"].startswith("fdk_")
    assert "key" not in listed(api)[0]
    assert status(api, key["key"]) == 200
    with_key = {"X-API-Key": key["key"]}
    assert api.client.post("/api/v1/offers", json=market.offer(), headers=with_key).status_code == 201
    refused = api.client.post("/api/v1/assets", json=market.asset(), headers=with_key)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    refused = api.client.post("/api/v1/requests", json=market.request(), headers=with_key)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted"), "the role comes first"


def test_a_key_that_only_looks_writes_nothing_and_makes_no_key(api: Any, market: Any) -> None:
    secret = made(api, scopes=["read"])["key"]
    with_key = {"Authorization": f"Bearer {secret}"}
    for method, path, body in (
        ("POST", "/offers", market.offer()),
        ("POST", "/notifications/read", None),
        ("POST", "/keys", NEW),
        ("GET", "/keys", None),
        ("GET", "/logins", None),
        ("DELETE", "/logins", None),
    ):
        answer = api.client.request(method, f"/api/v1{path}", json=body, headers=with_key)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), path


def test_the_operators_regular_profile_creates_and_the_administrative_one_changes(api: Any, market: Any) -> None:
    regular, admin = (made(api, "fmo", scopes=[f"FMO.{name}_profile"])["key"] for name in ("reg", "adm"))
    rules = {"clearing": "network", "payment": "nodal", "energy": "ignored"}

    def call(secret: str, method: str, path: str, body: Any) -> int:
        headers = {"X-API-Key": secret}
        return int(api.client.request(method, f"/api/v1{path}", json=body, headers=headers).status_code)

    assert call(regular, "POST", "/sessions", market.plan()) == 201
    assert call(regular, "PUT", f"/sessions/{market.session_id}/rules", rules) == 403
    assert call(admin, "PUT", f"/sessions/{market.session_id}/rules", rules) == 200


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"scopes": ["grid"]}, "not_permitted", "scopes[0]"),
        ({"scopes": ["trade", "trade"]}, "duplicate", "scopes[1]"),
        ({"scopes": []}, "missing", "scopes"),
        ({"scopes": ["FMO.adm_profile"]}, "not_permitted", "scopes[0]"),
        ({"scopes": ["root"]}, "malformed", "scopes[0]"),
        ({"days": 0}, "out_of_range", "days"),
        ({"days": 367}, "out_of_range", "days"),
        ({"name": " "}, "missing", "name"),
        ({"calls_per_minute": -1}, "out_of_range", "calls_per_minute"),
    ],
)
def test_keys_that_are_not_made(steady: Any, changes: dict[str, Any], code: str, field: str) -> None:
    api, _market = steady
    answer = api.post("/keys", NEW | changes)
    assert answer.status_code in (403, 409, 422)
    assert (code, field) in {(found["code"], found["field"]) for found in answer.json()["findings"]}


def test_two_ways_of_signing_in_at_once_and_spoilt_keys_are_nobody(api: Any) -> None:
    secret = made(api)["key"]
    both = {"X-API-Key": secret, "Authorization": f"Bearer {api.tokens['esp1']}"}
    assert api.client.get("/api/v1/sessions", headers=both).status_code == 401
    for spoilt in ("fdk_", secret[:-1], secret + "x", "fdk_" + "x" * 5000):
        assert status(api, spoilt) == 401
    assert api.client.get("/api/v1/sessions", headers={"X-API-Key": api.tokens["esp1"]}).status_code == 401


def test_a_key_ends_in_time_and_when_it_is_revoked(api: Any) -> None:
    short, other = made(api, days=1), made(api, days=30)
    later(api, days=1)
    assert (status(api, short["key"]), status(api, other["key"])) == (401, 200)
    assert api.delete(f"/keys/{other['id']}").status_code == 204
    assert status(api, other["key"]) == 401
    assert api.delete(f"/keys/{other['id']}").json()["code"] == "wrong_state"
    assert api.post(f"/keys/{short['id']}/rotate", {"overlap_hours": 1}).json()["code"] == "wrong_state"


def test_rotation_lets_old_and_new_work_for_the_overlap(api: Any) -> None:
    key = made(api, days=30)
    later(api, hours=1)
    second = api.post(f"/keys/{key['id']}/rotate", {"overlap_hours": 2}).json()
    assert second["id"] == key["id"]
    assert (status(api, key["key"]), status(api, second["key"])) == (200, 200)
    assert listed(api)[0]["old_until"] == "2026-11-21T11:00:00Z"
    later(api, minutes=1)
    third = api.post(f"/keys/{key['id']}/rotate", {"overlap_hours": 2}).json()
    assert status(api, key["key"]) == 401, "two secrets at most"
    later(api, hours=2)
    assert (status(api, second["key"]), status(api, third["key"])) == (401, 200)
    assert listed(api)[0]["old_until"] is None
    at_once = api.post(f"/keys/{key['id']}/rotate", {"overlap_hours": 0}).json()
    assert (status(api, third["key"]), status(api, at_once["key"])) == (401, 200)
    assert api.post(f"/keys/{key['id']}/rotate", {"overlap_hours": 169}).status_code == 422


def test_use_is_known_to_the_minute(api: Any) -> None:
    key = made(api)
    assert listed(api)[0]["used_at"] is None
    status(api, key["key"])
    assert listed(api)[0]["used_at"] == "2026-11-21T08:00:00Z"
    api.world.wall.now += timedelta(seconds=59)
    status(api, key["key"])
    assert listed(api)[0]["used_at"] == "2026-11-21T08:00:00Z"
    api.world.wall.now += timedelta(seconds=1)
    status(api, key["key"])
    assert listed(api)[0]["used_at"] == "2026-11-21T08:01:00Z"


def test_keys_of_others_are_the_operators_to_see_and_to_revoke(api: Any) -> None:
    key = made(api)
    assert listed(api, "esp2") == []
    assert api.get("/keys", "esp2", party_id="esp1").status_code == 403
    assert api.delete(f"/keys/{key['id']}", "esp2").status_code == 404
    assert api.post(f"/keys/{key['id']}/rotate", {"overlap_hours": 1}, "fmo").status_code == 404
    assert [row["id"] for row in listed(api, "fmo", party_id="esp1")] == [key["id"]]
    assert api.delete(f"/keys/{key['id']}", "fmo").status_code == 204
    assert status(api, key["key"]) == 401


def test_there_are_not_too_many(api: Any) -> None:
    for _ in range(20):
        made(api)
    assert api.post("/keys", NEW).json()["findings"][0]["code"] == "out_of_range"


def test_suspension_and_another_role_end_keys_for_good(api: Any) -> None:
    keys = {who: made(api, who)["key"] for who in ("esp1", "esp2")}
    api.world.do("fmo", c.SuspendParty(party_id=PartyId("esp1"), reason="Enough."))
    api.world.do("fmo", c.AssignRole(party_id=PartyId("esp2"), role=Role.BRP))
    assert {status(api, secret) for secret in keys.values()} == {401}
    api.world.do("fmo", c.ReinstateParty(party_id=PartyId("esp1")))
    assert status(api, keys["esp1"]) == 401


def test_no_secret_is_stored_or_audited(api: Any) -> None:
    key = made(api)
    rotated = api.post(f"/keys/{key['id']}/rotate", {"overlap_hours": 1}).json()
    change = {"account": "esp1", "password": "demo-esp1", "new_password": "another horse"}
    assert api.post("/password", change, None).status_code == 204
    one_time = api.post("/accounts/esp2/reset", None, "fmo").json()["one_time_password"]
    with api.world.store.snapshot() as connection:
        rows = repr([[*connection.execute(select(table))] for table in (audit, key_secrets)])
    assert {"CreateApiKey", "RotateApiKey", "ChangePassword", "ResetPassword"} <= set(rows.split("'"))
    for secret in (key["key"], rotated["key"], "demo-esp1", "another horse", one_time, "argon2"):
        assert secret not in rows


# -- sessions and tokens --------------------------------------------------------------------------------------


def test_own_sign_ins_are_listed_with_where_they_came_from_and_can_be_ended(api: Any) -> None:
    auth = api.services.auth
    session = auth.sign_in("esp1", "demo-esp1", "10.0.0.7", "Mozilla/5.0 \n<b>")
    auth.create_client("scada", "secret", frozenset(Grant), None)
    tokens = auth.grant_password("esp1", "demo-esp1", "scada", "secret", "10.0.0.8")
    next_ = auth.grant_refresh(tokens.refresh_token, "scada", "secret", "10.0.0.8")
    rows = api.get("/logins").json()["items"]
    assert sorted((row["kind"], row["address"], row["client"], row["this"]) for row in rows) == [
        ("session", "10.0.0.7", "Mozilla/5.0 <b>", False),
        ("token", "10.0.0.1", "", True),
        ("token", "10.0.0.8", "scada", False),
    ]
    by_address = {row["address"]: row["id"] for row in rows}
    assert api.delete(f"/logins/{by_address['10.0.0.7']}", "esp2").status_code == 404, "of another account"
    assert api.delete(f"/logins/{by_address['10.0.0.7']}").status_code == 204
    assert auth.principal_of_session(session.token) is None
    assert api.delete(f"/logins/{by_address['10.0.0.8']}").status_code == 204
    assert auth.principal_of_bearer(tokens.access_token) is auth.principal_of_bearer(next_.access_token) is None
    with pytest.raises(Exception, match="wrong_grant"):
        auth.grant_refresh(next_.refresh_token, "scada", "secret", "10.0.0.8")
    assert [row["address"] for row in api.get("/logins").json()["items"]] == ["10.0.0.1"]


def test_last_seen_follows_the_use(api: Any) -> None:
    api.world.wall.now += timedelta(minutes=5)
    assert api.get("/sessions").status_code == 200
    (row,) = api.get("/logins").json()["items"]
    assert (row["began_at"], row["seen_at"]) == ("2026-11-21T08:00:00Z", "2026-11-21T08:05:00Z")


def test_sign_out_everywhere_ends_all_or_all_but_this(api: Any) -> None:
    auth = api.services.auth
    other = auth.issue_token("esp1", "demo-esp1", "::1").token
    session = auth.sign_in("esp1", "demo-esp1", "::1").token
    answer = api.client.delete("/api/v1/logins?but_this=true", headers=api.headers("esp1"))
    assert answer.status_code == 204
    assert api.get("/sessions").status_code == 200
    assert auth.principal_of_bearer(other) is auth.principal_of_session(session) is None
    assert api.delete("/logins").status_code == 204
    assert api.get("/sessions").status_code == 401
    assert api.get("/sessions", "esp2").status_code == 200


# -- passwords ------------------------------------------------------------------------------------------------


def change(api: Any, password: str, new: str, account: str = "esp1") -> tuple[int, str]:
    body = {"account": account, "password": password, "new_password": new}
    answer = api.post("/password", body, None)
    return answer.status_code, "" if answer.status_code == 204 else answer.json()["code"]


def sign_in(api: Any, password: str, account: str = "esp1") -> tuple[int, str]:
    answer = api.post("/token", {"account": account, "password": password}, None)
    return answer.status_code, answer.json().get("code", "")


def test_a_password_is_changed_with_the_present_one_and_ends_sign_ins(api: Any) -> None:
    session = api.services.auth.sign_in("esp1", "demo-esp1", "::1").token
    assert change(api, "wrong horse", "another horse") == (401, "wrong_credentials")
    assert change(api, "demo-esp1", "short") == (422, "out_of_range")
    assert change(api, "demo-esp1", "demo-esp1") == (409, "duplicate")
    assert api.services.auth.principal_of_session(session) is not None
    assert change(api, "demo-esp1", "another horse") == (204, "")
    assert api.services.auth.principal_of_session(session) is None
    assert api.get("/sessions").status_code == 401
    assert sign_in(api, "demo-esp1") == (401, "wrong_credentials")
    assert sign_in(api, "another horse") == (200, "")


def test_a_one_time_password_opens_nothing_but_another_password(api: Any) -> None:
    answer = api.post("/accounts/esp1/reset", None, "fmo")
    one_time = answer.json()["one_time_password"]
    assert api.get("/sessions").status_code == 401, "the sign-ins have ended"
    assert sign_in(api, "demo-esp1") == (401, "wrong_credentials")
    assert sign_in(api, one_time) == (403, "must_change")
    (row,) = api.get("/parties/esp1/accounts", "fmo").json()["items"]
    assert (row["name"], row["one_time_until"]) == ("esp1", "2026-11-24T08:00:00Z")
    assert change(api, one_time, "another horse") == (204, "")
    assert change(api, one_time, "a third horse") == (401, "wrong_credentials")
    assert sign_in(api, "another horse") == (200, "")
    assert api.get("/parties/esp1/accounts", "fmo").json()["items"][0]["one_time_until"] is None


def test_a_one_time_password_is_over_after_three_days(api: Any) -> None:
    one_time = api.post("/accounts/esp1/reset", None, "fmo").json()["one_time_password"]
    api.world.wall.now += timedelta(hours=72)
    assert sign_in(api, one_time) == (401, "wrong_credentials")
    assert change(api, one_time, "another horse") == (401, "wrong_credentials")


def test_only_the_operator_resets_and_not_its_own(api: Any) -> None:
    assert api.post("/accounts/esp2/reset", None, "esp1").status_code == 403
    assert api.post("/accounts/fmo/reset", None, "fmo").json()["code"] == "not_permitted"
    assert api.post("/accounts/nobody/reset", None, "fmo").status_code == 404
    assert api.get("/parties/esp1/accounts", "esp1").status_code == 403


def test_guessing_at_the_present_password_is_slowed(api: Any) -> None:
    guesses = [change(api, f"guess {n}", "another horse")[0] for n in range(6)]
    assert guesses == [401] * 5 + [429]


def test_a_password_that_nobody_hashed_is_not_stored(api: Any) -> None:
    command = c.ResetPassword(account="esp1", password="as it was typed")
    with pytest.raises(RuntimeError):
        api.world.do("fmo", command)
    assert sign_in(api, "as it was typed") == (401, "wrong_credentials")
    assert isinstance(api.client, TestClient)
