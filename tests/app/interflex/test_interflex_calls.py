"""What the client tries again, how long it waits, and whom it trusts."""

from __future__ import annotations

import pickle
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from app.clients import interflex
from app.clients.interflex import Finding, InterFlexError, _calls

HERE = ("market.example", "8006")


def _list() -> Any:
    return interflex.flexibilityOffer.get_all_offers(*HERE, "t")


def _post() -> Any:
    return interflex.flexibilityOffer.post_offer(*HERE, "agg1", "t", {})  # type: ignore[typeddict-item]


def _sign_in() -> Any:
    return interflex.authentication.authenticate(*HERE, "u", "s", "c", "cs")


def _delete() -> Any:
    return interflex.flexibilityOffer.delete_offer(*HERE, "agg1", "t", "O1")


class Script(httpx.BaseTransport):
    """Answers in turn; an exception is raised instead. `calls` counts."""

    def __init__(self, *answers: int | httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.calls = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.answers[self.calls]
        self.calls += 1
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer, json=[]) if isinstance(answer, int) else answer


NO_CONNECTION = [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow")]
LOST = [
    httpx.ReadError("reset"),
    httpx.ReadTimeout("slow"),
    httpx.RemoteProtocolError("gone"),
    httpx.WriteError("no"),
]


def _outcome(call: Callable[[], Any], script: Script) -> Any:
    """What a call gives, or its error."""
    with interflex.options(transport=script, pause_s=0):
        try:
            return call()
        except InterFlexError as error:
            return error


@pytest.mark.parametrize("error", [*NO_CONNECTION, *LOST])
@pytest.mark.parametrize("call", [_list, _delete])
def test_reading_and_deleting_are_tried_three_times(call: Callable[[], Any], error: Exception) -> None:
    good = httpx.Response(200, json=[] if call is _list else {})
    script = Script(error, error, good)
    assert not isinstance(_outcome(call, script), InterFlexError)
    assert script.calls == 3
    script = Script(error, error, error, good)
    assert isinstance(_outcome(call, script), InterFlexError)
    assert script.calls == 3


@pytest.mark.parametrize("call", [_post, _sign_in])
@pytest.mark.parametrize("error", NO_CONNECTION)
def test_a_post_is_tried_again_while_there_is_no_connection(call: Callable[[], Any], error: Exception) -> None:
    script = Script(error, error, error)
    outcome = _outcome(call, script)
    assert (outcome.status, outcome.code) == (None, "unreachable")
    assert script.calls == 3


@pytest.mark.parametrize("call", [_post, _sign_in])
@pytest.mark.parametrize("error", LOST)
def test_a_post_that_may_have_arrived_is_not_repeated(call: Callable[[], Any], error: Exception) -> None:
    script = Script(error)
    outcome = _outcome(call, script)
    assert outcome.code == ("timeout" if isinstance(error, httpx.ReadTimeout) else "broken_off")
    assert "Whether the server did it is not known." in outcome.sentence
    assert script.calls == 1


def test_connection_first_then_lost_is_not_repeated_either() -> None:
    script = Script(httpx.ConnectError("refused"), httpx.ReadError("reset"))
    assert _outcome(_post, script).code == "broken_off"
    assert script.calls == 2


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again_for_what_may_be_repeated(status: int) -> None:
    script = Script(status, status, 200)
    assert _outcome(_list, script) == []
    script = Script(status, status, status)
    assert _outcome(_list, script).status == status
    assert script.calls == 3
    script = Script(status)
    assert _outcome(_post, script).status == status


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500, 501])
def test_a_clear_answer_is_not_asked_for_twice(status: int) -> None:
    script = Script(status)
    assert _outcome(_list, script).status == status
    script = Script(status)
    assert _outcome(_delete, script).status == status


def test_a_repeated_delete_that_finds_nothing_has_done_it() -> None:
    assert _outcome(_delete, Script(httpx.ReadTimeout("slow"), 404)) == {}
    assert _outcome(_delete, Script(504, 404)) == {}
    assert _outcome(_delete, Script(httpx.ConnectError("refused"), 404)).status == 404
    assert _outcome(_delete, Script(httpx.ReadTimeout("slow"), 409)).status == 409


