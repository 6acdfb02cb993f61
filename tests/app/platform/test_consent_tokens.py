"""OAuth2 by customers: sign in, consent, code, tokens; and every way in which it must not work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from consent_world import DAY, NOW, OTHER, PROVIDER, READING, REQUESTER, SERVICE, SUB
from starlette.testclient import TestClient
from test_consents_over_rest import PASSWORD, Room
from two_platforms import TwoPlatforms, two_platforms

from app.platform.serving import Serving, asgi_of
from domain.commands import platform as pc
from domain.ids import PodId
from domain.marketplace.words import ConsentState
from domain.platform.consents import Consent, ConsentedPod, ConsentWay, ToldConsent
from domain.platform.tokens import AuthorizationCode, ConsentClient, ConsentToken, redirect_findings

BACK = "https://pool.example/back"
VERIFIER = "v" * 43
CHALLENGE = create_s256_code_challenge(VERIFIER)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[TwoPlatforms]:
    with two_platforms(tmp_path) as made:
        yield made


class Flow:
    """A customer's browser and a client's program at one provider's platform."""

    def __init__(self, two: TwoPlatforms, room: Room) -> None:
        self.two, self.room, self.http = two, room, room.client
        register = pc.RegisterConsentClient(peer_id=REQUESTER, name="Pool <app>", redirect_uris=(BACK,))
        self.client = two.provider.do(PROVIDER, register)

    def query(self, **changes: str) -> dict[str, str]:
        said = {
            "response_type": "code",
            "client_id": self.client.id,
            "redirect_uri": BACK,
            "scope": f"service:{SUB}/{SERVICE}",
            "state": "xyz",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (said | changes).items() if value}

    def authorize(self, **changes: str) -> Any:
        return self.http.get("/b2c/v1/authorize", params=self.query(**changes), follow_redirects=False)

    def post(self, path: str, form: dict[str, str], **headers: str) -> Any:
        said = {"Content-Type": "application/x-www-form-urlencoded"} | headers
        return self.http.post(f"/b2c/v1{path}", content=urlencode(form), headers=said, follow_redirects=False)

    def sign_in(self, who: str = "house", password: str = PASSWORD, **headers: str) -> Any:
        form = {"request": urlencode(self.query()), "account": who, "password": password}
        return self.post("/authorize/sign-in", form, **headers)

    def form(self, page: str) -> dict[str, str]:
        return {k: unescape(v) for k, v in re.findall(r'name="([\w-]+)" value="([^"]*)"', page) if k != "decision"}

    def code(self, **changes: str) -> str:
        """Signed in and consented."""
        self.sign_in()
        form = self.form(self.authorize().text) | {"decision": "give"}
        answer = self.post("/authorize/decision", form | changes)
        assert answer.status_code == 303, answer.text
        said = parse_qs(urlsplit(answer.headers["location"]).query)
        assert said["state"] == ["xyz"]
        return said["code"][0]

    def token(self, code: str, **changes: str) -> Any:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
            "client_id": self.client.id,
            "client_secret": self.client.secret,
        }
        return self.post("/token", form | changes)

    def refresh(self, token: str) -> Any:
        return self.token("", grant_type="refresh_token", refresh_token=token)

    def opens(self, access: str) -> int:
        said = {"Authorization": f"Bearer {access}"}
        status: int = self.http.get("/b2c/v1/authorization", headers=said).status_code
        return status


@pytest.fixture
def flow(two: TwoPlatforms, tmp_path: Path) -> Iterator[Flow]:
    how = Serving(secret=b"s" * 48, data_dir=tmp_path, plain_answers=True)
    app = asgi_of(two.provider.platform, how)
    with TestClient(app, base_url="http://testserver", raise_server_exceptions=False) as client:
        yield Flow(two, Room(two.provider, client))


