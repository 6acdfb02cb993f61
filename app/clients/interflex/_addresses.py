"""The addresses of the interface, from host, port, version and the parts of a path."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

_HOST = re.compile(r"[^\s\x00-\x20/?#@\\%:\[\]]{1,253}")
_DOTS = re.compile(r"[0-9.]+", re.ASCII)
_VERSION = re.compile(r"v[0-9]{1,4}", re.ASCII)


def address(host: str, port: str | int, version: str, *path: str) -> str:
    """The address of a resource. Plain HTTP unless the host says otherwise: "https://market.example".

    host : a name, an IPv4 or an IPv6 address (with or without brackets), a scheme before it if wanted
    path : parts of the path as they are, which are quoted here

    Raises:
        ValueError: what makes no address; nothing was sent.
    """
    scheme, name = _scheme(host)
    if not _VERSION.fullmatch(version):
        raise ValueError(f"{version!r} is no version such as v1")
    parts = "/".join(_quoted(part) for part in path)
    return f"{scheme}://{_name(name)}:{_port(port)}/interflex/api/{version}/{parts}"


def _scheme(host: str) -> tuple[str, str]:
    scheme, found, name = host.partition("://")
    if not found:
        return "http", host
    if scheme.lower() not in ("http", "https"):
        raise ValueError(f"{scheme!r} is neither http nor https")
    return scheme.lower(), name.removesuffix("/")


def _name(name: str) -> str:
    bare = name[1:-1] if name.startswith("[") and name.endswith("]") else name
    if ":" in bare:
        if "%" in bare:
            raise ValueError(f"{bare!r} has a zone, which an address on the web cannot have")
        return f"[{IPv6Address(bare)}]"
    if bare != name or not _HOST.fullmatch(bare):
        raise ValueError(f"{name!r} is neither the name nor the IP address of a host")
    return str(IPv4Address(bare)) if _DOTS.fullmatch(bare) else bare


def _port(port: str | int) -> int:
    text = str(port)
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= 65535):
        raise ValueError(f"{port!r} is no port; 1 to 65535 are")
    return int(text)


def _quoted(part: str) -> str:
    if part in ("", ".", ".."):
        raise ValueError(f"{part!r} names nothing")
    return quote(part, safe="")
