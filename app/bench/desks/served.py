"""A product of its own for the measurement: demo day, a large region, and callers of its REST interface."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.free_ports import free_port

ROOT = Path(__file__).resolve().parents[3]
UP_WITHIN_S, DOWN_WITHIN_S = 300.0, 15.0


@dataclass(frozen=True)
class Product:
    """A served product; `pid` of its process."""

    desks: str
    api: str
    pid: int

    def caller(self, account: str) -> httpx.Client:
        """A REST client of a demo account. Raises httpx.HTTPStatusError when it is not let in."""
        body = {"account": account, "password": f"demo-{account}"}
        token = _told(httpx.post(f"{self.api}/token", json=body))["access_token"]
        return httpx.Client(base_url=self.api, headers={"Authorization": f"Bearer {token}"}, timeout=120)

    def cookies(self, account: str) -> dict[str, str]:
        """The cookies of a demo account signed in at the desks."""
        with httpx.Client(base_url=self.desks, timeout=60) as client:
            client.get("/login").raise_for_status()
            fields = {"account": account, "password": f"demo-{account}", "_xsrf": client.cookies["_xsrf"]}
            client.post("/login", data={**fields, "next": "/"})
            return dict(client.cookies)

    def resident_mb(self) -> float | None:
        """Memory of the serving process, None where the system does not tell it."""
        status = Path(f"/proc/{self.pid}/status")
        if not status.exists():
            return None
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmRSS")]
        return float(line.split()[1]) / 1024


@contextmanager
def served(folder: Path) -> Iterator[Product]:
    """The product on free ports with the demo day in a new folder. Raises RuntimeError with its log."""
    desks_port, api_port = free_port(), free_port()
    settings = {
        "FLEXDESK_DATA_DIR": str(folder),
        "FLEXDESK_DESKS_PORT": str(desks_port),
        "FLEXDESK_API_PORT": str(api_port),
        "FLEXDESK_DEMO": "1",
        "FLEXDESK_MAX_BODY_BYTES": "50000000",
    }
    log = folder / "serve.log"
    with log.open("w") as out:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, str(ROOT / "launch.py"), "serve"],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    product = Product(f"http://127.0.0.1:{desks_port}", f"http://127.0.0.1:{api_port}/api/v1", process.pid)
    try:
        _wait_until_up(product, process, log)
        yield product
    finally:
        process.terminate()
        try:
            process.wait(DOWN_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_up(product: Product, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + UP_WITHIN_S
    waiting = [f"{product.api}/health", f"{product.desks}/login"]
    while waiting:
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"The product did not start:\n{log.read_text()}")
        try:
            if httpx.get(waiting[0], timeout=2).status_code == httpx.codes.OK:
                waiting.pop(0)
                continue
        except httpx.TransportError:
            pass
        time.sleep(0.2)


def finished(caller: httpx.Client, within_s: float = 600.0) -> None:
    """Wait until no job waits or runs. Raises RuntimeError when one fails or time is up."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        jobs: list[Mapping[str, Any]] = _told(caller.get("/jobs"))["items"]
        failed = [job["error"] for job in jobs if job["state"] == "failed"]
        if failed:
            raise RuntimeError(f"A job failed: {failed[0]}")
        if all(job["state"] in ("done", "cancelled") for job in jobs):
            return
        time.sleep(0.5)
    raise RuntimeError("The jobs did not end in time.")


def _told(answer: httpx.Response) -> Any:
    answer.raise_for_status()
    return answer.json()
