"""Media types of bodies."""

from __future__ import annotations

from email.message import Message

from app.rest.problems import HttpProblem

JSON, CSV, JSON_LINES = "application/json", "text/csv", "application/jsonl"
NDJSON = "application/x-ndjson"
FORM = "application/x-www-form-urlencoded"


def checked_media_type(header: str, *expected: str) -> str:
    """The one of the expected types that a Content-Type names, in UTF-8 where it says so.

    Raises:
        HttpProblem: `unsupported_media_type`.
    """
    message = Message()
    message["content-type"] = header
    given = message.get_content_type() if header else ""
    if given not in expected or message.get_content_charset("utf-8") != "utf-8":
        names = " or ".join(expected)
        raise HttpProblem("unsupported_media_type", f"Send the body with Content-Type: {names}.")
    return given
