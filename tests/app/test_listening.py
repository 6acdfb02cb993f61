"""What the REST interface listens at."""

from __future__ import annotations

import socket

from app.cli.listening import bound


def test_what_is_accepted_sends_at_once() -> None:
    with bound("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
