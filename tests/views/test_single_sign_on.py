"""Single sign-on against a provider that runs here: what signs in, and everything that must not."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from openid import CLIENT, SECRET, Claims, OpenIdProvider, new_key, providing
from serving import on_a_thread

from app import bootstrap
from app.free_ports import free_port
from app.oidc import SingleSignOn, configured, provider, service
from app.settings import Settings
from domain.commands import MarkNotificationsRead, ReinstateParty, SuspendParty
from domain.ids import PartyId
from domain.parties import SYSTEM, Party, Principal, Role
from views.app import build_desks

ADA = {"sub": "ada", "groups": ["staff", "grid"], "market": {"party": "dso1"}}
FMO = Principal(account="fmo", party_id=PartyId("fmo"), role=Role.FMO)


@dataclass
class Desks:
    """The product's desks with the provider beside them."""

    url: str
    app: bootstrap.App
    provider: OpenIdProvider
    single_sign_on: SingleSignOn

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.url) as client:
            yield client

    def comes_back(self, browser: httpx.Client, wish: str = "/notifications") -> str:
        """Goes to the provider and to the brink of coming back: the address that the provider sends it to."""
        there = browser.get("/login/sso", params={"next": wish})
        assert there.status_code == 302, there.text
        back = httpx.get(there.headers["location"])
        assert back.status_code == 302, back.text
        return back.headers["location"]

    def sign_in(self, browser: httpx.Client, wish: str = "/notifications") -> httpx.Response:
        return browser.get(self.comes_back(browser, wish))

    @property
    def people(self) -> list[tuple[str, Principal | None]]:
        """The accounts that came by single sign-on, found by those subjects that the tests use."""
        subjects = self.app.joining._subjects
        seats = [subjects.seat(self.provider.issuer, name) for name in ("ada", "bob", "eve")]
        return [(seat.account, seat.principal) for seat in seats if seat]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    port = free_port()
    with providing() as opened:
        settings = Settings(
            data_dir=tmp_path_factory.mktemp("sso"),
            desks_port=port,
            oidc_issuer=opened.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
            oidc_role_claim="groups",
            oidc_roles=("grid=dso", "sellers=esp", "office=fmo"),
            oidc_party_claim="market.party",
        )
        app = bootstrap.build(settings)
        with app.store.write(SYSTEM, MarkNotificationsRead()) as uow:
            for name, role in (("dso1", Role.DSO), ("dso2", Role.DSO), ("esp1", Role.ESP), ("fmo", Role.FMO)):
                uow.add(Party(id=PartyId(name), name=name.upper(), role=role))
        app.auth.create_account("fmo", "battery horse", PartyId("fmo"), Role.FMO)
        config = configured(settings)
        assert config is not None

        single_sign_on = SingleSignOn(config, app.joining, bootstrap.utc_now)
        with on_a_thread(lambda: build_desks(app, settings, provider=single_sign_on)):
            yield Desks(f"http://127.0.0.1:{port}", app, opened, single_sign_on)
        app.close()


@pytest.fixture
def desks(running: Desks) -> Desks:
    """The provider behaves, and Ada is at it. One test's sign-ins are not counted against the next."""
    fresh = OpenIdProvider(running.provider.issuer)
    for name in ("twist", "sign", "pause_s"):
        setattr(running.provider, name, getattr(fresh, name))
    running.provider.person = dict(ADA)
    running.provider.asked.clear()
    running.single_sign_on._begun.forgive("127.0.0.1", all_of_them=True)
    return running


def refused(answer: httpx.Response, words: str) -> None:
    assert answer.status_code == 403, answer.text
    assert words in answer.text
    assert "flexdesk_session" not in answer.headers.get("set-cookie", "")
    assert 'href="/login"' in answer.text


# -- what signs in --------------------------------------------------------------------------------------------


