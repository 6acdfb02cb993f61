"""A worker's main for tests: what the inputs say happens, without any engine."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from multiprocessing.connection import Connection

from app.worker import ONE_THREAD, Outcome, Progress


def serve(pipe: Connection) -> None:
    with suppress(EOFError, BrokenPipeError):
        while True:
            _, inputs = pipe.recv()
            pipe.send(_do(pipe, inputs))


def _do(pipe: Connection, inputs: bytes) -> Outcome:
    if inputs == b"crash":
        os._exit(3)
    if inputs == b"fail":
        return Outcome(succeeded=False, error="The power flow has no solution.")
    if inputs == b"threads":
        return Outcome(succeeded=True, result=",".join(os.environ.get(name, "") for name in ONE_THREAD).encode())
    if inputs == b"slow":
        for turn in range(2000):
            pipe.send(Progress(stage="clearing", fraction=turn / 2000))
            time.sleep(0.02)
    return Outcome(succeeded=True, result=inputs[::-1])
