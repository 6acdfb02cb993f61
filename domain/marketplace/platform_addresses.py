"""Addresses of players' platforms (MPL-ADD). Where they lead is checked again whenever one connects."""

from __future__ import annotations

from urllib.parse import urlsplit

from domain import transport
from domain.errors import Finding

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def url_findings(url: str, field: str) -> list[Finding]:
    """What is wrong with a platform's address: https, a host, perhaps a port and a path, and nothing else.

    Plain http is for the own machine alone (`LOOPBACK`); the server's settings say whether one may connect there.
    """
    found = transport.url_findings(url, field)
    if found or urlsplit(url).scheme == "https" or urlsplit(url).hostname in LOOPBACK:
        return found
    return [Finding(code="malformed", field=field, sentence="Only https is allowed.")]