def test_from_the_sign_in_to_the_consent_behind_the_token(two: TwoPlatforms, flow: Flow) -> None:
    page = flow.authorize()
    assert (page.status_code, "Sign in" in page.text) == (200, True)
    assert "AT001" not in page.text
    answer = flow.sign_in()
    assert (answer.status_code, urlsplit(answer.headers["location"]).path) == (303, "/b2c/v1/authorize")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=lax" in answer.headers["set-cookie"]
    consent = flow.authorize()
    assert "AT001" in consent.text
    assert "AT003" not in consent.text
    assert "Pool &lt;app&gt;" in consent.text
    assert "<app>" not in consent.text
    policy = consent.headers["content-security-policy"]
    assert policy == (
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' https://pool.example"
    )
    form = flow.form(consent.text) | {"decision": "give"}
    del form["pod-1"]
    back = flow.post("/authorize/decision", form)
    assert back.headers["location"].startswith(f"{BACK}?code=")
    code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
    stored = two.provider.only(Consent)
    assert (stored.state, stored.way, stored.pod_ids) == (
        ConsentState.ACKNOWLEDGED,
        ConsentWay.SIGN_IN,
        ("AT001",),
    )
    tokens = flow.token(code)
    assert tokens.status_code == 200, tokens.text
    said = tokens.json()
    assert (said["token_type"], said["expires_in"], said["scope"]) == ("Bearer", 3600, f"service:{SUB}/{SERVICE}")
    opened = flow.http.get("/b2c/v1/authorization", headers={"Authorization": f"Bearer {said['access_token']}"})
    name = two.provider.only(ConsentedPod).name
    assert (opened.json()["consent_id"], opened.json()["pod_names"]) == (stored.id, [name])
    assert name.startswith("PSN-")
    two.carry()
    assert two.requester.only(ToldConsent).pod_names == (name,)
    kept = repr(two.provider.find(ConsentToken)) + repr(two.provider.find(AuthorizationCode))
    assert not any(secret in kept for secret in (code, said["access_token"], said["refresh_token"]))


def test_an_ask_that_waits_is_answered_by_signing_in(two: TwoPlatforms, flow: Flow) -> None:
    two.asked()
    flow.code()
    stored = two.provider.only(Consent)
    assert (stored.way, stored.state) == (ConsentWay.LIST, ConsentState.ACKNOWLEDGED)
    flow.code()
    assert len(two.provider.find(Consent)) == 1


def test_an_ask_in_other_words_is_not_answered_by_signing_in(two: TwoPlatforms, flow: Flow) -> None:
    """What was read is given: nobody consents to advertisements on a page that tells of load curves."""
    two.asked(processing_details="Advertisements.")
    flow.sign_in()
    page = flow.authorize().text
    assert (READING in page, "Advertisements" in page) == (True, False)
    flow.code()
    by_words = {each.processing_details: each.state for each in two.provider.find(Consent)}
    assert by_words == {"Advertisements.": ConsentState.ASKED, READING: ConsentState.ACKNOWLEDGED}


def test_the_page_says_from_when_to_when(two: TwoPlatforms, flow: Flow) -> None:
    flow.sign_in()
    assert "<dt>From</dt><dd>2016-07-25 10:00 UTC</dd>" in flow.authorize().text
    two.asked(("AT001",), ends_at=NOW + 90 * DAY)
    page = flow.authorize().text
    ask = two.provider.only(Consent)
    assert f"<dt>From</dt><dd>{ask.starts_at:%Y-%m-%d %H:%M} UTC</dd>" in page
    assert f"<dt>Until</dt><dd>{ask.ends_at:%Y-%m-%d %H:%M} UTC</dd>" in page
    assert "AT002" not in page, "it is not asked for"


def test_an_ask_that_came_after_the_page_is_read_first(two: TwoPlatforms, flow: Flow) -> None:
    flow.sign_in()
    form = flow.form(flow.authorize().text) | {"decision": "give"}
    two.asked()
    assert flow.post("/authorize/decision", form).status_code == 403
    assert two.provider.only(Consent).state is ConsentState.ASKED
    stale = pc.AuthorizeClient(
        client_id=flow.client.id,
        redirect_uri=BACK,
        challenge=CHALLENGE,
        subscription_id=SUB,
        description_id=SERVICE,
        pod_ids=(PodId("AT001"),),
    )
    assert two.provider.codes("house", stale) == [("wrong_state", "consent_id")]


def test_after_a_part_was_revoked_signing_in_gives_it_anew(two: TwoPlatforms, flow: Flow) -> None:
    flow.code()
    first = two.provider.only(Consent)
    two.provider.do("house", pc.RevokeConsent(consent_id=first.id, pod_ids=(PodId("AT001"),)))
    form = flow.form(flow.authorize().text) | {"decision": "give"}
    assert "already" in flow.post("/authorize/decision", form).text, "AT002 stands"
    del form["pod-1"]
    assert flow.post("/authorize/decision", form).status_code == 303
    standing = two.provider.find(ConsentedPod, stands=True)
    assert {(row.pod_id, row.consent_id == first.id) for row in standing} == {("AT001", False), ("AT002", True)}


