"""For all tests: numbers are crunched on one thread, as the product does it."""

import os

from app.worker import ONE_THREAD

for name, count in ONE_THREAD.items():
    os.environ.setdefault(name, count)
