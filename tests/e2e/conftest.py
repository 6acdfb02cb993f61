"""The product as a person meets it: its own process, a fresh data folder, the system's Chromium, nothing else.

`clean` is a page that fails the test on any page error, console error, or request beyond this machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from browsing import Served, watch
from playwright.sync_api import Page

from app.free_ports import free_port

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
START_WITHIN_S = 60.0
LAUNCH = (sys.executable, str(ROOT / "launch.py"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """The system's Chromium, quiet: no traffic of its own."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("Chromium is missing: install the package `chromium`.")
    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ]
    return {**browser_type_launch_args, "executable_path": found, "args": quiet}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    """The size the desks are drawn for."""
    return {**browser_context_args, "viewport": {"width": 1440, "height": 900}}


@pytest.fixture
def clean(page: Page) -> Iterator[Page]:
    """A page that must stay without errors and on this machine."""
    found = watch(page)
    yield page
    assert found == []


@pytest.fixture(scope="module")
def server(loaded_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`launch.py serve` on a demo day of the module's own, on free ports."""
    data_dir = tmp_path_factory.mktemp("flexdesk") / "data"
    shutil.copytree(loaded_demo, data_dir)
    desks_port, api_port = free_port(), free_port()
    env = {
        **os.environ,
        "FLEXDESK_DATA_DIR": str(data_dir),
        "FLEXDESK_DESKS_PORT": str(desks_port),
        "FLEXDESK_API_PORT": str(api_port),
        "FLEXDESK_DEMO": "1",
    }
    log = data_dir / "serve.log"
    with log.open("w") as out:
        process = subprocess.Popen([*LAUNCH, "serve"], cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)
    served = Served(f"http://127.0.0.1:{desks_port}", f"http://127.0.0.1:{api_port}", data_dir, log)
    try:
        wait_until_up(served, process)
        yield served
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_up(served: Served, process: subprocess.Popen) -> None:
    """Both listeners answer, or the test fails with the log."""
    end = time.monotonic() + START_WITHIN_S
    waiting = [f"{served.desks}/login", f"{served.api}/api/v1/health"]
    while waiting and time.monotonic() < end:
        assert process.poll() is None, served.log.read_text()
        try:
            if httpx.get(waiting[0], timeout=2).status_code == 200:
                waiting.pop(0)
                continue
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    assert not waiting, f"no answer from {waiting}\n{served.log.read_text()}"
