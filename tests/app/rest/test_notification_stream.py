"""A participant's notifications as server-sent events: as they come, once, and only while it is let in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from world import WHO

from app.outbox import Dispatcher
from app.rest import build_asgi, streams
from domain.commands import SuspendParty
from domain.ids import PartyId

PATH = "/api/v1/notifications/stream"


class Ear:
    """One request to an ASGI application whose answer is read as it comes."""

    def __init__(self, app: Any, headers: dict[str, str]) -> None:
        self._app, self._headers = app, headers
        self.messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.sent_request = False
        self.start: dict[str, Any] = {}

    async def run(self) -> None:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": PATH,
            "raw_path": PATH.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in self._headers.items()],
            "client": ("10.0.0.1", 5000),
            "server": ("here", 80),
        }
        await self._app(scope, self._receive, self.messages.put)

    async def _receive(self) -> dict[str, Any]:
        if not self.sent_request:
            self.sent_request = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def next(self) -> str:
        """The next piece of the answer; "" at its end."""
        async with asyncio.timeout(5):
            message = await self.messages.get()
        if message["type"] == "http.response.start":
            self.start = message
            return await self.next()
        return str(message["body"].decode())

    async def until(self, wanted: str) -> str:
        async with asyncio.timeout(10):
            while wanted not in (piece := await self.next()):
                assert piece, "the stream has ended"
        return piece

    @property
    def head(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.start["headers"]}


@asynccontextmanager
async def listening(app: Any, headers: dict[str, str]) -> AsyncIterator[Ear]:
    ear = Ear(app, headers | {"Accept-Encoding": "identity"})
    task = asyncio.create_task(ear.run())
    try:
        yield ear
    finally:
        ear.gone.set()
        async with asyncio.timeout(5):
            await asyncio.gather(task, return_exceptions=True)


def dispatched(api: Any) -> None:
    """What waits becomes notifications; the bus tells of them from another thread, as in the server."""
    Dispatcher(api.world.store.dispatch, api.world.bus.publish).run()


def run(api: Any, story: Callable[[Any], Awaitable[None]]) -> None:
    asyncio.run(story(build_asgi(api.services)))


def offered(api: Any, market: Any) -> None:
    """Something of which dso1 and esp1 are told."""
    answer = api.post("/requests", market.request(), who="dso1")
    assert answer.status_code == 201, answer.text
    dispatched(api)


def listed(api: Any) -> list[str]:
    """Ids of esp1's notifications, oldest first."""
    return [row["id"] for row in reversed(api.get("/notifications").json()["items"])]


def fields(piece: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in piece.strip().splitlines())


def test_news_arrive_as_they_come_and_once(api: Any, market: Any) -> None:
    dispatched(api)

    async def story(app: Any) -> None:
        async with listening(app, api.headers("esp1")) as ear, listening(app, api.headers("customer1")) as other:
            await ear.until("retry: ")
            await other.until("retry: ")
            assert ear.head["content-type"].startswith("text/event-stream")
            assert "content-encoding" not in ear.head
            assert "content-length" not in ear.head
            assert ear.head["cache-control"] == "no-store"
            await asyncio.to_thread(offered, api, market)
            event = fields(await ear.until("id: "))
            told = json.loads(event["data"])
            assert (event["event"], event["id"]) == ("notification", told["id"])
            listed = await asyncio.to_thread(api.get, "/notifications", "esp1")
            assert told in listed.json()["items"]
            assert ear.messages.empty()
            assert other.messages.empty()

    run(api, story)


def test_a_stream_goes_on_where_it_was_left(api: Any, market: Any) -> None:
    dispatched(api)
    earlier = listed(api)
    api.put("/clock", {"action": "run", "speed": 60}, who="fmo")
    api.world.wall.now += timedelta(minutes=1)
    offered(api, market)
    later = listed(api)[len(earlier) :]
    assert len(later) == 1

    async def story(app: Any) -> None:
        async with listening(app, api.headers("esp1") | {"Last-Event-ID": earlier[-1]}) as ear:
            assert fields(await ear.until("id: "))["id"] == later[0]
            assert ear.messages.empty()
        async with listening(app, api.headers("esp1") | {"Last-Event-ID": "NO-forgotten"}) as ear:
            assert [fields(await ear.until("id: "))["id"] for _ in earlier + later] == earlier + later

    run(api, story)


