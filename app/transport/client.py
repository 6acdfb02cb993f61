"""The generic client: one request to another system, whatever that system does.

Nothing is followed (redirects), nothing is taken from the environment (proxies), and everything ends: connecting,
waiting, reading, all of it together, and how much is read.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

import httpcore

from app.transport.guard import ForbiddenAddressError, GuardedNetwork, Resolve, Resolver

MOST_BYTES = 64 * 1024
"""Of an answer that are read, and of its text when it is unpacked."""
_POOL = 512
_IDLE_S = 15.0
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Seconds."""

    connect: float = 5.0
    read: float = 10.0
    total: float = 30.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back. `status` is 0 when nothing did: then `error` says why, and `connected` whether anybody was
    there. `text` is cut."""

    status: int = 0
    text: str = ""
    headers: Mapping[str, str]
    error: str = ""
    connected: bool = True


class Client:
    """Safe for use by one event loop.

    local : loopback and private addresses may be called, by http, too
    """

    def __init__(self, *, local: bool, patience: Patience | None = None, resolve: Resolve | None = None) -> None:
        self._local = local
        self._patience = patience or Patience()
        self._resolver = Resolver()
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_trusted(),
            max_connections=_POOL,
            max_keepalive_connections=_POOL,
            keepalive_expiry=_IDLE_S,
            http2=False,
            retries=0,
            network_backend=GuardedNetwork(resolve or self._resolver, local=local),
        )

    async def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """The answer to one request; never raises for what the other side or the way to it does."""
        parts = urlsplit(url)
        if parts.scheme != "https" and not (self._local and parts.scheme == "http"):
            return _no_answer("Only https is called.", connected=False)
        sent = {"Host": parts.netloc, "Accept-Encoding": "gzip", "Accept": "application/json", **headers}
        if body:
            sent |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        request = httpcore.Request(
            method=method,
            url=httpcore.URL(
                scheme=parts.scheme.encode(),
                host=(parts.hostname or "").encode(),
                port=parts.port or _PORTS[parts.scheme],
                target=(parts.path or "/").encode(),
            ),
            headers=[(name.encode(), value.encode()) for name, value in sent.items()],
            content=body,
            extensions={
                "timeout": {"connect": self._patience.connect, "pool": self._patience.connect}
                | dict.fromkeys(("read", "write"), self._patience.read)
            },
        )
        try:
            async with asyncio.timeout(self._patience.total):
                response = await self._pool.handle_async_request(request)
        except (httpcore.ConnectError, httpcore.ConnectTimeout, ssl.SSLError) as error:
            return _no_answer(f"Nobody answers there: {_said(error)}", connected=False)
        except ForbiddenAddressError as error:
            return _no_answer(str(error), connected=False)
        except (httpcore.TimeoutException, TimeoutError):
            return _no_answer("There was no answer in time.")
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            return _no_answer(f"The connection broke: {_said(error)}")
        return await self._read(response)

    async def _read(self, response: httpcore.Response) -> Answer:
        """An answer whose body is slow, endless or broken counts by its status all the same."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        read = bytearray()
        try:
            async with asyncio.timeout(self._patience.total):
                async for chunk in response.aiter_stream():
                    read += chunk
                    if len(read) > MOST_BYTES:
                        break
        except (httpcore.TimeoutException, TimeoutError, httpcore.NetworkError, httpcore.ProtocolError, OSError):
            pass
        finally:
            await response.aclose()
        return Answer(status=response.status, text=_text(bytes(read), headers), headers=headers)

    async def close(self) -> None:
        await self._pool.aclose()
        self._resolver.close()


@cache
def _trusted() -> ssl.SSLContext:
    """What this machine trusts; read once, as that takes long."""
    return ssl.create_default_context()


def _text(read: bytes, headers: Mapping[str, str]) -> str:
    if headers.get("content-encoding", "").strip().lower() == "gzip":
        try:
            read = zlib.decompressobj(wbits=31).decompress(read, MOST_BYTES)
        except zlib.error:
            return ""
    return read[:MOST_BYTES].decode("utf-8", "replace")


def _no_answer(error: str, *, connected: bool = True) -> Answer:
    return Answer(headers={}, error=error, connected=connected)


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
