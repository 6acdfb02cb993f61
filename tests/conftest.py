"""For all tests: numbers are crunched on one thread, as the product does it, and garbage is looked for rarely."""

import gc
import os

from app.worker import ONE_THREAD

for name, count in ONE_THREAD.items():
    os.environ.setdefault(name, count)

gc.disable()


def pytest_collection_finish() -> None:
    """Modules and collected tests stay to the end; looking through them again and again took a fifth of a run."""
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    gc.enable()
