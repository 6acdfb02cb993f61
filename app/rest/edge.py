"""The outermost layer of the interface: what holds for every request and every answer, whatever its route."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import correlation
from app.rest.edges.answers import CORRELATION, SECURITY_HEADERS, Answering
from app.rest.edges.codings import IDENTITY, chosen
from app.rest.edges.exchange import open_exchange
from app.rest.edges.pretty import asked
from app.rest.problems import http_answer, refused_answer
from domain.errors import Refused, refuse

__all__ = ["SECURITY_HEADERS", "Edge"]

_UNCODED = "Answers are compressed: send Accept-Encoding: br, gzip."


class Edge:
    """Names the request, settles how its answer is sent, and reads its body up to the limit before the application
    sees it; beyond it answers 413 at once, with and without Content-Length.

    Sits outside everything else, so that what goes wrong is answered in the same way.

    plain_allowed : whether an answer may go without compression, by path
    close : ends the streams that are open
    streamed : whether the body of a PUT is read, and bounded, by its route, by path
    """

    def __init__(
        self,
        app: ASGIApp,
        max_body_bytes: int,
        plain_allowed: Callable[[str], bool],
        close: Callable[[], None],
        streamed: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes
        self._plain_allowed = plain_allowed
        self.close = close
        self._streamed = streamed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.getlist(CORRELATION)
        correlation.CURRENT.set(correlation.correlation_id(given[0] if len(given) == 1 else None))
        exchange = open_exchange(scope)
        coding = self._coding(headers, scope["path"])
        pretty, streams = True, False
        try:
            pretty, query = asked(scope["query_string"])
            scope["query_string"] = query
            answer = None if coding is not None else http_answer("not_acceptable", _UNCODED)
            streams = scope["method"] == "PUT" and self._streamed(scope["path"])
            body = await self._read(headers, receive) if answer is None and not streams else b""
        except Refused as error:
            answer, body = refused_answer(error), b""
        answering = Answering(send, exchange, pretty=pretty, coding=coding or IDENTITY)
        try:
            if answer is not None:
                await answer(scope, receive, answering)
            elif body is not None:
                await self.app(scope, receive if streams else _replay(body, receive), answering)
        finally:
            if exchange.over is not None:
                exchange.over()

    def _coding(self, headers: Headers, path: str) -> str | None:
        given = headers.getlist("accept-encoding")
        return chosen(",".join(given) if given else None, required=not self._plain_allowed(path))

    async def _read(self, headers: Headers, receive: Receive) -> bytes | None:
        """The body, or None when the client went away."""
        declared = headers.get("content-length", "0")
        if declared.isdecimal() and int(declared[:20]) > self.max_body_bytes:
            raise self._too_large()
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > self.max_body_bytes:
                raise self._too_large()
            if not message.get("more_body", False):
                return bytes(body)

    def _too_large(self) -> Refused:
        return refuse("too_large", "body", f"The body is larger than {self.max_body_bytes} bytes.")


def _replay(body: bytes, receive: Receive) -> Receive:
    """Gives the body once, then listens on."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return pending.pop() if pending else await receive()

    return replayed