def test_a_code_serves_once_and_a_second_use_ends_what_it_gave(flow: Flow) -> None:
    code = flow.code()
    access = flow.token(code).json()["access_token"]
    assert flow.opens(access) == 200
    again = flow.token(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert flow.opens(access) == 401
    assert not flow.two.provider.find(ConsentToken)


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": "v" * 42},
        {"redirect_uri": BACK + "/"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_code_is_bound_to_address_and_verifier_and_tried_once(flow: Flow, changes: dict[str, str]) -> None:
    code = flow.code()
    wrong = flow.token(code, **changes)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    assert flow.token(code).status_code == 400
    assert flow.token("x" * 43).json()["error"] == "invalid_grant"


def test_a_code_lasts_a_minute(two: TwoPlatforms, flow: Flow) -> None:
    code = flow.code()
    two.provider.wall.now += timedelta(seconds=60)
    assert flow.token(code).json()["error"] == "invalid_grant"


def test_a_code_is_bound_to_its_client(two: TwoPlatforms, flow: Flow) -> None:
    code = flow.code()
    register = pc.RegisterConsentClient(peer_id=REQUESTER, name="Other app", redirect_uris=(BACK,))
    other = two.provider.do(PROVIDER, register)
    stolen = flow.token(code, client_id=other.id, client_secret=other.secret)
    assert stolen.json()["error"] == "invalid_grant"
    wrong = flow.token(code, client_secret="x" * 43)
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert flow.token(code).status_code == 200


def test_a_refresh_token_serves_once_and_a_second_use_ends_all(flow: Flow) -> None:
    first = flow.token(flow.code()).json()
    second = flow.refresh(first["refresh_token"]).json()
    assert (flow.opens(first["access_token"]), flow.opens(second["access_token"])) == (401, 200)
    assert flow.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert flow.opens(second["access_token"]) == 401
    assert flow.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_revocation_ends_tokens_at_once(two: TwoPlatforms, flow: Flow) -> None:
    tokens = flow.token(flow.code()).json()
    code = flow.code()
    two.provider.do("house", pc.RevokeConsent(consent_id=two.provider.only(Consent).id))
    assert flow.opens(tokens["access_token"]) == 401
    assert flow.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert flow.token(code).json()["error"] == "invalid_grant"


def test_tokens_end_by_time(two: TwoPlatforms, flow: Flow) -> None:
    tokens = flow.token(flow.code()).json()
    two.provider.wall.now += timedelta(hours=1)
    assert flow.opens(tokens["access_token"]) == 401
    assert flow.opens("x" * 43) == 401
    two.provider.at(two.provider.only(Consent).ends_at)
    assert flow.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "CC-9"},
        {"redirect_uri": "https://evil.example/back"},
        {"redirect_uri": BACK + "/"},
        {"redirect_uri": BACK + "?x=1"},
        {"redirect_uri": BACK.upper()},
        {"redirect_uri": ""},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_the_clients(flow: Flow, changes: dict[str, str]) -> None:
    answer = flow.authorize(**changes)
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert "evil.example" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"scope": f"service:{SUB}/D-2"}, "invalid_scope"),
        ({"scope": "service:S-9/D-1"}, "invalid_scope"),
    ],
)
def test_what_else_is_wrong_goes_back_to_the_client(flow: Flow, changes: dict[str, str], error: str) -> None:
    answer = flow.authorize(**changes)
    assert answer.status_code == 303
    said = parse_qs(urlsplit(answer.headers["location"]).query)
    assert answer.headers["location"].startswith(f"{BACK}?")
    assert said["error"] == [error]
    assert said.get("state") == (None if changes.get("state") == "" else ["xyz"])


def test_a_parameter_given_twice_is_refused(flow: Flow) -> None:
    query = urlencode(flow.query()) + "&redirect_uri=https%3A%2F%2Fevil.example"
    answer = flow.http.get(f"/b2c/v1/authorize?{query}", follow_redirects=False)
    assert (answer.status_code, "location" in answer.headers) == (400, False)


def test_no_is_no(two: TwoPlatforms, flow: Flow) -> None:
    flow.sign_in()
    form = flow.form(flow.authorize().text) | {"decision": "refuse"}
    answer = flow.post("/authorize/decision", form)
    assert answer.headers["location"] == f"{BACK}?error=access_denied&state=xyz"
    assert not two.provider.find(Consent)


