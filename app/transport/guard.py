"""Which addresses may be called. Addresses of other systems are entered by their companies: without a look at
where a name leads, a message would be a way into our own network (server-side request forgery).

The look is taken when the connection is made, and the connection goes to the very address that was looked at: what
a name leads to later is no matter. Every address of a name has to be fit, not only the one that is used.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpcore

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]
"""(host, port) -> its addresses."""

_GLOBAL_6 = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_TUNNELS = (ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/32"))
"""6to4 and Teredo: an IPv4 address in another form."""
_NEVER_4 = tuple(map(ipaddress.ip_network, ("192.88.99.0/24", "192.0.0.0/24")))
_PRIVATE = tuple(
    map(
        ipaddress.ip_network,
        ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"),
    )
)
"""Loopback and private networks: what the setting for local addresses allows."""
_MOST_TRIED = 4
_RESOLVERS = 32


class ForbiddenAddressError(Exception):
    """The address is none that may be called; the message is for people."""


def check(host: str, addresses: Iterable[str], *, local: bool) -> list[str]:
    """The addresses, when all of them may be called.

    local : loopback and private networks are allowed, too

    Raises:
        ForbiddenAddressError: one may not, or there is none.
    """
    found = list(dict.fromkeys(addresses))
    if not found:
        raise ForbiddenAddressError(f"{host} has no address.")
    for text in found:
        if not fits(text, local=local):
            raise ForbiddenAddressError(f"{host} leads to {text}, which is not called.")
    return found


def fits(text: str, *, local: bool) -> bool:
    """Whether an address may be called."""
    try:
        address = _unwrapped(ipaddress.ip_address(text))
    except ValueError:  # with a zone such as fe80::1%eth0, or no address at all
        return False
    if address.is_multicast or address.is_unspecified:
        return False
    if any(address in network for network in _PRIVATE if network.version == address.version):
        return local
    if isinstance(address, ipaddress.IPv6Address):
        tunnelled = any(address in network for network in _TUNNELS)
        return address in _GLOBAL_6 and address.is_global and not tunnelled
    return address.is_global and not address.is_reserved and not any(address in network for network in _NEVER_4)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for (IPv4-mapped, NAT64), otherwise itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


class Resolver:
    """Asks the system for a name's addresses, in threads of its own: one slow name server delays no other name."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="names")

    async def __call__(self, host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            found: list[Any] = await loop.run_in_executor(
                self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            )
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"The name {host} is not known.") from error
        return [str(entry[4][0]) for entry in found]

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Makes connections to addresses that were checked. TLS and the Host header keep the name."""

    def __init__(
        self, resolve: Resolve, *, local: bool, inner: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        self._resolve = resolve
        self._local = local
        self._inner = inner or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                addresses = check(host, await self._resolve(host, port), local=self._local)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"The name {host} is not answered for.") from error
        failed: Exception = httpcore.ConnectError(host)
        for address in addresses[:_MOST_TRIED]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)
