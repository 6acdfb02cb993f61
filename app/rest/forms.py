"""Bodies that are forms (`application/x-www-form-urlencoded`): token routes take nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from app.rest.media import FORM, checked_media_type
from domain.errors import refuse
from domain.texts import storable

MAX_FIELDS = 20
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def read_form(body: bytes) -> dict[str, str]:
    """The fields of a form, each at most once.

    Raises:
        Refused: `malformed`; the sentence never repeats the body.
    """
    try:
        text = body.decode("ascii")
        if _BAD_ESCAPE.search(text):
            raise ValueError
        pairs = parse_qsl(
            text,
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise refuse("malformed", "body", "The body is no form of names and values.") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise refuse("malformed", "body", "A field is given twice.")
    if not all(storable(text) for pair in pairs for text in pair):
        raise refuse("malformed", "body", "A field has a character that cannot be used.")
    return fields


def described(fields: Mapping[str, str], needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """`openapi_extra` of a route that takes a form; `fields` by name with what they are."""
    properties = {name: {"type": "string", "description": what} for name, what in fields.items()}
    schema = {"type": "object", "properties": properties, "required": list(needed)}
    return {"requestBody": {"required": True, "content": {FORM: {"schema": schema}}}}


async def _form(request: Request) -> dict[str, str]:
    """The request's form. Raises `HttpProblem` (415) for another type of body, `Refused` as `read_form`."""
    checked_media_type(request.headers, FORM)
    return read_form(await request.body())


Form = Annotated[dict[str, str], Depends(_form)]
