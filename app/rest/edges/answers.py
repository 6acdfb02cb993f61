"""The last hand on an answer: headers, indented JSON, the content coding."""

from __future__ import annotations

import logging

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Send

from app import correlation
from app.repeats import Answer
from app.rest.edges.codings import IDENTITY, encoded
from app.rest.edges.exchange import Exchange
from app.rest.edges.pretty import indented

log = logging.getLogger(__name__)

CORRELATION = "X-Correlation-Id"
EVENT_STREAM = "text/event-stream"
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_NO_BODY = frozenset({204, 205, 304})
_LONG = 20_000
"""Bytes from which on indenting and compressing are done beside the event loop."""


class Answering:
    """Takes the messages of an answer, and sends it on when it is whole; streams of events go through at once."""

    def __init__(self, send: Send, exchange: Exchange, *, pretty: bool, coding: str) -> None:
        self._send, self._exchange = send, exchange
        self._pretty, self._coding = pretty, coding
        self._start: Message | None = None
        self._streams = False
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            self._streams = Headers(raw=message["headers"]).get("content-type", "").startswith(EVENT_STREAM)
            if self._streams:
                await self._send(_with_headers(message))
        elif message["type"] != "http.response.body" or self._streams:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish()

    async def _finish(self) -> None:
        assert self._start is not None
        start, body = self._start, bytes(self._body)
        await self._keep(start, body)
        headers = MutableHeaders(scope=_with_headers(start))
        indents = self._pretty and not self._exchange.verbatim and _is_json(headers.get("content-type", ""))
        codes = self._coding != IDENTITY and body and start["status"] not in _NO_BODY | {206}
        coding = self._coding if codes and "content-encoding" not in headers else IDENTITY
        if len(body) > _LONG:
            body = await run_in_threadpool(_dressed, body, indents, coding)
        else:
            body = _dressed(body, indents, coding)
        if coding != IDENTITY:
            headers["Content-Encoding"] = coding
        if start["status"] not in _NO_BODY:
            headers["Content-Length"] = str(len(body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})

    async def _keep(self, start: Message, body: bytes) -> None:
        """What is done is done: that its answer cannot be kept must not look like a failure of the request."""
        if self._exchange.keep is None:
            return
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"])
        try:
            await self._exchange.keep(Answer(status=start["status"], headers=headers, body=body))
        except Exception:
            log.exception("the answer to a request with an idempotency key could not be kept")


def _with_headers(start: Message) -> Message:
    """The headers that every answer has; a route may have set one of them otherwise."""
    headers = MutableHeaders(scope=start)
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    headers[CORRELATION] = correlation.CURRENT.get()
    headers.add_vary_header("Accept-Encoding")
    return start


def _is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def _dressed(body: bytes, indents: bool, coding: str) -> bytes:
    body = indented(body) if indents else body
    return encoded(body, coding) if coding != IDENTITY else body
