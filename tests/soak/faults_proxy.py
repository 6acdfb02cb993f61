"""A proxy between two processes that does what networks do: loses, holds, doubles, delays and cuts.

Each request comes on a connection of its own or one that is kept; it is passed on over a new one.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from random import Random

SHARES: Mapping[str, float] = {
    "error before": 0.03,
    "asked to wait": 0.02,
    "lost on the way": 0.04,
    "answer lost": 0.06,
    "error after": 0.03,
    "answer late": 0.01,
    "sent twice": 0.05,
    "sent twice at once": 0.03,
    "copy later": 0.05,
    "late itself": 0.03,
    "slow answer": 0.02,
    "cut answer": 0.03,
    "garbage": 0.01,
}
"""What is done to which share of the requests; nothing to the rest."""
LATE_S = 4.0
"""Longer than the courier's patience."""
_500 = b"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}"
_503 = b"HTTP/1.1 503 Wait\r\nRetry-After: 3\r\nContent-Length: 2\r\n\r\n{}"


class FaultProxy:
    """Runs in a thread of its own; `port` is where it listens, `target` where it leads."""

    def __init__(self, target: int, seed: int, shares: Mapping[str, float] = SHARES) -> None:
        self.target, self.port = target, 0
        self.counts: Counter[str] = Counter()
        self.down = False
        self._shares = shares
        self._random = Random(seed)
        self._later: set[asyncio.Task[object]] = set()
        self._open: set[asyncio.Task[object]] = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="proxy")
        self._acts: Mapping[str, Callable[[bytes, asyncio.StreamWriter], Awaitable[bool]]] = {
            "nothing": self._pass,
            "error before": lambda _request, out: self._say(_500, out),
            "asked to wait": lambda _request, out: self._say(_503, out),
            "lost on the way": lambda _request, _out: self._hang_up(),
            "answer lost": self._lose_answer,
            "error after": self._error_after,
            "answer late": self._answer_late,
            "sent twice": self._twice,
            "sent twice at once": self._twice_at_once,
            "copy later": self._copy_later,
            "late itself": self._late,
            "slow answer": self._slow,
            "cut answer": self._cut,
            "garbage": self._garbage,
        }

    def start(self) -> FaultProxy:
        self._thread.start()
        self._ready.wait()
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def settle(self) -> None:
        """Wait until no copy is on its way."""
        asyncio.run_coroutine_threadsafe(self._settled(), self._loop).result()

    async def _settled(self) -> None:
        while self._later:
            await asyncio.gather(*self._later, return_exceptions=True)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _connected(self, came: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            while not self.down:
                request = await _read(came)
                if self.down or not await self._act(request, out):
                    break
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            self._open.discard(task)
            out.close()

    async def _act(self, request: bytes, out: asyncio.StreamWriter) -> bool:
        """What is drawn; whether the connection is kept."""
        (drawn,) = self._random.choices(
            ["nothing", *self._shares], [1 - sum(self._shares.values()), *self._shares.values()]
        )
        self.counts[drawn] += 1
        try:
            return await self._acts[drawn](request, out)
        except (OSError, asyncio.IncompleteReadError, ValueError):
            self.counts["nobody there"] += 1
            return False

    async def _forward(self, request: bytes) -> bytes:
        came, out = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            out.write(request)
            return await _read(came)
        finally:
            out.close()

    def _afterwards(self, request: bytes, seconds: float) -> None:
        async def forwarded() -> None:
            await asyncio.sleep(seconds)
            await self._forward(request)

        task: asyncio.Task[object] = asyncio.ensure_future(forwarded())
        self._later.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[object]) -> None:
        self._later.discard(task)
        if not task.cancelled():
            task.exception()

    async def _say(self, answer: bytes, out: asyncio.StreamWriter) -> bool:
        out.write(answer)
        await out.drain()
        return True

    async def _hang_up(self) -> bool:
        return False

    async def _pass(self, request: bytes, out: asyncio.StreamWriter) -> bool:
        return await self._say(await self._forward(request), out)

    async def _lose_answer(self, request: bytes, _out: asyncio.StreamWriter) -> bool:
        await self._forward(request)
        return False

    async def _error_after(self, request: bytes, out: asyncio.StreamWriter) -> bool:
        await self._forward(request)
        return await self._say(_500, out)

    async def _answer_late(self, request: bytes, out: asyncio.StreamWriter) -> bool:
        answer = await self._forward(request)
        await asyncio.sleep(LATE_S)
        return await self._say(answer, out)

    async def _twice(self, request: bytes, out: asyncio.StreamWriter) -> bool:
        await self._forward(request)
        return await self._pass(request, out)

    async def _twice_at_once(self, request: bytes, out: asyncio.StreamWriter) -> bool:
        answers = await asyncio.gather(self._forward(request), self._forward(request))
        return await self._say(answers[0], out)

    async def _copy_later(self, request: bytes, out: asyncio.StreamWriter) -> bool:
        self._afterwards(request, self._random.uniform(0.1, 2.5))
        return await self._pass(request, out)

    async def _late(self, request: bytes, _out: asyncio.StreamWriter) -> bool:
        """It arrives when it has long been sent again: after those that were sent behind it."""
        self._afterwards(request, self._random.uniform(0.1, 2.5))
        return False

    async def _slow(self, request: bytes, out: asyncio.StreamWriter) -> bool:
        answer = await self._forward(request)
        head, rest = answer[:-5], answer[-5:]
        await self._say(head, out)
        for at in range(len(rest)):
            await asyncio.sleep(0.3)
            await self._say(rest[at : at + 1], out)
        return True

    async def _cut(self, request: bytes, out: asyncio.StreamWriter) -> bool:
        answer = await self._forward(request)
        await self._say(answer[: self._random.randrange(len(answer))], out)
        return False

    async def _garbage(self, request: bytes, out: asyncio.StreamWriter) -> bool:
        await self._forward(request)
        await self._say(b"\x00\xff" * 40 + b"\r\n\r\n", out)
        return False


async def _read(came: asyncio.StreamReader) -> bytes:
    """A request or an answer with its body."""
    head = await came.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    return head + await came.readexactly(length)
