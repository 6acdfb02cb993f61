"""One call of the interface: sent, tried again where that is safe, answered or turned into an `InterFlexError`.

GET and DELETE are tried again after a lost connection, a time-out and the statuses of a busy server. A POST is
tried again only if no connection was made, since then the server cannot have seen it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from app.clients.interflex._errors import InterFlexError, error_of
from app.clients.interflex._options import Options, current, trust

JsonObject = dict[str, Any]

MOST_BYTES = 64 * 1024 * 1024
LONGEST_PAUSE_S = 5.0
"""A server that wants a longer pause is not waited for."""

_BUSY = (429, 502, 503, 504)
_HEADERS = {"Accept": "application/json, application/problem+json"}
_MAYBE = "Whether the server did it is not known."


@dataclass(frozen=True, kw_only=True)
class _Answer:
    status: int
    retry_after: str
    body: bytes


def get(url: str, access_token: str) -> Any:
    """What the server tells of a resource.

    Raises:
        InterFlexError: so do all functions here.
    """
    return _read(_call("GET", url, _bearer(access_token)))


def post(url: str, access_token: str, body: Mapping[str, object]) -> JsonObject:
    """The server's response to an object, by default empty."""
    return _object(_read(_call("POST", url, _bearer(access_token), json=body)))


def post_form(url: str, fields: Mapping[str, str]) -> JsonObject:
    """The server's response to a form, which no token comes with."""
    return _object(_read(_call("POST", url, {}, data=fields)))


def delete(url: str, access_token: str) -> JsonObject:
    """The server's response, by default empty, also where it only says at a repeated try that nothing is there."""
    return _object(_read(_call("DELETE", url, _bearer(access_token))))


def get_id(url: str, access_token: str, name: str) -> str:
    """A new id from the platform, the member `name` of the answer."""
    given = get(url, access_token)
    value = given.get(name) if isinstance(given, dict) else None
    if not isinstance(value, str) or not value:
        raise _unreadable(f"The answer holds no {name}.")
    return value


def get_list(url: str, access_token: str) -> list[Any]:
    """A list of objects."""
    given = get(url, access_token)
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        raise _unreadable("The answer is no list of objects.")
    return given


def _bearer(access_token: str) -> dict[str, str]:
    # A token is printable ASCII (RFC 6750, section 2.1); anything else could become a header of its own.
    if not access_token.isascii() or not access_token.isprintable() or " " in access_token or not access_token:
        raise ValueError("the access token has characters that no token has")
    return {"Authorization": f"Bearer {access_token}"}


def _call(method: str, url: str, headers: Mapping[str, str], **content: Any) -> _Answer:
    """The first answer that needs no further try.

    Raises:
        ValueError: what cannot be written as JSON, such as NaN; nothing was sent.
    """
    use = current()
    with httpx.Client(
        transport=use.transport,
        verify=trust(use.ca_file),
        timeout=httpx.Timeout(use.answer_s, connect=use.connect_s),
        headers=_HEADERS,
    ) as client:
        request = client.build_request(method, url, headers=dict(headers), **content)
        return _tried(client, request, use)


def _tried(client: httpx.Client, request: httpx.Request, use: Options) -> _Answer:
    repeatable, maybe_done = request.method in ("GET", "DELETE"), False
    for n in range(1, use.tries + 1):
        pause = use.pause_s * 2 ** (n - 1)
        try:
            answer = _once(client, request, use)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            failed = InterFlexError(None, "unreachable", f"{_place(request)} cannot be reached: {_why(error)}")
        except (httpx.RequestError, _TooSlowError) as error:
            failed = _broken(request, error)
            maybe_done = True
            if not repeatable:
                raise failed from None
        else:
            if maybe_done and request.method == "DELETE" and answer.status == 404:
                return _Answer(status=200, retry_after="", body=b"")
            if not repeatable or answer.status not in _BUSY:
                return answer
            pause = max(pause, _wanted(answer.retry_after))
            if n == use.tries or pause > LONGEST_PAUSE_S:
                return answer
            maybe_done = True
        if n == use.tries:
            raise failed
        time.sleep(pause)
    raise AssertionError("a call is tried at least once")


def _once(client: httpx.Client, request: httpx.Request, use: Options) -> _Answer:
    """One try. Raises `_TooSlowError` for an answer that drips, and what httpx raises."""
    end = time.monotonic() + use.answer_s
    answer = client.send(request, stream=True)
    try:
        body = bytearray()
        for part in answer.iter_bytes():
            body += part
            if len(body) > MOST_BYTES:
                raise _unreadable(f"The answer is larger than {MOST_BYTES} bytes.")
            if time.monotonic() > end:
                raise _TooSlowError
    finally:
        answer.close()
    return _Answer(status=answer.status_code, retry_after=answer.headers.get("Retry-After", ""), body=bytes(body))


class _TooSlowError(Exception):
    """An answer that takes longer than it may as a whole."""


def _broken(request: httpx.Request, error: Exception) -> InterFlexError:
    doubt = "" if request.method == "GET" else f" {_MAYBE}"
    if isinstance(error, httpx.TimeoutException | _TooSlowError):
        return InterFlexError(None, "timeout", f"{_place(request)} did not answer in time.{doubt}")
    return InterFlexError(None, "broken_off", f"{_place(request)} broke off the call: {_why(error)}{doubt}")


def _place(request: httpx.Request) -> str:
    return request.url.netloc.decode("ascii")


def _why(error: Exception) -> str:
    return f"{str(error).rstrip('.') or type(error).__name__}."


def _wanted(retry_after: str) -> float:
    """Seconds that the server asks to wait; a date is taken as too long."""
    if not retry_after:
        return 0.0
    return float(retry_after[:9]) if retry_after.isascii() and retry_after.isdecimal() else float("inf")


def _read(answer: _Answer) -> Any:
    """The JSON of a good answer; nothing is an empty object."""
    if not 200 <= answer.status < 300:
        raise error_of(answer.status, answer.body)
    if not answer.body:
        return {}
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise _unreadable("The answer is no JSON.", answer.status) from None


def _object(read: Any) -> JsonObject:
    if not isinstance(read, dict):
        raise _unreadable("The answer is no JSON object.")
    return read


def _unreadable(sentence: str, status: int | None = None) -> InterFlexError:
    return InterFlexError(status, "unreadable", sentence)