def test_the_sign_in_page_leads_to_the_provider(desks: Desks) -> None:
    with desks.browser() as browser:
        page = browser.get("/login", params={"next": "/dso?day=1&step=2"})
        assert f"Sign in with {urlsplit(desks.provider.issuer).netloc}" in page.text
        assert 'href="/login/sso?next=/dso%3Fday%3D1%26step%3D2"' in page.text
        there = urlsplit(browser.get("/login/sso").headers["location"])
        cookie = browser.get("/login/sso").headers["set-cookie"].lower()
    asked = {name: values[0] for name, values in parse_qs(there.query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{desks.url}/login/sso/callback"
    assert len(asked["state"]) >= 43
    assert len(asked["nonce"]) >= 43
    assert all(flag in cookie for flag in ("flexdesk_sso=", "; httponly", "; samesite=lax", "; path=/login/sso"))
    assert asked["state"] not in cookie


def test_a_person_signs_in_and_keeps_its_account(desks: Desks) -> None:
    for _ in range(2):
        with desks.browser() as browser:
            answer = desks.sign_in(browser, "/notifications?x=1")
            assert (answer.status_code, answer.headers["location"]) == (302, "/notifications?x=1")
            assert browser.get("/notifications").status_code == 200
            assert "flexdesk_sso" not in browser.cookies
            xsrf = browser.cookies["_xsrf"]
            assert browser.post("/logout", data={"_xsrf": xsrf}).headers["location"] == "/login"
            assert browser.get("/notifications").status_code == 302
    ((account, who),) = [(a, p) for a, p in desks.people if p and p.party_id == "dso1"]
    assert account.startswith("dso1-")
    assert who is not None
    assert who.role is Role.DSO
    with desks.app.store.snapshot() as connection:
        rows = connection.exec_driver_sql(
            "SELECT body FROM audit WHERE command = 'JoinBySingleSignOn' AND body LIKE '%ada%'"
        ).all()
    assert len(rows) == 1
    assert "argon2" not in rows[0][0]


def test_nobody_signs_in_to_that_account_by_password(desks: Desks) -> None:
    with desks.browser() as browser:
        desks.sign_in(browser)
        xsrf = browser.get("/apply").text.split('name="_xsrf" value="')[1].split('"')[0]
        browser.cookies.delete("flexdesk_session")
        form = {"account": desks.people[0][0], "password": "", "_xsrf": xsrf}
        assert browser.post("/login", data=form).status_code == 401


def test_the_wish_is_one_of_our_pages(desks: Desks) -> None:
    with desks.browser() as browser:
        assert desks.sign_in(browser, "https://evil.example/").headers["location"] == "/"


def test_description_and_keys_are_asked_once(desks: Desks) -> None:
    for _ in range(3):
        with desks.browser() as browser:
            desks.sign_in(browser)
    assert desks.provider.asked["token"] == 3
    assert desks.provider.asked["description"] + desks.provider.asked["keys"] <= 2


def test_new_keys_of_the_provider_are_found(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    with desks.browser() as browser:
        desks.sign_in(browser)
    desks.provider.keys = [new_key("second"), *desks.provider.keys]
    with desks.browser() as browser:
        refused(desks.sign_in(browser), "could not be verified")  # asked a moment ago
        monkeypatch.setattr(provider, "ASK_AGAIN_AFTER_S", 0.0)
        assert desks.sign_in(browser).status_code == 302


def test_a_slow_provider_stops_nobody_else(desks: Desks) -> None:
    desks.provider.pause_s = 1.0
    with desks.browser() as browser, ThreadPoolExecutor(1) as apart:
        signing_in = apart.submit(desks.sign_in, browser)
        while not desks.provider.asked["token"]:
            time.sleep(0.01)
        assert httpx.get(f"{desks.url}/login").status_code == 200
        assert not signing_in.done()
        assert signing_in.result().status_code == 302


# -- tokens that are not what they should be ------------------------------------------------------------------


def part(value: bytes | Claims) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(claims: Claims) -> str:
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


def by_secret(secret: bytes) -> Callable[[Claims], str]:
    """By hand: the library does not sign with what looks like a public key."""

    def sign(claims: Claims) -> str:
        said = f"{part({'alg': 'HS256', 'kid': 'first'})}.{part(claims)}"
        return f"{said}.{part(hmac.digest(secret, said.encode(), 'sha256'))}"

    return sign


def by_stranger(kid: str) -> Callable[[Claims], str]:
    return lambda claims: jwt.encode({"alg": "ES256", "kid": kid}, claims, new_key(kid))


NOW = int(time.time())
TWISTS: dict[str, Callable[[Claims], Claims]] = {
    "wrong nonce": lambda c: c | {"nonce": "another"},
    "no nonce": lambda c: {k: v for k, v in c.items() if k != "nonce"},
    "wrong audience": lambda c: c | {"aud": "somebody-else"},
    "wrong audience, asked by us": lambda c: c | {"aud": "somebody-else", "azp": CLIENT},
    "no audience": lambda c: {k: v for k, v in c.items() if k != "aud"},
    "many audiences, for another": lambda c: c | {"aud": [CLIENT, "else"], "azp": "else"},
    "wrong issuer": lambda c: c | {"iss": "https://evil.example"},
    "expired": lambda c: c | {"iat": NOW - 7200, "exp": NOW - 3600},
    "no expiry": lambda c: {k: v for k, v in c.items() if k != "exp"},
    "of the future": lambda c: c | {"iat": NOW + 7200, "exp": NOW + 10800},
    "expiry is text": lambda c: c | {"exp": "never"},
}


@pytest.mark.parametrize("name", TWISTS)
def test_a_token_with_wrong_claims_signs_nobody_in(desks: Desks, name: str) -> None:
    desks.provider.person["sub"] = "eve"
    desks.provider.twist = TWISTS[name]
    before = len(desks.people)
    with desks.browser() as browser:
        refused(desks.sign_in(browser), "could not be verified")
    assert len(desks.people) == before


@pytest.mark.parametrize("how", ["none", "client secret", "public key", "same kid", "unknown kid", "no JWT"])
def test_a_token_of_another_signature_signs_nobody_in(desks: Desks, how: str) -> None:
    desks.provider.person["sub"] = "eve"
    desks.provider.sign = {
        "none": unsigned,
        "client secret": by_secret(SECRET.encode()),
        "public key": by_secret(desks.provider.keys[0].as_pem(private=False)),
        "same kid": by_stranger(str(desks.provider.keys[0].kid)),
        "unknown kid": by_stranger("stranger"),
        "no JWT": lambda claims: "nothing",
    }[how]
    before = len(desks.people)
    with desks.browser() as browser:
        refused(desks.sign_in(browser), "could not be verified")
    assert len(desks.people) == before


# -- answers that do not belong to this browser or this moment ------------------------------------------------


def test_an_answer_serves_once(desks: Desks) -> None:
    with desks.browser() as browser:
        address = desks.comes_back(browser)
        cookie = browser.cookies["flexdesk_sso"]
        assert browser.get(address).status_code == 302
        browser.cookies.delete("flexdesk_session")
        browser.cookies.set("flexdesk_sso", cookie)
        refused(browser.get(address), "This sign-in is over")
    assert desks.provider.asked["token"] == 1


def test_an_answer_is_worthless_in_another_browser(desks: Desks) -> None:
    with desks.browser() as eve, desks.browser() as ada:
        address = desks.comes_back(eve)
        refused(ada.get(address), "This sign-in is over")
        desks.comes_back(ada)
        refused(ada.get(desks.comes_back(eve)), "This sign-in is over")
    assert desks.provider.asked["token"] == 0


def test_an_answer_that_comes_too_late(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.oidc import pending

    monkeypatch.setattr(pending, "LASTS", -pending.LASTS)
    with desks.browser() as browser:
        refused(desks.sign_in(browser), "This sign-in is over")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"state": "invented"}, "This sign-in is over"),
        ({"code": ""}, "did not sign you in"),
        ({"code": "x" * 5000}, "did not sign you in"),
        ({"code": "invented"}, "could not be asked"),
        ({"error": "access_denied", "error_description": "<script>"}, "did not sign you in"),
        ({"iss": "https://evil.example"}, "did not sign you in"),
    ],
)
def test_an_answer_that_was_changed(desks: Desks, changed: dict[str, str], words: str) -> None:
    with desks.browser() as browser:
        address = urlsplit(desks.comes_back(browser))
        query = {name: values[0] for name, values in parse_qs(address.query).items()} | changed
        answer = browser.get(address.path, params=query)
        refused(answer, words)
        assert "<script>" not in answer.text.replace('<script src="/assets', "")


