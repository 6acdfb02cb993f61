"""How browsers reach the desks: origins, our own address, and who asks behind a proxy."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from views.edge import Edge, client_ip

TRUSTED = (ip_network("10.0.0.0/24"), ip_network("::1"))


@pytest.mark.parametrize(
    ("peer", "said", "who"),
    [
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
        ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["203.0.113.9", "198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        ("10.0.0.1", ["10.0.0.3"], "10.0.0.3"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["", "unknown"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.7, <script>"], "10.0.0.1"),
        ("::1", ["2001:db8::1"], "2001:db8::1"),
        ("10.0.0.1", ["198.51.100.7:4711"], "198.51.100.7"),
        ("10.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1"),
        ("10.0.0.1", ["[2001:db8::1]"], "2001:db8::1"),
        ("", ["198.51.100.7"], ""),
    ],
)
def test_who_asks_is_the_last_of_the_chain_that_is_no_proxy(peer: str, said: list[str], who: str) -> None:
    assert client_ip(peer, said, TRUSTED) == who


@pytest.mark.parametrize(
    ("origin", "by_https", "by_http"),
    [
        ("https://desk.example", True, False),
        ("https://desk.example:443", True, False),
        ("http://desk.example", False, True),
        ("http://desk.example:80", False, True),
        ("http://[::1]:5006", False, True),
        ("https://[::1]:5006", True, True),
        ("https://[::1]", False, False),
        ("https://desk.example:5006", False, False),
        ("https://me@desk.example", False, False),
        ("ftp://desk.example", False, False),
        ("null", False, False),
        ("", False, False),
        ("http://[", False, False),
    ],
)
def test_origins(origin: str, by_https: bool, by_http: bool) -> None:
    hosts = ("desk.example", "[::1]:5006")
    assert (Edge(hosts, https=True).admits(origin), Edge(hosts).admits(origin)) == (by_https, by_http)


def test_a_port_named_is_the_port_meant() -> None:
    assert Edge(("Desk.Example:443",), https=True).admits("https://desk.example")
    assert Edge(("desk.example:443",)).admits("https://desk.example")


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("desk.example", "https://desk.example"),
        ("other.example:8443", "https://other.example:8443"),
        ("evil.example", "https://desk.example"),
    ],
)
def test_our_address_is_one_of_ours(host: str, address: str) -> None:
    edge = Edge(("desk.example", "other.example:8443"), https=True)
    line = RequestStartLine("GET", "/", "HTTP/1.1")
    request = HTTPServerRequest(start_line=line, headers=HTTPHeaders({"Host": host}), connection=None)
    assert edge.address_of(request) == address
