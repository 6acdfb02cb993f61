"""Requests over a socket, as they stand: neither checked nor mended on the way."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from typing import Self

from tests.soak.calls import Call, Got

_TIMEOUT_S = 60.0


class Wire:
    """A connection to a server, opened again when the server closes it. `source`: the address it comes from."""

    def __init__(self, host: str, port: int, source: str = "127.0.0.1") -> None:
        self._address, self._source = (host, port), source
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def send(self, call: Call) -> Got:
        """The answer. Raises `OSError` when there is none, with the request's beginning in it."""
        began = time.monotonic()
        kept = self._socket is not None
        try:
            answer = self._exchange(call)
        except (OSError, HTTPException) as error:
            self.close()
            if not kept or isinstance(error, TimeoutError):
                raise OSError(f"{error!r}: {_bytes_of(call)[:2000]!r}") from error
            answer = self._exchange(call)  # the server had closed the connection before
        return Got(**answer, seconds=time.monotonic() - began)

    def _exchange(self, call: Call) -> dict[str, object]:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, _TIMEOUT_S, (self._source, 0))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(BrokenPipeError, ConnectionResetError):  # it may have answered before it had everything
            self._socket.sendall(_bytes_of(call))
        response = HTTPResponse(self._socket, method=call.method.upper())
        try:
            response.begin()
            headers = {name.lower(): value for name, value in response.getheaders()}
            streams = headers.get("content-type", "").startswith("text/event-stream")
            body = b"" if streams else response.read()
        finally:
            response.close()
        if streams or response.will_close:
            self.close()
        return {"status": response.status, "headers": headers, "sent": body}


def _bytes_of(call: Call) -> bytes:
    lines = [call.method.encode() + b" " + call.target + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in call.headers]
    if not any(name in (b"content-length", b"transfer-encoding") for name, _ in call.headers):
        lines.append(b"content-length: %d" % len(call.body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + call.body