def test_neither_codes_nor_tokens_nor_secrets_are_logged(desks: Desks, caplog: pytest.LogCaptureFixture) -> None:
    desks.provider.twist = TWISTS["wrong nonce"]
    with desks.browser() as browser, caplog.at_level("DEBUG"):
        address = desks.comes_back(browser)
        caplog.clear()
        refused(browser.get(address), "could not be verified")
        again = desks.comes_back(browser)
        cookie = browser.cookies["flexdesk_sso"]
        desks.provider.codes.clear()
        refused(browser.get(again), "could not be asked")
    logged = [
        r.getMessage() for r in caplog.records if r.name.split(".")[0] not in ("httpx", "httpcore", "asyncio")
    ]
    assert any("refused" in line for line in logged)
    codes = [parse_qs(urlsplit(back).query)["code"][0] for back in (address, again)]
    for value in [*codes, cookie, SECRET]:
        assert not [line for line in logged if value in line]


# -- people that do not take part -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ({"groups": ["staff"]}, "gives you no role"),
        ({"groups": None}, "gives you no role"),
        ({"groups": {"grid": True}}, "gives you no role"),
        ({"groups": "sellers"}, "does not take part here in your role"),
        ({"market": {}}, "names no participant"),
        ({"market": {"party": ["dso1", "dso2"]}}, "names no participant"),
        ({"market": {"party": "nobody"}}, "does not take part here in your role"),
        ({"market": {"party": "fmo"}}, "does not take part here in your role"),
        ({"sub": ""}, "does not say who you are"),
        ({"sub": 7}, "could not be verified"),
        ({"sub": "x" * 256}, "does not say who you are"),
    ],
)
def test_who_has_no_part_gets_no_account(desks: Desks, person: Claims, words: str) -> None:
    desks.provider.person = ADA | {"sub": "eve"} | person
    before = desks.people
    with desks.browser() as browser:
        refused(desks.sign_in(browser), words)
    assert desks.people == before


