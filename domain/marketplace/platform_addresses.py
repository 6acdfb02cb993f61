"""Addresses of players' platforms (MPL-ADD). Where they lead is checked again whenever one connects."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from domain.errors import Finding

LONGEST_URL = 300
_URL = re.compile(r"https?://[!-~]+", re.ASCII)
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]", re.ASCII)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def url_findings(url: str, field: str) -> list[Finding]:
    """What is wrong with a platform's address: https, a host, perhaps a port and a path, and nothing else.

    Plain http is for the own machine alone (`LOOPBACK`); the server's settings say whether one may connect there.
    """
    sentence = _fault(url)
    return [Finding(code="malformed", field=field, sentence=sentence)] if sentence else []


def _fault(url: str) -> str:
    if len(url) > LONGEST_URL:
        return f"{len(url)} characters; at most {LONGEST_URL} are allowed."
    if not _URL.fullmatch(url):
        return "Give an address such as https://platform.company.example."
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "This is no address."
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        return "An address has no name and password in it."
    if parts.query or parts.fragment or "?" in url or "#" in url or "\\" in url:
        return "An address ends with its path."
    if not _HOST.fullmatch(f"[{host}]" if ":" in host else host) or port == 0:
        return "Give the name or number of a host."
    if parts.scheme == "http" and host not in LOOPBACK:
        return "Only https is allowed."
    return ""
