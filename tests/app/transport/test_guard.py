"""No address of our own network is called, however it is written and whenever the name comes to lead there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import httpcore
import pytest

from app.transport.client import Client
from app.transport.guard import ForbiddenAddressError, GuardedNetwork, check, fits

PUBLIC = [
    "93.184.215.14",
    "8.8.8.8",
    "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
    "64:ff9b::808:808",
    "::ffff:8.8.8.8",
]
LOCAL = ["127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "::1", "fd00::1"]
LOCAL_WRAPPED = ["::ffff:127.0.0.1", "::ffff:10.1.1.1", "64:ff9b::7f00:1", "64:ff9b::a00:1"]
NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "",
    "localhost",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_called(address: str) -> None:
    assert fits(address, local=False)
    assert fits(address, local=True)


@pytest.mark.parametrize("address", LOCAL + LOCAL_WRAPPED)
def test_our_own_network_is_called_by_setting_only(address: str) -> None:
    assert not fits(address, local=False)
    assert fits(address, local=True)


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_called(address: str) -> None:
    assert not fits(address, local=False)
    assert not fits(address, local=True)


def test_every_address_of_a_name_has_to_fit() -> None:
    assert check("x", ["8.8.8.8", "8.8.8.8", "1.1.1.1"], local=False) == ["8.8.8.8", "1.1.1.1"]
    for addresses in ([], ["8.8.8.8", "127.0.0.1"], ["::1", "8.8.8.8"]):
        with pytest.raises(ForbiddenAddressError):
            check("x", addresses, local=False)


class Names:
    """Answers a name differently each time."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def __call__(self, host: str, port: int) -> list[str]:
        return self.answers.pop(0)


class Wire(httpcore.AsyncMockBackend):
    """Notes where connections go, and answers."""

    def __init__(self, *refusing: str) -> None:
        super().__init__([b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"])
        self.called: list[str] = []
        self.refusing = refusing

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.called.append(host)
        if host in self.refusing:
            raise httpcore.ConnectError("refused")
        return await super().connect_tcp(host, port, timeout, local_address, socket_options)


def test_a_name_that_leads_elsewhere_later_leads_nowhere() -> None:
    """DNS rebinding: each connection goes to the address that was looked at for it, and is looked at anew."""
    wire = Wire()
    network = GuardedNetwork(Names(["8.8.8.8"], ["127.0.0.1"]), local=False, inner=wire)

    async def twice() -> None:
        await network.connect_tcp("rebinding.example", 443)
        with pytest.raises(ForbiddenAddressError, match=r"leads to 127\.0\.0\.1"):
            await network.connect_tcp("rebinding.example", 443)

    asyncio.run(twice())
    assert wire.called == ["8.8.8.8"]


def test_another_address_is_tried_when_one_refuses() -> None:
    wire = Wire("8.8.8.8")
    network = GuardedNetwork(Names(["8.8.8.8", "1.1.1.1"]), local=False, inner=wire)
    asyncio.run(network.connect_tcp("x", 443))
    assert wire.called == ["8.8.8.8", "1.1.1.1"]


def ask(url: str, *, local: bool, addresses: list[str]) -> Any:
    async def asked() -> Any:
        client = Client(local=local, resolve=Names(addresses))
        try:
            return await client.ask("GET", url, {})
        finally:
            await client.close()

    return asyncio.run(asked())


def test_the_client_calls_neither_http_nor_our_own_network() -> None:
    plain = ask("http://platform.example/x", local=False, addresses=["8.8.8.8"])
    assert (plain.status, plain.connected, plain.error) == (0, False, "Only https is called.")
    inside = ask("https://platform.example/x", local=False, addresses=["10.0.0.7"])
    assert (inside.status, inside.connected) == (0, False)
    assert "10.0.0.7" in inside.error
    literal = ask("https://[::ffff:127.0.0.1]/x", local=False, addresses=["::ffff:127.0.0.1"])
    assert (literal.status, literal.connected) == (0, False)
    other = ask("ftp://platform.example/x", local=True, addresses=["8.8.8.8"])
    assert (other.status, other.connected) == (0, False)
