"""For all tests: numbers are crunched on one thread, as the product does it, and garbage is looked for rarely."""

import fcntl
import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.worker import ONE_THREAD

ROOT = Path(__file__).resolve().parents[1]

for name, count in ONE_THREAD.items():
    os.environ.setdefault(name, count)

gc.disable()


def pytest_collection_finish() -> None:
    """Modules and collected tests stay to the end; looking through them again and again took a fifth of a run."""
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    gc.enable()


@pytest.fixture(scope="session")
def loaded_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after `launch.py demo load`, made once for all workers; tests serve copies of it."""
    shared = tmp_path_factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else None
    folder = (shared or tmp_path_factory.mktemp("demo")) / "loaded-demo"
    with (folder.parent / "loaded-demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = folder.with_name("loaded-demo-making")
            env = {**os.environ, "FLEXDESK_DATA_DIR": str(making), "FLEXDESK_DEMO": "1"}
            command = [sys.executable, str(ROOT / "launch.py"), "demo", "load"]
            loaded = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
            assert loaded.returncode == 0, loaded.stdout + loaded.stderr
            making.rename(folder)
    return folder
