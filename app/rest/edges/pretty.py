"""JSON for people: indented unless the address says `pretty=false`."""

from __future__ import annotations

from urllib.parse import unquote_plus

from pydantic_core import from_json, to_json

from domain.errors import refuse

PARAMETER = "pretty"
_VALUES = {"true": True, "1": True, "false": False, "0": False}


def asked(query: bytes) -> tuple[bool, bytes]:
    """Whether the answer is to be indented, and the query string without that parameter.

    Raises:
        Refused: `malformed`: it is given twice, or is neither true, 1, false nor 0.
    """
    parts = query.split(b"&")
    own = [part for part in parts if unquote_plus(part.partition(b"=")[0].decode("latin-1")) == PARAMETER]
    if not own:
        return True, query
    value = unquote_plus(own[0].partition(b"=")[2].decode("latin-1"))
    if len(own) > 1 or value not in _VALUES:
        raise refuse("malformed", PARAMETER, "Give pretty=true, 1, false or 0, once.")
    return _VALUES[value], b"&".join(part for part in parts if part not in own)


def indented(body: bytes) -> bytes:
    """The same JSON, two spaces a level, with a line end."""
    try:
        return to_json(from_json(body), indent=2) + b"\n"
    except ValueError:
        return body
