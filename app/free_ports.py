"""Ports of this machine that nobody listens on."""

from __future__ import annotations

import socket

LOOPBACK = "127.0.0.1"
_given: set[int] = set()


def free_port() -> int:
    """A port nobody listens on now; never the same one twice, which may be free still though it was asked for."""
    while True:
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port: int = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port
