"""Bodies read strictly.

JSON: exact numbers, no duplicate keys, no NaN, no lone surrogates, bounded depth and digits. Forms: every name
once, in UTF-8.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Coroutine
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import FormData

from app.rest.media import FORM, JSON, checked_media_type
from domain.errors import Refused, refuse

MAX_DEPTH = 16
MAX_NUMBER_CHARS = 40
MAX_MAGNITUDE = 30
MAX_FORM_FIELDS = 50
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def read_json(body: bytes) -> Any:
    """The value in a body: integers as `int`, all other numbers as exact `Decimal`.

    Raises:
        Refused: `malformed`, `not_finite` or `out_of_range`; the sentence never repeats the body.
    """
    try:
        value = json.loads(
            body.decode("utf-8"),
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError:
        raise _malformed("The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise _malformed(f"The body is no JSON: line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise _malformed(_TOO_DEEP) from None
    _check(value, 0)
    return value


def read_form(body: bytes) -> FormData:
    """The fields of a form, each of them once.

    Raises:
        Refused: `malformed`; the sentence never repeats the body.
    """
    try:
        text = body.decode("utf-8")
        if _BAD_ESCAPE.search(text):
            raise ValueError
        pairs = parse_qsl(
            text,
            keep_blank_values=True,
            strict_parsing=bool(text),
            errors="strict",
            max_num_fields=MAX_FORM_FIELDS,
        )
    except UnicodeDecodeError:
        raise _malformed("The form is not UTF-8.") from None
    except ValueError:
        raise _malformed(f"The body is no form of at most {MAX_FORM_FIELDS} fields name=value.") from None
    for text in (text for pair in pairs for text in pair):
        _check_text(text)
    if len(dict(pairs)) != len(pairs):
        raise _malformed("A field is given twice.")
    return FormData(dict(pairs))


class StrictRoute(APIRoute):
    """A route whose body, when there is one, must be JSON and is read by `read_json`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            body = await request.body()
            if body:
                checked_media_type(request.headers, JSON)
            return await handle(_ReadRequest(request, body, read_json(body) if body else None))

        return strictly


class FormRoute(APIRoute):
    """A route whose body is a form, read by `read_form`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            checked_media_type(request.headers, FORM)
            return await handle(_FormRequest(request, read_form(await request.body())))

        return strictly


class _FormRequest(Request):
    """A request whose form has been read."""

    def __init__(self, request: Request, fields: FormData) -> None:
        super().__init__(request.scope, request.receive)
        self._fields = fields

    async def form(self, **_limits: Any) -> FormData:  # type: ignore[override]
        return self._fields


class _ReadRequest(Request):
    """A request whose body has been read."""

    def __init__(self, request: Request, body: bytes, value: Any) -> None:
        super().__init__(request.scope, request.receive)
        self._bytes, self._value = body, value

    async def body(self) -> bytes:
        return self._bytes

    async def json(self) -> Any:
        return self._value


_TOO_DEEP = f"The body is nested more than {MAX_DEPTH} levels deep."


def _malformed(sentence: str) -> Refused:
    return refuse("malformed", "body", sentence)


def _constant(_name: str) -> Any:
    raise refuse("not_finite", "body", "NaN and Infinity are no JSON numbers.")


def _too_big() -> Refused:
    return refuse("out_of_range", "body", "A number has too many digits or too large an exponent.")


def _integer(text: str) -> int:
    if len(text) > MAX_NUMBER_CHARS:
        raise _too_big()
    return int(text)


def _decimal(text: str) -> Decimal:
    if len(text) > MAX_NUMBER_CHARS:
        raise _too_big()
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise _too_big() from None
    if not value.is_finite() or abs(value.adjusted()) > MAX_MAGNITUDE:
        raise _too_big()
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _malformed("A key is given twice in one object.")
    return value


def _check(value: Any, depth: int) -> None:
    """Depth, and text that no database or browser can hold."""
    if isinstance(value, list | dict) and depth >= MAX_DEPTH:
        raise _malformed(_TOO_DEEP)
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            _check(item, depth + 1)


def _check_text(text: str) -> None:
    if any("\ud800" <= char <= "\udfff" or char == "\0" for char in text):
        raise _malformed("A text has a lone surrogate or a null character.")
