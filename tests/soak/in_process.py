"""Requests straight into the application, without a socket: any bytes get through."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Self
from urllib.parse import unquote_to_bytes

from tests.soak.calls import Call, Got


class InProcess:
    """A client of an ASGI application on a loop of its own; close it."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.close()

    def send(self, call: Call) -> Got:
        return self._runner.run(self._send(call))

    async def _send(self, call: Call) -> Got:
        path, _, query = call.target.partition(b"?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": call.method,
            "scheme": "http",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": list(call.headers),
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        incoming = [{"type": "http.request", "body": call.body, "more_body": False}]
        gone = asyncio.Event()
        start: dict[str, Any] = {}
        body = bytearray()

        async def receive() -> Any:
            if incoming:
                return incoming.pop()
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                streams = any(b"event-stream" in value for _, value in message["headers"])
                if streams:
                    gone.set()
            else:
                body.extend(message.get("body", b""))

        began = time.monotonic()
        try:
            await asyncio.wait_for(self._app(scope, receive, send), 30)
        except Exception:
            if not start:
                raise
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]}
        seconds = time.monotonic() - began
        return Got(status=start["status"], headers=headers, sent=bytes(body), seconds=seconds)
