"""How browsers reach the desks: their host names, TLS, and who asks when a proxy stands between."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest

HSTS = "max-age=31536000"
"""A year, for this host alone: whether others of its domain have TLS is not ours to say."""
_PORT = re.compile(r"^(?:([0-9.]+):\d+|\[(.+)\](?::\d+)?)$")
"""Some proxies say whom they were asked by with the port."""
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Edge:
    """hosts : those browsers name, with or without port, e.g. "desk.example" or "127.0.0.1:5006"
    https : whether browsers come by TLS, ended here or at the proxy
    proxies : addresses or networks whose forwarding headers are believed
    """

    hosts: Sequence[str]
    https: bool = False
    proxies: Sequence[str] = ()

    def speaks(self, origin: str) -> bool:
        """Whether an origin is one that browsers come by: TLS where there is TLS."""
        try:
            scheme = urlsplit(origin).scheme
        except ValueError:
            return False
        return scheme == "https" or (scheme == "http" and not self.https)

    def admits(self, origin: str) -> bool:
        """Whether a websocket of another host than it was opened at may come from this origin."""
        if not self.speaks(origin):
            return False
        parts = urlsplit(origin)
        return _with_port(parts.netloc, parts.scheme) in self._with_ports

    def address_of(self, request: HTTPServerRequest) -> str:
        """Our address as this request names it, without path; a host that is not ours counts as the first."""
        known = _with_port(request.host, self._scheme) in self._with_ports
        return f"{self._scheme}://{request.host if known else self.hosts[0]}"

    def remote_ip(self, request: HTTPServerRequest) -> str:
        """Who asks: the peer, or whom a trusted proxy names."""
        return client_ip(request.remote_ip or "", request.headers.get_list("X-Forwarded-For"), self._networks)

    @property
    def _scheme(self) -> str:
        return "https" if self.https else "http"

    @cached_property
    def _with_ports(self) -> frozenset[str]:
        return frozenset(_with_port(host, self._scheme) for host in self.hosts)

    @cached_property
    def _networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(ip_network(proxy) for proxy in self.proxies)


def client_ip(peer: str, forwarded_for: Iterable[str], trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    """The last address of the chain that is no trusted proxy; the peer where nothing sensible is said.

    Each proxy adds at the end whom it was asked by, so that what a client wrote itself stands further left.
    """
    chain = [part.strip() for value in forwarded_for for part in value.split(",")]
    ip = peer
    while chain and _is_within(ip, trusted):
        named = _PORT.sub(r"\1\2", chain.pop())
        if not _is_ip(named):
            break
        ip = named
    return ip


def _is_within(ip: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    return _is_ip(ip) and any(ip_address(ip) in network for network in networks)


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _with_port(host: str, scheme: str) -> str:
    """Lower case, the scheme's port where none is named."""
    host = host.lower()
    has_port = host.rpartition("]")[2].count(":") == 1
    return host if has_port else f"{host}:{_PORTS[scheme]}"
