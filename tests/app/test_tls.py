"""Both listeners over TLS and behind a proxy: real server processes on loopback, and starts that are refused."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import trustme
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

import launch
from app.cli.exits import Exit
from app.cli.opened import opened
from app.settings import PREFIX, Settings, SettingsError, load
from domain.commands import MarkNotificationsRead
from domain.ids import PartyId
from domain.parties import SYSTEM, Party, Role

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "battery horse"


@pytest.fixture(autouse=True)
def bare_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FLEXDESK_DATA_DIR", str(tmp_path / "data"))


@dataclass(frozen=True)
class Pair:
    """A certificate for 127.0.0.1 with its key, and what trusts it."""

    cert: Path
    key: Path
    trusting: ssl.SSLContext

    @property
    def settings(self) -> dict[str, str]:
        return {"FLEXDESK_TLS_CERT": str(self.cert), "FLEXDESK_TLS_KEY": str(self.key)}


def pair_in(folder: Path) -> Pair:
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    made = Pair(folder / "cert.pem", folder / "key.pem", ssl.create_default_context())
    issued.private_key_pem.write_to_path(str(made.key))
    for blob in issued.cert_chain_pems:
        blob.write_to_path(str(made.cert), append=True)
    authority.configure_trust(made.trusting)
    return made


@dataclass(frozen=True)
class Served:
    desks: str
    rest: str
    log: Path


@contextmanager
def serving(data_dir: Path, **settings: str) -> Iterator[Served]:
    """`launch.py serve` with one account, `alice` of a DSO; it must stop cleanly, with no fault logged."""
    with opened(Settings(data_dir=data_dir)) as app:
        with app.store.write(SYSTEM, MarkNotificationsRead()) as uow:
            uow.add(Party(id=PartyId("dso1"), name="Valley Grid", role=Role.DSO))
        app.auth.create_account("alice", PASSWORD, PartyId("dso1"), Role.DSO)
    env = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    ports = {"FLEXDESK_DESKS_PORT": "0", "FLEXDESK_API_PORT": "0"}
    log = data_dir / "serve.log"
    process = subprocess.Popen(
        [sys.executable, "launch.py", "serve"],
        cwd=ROOT,
        env={**env, "FLEXDESK_DATA_DIR": str(data_dir), **ports, **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log.open("w"),
        text=True,
    )
    try:
        assert process.stdout is not None
        said = "".join(process.stdout.readline() for _ in range(2))
        desks, rest = re.findall(r"https?://127\.0\.0\.1:\d+", said) or pytest.fail(log.read_text())
        yield Served(desks, rest, log)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == Exit.DONE
        assert "Traceback" not in log.read_text()
    finally:
        process.kill()
        process.communicate(timeout=10)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return pair_in(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def by_tls(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data_dir = tmp_path_factory.mktemp("tls-server") / "data"
    with serving(data_dir, **pair.settings, FLEXDESK_ORIGINS="desk.example, 127.0.0.1:7777") as served:
        yield served


@pytest.fixture(scope="module")
def behind_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data_dir = tmp_path_factory.mktemp("proxied-server") / "data"
    with serving(data_dir, FLEXDESK_PROXY="127.0.0.0/8", FLEXDESK_ORIGINS="desk.example") as served:
        yield served


@pytest.fixture
def person(by_tls: Served, pair: Pair) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=by_tls.desks, verify=pair.trusting) as client:
        yield client


def sign_in(person: httpx.Client, account: str = "alice", **headers: str) -> httpx.Response:
    xsrf = re.search(r'name="_xsrf" value="([^"]+)"', person.get("/login").text)
    assert xsrf
    form = {"account": account, "password": PASSWORD, "_xsrf": xsrf.group(1)}
    # A browser sends Secure cookies by TLS alone; here the proxy's part is played over plain HTTP.
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.cookies.jar)
    return person.post("/login", data=form, headers={"Cookie": cookies, **headers})


def cookies_of(answer: httpx.Response) -> dict[str, str]:
    return {line.split("=")[0]: line.lower() for line in answer.headers.get_list("set-cookie")}


# -- TLS ------------------------------------------------------------------------------------------------------


def test_both_listeners_answer_by_tls_and_say_so(by_tls: Served, pair: Pair) -> None:
    assert by_tls.desks.startswith("https://")
    assert by_tls.rest.startswith("https://")
    health = httpx.get(f"{by_tls.rest}/api/v1/health", verify=pair.trusting)
    assert health.json()["status"] == "ok"
    for answer in (
        health,
        httpx.get(f"{by_tls.rest}/nothing", verify=pair.trusting),
        httpx.get(f"{by_tls.desks}/login", verify=pair.trusting),
        httpx.get(f"{by_tls.desks}/assets/css/tokens.css", verify=pair.trusting),
    ):
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_plain_http_is_refused(by_tls: Served, pair: Pair) -> None:
    for address in (by_tls.desks, by_tls.rest):
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http{address.removeprefix('https')}/login")
        assert httpx.get(f"{address}/login", verify=pair.trusting).status_code in (200, 404)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_older_tls_is_refused(by_tls: Served, pair: Pair) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1
    for newest, there in ((ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True)):
        old.maximum_version = newest
        for address in (by_tls.desks, by_tls.rest):
            if there:
                httpx.get(address, verify=old)
                continue
            with pytest.raises(httpx.ConnectError):
                httpx.get(address, verify=old)


def test_every_cookie_is_for_tls_alone(person: httpx.Client) -> None:
    assert "secure" in cookies_of(person.get("/login"))["_xsrf"]
    answer = sign_in(person)
    assert answer.status_code == 302
    cookie = cookies_of(answer)["flexdesk_session"]
    assert all(flag in cookie for flag in ("; secure", "; httponly", "; samesite=lax"))


@pytest.mark.parametrize(
    ("origin", "opens"),
    [
        ("https://desk.example", True),
        ("https://DESK.example:443", True),
        ("https://127.0.0.1:7777", True),
        ("own", True),
        ("own without TLS", False),
        ("http://desk.example", False),
        ("https://desk.example:80", False),
        ("https://desk.example.evil.example", False),
        ("https://[", False),
    ],
)
def test_a_desk_s_websocket_opens_from_its_own_origin_by_tls(
    person: httpx.Client, pair: Pair, origin: str, opens: bool
) -> None:
    if "flexdesk_session" not in person.cookies:
        sign_in(person)
    own = str(person.base_url).rstrip("/")
    origin = {"own": own, "own without TLS": own.replace("https", "http")}.get(origin, origin)
    token = re.search(r'"token":"([^"]+)"', person.get("/notifications").text)
    assert token

    async def first_words() -> str | bytes | None:
        cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
        address = f"wss{own.removeprefix('https')}/notifications/ws"
        headers = {"Cookie": cookies, "Origin": origin}
        request = HTTPRequest(address, headers=headers, ssl_options=pair.trusting)
        socket = await websocket_connect(request, subprotocols=["bokeh", token.group(1)])
        words = await asyncio.wait_for(socket.read_message(), 10)
        socket.close()
        return words

    with ThreadPoolExecutor(1) as apart:
        talk = apart.submit(asyncio.run, first_words())
        if opens:
            assert '"msgtype": "ACK"' in str(talk.result())
            return
        with pytest.raises(HTTPClientError) as refused:
            talk.result()
    assert refused.value.code == 403


def test_forwarding_headers_are_not_believed_without_a_proxy(
    by_tls: Served, person: httpx.Client, pair: Pair
) -> None:
    forged = {"X-Forwarded-For": "10.0.0.1", "X-Real-Ip": "10.0.0.1", "Forwarded": "for=10.0.0.1"}
    wrong = {"account": "by-rest", "password": "wrong horse"}
    httpx.post(f"{by_tls.rest}/api/v1/token", json=wrong, headers=forged, verify=pair.trusting)
    sign_in(person, "at-the-desks", **forged)
    for account in ("by-rest", "at-the-desks"):
        assert f"sign-in of '{account}' from 127.0.0.1 refused" in by_tls.log.read_text()


# -- behind a proxy -------------------------------------------------------------------------------------------


def test_behind_a_proxy_attempts_are_of_whom_it_names(behind_proxy: Served) -> None:
    wrong = {"account": "by-rest", "password": "wrong horse"}
    chain = {"X-Forwarded-For": "10.9.9.9, 10.0.0.1, 127.0.0.9"}
    httpx.post(f"{behind_proxy.rest}/api/v1/token", json=wrong, headers=chain)
    with httpx.Client(base_url=behind_proxy.desks) as desks:
        sign_in(desks, "at-the-desks", **chain)
        assert sign_in(desks, "alice", **chain).status_code == 302
    for account in ("by-rest", "at-the-desks"):
        assert f"sign-in of '{account}' from 10.0.0.1 refused" in behind_proxy.log.read_text()


def test_behind_a_proxy_cookies_and_hsts_are_as_with_tls(behind_proxy: Served) -> None:
    assert behind_proxy.desks.startswith("http://")
    answer = httpx.get(f"{behind_proxy.desks}/login")
    assert "; secure" in cookies_of(answer)["_xsrf"]
    for headers in (answer.headers, httpx.get(f"{behind_proxy.rest}/api/v1/health").headers):
        assert "strict-transport-security" in headers


# -- refused starts -------------------------------------------------------------------------------------------


def refused_start(capsys: pytest.CaptureFixture[str]) -> str:
    assert launch.main(["serve"]) == Exit.SETTINGS
    return capsys.readouterr().err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7"])
def test_outside_loopback_it_starts_with_neither_nor(
    host: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FLEXDESK_HOST", host)
    monkeypatch.setenv("FLEXDESK_SECURE_COOKIES", "true")
    said = refused_start(capsys)
    assert "FLEXDESK_TLS_CERT" in said
    assert "FLEXDESK_PROXY" in said
    assert not load().data_dir.joinpath("flexdesk.db").exists()


def test_outside_loopback_a_proxy_or_a_certificate_is_enough(pair: Pair) -> None:
    from app.cli.edge import guarded_edge

    assert guarded_edge(Settings(host="0.0.0.0", proxy=("10.0.0.1",))) is None
    tls = guarded_edge(Settings(host="0.0.0.0", tls_cert=str(pair.cert), tls_key=str(pair.key)))
    assert tls is not None
    assert tls.minimum_version is ssl.TLSVersion.TLSv1_2


def locked_key(pair: Pair, folder: Path) -> Path:
    from cryptography.hazmat.primitives import serialization as s

    key = s.load_pem_private_key(pair.key.read_bytes(), None)
    path = folder / "locked.pem"
    path.write_bytes(
        key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.BestAvailableEncryption(b"secret"))
    )
    return path


@pytest.mark.parametrize("spoilt", ["missing", "folder", "no PEM", "other key", "locked key", "half"])
def test_files_that_do_not_do_are_told_in_a_sentence(
    spoilt: str,
    pair: Pair,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    no_pem = tmp_path / "no.pem"
    no_pem.write_text("nothing")
    cert, key, words = {
        "missing": (tmp_path / "none.pem", pair.key, "none.pem cannot be read: No such file"),
        "folder": (pair.cert, tmp_path, "cannot be read"),
        "no PEM": (no_pem, pair.key, "not a certificate and its key"),
        "other key": (pair.cert, pair_in(tmp_path / "other").key, "does not belong to the certificate"),
        "locked key": (pair.cert, locked_key(pair, tmp_path), "locked by a pass phrase"),
        "half": (pair.cert, "", "give both or none"),
    }[spoilt]
    monkeypatch.setenv("FLEXDESK_TLS_CERT", str(cert))
    monkeypatch.setenv("FLEXDESK_TLS_KEY", str(key))
    assert words in refused_start(capsys)


def test_a_key_that_everybody_can_read_is_told(pair: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    from app.cli.edge import tls_context

    for mode, told in ((0o640, False), (0o644, True)):
        pair.key.chmod(mode)
        tls_context(str(pair.cert), str(pair.key))
        assert ("Run: chmod 640" in capsys.readouterr().err) is told


@pytest.mark.parametrize("value", ["proxy.example", "0.0.0.0/0", "10.0.0.1/8", "*"])
def test_a_proxy_is_named_by_its_addresses(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEXDESK_PROXY", value)
    with pytest.raises(SettingsError, match="FLEXDESK_PROXY"):
        load()