def test_a_quiet_stream_shows_that_it_lives(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.02)

    async def story(app: Any) -> None:
        async with listening(app, api.headers("esp1")) as ear:
            await ear.until(": still here")
            await ear.until(": still here")

    run(api, story)


def sign_out_everywhere(api: Any) -> None:
    assert api.delete("/logins").status_code == 204


def suspend_account(api: Any) -> None:
    api.services.auth.set_active("esp1", False)


def revoke(api: Any) -> None:
    api.services.auth.revoke_all("esp1")


def suspend_party(api: Any) -> None:
    api.world.desk.execute(WHO["fmo"], SuspendParty(party_id=PartyId("esp1"), reason="Did not pay."))


@pytest.mark.parametrize("end", [revoke, suspend_account, suspend_party, sign_out_everywhere])
def test_it_ends_when_the_caller_is_let_in_no_more(
    api: Any, market: Any, monkeypatch: pytest.MonkeyPatch, end: Callable[[Any], None]
) -> None:
    if end in (revoke, suspend_account):  # of the others the bus tells at once
        monkeypatch.setattr(streams, "HEARTBEAT_S", 0.05)

    async def story(app: Any) -> None:
        async with listening(app, api.headers("esp1")) as ear:
            await ear.until("retry: ")
            await asyncio.to_thread(end, api)
            await ear.until("event: end")
            assert await ear.next() == ""
        async with listening(app, api.headers("esp1")) as ear:
            assert "signed_out" in await ear.next() or ear.start["status"] == 401

    run(api, story)


def test_nothing_is_told_to_a_token_that_was_revoked(api: Any, market: Any) -> None:
    async def story(app: Any) -> None:
        async with listening(app, api.headers("esp1")) as ear:
            await ear.until("retry: ")
            await asyncio.to_thread(revoke, api)
            await asyncio.to_thread(offered, api, market)
            assert (await ear.next()).startswith("event: end")

    run(api, story)


def test_so_many_streams_and_no_more(api: Any) -> None:
    async def story(app: Any) -> None:
        ears = [listening(app, api.headers("esp1")) for _ in range(streams.PER_ACCOUNT)]
        for ear in ears:
            await (await ear.__aenter__()).until("retry: ")
        async with listening(app, api.headers("esp1")) as refused:
            await refused.next()
            assert refused.start["status"] == 429
            assert refused.head["retry-after"] == str(streams.RETRY_S)
        async with listening(app, api.headers("esp2")) as other:
            await other.until("retry: ")
        await ears[0].__aexit__(None, None, None)
        async with listening(app, api.headers("esp1")) as again:
            await again.until("retry: ")
        for ear in ears[1:]:
            await ear.__aexit__(None, None, None)

    run(api, story)


def test_the_end_of_the_server_is_the_end_of_streams(api: Any) -> None:
    async def story(app: Any) -> None:
        async with listening(app, api.headers("esp1")) as ear:
            await ear.until("retry: ")
            app.close()
            await ear.until("event: end")
            assert await ear.next() == ""

    run(api, story)


def test_nothing_is_left_of_a_stream_that_is_over(api: Any) -> None:
    app = build_asgi(replace(api.services))
    listeners = len(api.world.bus)

    async def story() -> None:
        async with listening(app, api.headers("esp1")) as ear:
            await ear.until("retry: ")
            assert len(app.app.state.streams._waiting) == 1

    asyncio.run(story())
    assert (len(app.app.state.streams._waiting), dict(app.app.state.streams._per_account)) == (0, {})
    assert len(api.world.bus) == listeners
