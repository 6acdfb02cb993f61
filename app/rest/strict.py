"""JSON read strictly: exact numbers, no duplicate keys, no NaN, no lone surrogates, bounded depth and digits."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from decimal import Decimal, InvalidOperation
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from app.rest.media import JSON, checked_media_type
from domain.errors import Refused, refuse

MAX_DEPTH = 16
MAX_NUMBER_CHARS = 40
MAX_MAGNITUDE = 30


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
