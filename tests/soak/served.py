"""A server of the run's own, on a demo day."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.soak.calls import Call
from tests.soak.wire import Wire

ROOT = Path(__file__).resolve().parents[2]
START_WITHIN_S = 180.0
ACCOUNTS = ("fmo", "tso", "dso1", "dso2", "esp1", "esp2", "agg1", "agg2", "retailer1", "brp1", "customer1")


@dataclass(frozen=True, kw_only=True)
class Served:
    """Where it listens and stores. `process` and `log`: of the server."""

    port: int
    database: Path
    log: Path
    process: subprocess.Popen[bytes]


@contextmanager
def served(data_dir: Path) -> Iterator[Served]:
    """`launch.py serve` with a demo in that empty folder; its clock stands still."""
    data_dir.mkdir(parents=True, exist_ok=True)
    desks_port, port = _free_ports()
    env = {
        **os.environ,
        "FLEXDESK_DATA_DIR": str(data_dir),
        "FLEXDESK_DEMO": "1",
        "FLEXDESK_DESKS_PORT": str(desks_port),
        "FLEXDESK_API_PORT": str(port),
        "FLEXDESK_RATE_PER_MINUTE": "10000000",
    }
    log = data_dir / "serve.log"
    with log.open("wb") as out:
        command = [sys.executable, "launch.py", "serve"]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)
    try:
        _wait(port, process, log)
        yield Served(port=port, database=data_dir / "flexdesk.db", log=log, process=process)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def tokens(port: int, accounts: Sequence[str] = ACCOUNTS, path: str = "/api/v1/token") -> Mapping[str, str]:
    """A token for each account, asked for from an address of its own: the run's may be throttled."""
    found = {}
    with Wire("127.0.0.1", port, source="127.0.0.2") as wire:
        for account in accounts:
            answer = wire.send(_sign_in(account, path))
            if answer.status == 200:
                found[account] = json.loads(answer.body)["access_token"]
    return found


def pause(wire: Wire, token: str) -> None:
    """Stop the market clock, so that nothing falls due."""
    body = b'{"action":"pause"}'
    headers = (*HEADERS, (b"authorization", f"Bearer {token}".encode()))
    call = Call(
        kind="pause", operation="", who="fmo", method="PUT", target=b"/api/v1/clock", headers=headers, body=body
    )
    assert wire.send(call).status == 200


HEADERS = ((b"host", b"127.0.0.1"), (b"accept-encoding", b"gzip"), (b"content-type", b"application/json"))
_HEALTH = Call(kind="health", operation="", who="", method="GET", target=b"/api/v1/health", headers=HEADERS[:2])


def _sign_in(account: str, path: str) -> Call:
    body = json.dumps({"account": account, "password": f"demo-{account}"}).encode()
    return Call(
        kind="sign-in", operation="", who="", method="POST", target=path.encode(), headers=HEADERS, body=body
    )


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_WITHIN_S
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with Wire("127.0.0.1", port) as wire:
                if wire.send(_HEALTH).status == 200:
                    return
        except OSError:
            time.sleep(0.3)
    raise SystemExit(f"The server did not start:\n{log.read_text()}")
