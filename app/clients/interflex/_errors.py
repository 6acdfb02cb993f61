"""The one exception of the client, read from problem details (RFC 9457) where the server sent them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

_MOST_CHARS = 1000


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong: a stable code, the field it is about, and a sentence for people."""

    code: str
    field: str
    sentence: str


class InterFlexError(Exception):
    """A call that was not done, or of which that is not known.

    `status` is the HTTP status, None when no answer came. `code` is the server's own code (docs/refusals.md) or
    one of the client's: `unreachable` (no connection was made), `timeout` and `broken_off` (the server may have
    done it), `unreadable` (an answer that the interface does not have), `http_<status>` (an error without problem
    details, as a proxy sends it). `sentence` is for people. `findings` is all that the server found wrong.
    """

    def __init__(self, status: int | None, code: str, sentence: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(status, code, sentence, findings)
        self.status = status
        self.code = code
        self.sentence = sentence
        self.findings = findings

    def __str__(self) -> str:
        answered = f"{self.status} {self.code}" if self.status is not None else self.code
        return f"{answered}: {self.sentence}"


def error_of(status: int, body: bytes) -> InterFlexError:
    """The error that an answer tells of: problem details, else the members of RFC 6749, else the bare status."""
    problem = _object(body)
    known = {code.value: code.phrase for code in HTTPStatus}
    code = _text(problem, "code") or _text(problem, "error") or f"http_{status}"
    sentence = (
        _text(problem, "detail")
        or _text(problem, "error_description")
        or _text(problem, "title")
        or f"The server answered {status} {known.get(status, '')}".rstrip() + "."
    )
    return InterFlexError(status, code, sentence, _findings(problem))


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _text(read: Mapping[str, Any], name: str) -> str:
    value = read.get(name)
    return value[:_MOST_CHARS] if isinstance(value, str) else ""


def _findings(problem: Mapping[str, Any]) -> tuple[Finding, ...]:
    listed = problem.get("findings")
    return tuple(
        Finding(code=_text(entry, "code"), field=_text(entry, "field"), sentence=_text(entry, "sentence"))
        for entry in (listed if isinstance(listed, list) else [])
        if isinstance(entry, dict)
    )