def test_an_account_stays_with_its_participant(desks: Desks) -> None:
    with desks.browser() as browser:
        assert desks.sign_in(browser).status_code == 302
    desks.provider.person["market"] = {"party": "dso2"}
    with desks.browser() as browser:
        refused(desks.sign_in(browser), "of another participant or role")


def test_suspension_bites_at_once_and_ends_with_the_reinstatement(desks: Desks) -> None:
    desks.provider.person |= {"sub": "bob", "groups": "sellers", "market": {"party": "esp1"}}
    with desks.browser() as browser:
        assert desks.sign_in(browser).status_code == 302
        assert browser.get("/notifications").status_code == 200
        desks.app.desk.execute(FMO, SuspendParty(party_id=PartyId("esp1"), reason="Did not pay."))
        assert browser.get("/notifications").status_code == 302
        refused(desks.sign_in(browser), "or is suspended")
        desks.app.desk.execute(FMO, ReinstateParty(party_id=PartyId("esp1")))
        assert desks.sign_in(browser).status_code == 302
        (account,) = [name for name, _ in desks.people if name.startswith("esp1-")]
        desks.app.auth.set_active(account, False)
        assert browser.get("/notifications").status_code == 302
        refused(desks.sign_in(browser), "Your account here is suspended")


# -- the provider is away -------------------------------------------------------------------------------------


def test_without_its_provider_nobody_is_sent_away(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path,
        oidc_issuer=f"http://127.0.0.1:{free_port()}",
        oidc_client_id=CLIENT,
        oidc_roles=("grid=dso",),
    )
    app = bootstrap.build(settings)
    config = configured(settings)
    assert config is not None
    port = free_port()
    settings = settings.model_copy(update={"desks_port": port})
    single_sign_on = SingleSignOn(config, app.joining, bootstrap.utc_now)
    with (
        on_a_thread(lambda: build_desks(app, settings, provider=single_sign_on)),
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as browser,
    ):
        refused(browser.get("/login/sso"), "could not be asked who you are")
        for _ in range(service.PER_ADDRESS.attempts):
            answer = browser.get("/login/sso")
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
    app.close()
