"""What every answer has, whatever was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from app.rest.problems import HTTP_CODES, MEDIA_TYPE, REFUSALS_PATH, STATUS
from domain.errors import CODES
from tests.soak.calls import Call, Got

WITHIN_S = 10.0
MAX_REFUSAL_BYTES = 10_000
MAX_ANSWER_BYTES = 20_000_000
PAGES = tuple(f"{method} /b2c/v1/{part}" for method in ("GET", "POST") for part in ("authorize", "asks"))
"""What a customer's browser gets is a page, also when it is refused."""
_STATUS_OF: Mapping[str, int] = {code: STATUS[entry.kind] for code, entry in CODES.items()} | {
    code: entry.status for code, entry in HTTP_CODES.items()
}


def faults(call: Call, got: Got) -> Iterator[str]:
    """Everything that should not be so in an answer."""
    if got.status >= 500:
        yield f"status {got.status}"
    if got.seconds > WITHIN_S:
        yield f"after {got.seconds:.1f} s"
    try:
        body = got.body
    except Exception as error:
        yield f"its coding cannot be undone: {error}"
        return
    if len(body) > (MAX_ANSWER_BYTES if got.status < 400 else MAX_REFUSAL_BYTES):
        yield f"{len(body)} bytes"
    if b"Traceback" in body:
        yield "a traceback"
    if "x-correlation-id" not in got.headers:
        yield "no correlation id"
    yield from _content(call, got, body)


def _content(call: Call, got: Got, body: bytes) -> Iterator[str]:
    media_type = got.headers.get("content-type", "").partition(";")[0]
    if not body:
        if got.status >= 400 and call.method != "HEAD":
            yield "no problem details"
        return
    if not media_type.endswith("json"):
        if got.status >= 400 and not (media_type == "text/html" and call.operation.startswith(PAGES)):
            yield f"a refusal as {media_type}"
        return
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_once)
    except ValueError as error:
        yield f"no JSON: {error}"
        return
    if got.status >= 400:
        yield from _problem(got, media_type, value)


def _problem(got: Got, media_type: str, value: Any) -> Iterator[str]:
    if media_type != MEDIA_TYPE:
        yield f"a refusal as {media_type}"
        return
    code = value["code"]
    if code not in _STATUS_OF:
        yield f"code {code}"
    if value["status"] != got.status:
        yield f"status {value['status']} in the body of {got.status}"
    if value["type"] != f"{REFUSALS_PATH}#{code}":
        yield f"type {value['type']}"
    if not (value["title"] and value["detail"]):
        yield "no title or detail"
    replayed = got.headers.get("idempotency-replayed")  # then the body is the first one's, its id too
    if not replayed and value["correlation_id"] != got.headers.get("x-correlation-id"):
        yield "another correlation id"
    for finding in value["findings"]:
        if finding["code"] not in _STATUS_OF or not finding["sentence"]:
            yield f"finding {finding}"


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key twice")
    return value


def code_of(got: Got) -> str:
    """The code of a refusal, empty for an answer that is none."""
    if got.status < 400:
        return ""
    try:
        return str(json.loads(got.body)["code"])
    except (ValueError, KeyError, TypeError):
        return "none"
