"""The server says that it is ready only when all that it needs is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from world import World

from app import readiness
from app.persistence import open_store
from app.readiness import Readiness
from app.vitals import Pulse


@dataclass
class Beats:
    beat_late: bool = False


class Gone:
    def needs_migration(self) -> bool:
        raise OSError("disk I/O error at a secret place")


def whats(ready: Readiness) -> list[str]:
    return [what for what, _ in ready()]


def test_nothing_is_missing(world: World, tmp_path: Path) -> None:
    assert Readiness(world.store, Beats(), tmp_path)() == ()


def test_each_thing_that_is_missing_is_named(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(f"sqlite:///{tmp_path / 'empty.db'}") as empty:
        assert whats(Readiness(empty, Beats(), tmp_path)) == ["migrations"]
    assert whats(Readiness(world.store, Beats(beat_late=True), tmp_path)) == ["scheduler"]
    assert whats(Readiness(world.store, Beats(), tmp_path / "gone")) == ["disk"]
    all_of_it = Readiness(Gone(), Beats(beat_late=True), tmp_path / "gone")
    assert whats(all_of_it) == ["database", "scheduler", "disk"]
    assert not any("secret" in sentence for _, sentence in all_of_it())
    monkeypatch.setattr(readiness, "LEAST_FREE_BYTES", 10**18)
    assert whats(Readiness(world.store, Beats(), tmp_path)) == ["disk"]


def test_a_scheduler_is_late_after_three_beats(world: World) -> None:
    pulse = Pulse(world.store, world.wall)
    assert not pulse.beat_late
    pulse.expect_every(10.0)
    world.wall.now += timedelta(seconds=29)
    assert not pulse.beat_late
    world.wall.now += timedelta(seconds=2)
    assert pulse.beat_late
    assert pulse.vitals().beat_late
    pulse.beat()
    assert not pulse.beat_late
