"""A player's system for tests: a server on this machine that answers as it is told, and keeps what it got."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Got:
    path: str
    key: str
    message_id: str
    stream: str
    sequence: int
    sent_at: str
    body: str


@dataclass
class Told:
    """What to answer. `before`: is run first, for slow answers."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None
    hang_up: bool = False


class Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Callers hang up here, and nobody is to read of it."""


class Player:
    """`answer` decides by what came; `got` is all that came, in its order."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answer: Callable[[Got], Told] = lambda _got: Told()
        self.url = ""
        self._lock = threading.Lock()

    def handle(self, got: Got) -> Told:
        with self._lock:
            self.got.append(got)
        return self.answer(got)

    @property
    def order(self) -> list[tuple[str, int]]:
        return [(got.stream, got.sequence) for got in self.got]


@contextmanager
def player() -> Iterator[Player]:
    made = Player()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            told = made.handle(
                Got(
                    path=self.path,
                    key=self.headers.get("Authorization", ""),
                    message_id=self.headers.get("Message-Id", ""),
                    stream=self.headers.get("Message-Stream", ""),
                    sequence=int(self.headers.get("Message-Sequence", "0")),
                    sent_at=self.headers.get("Message-Sent-At", ""),
                    body=body.decode(),
                )
            )
            told.before()
            if told.hang_up:
                self.close_connection = True
                return
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            if "Content-Length" not in told.headers:
                self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        do_GET = do_POST  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            return

    server = Quiet(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
