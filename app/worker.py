"""The one warm worker process that solves, and the pipe to it. Nothing here knows of jobs in the database."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from domain.errors import Refused

log = logging.getLogger(__name__)

_LIBRARIES = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA")
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in _LIBRARIES}
"""The worker is one core's work; libraries read these when they are imported."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    stage: str
    fraction: float


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a piece of work: result bytes, or why there are none."""

    succeeded: bool
    result: bytes = b""
    error: str = ""


Message = Progress | Outcome


Run = Callable[[str, bytes, Callable[[str, float], None]], bytes]
"""(kind, inputs, progress) -> result, as `app.bridge.work.run`."""


def attempt(kind: str, inputs: bytes, report: Connection | None = None, run: Run | None = None) -> Outcome:
    """Run one piece of work in this process, a job unless `run` says how; what goes wrong becomes an outcome."""
    if run is None:
        from app.bridge import work  # imported late: only who solves loads the engine

        run = work.run

    def progress(stage: str, fraction: float) -> None:
        if report is not None:
            report.send(Progress(stage=stage, fraction=float(fraction)))  # the engine may send a numpy number

    try:
        return Outcome(succeeded=True, result=run(kind, inputs, progress))
    except Refused as refused:
        return Outcome(succeeded=False, error=" ".join(finding.sentence for finding in refused.findings))
    except (BrokenPipeError, MemoryError):
        raise
    except Exception:
        log.exception("%s failed", kind)  # the fault's own words are for the log only: people read the outcome
        return Outcome(succeeded=False, error="The computation failed. The server's log has the fault.")


def serve(pipe: Connection) -> None:
    """The worker's main: take (kind, inputs), send progress and one outcome, until the pipe ends."""
    from app.bridge import work  # load the engine before the first job

    answer_all(pipe, work.run)


def answer_all(pipe: Connection, run: Run) -> None:
    """As `serve`, with another kind of work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then ends this process
    with suppress(EOFError, BrokenPipeError):
        while True:
            kind, inputs = pipe.recv()
            pipe.send(attempt(kind, inputs, pipe, run))


class Worker:
    """A spawned process with its pipe; started on first use, and again after `kill`.

    `main` runs in the process with its end of the pipe.
    """

    def __init__(self, main: Callable[[Connection], None] = serve) -> None:
        self._main = main
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        """Whether the process runs now; for any thread."""
        process = self._process
        try:
            return process is not None and process.is_alive()
        except ValueError:  # closed by another thread meanwhile
            return False

    def start(self) -> None:
        """Start the process if it does not run, so that it is warm when work comes."""
        if self._process is not None and self._process.is_alive():
            return
        self.kill()
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=self._main, args=(theirs,), name="flexdesk-worker", daemon=True)
        with _one_thread():
            self._process.start()
        theirs.close()

    def send(self, kind: str, inputs: bytes) -> None:
        """Hand over one piece of work. Raises OSError when the process is gone."""
        self.start()
        assert self._pipe is not None
        self._pipe.send((kind, inputs))

    def receive(self, timeout_s: float) -> Message | None:
        """The next message, None when none came in time; a process that is gone is a failed outcome."""
        if self._pipe is None:
            return Outcome(succeeded=False, error="The worker process is not running.")
        try:
            message: Message | None = self._pipe.recv() if self._pipe.poll(timeout_s) else None
        except (EOFError, OSError):
            return Outcome(succeeded=False, error="The worker process ended unexpectedly.")
        return message

    def kill(self) -> None:
        """End the process at once, whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None


@contextmanager
def _one_thread() -> Iterator[None]:
    """The environment that the child inherits; the parent's own is put back."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
