"""The schedulers' beat: steps that fail leave the others alone, some are done now and then only."""

from __future__ import annotations

import threading

from app.beat import Beat, Seldom, each


def test_a_step_that_fails_is_logged_and_the_others_are_done() -> None:
    done: list[str] = []

    def fails() -> None:
        raise RuntimeError("no")

    each((lambda: done.append("first"), fails, lambda: done.append("last")))
    assert done == ["first", "last"]


def test_some_steps_are_done_now_and_then() -> None:
    now, done = [10.0], []
    step = Seldom(lambda: done.append(now[0]), 5.0, lambda: now[0])
    for at in (10.0, 11.0, 14.9, 15.0, 15.1, 30.0):
        now[0] = at
        step()
    assert done == [10.0, 15.0, 30.0]


def test_a_step_that_fails_is_tried_again_at_its_time_only() -> None:
    now, tries = [10.0], []

    def fails() -> None:
        tries.append(now[0])
        raise RuntimeError("no")

    step = Seldom(fails, 5.0, lambda: now[0])
    for at in (10.0, 11.0, 15.0):
        now[0] = at
        each((step,))
    assert tries == [10.0, 15.0]


def test_it_beats_until_it_is_stopped() -> None:
    polled = threading.Event()
    beat = Beat(polled.set, 0.01)
    beat.start()
    assert polled.wait(10)
    beat.stop()
    beat.stop()
    polled.clear()
    assert not polled.wait(0.05)
