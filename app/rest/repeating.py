"""Idempotency keys on POST: the same request again gets the same answer and does nothing twice.

As draft-ietf-httpapi-idempotency-key-header has it, but that another body is answered 409.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
from urllib.parse import quote

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from app import repeats
from app.repeats import Answer, Attempt, Kept
from app.rest.access import FromCaller, FromServices, Services, address_of
from app.rest.edges.exchange import exchange_of
from app.rest.problems import HttpProblem
from domain.errors import refuse

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
WAIT_S = 10.0
"""How long a request waits for an earlier one with its key."""

_KEY = re.compile(r'"([\x20\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x5b\x5d-\x7e]{1,255})')
_NOT_KEPT = frozenset({401, 406, 408, 413, 415, 429})
_SECRET = ("token", "secret", "password", "key")
_LONGEST_ROUTE = 500
_OWN = frozenset({"content-length", "date"})


class Replayed(Exception):  # noqa: N818 - not a fault
    """Raised instead of running a route; carries the answer of before."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class InFlight:
    """Attempts that are being carried out in this process. For one event loop."""

    def __init__(self) -> None:
        self._running: dict[tuple[str, str, str], asyncio.Event] = {}

    async def begin(self, attempt: Attempt) -> None:
        """Wait for the attempts of the same identity. Raises `Refused`: `in_progress` when that takes too long."""
        try:
            async with asyncio.timeout(WAIT_S):
                while attempt.identity in self._running:
                    await self._running[attempt.identity].wait()
        except TimeoutError:
            raise refuse("in_progress", HEADER, "The first request with this key is still running.") from None
        self._running[attempt.identity] = asyncio.Event()

    def end(self, attempt: Attempt) -> None:
        running = self._running.pop(attempt.identity, None)
        if running is not None:
            running.set()


async def repeatable(request: Request, caller: FromCaller, built_on: FromServices) -> None:
    """A POST with an idempotency key is carried out once for the caller's participant, or for its API key: another
    one may have other scopes.

    Raises:
        Replayed: it was before.
        Refused: `malformed`, `in_progress`.
        HttpProblem: `idempotency_mismatch`, `answer_lost`.
    """
    who = caller.principal.party_id
    await _once(request, built_on, f"{who} by key {caller.key.key_id}" if caller.key else who)


async def repeatable_by_anybody(request: Request, built_on: FromServices) -> None:
    """As `repeatable`, for each address."""
    await _once(request, built_on, f"anybody {address_of(request)}")


Repeatable = Depends(repeatable)
RepeatableByAnybody = Depends(repeatable_by_anybody)


async def _once(request: Request, built_on: Services, caller: str) -> None:
    key = _key_of(request) if request.method == "POST" else None
    if key is None:
        return
    attempt = Attempt(
        caller=caller,
        route=_route_of(request),
        key=key,
        fingerprint=_fingerprint(built_on.fingerprint_key, await request.body()),
    )
    in_flight: InFlight = request.app.state.in_flight
    await in_flight.begin(attempt)
    exchange = exchange_of(request.scope)
    exchange.over = lambda: in_flight.end(attempt)
    found = await run_in_threadpool(built_on.repeats.find, attempt)
    if found is not None:
        in_flight.end(attempt)
        raise _again(found, attempt)

    async def keep(answer: Answer) -> None:
        if answer.status < 500 and answer.status not in _NOT_KEPT:
            await run_in_threadpool(built_on.repeats.keep, attempt, _without_secrets(answer))

    exchange.keep = keep
    repeats.CURRENT.set(attempt)


def _key_of(request: Request) -> str | None:
    given = request.headers.getlist(HEADER)
    if not given:
        return None
    found = _KEY.fullmatch(given[0].strip()) if len(given) == 1 else None
    if found is None:
        raise refuse("malformed", HEADER, "Give one key of 1 to 255 visible characters, such as a UUID.")
    return found[1] or found[2]


def _route_of(request: Request) -> str:
    """Method and address in ASCII, by their hash where they are long: any bytes may come in an address."""
    path, query = quote(request.scope["path"], errors="replace"), quote(request.scope["query_string"], safe="%&=+")
    route = f"{request.method} {path}?{query}" if query else f"{request.method} {path}"
    return route if len(route) <= _LONGEST_ROUTE else f"sha256 {hashlib.sha256(route.encode()).hexdigest()}"


def _fingerprint(key: bytes, body: bytes) -> str:
    """Bodies may hold passwords, so that a plain hash could be guessed from."""
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def _again(found: Kept, attempt: Attempt) -> Exception:
    if not hmac.compare_digest(found.fingerprint, attempt.fingerprint):
        return HttpProblem(
            "idempotency_mismatch", "The key was used for another body; take a new key for this one."
        )
    if found.answer is None:
        made = f" and is about {found.made}" if found.made else ""
        return HttpProblem("answer_lost", f"The request was carried out{made}; look there, or take a new key.")
    return Replayed(found.answer)


def replayed_answer(replayed: Replayed) -> Response:
    """The answer of before, told to be that."""
    kept = replayed.answer
    answer = Response(kept.body, kept.status)
    for name, value in kept.headers:
        answer.headers[name] = value
    answer.headers[REPLAYED] = "true"
    return answer


def _without_secrets(answer: Answer) -> Answer | None:
    """What may be stored: nothing of an answer that issues something secret."""
    if _issues_a_secret(answer.body):
        return None
    headers = tuple((name, value) for name, value in answer.headers if name.lower() not in _OWN)
    return Answer(status=answer.status, headers=headers, body=answer.body)


def _issues_a_secret(body: bytes) -> bool:
    try:
        value = json.loads(body) if body.lstrip()[:1] == b"{" else {}
    except ValueError:
        return False
    return any(name.lower().endswith(_SECRET) for name in value)
