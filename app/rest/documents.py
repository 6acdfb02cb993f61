"""Bodies that are documents: taken as they are sent, checked by whoever reads them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Request

from app.rest.media import CSV, JSON, checked_media_type
from domain.errors import refuse


def described(media_type: str, what: str) -> dict[str, Any]:
    """`openapi_extra` of a route that takes a document."""
    content = {media_type: {"schema": {"type": "object" if media_type == JSON else "string"}}}
    return {"requestBody": {"required": True, "description": what, "content": content}}


def _document_of(media_type: str) -> Callable[[Request], Awaitable[str]]:
    async def read(request: Request) -> str:
        """The body as text. Raises `HttpProblem` (415) for another media type, `Refused` for no UTF-8."""
        checked_media_type(request.headers.get("content-type", ""), media_type)
        return _text(await request.body())

    return read


JsonDocument = Annotated[str, Depends(_document_of(JSON))]
CsvDocument = Annotated[str, Depends(_document_of(CSV))]


def _text(body: bytes) -> str:
    if not body.strip():
        raise refuse("missing", "body", "The document is empty.")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise refuse("malformed", "body", "The document is not UTF-8.") from None
