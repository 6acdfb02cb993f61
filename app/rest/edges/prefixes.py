"""Interfaces that are served below a prefix, such as a hosted platform's: addresses in answers have it, too.

`path` of the scope stays the one within the interface, as all that looks at paths (limits, repeats) knows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_KEY = "flexdesk.prefix"
_BEGINNINGS = {b"location": b"/", b"link": b"</"}
"""Headers that hold an address, and how one begins that is of this server."""
_Headers = Sequence[tuple[bytes, bytes]]


def prefix_of(scope: Scope) -> str:
    """Below what it is served, such as `/platforms/rete-sud`; "" for the root."""
    return str(scope.get(_KEY, ""))


async def serve_below(prefix: str, path: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Let `app` answer `path`, and put the prefix before the addresses of its own in the answer's headers."""

    async def prefixed(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": list(_prefixed(message.get("headers", ()), prefix.encode()))}
        await send(message)

    await app({**scope, "path": path, "raw_path": path.encode(), _KEY: prefix}, receive, prefixed)


def _prefixed(headers: _Headers, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
    for name, value in headers:
        beginning = _BEGINNINGS.get(name.lower())
        own = beginning is not None and value.startswith(beginning) and not value.startswith(beginning + b"/")
        yield name, (beginning[:-1] + prefix + value[len(beginning) - 1 :] if beginning and own else value)
