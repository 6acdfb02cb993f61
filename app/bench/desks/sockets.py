"""A hundred open pages as their websockets see them: Bokeh's protocol, as far as a listener needs it."""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections.abc import Mapping

import httpx
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from app.bench.desks.served import Product

_TOKEN = re.compile(r'"token":"([^"]+)"')
_PATCH = "PATCH-DOC"
_BUSY = '"attr":"busy"'
_READY = {
    "kind": "MessageSent",
    "msg_type": "bokeh_event",
    "msg_data": {"type": "event", "name": "document_ready", "values": {"type": "map", "entries": []}},
}
"""What a browser says when a page is there; until then Panel keeps changes of its components back."""
QUIET_S = 1.5


class Session:
    """One open page. `heard_at` has the times at which changes of the page came."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self._socket = socket
        self.heard_at: list[float] = []
        self._listening: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, product: Product, cookies: Mapping[str, str], path: str) -> Session:
        """Load a page and its document, as a browser does. Raises RuntimeError for a page without a token."""
        async with httpx.AsyncClient(cookies=dict(cookies), timeout=60) as client:
            answer = await client.get(product.desks + path)
        found = _TOKEN.search(answer.text)
        if found is None:
            raise RuntimeError(f"{path} has no token ({answer.status_code})")
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        request = HTTPRequest(
            f"{product.desks.replace('http', 'ws', 1)}{path.split('?')[0]}/ws",
            headers={**headers, "Origin": product.desks},
        )
        socket = await websocket_connect(
            request, subprotocols=["bokeh", found[1]], max_message_size=200 * 1024 * 1024
        )
        session = cls(socket)
        await session._message()
        await session._pull()
        await session._send("PATCH-DOC", {"events": [_READY]})
        session._listening = asyncio.create_task(session._listen())
        return session

    async def close(self) -> None:
        """Leave the page."""
        if self._listening is not None:
            self._listening.cancel()
        self._socket.close()

    async def _pull(self) -> None:
        asked = await self._send("PULL-DOC-REQ", {})
        while (await self._message())[0].get("reqid") != asked:
            pass

    async def _send(self, kind: str, content: Mapping[str, object]) -> str:
        name = uuid.uuid4().hex
        for part in ({"msgid": name, "msgtype": kind}, {}, content):
            await self._socket.write_message(json.dumps(part))
        return name

    async def _listen(self) -> None:
        while True:
            header, content = await self._message()
            if header.get("msgtype") == _PATCH and _BUSY not in content:
                self.heard_at.append(time.perf_counter())

    async def _message(self) -> tuple[Mapping[str, object], str]:
        header: Mapping[str, object] = json.loads(await self._fragment())
        await self._fragment()
        content = str(await self._fragment())
        for _ in range(2 * int(str(header.get("num_buffers", 0)))):
            await self._fragment()
        return header, content

    async def _fragment(self) -> str | bytes:
        fragment = await self._socket.read_message()
        if fragment is None:
            raise ConnectionError("the page's socket was closed")
        return fragment


async def opened(product: Product, pages: Mapping[str, str], n: int) -> list[Session]:
    """`n` pages, taking turns over `pages`: account -> path."""
    cookies = {account: product.cookies(account) for account in pages}
    turns = list(pages.items())
    return [
        await Session.open(product, cookies[account], path)
        for account, path in (turns[i % len(turns)] for i in range(n))
    ]


def latencies_ms(sessions: list[Session], told_at: list[float]) -> tuple[list[float], int]:
    """From each change's request to the first patch on each page, ms; and how many pages did not hear of one."""
    taken, missed = [], 0
    ends = [*told_at[1:], float("inf")]
    for session in sessions:
        for start, end in zip(told_at, ends, strict=True):
            first = next((at for at in session.heard_at if start <= at < end), None)
            if first is None:
                missed += 1
            else:
                taken.append(1000 * (first - start))
    return taken, missed
