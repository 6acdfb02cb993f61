"""Content codings as the client asks for them: RFC 9110, section 12.5.3."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping

import brotli

IDENTITY = "identity"
CODINGS = ("br", "gzip")
"""What we compress with; the first of those that the client likes as much."""

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - the word of RFC 9110
_WEIGHT = r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?"
_ELEMENT = re.compile(rf"[ \t]*({_TOKEN})[ \t]*(?:;[ \t]*[qQ]=({_WEIGHT})[ \t]*)?")
_BROTLI_QUALITY, _GZIP_LEVEL = 4, 5


def weights_of(header: str) -> Mapping[str, float]:
    """The weight of each coding that an Accept-Encoding names; what cannot be read is passed over."""
    found = (_ELEMENT.fullmatch(element) for element in header.split(","))
    return {_name(one[1]): float(one[2] or 1) for one in found if one is not None}


def _name(coding: str) -> str:
    name = coding.lower()
    return "gzip" if name == "x-gzip" else name


def chosen(header: str | None, *, required: bool) -> str | None:
    """The coding of the answer, None when none fits.

    header : Accept-Encoding, all of its lines; None when there is none, so that any coding will do
    required : an answer without compression is out of the question
    """
    if header is None:
        return "gzip" if required else IDENTITY
    weights = weights_of(header)
    if weights == {IDENTITY: 0.0}:
        return "gzip"  # the client only says that it wants compression
    others = weights.get("*", 0.0)
    best = max(CODINGS, key=lambda coding: weights.get(coding, others))
    weight = weights.get(best, others)
    plain = weights.get(IDENTITY, weights.get("*"))  # None: allowed, and liked least
    if weight > 0 and (required or weight >= (plain or 0.0)):
        return best
    return IDENTITY if not required and plain != 0 else None


def encoded(body: bytes, coding: str) -> bytes:
    """The body in one of `CODINGS`."""
    if coding == "br":
        return bytes(brotli.compress(body, quality=_BROTLI_QUALITY))
    return gzip.compress(body, compresslevel=_GZIP_LEVEL, mtime=0)
