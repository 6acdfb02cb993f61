"""Full collections come after closed pages, and the rarer the longer they take."""

from __future__ import annotations

from panel.io import document

from views.garbage import Garbage, instead_of_panels


class Time:
    """A clock, and a collection that takes two seconds of it."""

    def __init__(self) -> None:
        self.now, self.collected = 100.0, []

    def collect(self) -> None:
        self.collected.append(self.now)
        self.now += 2.0


def test_a_closed_page_is_collected_once():
    time = Time()
    garbage = Garbage(lambda: time.now, time.collect)
    garbage.check()
    assert time.collected == []
    garbage.left()
    garbage.check()
    garbage.check()
    assert time.collected == [100.0]


def test_the_next_collection_waits_fifty_times_as_long_as_the_last_took():
    time = Time()
    garbage = Garbage(lambda: time.now, time.collect)
    for time.now in range(100, 400, 5):
        garbage.left()
        garbage.check()
    assert time.collected == [100, 205, 310]


def test_panel_only_tells_of_closed_pages(monkeypatch):
    monkeypatch.setattr(document, "_garbage_collect", document._garbage_collect)
    collected = []
    garbage = instead_of_panels()
    garbage._collect = lambda: collected.append(True)
    document._garbage_collect()
    assert collected == []
    garbage.check()
    assert collected == [True]
