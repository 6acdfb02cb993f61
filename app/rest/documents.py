"""Bodies that are documents: taken as they are sent, checked by whoever reads them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from app.rest.edges.exchange import exchange_of
from app.rest.fields import Day
from app.rest.lines import csv_of
from app.rest.media import CSV, JSON, JSON_LINES, NDJSON, checked_media_type
from domain.errors import refuse


class AsUploaded(Response):
    """A document given back byte by byte: not even indented."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange_of(scope).verbatim = True
        await super().__call__(scope, receive, send)


def described(what: str, *media_types: str) -> dict[str, Any]:
    """`openapi_extra` of a route that takes a document."""
    kinds = {JSON: "object"}
    content = {media_type: {"schema": {"type": kinds.get(media_type, "string")}} for media_type in media_types}
    return {"requestBody": {"required": True, "description": what, "content": content}}


def _document_of(media_type: str) -> Callable[[Request], Awaitable[str]]:
    async def read(request: Request) -> str:
        """The body as text. Raises `HttpProblem` (415) for another media type, `Refused` for no UTF-8."""
        checked_media_type(request.headers, media_type)
        return text_of(await request.body())

    return read


def _table_of(id_name: str) -> Callable[..., Awaitable[str]]:
    async def read(request: Request, delivery_day: Annotated[Day, Path()]) -> str:
        """The body as CSV, also where it is JSON lines."""
        given = checked_media_type(request.headers, *TABLES)
        text = text_of(await request.body())
        return text if given == CSV else await run_in_threadpool(csv_of, text, delivery_day, id_name)

    return read


TABLES = (CSV, JSON_LINES, NDJSON)
JsonDocument = Annotated[str, Depends(_document_of(JSON))]
ScheduleTable = Annotated[str, Depends(_table_of("unit_id"))]
MeteringTable = Annotated[str, Depends(_table_of("pod_id"))]
"""Documents of one delivery day as CSV."""


def text_of(body: bytes) -> str:
    """Raises `Refused`: `missing` for nothing, `malformed` for no UTF-8."""
    if not body.strip():
        raise refuse("missing", "body", "The document is empty.")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise refuse("malformed", "body", "The document is not UTF-8.") from None
