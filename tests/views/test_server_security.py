"""The desks' server against the tricks that worked on other set-ups (no cookie, origins, replay, revocation)."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import sys
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bokeh.util.token import get_token_payload
from tornado.httpclient import HTTPClientError

from tests.views.conftest import RECHECK_EVERY_S
from views.gate import REFUSED, Owners, PageSpec, gated
from views.site import POLICY_VIOLATION

ACK = '"msgtype": "ACK"'


def run_apart(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run on a thread of its own: a browser test of the same run may have left a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


async def first_words(socket) -> str | None:
    """The first message's header (Bokeh sends header, metadata, content), or None when closed."""
    return await asyncio.wait_for(socket.read_message(), 5)


async def close_code(socket) -> int | None:
    while await asyncio.wait_for(socket.read_message(), 8) is not None:
        pass
    return socket.close_code


def http_status_of_upgrade(browser, path: str, token: str, **options) -> int:
    with pytest.raises(HTTPClientError) as refused:
        run_apart(browser.socket(path, token, **options))
    return refused.value.code


@pytest.fixture
def alice(desks):
    browser = desks.browser()
    assert browser.sign_in("alice").status_code == 302
    return browser


def test_page_without_cookie_leads_to_login(desks):
    answer = desks.browser().http.get("/dso?step=3")
    assert answer.status_code == 302
    assert answer.headers["location"] == "/login?next=%2Fdso%3Fstep%3D3"


def test_page_opens_its_own_socket(desks, alice):
    async def talk() -> str | None:
        socket = await alice.socket("/dso", token)
        words = await first_words(socket)
        socket.close()
        return words

    token = alice.page_token("/dso")
    assert ACK in (run_apart(talk()) or "")


def test_socket_without_cookie_is_refused(desks, alice):
    token = alice.page_token("/dso")
    assert http_status_of_upgrade(desks.browser(), "/dso", token) == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "null", None])
def test_socket_of_foreign_or_missing_origin_is_refused(alice, origin):
    assert http_status_of_upgrade(alice, "/dso", alice.page_token("/dso"), origin=origin) == 403


def test_forged_token_is_refused(alice):
    token = alice.page_token("/dso")
    body, signature = token.rsplit(".", 1)
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims["session_expiry"] += 1
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")

    async def talk() -> str | None:
        return await first_words(await alice.socket("/dso", f"{forged}.{signature}"))

    assert run_apart(talk()) is None


def test_page_token_does_not_open_another_page(alice):
    token = alice.page_token("/dso")

    async def talk() -> int | None:
        return await close_code(await alice.socket("/dso/needs", token))

    assert run_apart(talk()) == POLICY_VIOLATION


@pytest.mark.parametrize("path", ["/dso", "/esp"])
def test_stolen_page_token_is_worthless_with_another_role(desks, alice, path):
    token = alice.page_token("/dso")
    bob = desks.browser()
    bob.sign_in("bob")

    async def talk() -> int | None:
        return await close_code(await bob.socket(path, token))

    if path == "/dso":
        assert http_status_of_upgrade(bob, path, token) == 403
    else:
        assert run_apart(talk()) == POLICY_VIOLATION


def test_stolen_page_token_is_worthless_in_another_login_session(desks, alice):
    token = alice.page_token("/dso")
    carol = desks.browser()
    carol.sign_in("carol")

    async def talk() -> int | None:
        return await close_code(await carol.socket("/dso", token))

    assert run_apart(talk()) == POLICY_VIOLATION


@pytest.mark.parametrize("how", ["argument", "session", "header"])
def test_page_refuses_a_handed_over_token(alice, how):
    token = alice.page_token("/dso")
    params = {"argument": {"bokeh-token": token}, "session": {"bokeh-session-id": "x"}}.get(how, {})
    headers = {"Bokeh-Session-Id": "x"} if how == "header" else {}
    assert alice.http.get("/dso", params=params, headers=headers).status_code == 403


def test_wrong_role_gets_a_plain_403(desks, alice):
    before = desks.built.document_count
    answer = alice.http.get("/esp")
    assert answer.status_code == 403
    assert "Not for your role" in answer.text
    assert desks.built.document_count == before


def test_factory_itself_refuses_when_nobody_is_signed_in():
    calls = []
    spec = PageSpec(path="/x", title="x", roles=frozenset({"dso"}), factory=calls.append)
    assert gated(spec, Owners())().object == REFUSED
    assert calls == []


@pytest.mark.parametrize("change", ["role", "expiry", "logout"])
def test_live_socket_closes_when_sign_in_ends(desks, change):
    browser = desks.browser()
    browser.sign_in("carol")
    token = browser.page_token("/dso")

    async def talk() -> int | None:
        socket = await browser.socket("/dso", token)
        assert ACK in (await first_words(socket) or "")
        if change == "role":
            desks.sessions.change_role("carol", "esp")
            desks.built.recheck()
        elif change == "expiry":
            desks.sessions.open = {k: p for k, p in desks.sessions.open.items() if p.account != "carol"}
            desks.built.recheck()
        else:
            answer = await asyncio.to_thread(browser.sign_out)
            assert answer.headers["location"] == "/login"
        return await close_code(socket)

    assert run_apart(talk()) == POLICY_VIOLATION
    assert browser.http.get("/dso").status_code == (403 if change == "role" else 302)


