"""Refusals as problem details (RFC 9457): one table from the kind of a refusal to a status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from app import correlation
from app.auth import Throttled
from domain.errors import CODES, Finding, Kind, Refused

MEDIA_TYPE = "application/problem+json"
REFUSALS_PATH = "/api/v1/docs/refusals.md"
MAX_FINDINGS = 20
_MAX_FIELD_CHARS = 80

STATUS: Mapping[Kind, int] = {
    Kind.INVALID: 422,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.PRECONDITION: 412,
    Kind.TOO_LARGE: 413,
    Kind.TOO_MANY: 429,
}


@dataclass(frozen=True, kw_only=True)
class HttpCode:
    """A code that only HTTP has."""

    status: int
    meaning: str


HTTP_CODES: Mapping[str, HttpCode] = {
    "idempotency_mismatch": HttpCode(status=409, meaning="The idempotency key was used for another body."),
    "answer_lost": HttpCode(
        status=409, meaning="The request with this idempotency key was carried out; its answer is not kept."
    ),
    "not_acceptable": HttpCode(
        status=406, meaning="None of the content codings that the client takes can be served."
    ),
    "not_ready": HttpCode(status=503, meaning="The server runs, but something that it needs is missing."),
    "method_not_allowed": HttpCode(status=405, meaning="The address does not know this method."),
    "unsupported_media_type": HttpCode(
        status=415, meaning="The body is not declared as the type that the address takes."
    ),
    "internal": HttpCode(status=500, meaning="A fault of the program; nothing was stored."),
    "unavailable": HttpCode(status=503, meaning="The database does not answer."),
}
_CODE_OF_STATUS = {
    400: "malformed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    503: "unavailable",
}

_CODE_OF_PYDANTIC = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "finite_number": "not_finite",
    "greater_than": "out_of_range",
    "greater_than_equal": "out_of_range",
    "less_than": "out_of_range",
    "less_than_equal": "out_of_range",
    "too_long": "out_of_range",
    "too_short": "missing",
    "string_too_long": "out_of_range",
    "string_too_short": "missing",
}
_SENTENCE_OF_PYDANTIC = {
    "missing": "This is needed.",
    "extra_forbidden": "There is no such field.",
    "model_attributes_type": "Give a JSON object.",
    "model_type": "Give a JSON object.",
    "list_type": "Give a list.",
    "string_type": "Give a text.",
    "string_pattern_mismatch": "It is too long or has characters that are not allowed.",
}


class FindingOut(BaseModel):
    code: str
    field: str
    sentence: str


class Problem(BaseModel):
    """Problem details; `findings` holds everything that is wrong, `type` leads to the code's meaning, and
    `correlation_id` is what to name when asking about it."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    correlation_id: str = ""
    findings: list[FindingOut] = Field(default_factory=list)


class HttpProblem(Exception):  # noqa: N818 - named as RFC 9457 names it
    """Raised by a route for one of `HTTP_CODES`."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code, self.sentence = code, sentence
        super().__init__(sentence)


class NotReady(Exception):  # noqa: N818 - as above
    """Raised by a route when the server lacks something; (what, sentence) each."""

    def __init__(self, missing: Iterable[tuple[str, str]]) -> None:
        self.missing = tuple(missing)
        super().__init__(", ".join(what for what, _ in self.missing))


def _answer(
    code: str,
    status: int,
    title: str,
    findings: Iterable[Finding] = (),
    detail: str = "",
    headers: Any = None,
    more: Mapping[str, str] | None = None,
) -> JSONResponse:
    found = [FindingOut(code=f.code, field=f.field, sentence=f.sentence) for f in findings][:MAX_FINDINGS]
    problem = Problem(
        type=f"{REFUSALS_PATH}#{code}",
        title=title,
        status=status,
        detail=detail or " ".join(f.sentence for f in found) or title,
        code=code,
        correlation_id=correlation.CURRENT.get(),
        findings=found,
    )
    return JSONResponse({**problem.model_dump(), **(more or {})}, status, headers, media_type=MEDIA_TYPE)


def refused_answer(
    refused: Refused, status: int = 0, more: Mapping[str, str] | None = None, scheme: str = "Bearer"
) -> JSONResponse:
    """The answer to a refused command or query.

    status : another than the one that follows from the refusal's kind; more : further members; scheme : by which
        one signs in here
    """
    code = refused.findings[0].code
    status = status or STATUS[refused.kind]
    headers = {}
    if status == STATUS[Kind.UNAUTHENTICATED]:
        headers["WWW-Authenticate"] = scheme
    if isinstance(refused, Throttled):
        headers["Retry-After"] = str(refused.retry_after_s)
    return _answer(code, status, CODES[code].meaning, refused.findings, headers=headers, more=more)


def http_answer(
    code: str, detail: str = "", headers: Any = None, findings: Iterable[Finding] = ()
) -> JSONResponse:
    """The answer for a code of `HTTP_CODES`."""
    entry = HTTP_CODES[code]
    return _answer(code, entry.status, entry.meaning, findings, detail, headers)


def findings_of(errors: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Validation errors as findings with JSON paths; no input is repeated."""
    return [_finding(error) for error, _ in zip(errors, range(MAX_FINDINGS), strict=False)]


def _finding(error: Mapping[str, Any]) -> Finding:
    kind = str(error["type"])
    code = kind if kind in CODES else _CODE_OF_PYDANTIC.get(kind, "malformed")
    sentence = _SENTENCE_OF_PYDANTIC.get(kind, f"{error['msg']}.".replace("..", "."))
    return Finding(code=code, field=json_path(error["loc"]), sentence=sentence)


def json_path(loc: Iterable[int | str]) -> str:
    """`("body", "lines", 0, "quantity_mw", 3)` as `lines[0].quantity_mw[3]`, cut at 80 characters."""
    where, *parts = loc
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")
    return (path or str(where))[:_MAX_FIELD_CHARS]


def install(api: FastAPI) -> None:
    """Answer everything that goes wrong with problem details."""

    @api.exception_handler(Refused)
    async def _refused(_request: Request, error: Refused) -> JSONResponse:
        return refused_answer(error)

    @api.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        return refused_answer(Refused(findings_of(error.errors())))

    @api.exception_handler(NotReady)
    async def _not_ready(_request: Request, error: NotReady) -> JSONResponse:
        found = [Finding(code="missing", field=what, sentence=sentence) for what, sentence in error.missing]
        return http_answer("not_ready", findings=found)

    @api.exception_handler(HttpProblem)
    async def _problem(_request: Request, error: HttpProblem) -> JSONResponse:
        return http_answer(error.code, error.sentence)

    @api.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> JSONResponse:
        code = _CODE_OF_STATUS.get(error.status_code, "internal")
        if code in HTTP_CODES:
            return http_answer(code, headers=error.headers)
        meaning = CODES[code].meaning
        return refused_answer(Refused([Finding(code=code, field="address", sentence=meaning)]))

    @api.exception_handler(Exception)
    async def _fault(_request: Request, _error: Exception) -> JSONResponse:
        return http_answer("internal")
