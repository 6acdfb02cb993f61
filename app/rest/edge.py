"""The outermost layer of the interface: a limit on bodies, and headers that every answer carries."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.rest.problems import refused_answer
from domain.errors import Refused, refuse

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Edge:
    """Reads a body up to the limit before the application sees the request; beyond it answers 413 at once.

    Works with and without Content-Length. Sits outside everything else, so that faults carry the headers too.
    """

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        try:
            body = await self._read(Headers(scope=scope), receive)
        except Refused as error:
            await refused_answer(error)(scope, receive, send_with_headers)
            return
        if body is not None:
            await self.app(scope, _replay(body, receive), send_with_headers)

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