def test_document_is_freed_after_closing(desks, alice):
    assert desks.wait_until(lambda: desks.built.document_count == 0)
    token = alice.page_token("/dso")

    async def talk() -> None:
        socket = await alice.socket("/dso", token)
        await first_words(socket)
        assert desks.built.document_count == 1
        socket.close()

    run_apart(talk())
    assert desks.wait_until(lambda: desks.built.document_count == 0)
    assert len(desks.built.site.owners) == 0
    assert len(desks.built.site.sockets) == 0


def test_sign_in_cookie_is_http_only_and_lax(desks):
    answer = desks.browser().sign_in("alice")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("flexdesk_session="))
    assert "httponly" in cookie.lower()
    assert "samesite=lax" in cookie.lower()
    assert "max-age=" in cookie.lower()


@pytest.mark.parametrize("path", ["/login", "/logout"])
def test_forms_need_their_xsrf_token(desks, alice, path):
    answer = alice.http.post(path, data={"account": "alice", "password": "ecila"})
    assert answer.status_code == 403
    assert alice.http.get("/dso").status_code == 200


def test_sign_out_is_no_link(alice):
    assert alice.http.get("/logout").status_code == 405
    assert alice.http.get("/dso").status_code == 200


def test_altered_cookie_is_nobody(desks, alice):
    cookie = alice.http.cookies["flexdesk_session"]
    other = desks.browser()
    other.http.cookies.set("flexdesk_session", cookie[:-1] + ("0" if cookie[-1] != "0" else "1"))
    assert other.http.get("/dso").status_code == 302


def test_refused_sign_in_says_why_and_escapes(desks):
    answer = desks.browser().sign_in('"><script>alert(1)</script>')
    assert answer.status_code == 401
    assert "Account or password is wrong." in answer.text
    assert "<script>alert" not in answer.text


def test_throttled_sign_in_says_when_to_return(desks):
    answer = desks.browser().sign_in("throttled")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/dso/needs?day=1", "/dso/needs?day=1"),
        ("https://evil.example/dso", "/"),
        ("//evil.example/dso", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/assets/js/login.js", "/"),
    ],
)
def test_login_leads_only_to_our_pages(desks, target, leads_to):
    assert desks.browser().sign_in("alice", next=target).headers["location"] == leads_to


def test_home_leads_to_the_desk_of_the_role(desks, alice):
    assert alice.http.get("/").headers["location"] == "/dso"
    assert desks.browser().http.get("/").headers["location"] == "/login"
    dora = desks.browser()
    dora.sign_in("dora")
    assert dora.http.get("/").status_code == 403


def test_page_token_carries_neither_cookies_nor_headers(alice):
    claims = get_token_payload(alice.page_token("/dso"))
    assert claims["cookies"] == claims["headers"] == {}
    assert alice.http.cookies["flexdesk_session"] not in alice.http.get("/dso").text


def test_sign_ins_are_watched_while_pages_are_open(desks):
    assert desks.built._watches[0].is_running()
    assert desks.built._watches[0].callback_time == RECHECK_EVERY_S * 1000
    assert desks.built._watches[0].callback == desks.built.site.recheck


def test_component_resources_import_no_module_of_the_asker_s_choice(desks):
    assert "this" not in sys.modules
    assert desks.browser().http.get("/components/this/x/__css__/y").status_code == 404
    assert "this" not in sys.modules


def test_every_answer_has_strict_headers(alice):
    for path in ("/dso", "/esp", "/login", "/nothing", "/static/js/bokeh.min.js", "/assets/css/tokens.css"):
        headers = alice.http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY", path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert "server" not in headers, path
        if not path.startswith(("/static", "/assets")):
            assert headers["cache-control"] == "no-store", path


def test_page_scripts_run_by_nonce_only(alice):
    answer = alice.http.get("/dso")
    scripts = re.search(r"script-src ([^;]*)", answer.headers["content-security-policy"]).group(1)
    assert "'unsafe-inline'" not in scripts
    nonce = re.search(r"'nonce-([^']+)'", scripts).group(1)
    tags = re.findall(r"<script[^>]*>", answer.text)
    assert tags
    assert all(f'nonce="{nonce}"' in tag for tag in tags)
    assert nonce not in alice.http.get("/dso").text


@pytest.mark.parametrize(
    "path",
    [
        "/dso/autoload.js?bokeh-autoload-element=x",
        "/dso/metadata",
        "/liveness",
        "/rest/session_info",
        "/assets/css/../../pyproject.toml",
        "/assets/pages/login.html",
    ],
)
def test_side_doors_are_shut(desks, path):
    assert desks.browser().http.get(path).status_code in (403, 404)
