"""Bodies of files as they are sent: plain or gzip, in pieces, within bounds."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import IO

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from domain.errors import refuse

_CHUNK = 65_536


@asynccontextmanager
async def pieces_of(request: Request, most_sent: int, most_read: int) -> AsyncIterator[Iterator[bytes]]:
    """The body in pieces, decompressed where it says so; kept in a file meanwhile.

    Raises:
        Refused: `malformed` for another coding or no gzip; `too_large` beyond so many bytes as sent or as read.
    """
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip"):
        raise refuse("malformed", "Content-Encoding", "gzip or nothing is expected.")
    with tempfile.TemporaryFile() as file:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > most_sent:
                raise refuse("too_large", "body", f"The body is larger than {most_sent} bytes.")
            await run_in_threadpool(file.write, chunk)
        file.seek(0)
        yield inflated(file, most_read) if coding == "gzip" else _pieces(file)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_CHUNK):
        yield piece


def inflated(file: IO[bytes], most: int) -> Iterator[bytes]:
    """Decompressed pieces. Raises `Refused`: `malformed` for no gzip, `too_large` beyond `most` bytes."""
    reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
    size = 0
    try:
        for piece in _pieces(file):
            data = piece
            while data:
                out = reader.decompress(data, _CHUNK)
                size += len(out)
                if size > most:
                    raise refuse("too_large", "body", f"Decompressed it is larger than {most} bytes.")
                yield out
                data = reader.unconsumed_tail
    except zlib.error:
        raise refuse("malformed", "body", "The body is no gzip.") from None
    if not reader.eof:
        raise refuse("malformed", "body", "The gzip is cut off, or more than one.")
