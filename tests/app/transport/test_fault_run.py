"""A part of the fault run from a fixed seed: two processes, a faulty proxy between them, an outage, kills."""

from __future__ import annotations

from pathlib import Path

from tests.soak.faults import Plan, Run
from tests.soak.faults_proxy import SHARES


def test_none_is_lost_and_none_is_done_twice(tmp_path: Path) -> None:
    plan = Plan(n=160, seed=11, kill_every_s=(3.0, 6.0), most_kills=2, outages=(0.5,), within_s=240)
    found = Run(tmp_path, plan).run()
    assert found.checked.right, found
    assert found.tracebacks == 0
    assert (found.outages, found.kills) == (1, {"place": 1, "platform": 1})
    assert len(set(found.drawn) & set(SHARES)) >= 8
    assert found.checked.n_tries > found.checked.n_sent
