"""A thread that sleeps until it is woken: at its start, when it is woken, and never after its stop."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from patience import PATIENCE_S, until

from app.woken import WokenThread


class Work:
    """Counts its turns; each may be held."""

    def __init__(self) -> None:
        self.n_begun = self.n_done = 0
        self.may_end = threading.Event()
        self.may_end.set()

    def turn(self) -> None:
        self.n_begun += 1
        assert self.may_end.wait(PATIENCE_S)
        self.n_done += 1


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def thread(work: Work) -> Iterator[WokenThread]:
    made = WokenThread("flexdesk-test", work.turn)
    yield made
    work.may_end.set()
    made.stop()


def test_it_works_at_the_start_and_each_time_it_is_woken(work: Work, thread: WokenThread) -> None:
    assert not thread.alive
    thread.start()
    until(lambda: work.n_done == 1, "the first turn")
    assert thread.alive
    thread.wake()
    until(lambda: work.n_done == 2, "the second turn")


def test_what_wakes_it_during_a_turn_is_not_lost(work: Work, thread: WokenThread) -> None:
    work.may_end.clear()
    thread.start()
    until(lambda: work.n_begun == 1, "the first turn under way")
    thread.wake()
    work.may_end.set()
    until(lambda: work.n_done == 2, "another turn")


def test_stopping_waits_for_the_turn_and_begins_none(work: Work, thread: WokenThread) -> None:
    work.may_end.clear()
    thread.start()
    until(lambda: work.n_begun == 1, "a turn under way")
    thread.wake()
    threading.Timer(0.05, work.may_end.set).start()
    thread.stop()
    assert (work.n_begun, work.n_done, thread.alive) == (1, 1, False)


def test_it_can_be_started_again(work: Work, thread: WokenThread) -> None:
    thread.start()
    until(lambda: work.n_done == 1, "a turn")
    thread.stop()
    thread.start()
    until(lambda: work.n_done == 2, "a turn after the second start")