def test_a_form_of_another_page_does_nothing(two: TwoPlatforms, flow: Flow) -> None:
    flow.sign_in()
    form = flow.form(flow.authorize().text) | {"decision": "give"}
    assert flow.post("/authorize/decision", form | {"csrf": "0" * 64}).status_code == 403
    assert flow.post("/authorize/decision", form, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    other = flow.query() | {"state": "abc"}
    assert flow.post("/authorize/decision", form | {"request": urlencode(other)}).status_code == 403
    assert flow.sign_in(**{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    flow.http.cookies.clear()
    assert flow.post("/authorize/decision", form).status_code == 403
    assert not two.provider.find(Consent)


def test_only_customers_consent_and_only_for_their_own(two: TwoPlatforms, flow: Flow) -> None:
    wrong = flow.sign_in(password="wrong-password")
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
    flow.sign_in(PROVIDER)
    assert "Sign in" in flow.authorize().text
    flow.sign_in("flat")
    form = flow.form(flow.authorize().text) | {"decision": "give"}
    answer = flow.post("/authorize/decision", form | {"pod-0": "AT001"})
    assert (answer.status_code, "location" in answer.headers) == (422, False)
    assert "not yours" in answer.text
    none = flow.post("/authorize/decision", {k: v for k, v in form.items() if k != "pod-0"})
    assert none.status_code == 422
    assert not two.provider.find(Consent)


def test_clients_are_registered_by_providers_for_their_requesters(two: TwoPlatforms, flow: Flow) -> None:
    register = pc.RegisterConsentClient(peer_id=REQUESTER, name="App", redirect_uris=(BACK,))
    assert two.provider.codes("house", register) == [("not_permitted", "")]
    stranger = pc.RegisterConsentClient(peer_id=OTHER, name="App", redirect_uris=())
    assert two.provider.codes(PROVIDER, stranger) == [
        ("out_of_range", "redirect_uris"),
        ("unknown_party", "peer_id"),
    ]
    tokens = flow.token(flow.code()).json()
    two.provider.do(PROVIDER, pc.EndConsentClient(client_id=flow.client.id))
    assert flow.opens(tokens["access_token"]) == 401
    assert flow.authorize().status_code == 400
    again = pc.EndConsentClient(client_id=flow.client.id)
    assert two.provider.codes(PROVIDER, again) == [("not_found", "client_id")]
    assert flow.client.secret not in repr(two.provider.find(ConsentClient))


@pytest.mark.parametrize(
    ("uri", "fits"),
    [
        ("https://pool.example/back?x=1", True),
        ("http://127.0.0.1:8080/back", True),
        ("http://pool.example/back", False),
        ("https://pool.example/back#x", False),
        ("https://user@pool.example/", False),
        ("javascript:alert(1)", False),
        ("https://pool.example/\\x", False),
        ("https://pool.example/'; script-src *", False),
        ("https:///back", False),
        ("", False),
    ],
)
def test_addresses_of_clients(uri: str, fits: bool) -> None:
    assert (not redirect_findings(uri, "uri")) is fits


def linked(two: TwoPlatforms, folder: Path, token: str, pages_url: str = "https://grid.example:8005") -> Any:
    how = Serving(secret=b"s" * 48, data_dir=folder, plain_answers=True, pages_url=pages_url)
    app = asgi_of(two.provider.platform, how)
    with TestClient(app, base_url="http://elsewhere", raise_server_exceptions=False) as http:
        return http.get(f"/b2c/v1/asks/{token}", follow_redirects=False)


def test_a_link_leads_to_the_page_of_its_ask_and_tells_nothing(two: TwoPlatforms, tmp_path: Path) -> None:
    two.asked()
    consent = two.provider.only(Consent)
    (link,) = two.provider.do(PROVIDER, pc.MakeConsentLinks(consent_ids=(consent.id,)))
    answer = linked(two, tmp_path, link.token)
    leads_to = f"https://grid.example:8005/platform/consents?consent={consent.id}"
    assert (answer.status_code, answer.headers["location"], answer.content) == (303, leads_to, b"")
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    without = linked(two, tmp_path, link.token, pages_url="")
    assert (without.status_code, "Sign in" in without.text, "AT001" in without.text) == (200, True, False)
    (newer,) = two.provider.do(PROVIDER, pc.MakeConsentLinks(consent_ids=(consent.id,)))
    over = linked(two, tmp_path, link.token)
    assert (over.status_code, "location" in over.headers, consent.id in over.text) == (404, False, False)
    assert linked(two, tmp_path, newer.token).status_code == 303
    signed = {"Authorization": f"Bearer {newer.token}"}
    how = Serving(secret=b"s" * 48, data_dir=tmp_path, plain_answers=True)
    with TestClient(asgi_of(two.provider.platform, how), raise_server_exceptions=False) as http:
        assert http.get("/b2c/v1/consents", headers=signed).status_code == 401
        assert http.get("/b2c/v1/authorization", headers=signed).status_code == 401


def test_a_link_ends_by_itself(two: TwoPlatforms, flow: Flow) -> None:
    two.asked()
    consent = two.provider.only(Consent)
    (link,) = two.provider.do(PROVIDER, pc.MakeConsentLinks(consent_ids=(consent.id,)))
    seen = flow.http.get(f"/b2c/v1/asks/{link.token}")
    assert seen.status_code == 200
    assert flow.http.get(f"/b2c/v1/asks/{'x' * 43}").status_code == 404
    two.provider.wall.now += timedelta(days=14)
    assert flow.http.get(f"/b2c/v1/asks/{link.token}").status_code == 404
