"""Media types of bodies."""

from __future__ import annotations

from starlette.datastructures import Headers

from app.rest.problems import HttpProblem

JSON, CSV, JSON_LINES = "application/json", "text/csv", "application/jsonl"
NDJSON = "application/x-ndjson"
FORM = "application/x-www-form-urlencoded"


def checked_media_type(headers: Headers, *expected: str) -> str:
    """The one of the expected types that the Content-Type names, in UTF-8 where it says so; of two of them none.

    Raises:
        HttpProblem: `unsupported_media_type`.
    """
    given, *parameters = ", ".join(headers.getlist("content-type")).split(";")
    media_type = given.strip().lower()
    if media_type not in expected or not all(map(_is_harmless, parameters)):
        names = " or ".join(expected)
        raise HttpProblem("unsupported_media_type", f"Send the body with Content-Type: {names}.")
    return media_type


def _is_harmless(parameter: str) -> bool:
    """It names no other charset, in whatever notation (`charset*=` of RFC 8187 is one)."""
    name, _, value = parameter.partition("=")
    name = name.strip().lower()
    return not name.startswith("charset") or (name == "charset" and value.strip().strip('"').lower() == "utf-8")
