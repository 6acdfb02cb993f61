"""What the description in OpenAPI says beyond types: words, refusals, ways to sign in, headers and examples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.rest.description_words import HEADERS, PARAMETERS, REFUSALS, TAGS
from app.rest.problems import MEDIA_TYPE, REFUSALS_PATH, Problem

Document = dict[str, Any]
TITLE = "FlexDesk"
SUMMARY = "A local flexibility market: sessions, requests, offers, results, metering and settlement."
EXAMPLES = Path(__file__).parent / "examples"
JSON = "application/json"


def bearer(words: str) -> Document:
    """A way to sign in. `words`: where tokens come from."""
    return {"type": "http", "scheme": "bearer", "description": words}


API_KEY: Document = {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key."}
MARKETS_OWN: Document = {
    "bearer": bearer("A token of `POST /api/v1/token` or `POST /api/v1/oauth/token`, or an API key."),
    "api_key": API_KEY,
    "oauth2": {
        "type": "oauth2",
        "flows": {
            "clientCredentials": {
                "tokenUrl": "/api/v1/oauth/token",
                "refreshUrl": "/api/v1/oauth/token",
                "scopes": {},
            },
            "password": {"tokenUrl": "/api/v1/oauth/token", "refreshUrl": "/api/v1/oauth/token", "scopes": {}},
        },
    },
}
CONSENT = "consent"
"""A way to sign in that opens only what names it."""
_SEALED = frozenset({"get_depth", "list_trades", "list_orders"})
"""Got, and still refused with 409: a call session has no open book."""


def described(document: Document, signing_in: Mapping[str, Any]) -> Document:
    """The description that FastAPI makes of routes and types, completed in place. `signing_in`: the ways to sign
    in, by their names."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for theirs in ("HTTPValidationError", "ValidationError"):
        schemas.pop(theirs, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}), Problem=problem)
    components["securitySchemes"] = dict(signing_in)
    components["responses"] = {name: _refusal(*told) for name, told in REFUSALS.items()}
    components["headers"] = {
        name: {"description": words, "schema": {"type": "string"}} for name, words in HEADERS.items()
    }
    used = set()
    for method, operation in operations(document):
        used.update(operation.get("tags", ()))
        _complete(method, operation, signing_in)
    document["tags"] = [{"name": name, "description": words} for name, words in TAGS.items() if name in used]
    return document


def operations(document: Document) -> Iterator[tuple[str, Document]]:
    """(method, operation) of every path."""
    for methods in document["paths"].values():
        yield from methods.items()


def _complete(method: str, operation: Document, signing_in: Mapping[str, Any]) -> None:
    _words(operation)
    if operation.get("security"):
        own = [one for one in operation["security"] if one.keys() <= signing_in.keys()]
        operation["security"] = own or [{name: []} for name in signing_in if name != CONSENT]
    if method == "get":
        operation.setdefault("parameters", []).append(_IF_NONE_MATCH)
    for parameter in operation.get("parameters", ()):
        parameter.setdefault("description", PARAMETERS.get(parameter["name"], ""))
    answers = operation["responses"]
    answers.pop("422", None)
    _headers(method, operation, answers)
    answers.update(
        {status: {"$ref": f"#/components/responses/{name}"} for status, name in _refused(method, operation)}
    )
    _examples(operation)


_IF_NONE_MATCH: Document = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    "description": "The `ETag` of an earlier answer; while it still holds, 304 is answered without a body.",
}


def _words(operation: Document) -> None:
    """The first sentence of what a route says of itself is its summary."""
    said = operation.get("description", "").strip()
    first = said.split("\n")[0]
    operation["summary"] = first.rstrip(".")
    operation["description"] = said


def _refusal(status: int, words: str, code: str) -> Document:
    example = Problem(
        type=f"{REFUSALS_PATH}#{code}", title=words, status=status, detail=words, code=code
    ).model_dump()
    return {
        "description": words,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
    }


def _refused(method: str, operation: Document) -> Iterator[tuple[str, str]]:
    """(status, name of the answer) of what an operation can refuse."""
    where = {parameter["in"]: True for parameter in operation.get("parameters", ())}
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    writes = method != "get"
    if operation.get("security"):
        yield "401", "SignedOut"
        yield "403", "NotPermitted"
    elif writes:
        yield "401", "SignedOut"
    if "path" in where or writes or any(name.endswith("_id") for name in names):
        yield "404", "NotFound"
    if writes or operation["operationId"] in _SEALED:
        yield "409", "Conflict"
    if "If-Match" in names:
        yield "412", "PreconditionFailed"
    if writes:
        yield "413", "TooLarge"
        yield "415", "UnsupportedMediaType"
    yield "422", "Invalid"
    yield "429", "TooMany"
    yield "default", "Fault"


def _headers(method: str, operation: Document, answers: Document) -> None:
    if method == "get":
        answers["304"] = {"description": "What was got before still holds."}
    for status, answer in answers.items():
        headers = answer.setdefault("headers", {})
        if method == "get" and status == "200":
            headers["ETag"] = {"$ref": "#/components/headers/ETag"}
            if any(parameter["name"] == "cursor" for parameter in operation.get("parameters", ())):
                headers["Link"] = {"$ref": "#/components/headers/Link"}
        if status in ("201", "202"):
            headers["Location"] = {"$ref": "#/components/headers/Location"}
        if not headers:
            del answer["headers"]


def _examples(operation: Document) -> None:
    """Real bodies and answers, as they were recorded."""
    path = EXAMPLES / f"{operation['operationId']}.json"
    if not path.is_file():
        return
    example: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for part, contents in (("body", _body(operation)), ("answer", _answer(operation))):
        if part in example:
            for content in contents.values():
                content["example"] = example[part]


def _body(operation: Document) -> Document:
    return dict(operation.get("requestBody", {}).get("content", {}))


def _answer(operation: Document) -> Document:
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            return dict(answer.get("content", {}))
    return {}