def test_pauses_double_and_follow_the_server_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(_calls.time, "sleep", slept.append)

    def busy(seconds: str) -> httpx.Response:
        return httpx.Response(429, headers={"Retry-After": seconds})

    with interflex.options(transport=Script(503, 503, 503, 200), pause_s=0.1, tries=4):
        assert _list() == []
    assert slept == [0.1, 0.2, 0.4]
    with interflex.options(transport=Script(busy("2"), 200)):
        assert _list() == []
    assert slept[3:] == [2.0]
    for long in ("6", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999999999999"):
        script = Script(busy(long), 200)
        assert _outcome(_list, script).status == 429
        assert script.calls == 1
    assert len(slept) == 4


def test_an_exception_can_be_sent_to_another_process_and_tells_no_secret() -> None:
    error = InterFlexError(409, "stale", "Look again.", (Finding(code="stale", field="id", sentence="Look."),))
    again = pickle.loads(pickle.dumps(error))
    assert (again.status, again.code, again.sentence, again.findings) == (
        409,
        "stale",
        "Look again.",
        error.findings,
    )
    outcome = _outcome(_sign_in, Script(httpx.ReadError("reset")))
    assert outcome.__cause__ is None
    assert outcome.__suppress_context__


def test_options_hold_only_where_they_are_set_and_are_checked() -> None:
    with interflex.options(answer_s=1.0) as outer, interflex.options(tries=1) as inner:
        assert (inner.answer_s, inner.tries, outer.tries) == (1.0, 1, 3)
    with interflex.options() as usual:
        assert (usual.answer_s, usual.tries) == (30.0, 3)
    with pytest.raises(ValueError, match="positive"), interflex.options(answer_s=0):
        pass
    with pytest.raises(TypeError), interflex.options(timeout=1):
        pass


# -- on real sockets ------------------------------------------------------------------------------------------


@contextmanager
def _listener(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port on which each connection is given to `serve` in turn."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    try:
                        serve(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _timed(port: int, **changes: Any) -> tuple[InterFlexError, float]:
    start = time.monotonic()
    with interflex.options(tries=1, **changes), pytest.raises(InterFlexError) as caught:
        interflex.flexibilityOffer.get_all_offers("127.0.0.1", port, "t")
    return caught.value, time.monotonic() - start


def test_a_server_that_is_silent_or_drips_is_left_in_time() -> None:
    left = threading.Event()

    def silent(connection: socket.socket) -> None:
        left.wait(5)

    def drips(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
        for _ in range(100):
            if left.wait(0.05):
                return
            connection.sendall(b" ")

    for serve in (silent, drips):
        left.clear()
        with _listener(serve) as port:
            error, seconds = _timed(port, answer_s=0.3)
            left.set()
        assert error.code == "timeout"
        assert 0.25 < seconds < 3


def test_nobody_listens() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        port = listening.getsockname()[1]
    error, _ = _timed(port)
    assert (error.status, error.code) == (None, "unreachable")
    assert f"127.0.0.1:{port} cannot be reached" in error.sentence


def test_an_answer_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_calls, "MOST_BYTES", 100_000)
    error = _outcome(_list, Script(httpx.Response(200, content=b"[" + b" " * 200_000)))
    assert (error.code, error.sentence) == ("unreadable", "The answer is larger than 100000 bytes.")


class _Empty(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged."""


def test_tls_is_verified(tmp_path: Path) -> None:
    authority = trustme.CA()
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = HTTPServer(("127.0.0.1", 0), _Empty)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        call = lambda: interflex.flexibilityOffer.get_all_offers(  # noqa: E731 - twice below
            "https://127.0.0.1", server.server_port, "t"
        )
        with interflex.options(ca_file=ca_file):
            assert call() == []
        with interflex.options(tries=1), pytest.raises(InterFlexError, match=r"(?i)certificate") as caught:
            call()
        assert caught.value.code == "unreachable"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
