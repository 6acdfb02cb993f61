"""The desks' bench: its large region is a network, and its figures are counted as they are named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import world as w

from app.bench import report
from app.bench.desks.grid import CALM, tiled
from app.bench.desks.measure import GOALS, Measured
from app.bench.desks.sockets import latencies_ms
from app.bridge import networks, schedules


class Listener:
    def __init__(self, *heard_at: float) -> None:
        self.heard_at = list(heard_at)


def test_copies_of_a_network_hang_on_one_coupling_bus() -> None:
    network, rows = tiled(w.network(), w.schedule(), copies=3)
    facts = networks.read(network)
    document = json.loads(network)
    assert [bus["id"] for bus in document["buses"]] == ["1", "2", "3", "2 #1", "3 #1", "2 #2", "3 #2"]
    assert [branch["from"] for branch in document["branches"]] == ["1", "2", "1", "2 #1", "1", "2 #2"]
    assert len(facts.units) == 3 * len(w.UNITS)
    planned = schedules.read(network, rows, w.DAY)
    for name in ("PV-1", "PV-1 #2"):
        assert planned.p_mw[name][w.NOON] == 4 * CALM


def test_copies_lie_apart() -> None:
    buses = json.loads(tiled(w.network(), w.schedule(), copies=9)[0])["buses"]
    places = {(bus["lon"], bus["lat"]) for bus in buses}
    assert len(places) == len(buses)


def test_latency_is_to_the_first_patch_of_each_page_after_each_change() -> None:
    sessions: Any = [Listener(0.9, 1.1, 1.2, 2.3), Listener(1.4)]
    taken, missed = latencies_ms(sessions, [1.0, 2.0])
    assert taken == pytest.approx([100.0, 300.0, 400.0])
    assert missed == 1


def test_a_goal_is_met_up_to_its_limit() -> None:
    found = [Measured(goal=goal, value=goal.limit) for goal in GOALS.values()]
    missed = replace(found[0], value=found[0].goal.limit + 0.01)
    unknown = replace(found[0], value=None)
    assert all(one.met for one in found)
    assert (missed.met, unknown.met) == (False, None)
    rows = report.desk_rows([found[0], missed, unknown])
    assert [row[4] for row in rows] == ["met", "MISSED", ""]
    figures = report.desks_document([missed], datetime.now(UTC))["figures"]
    assert (figures[0]["goal"], figures[0]["met"]) == (3.0, False)
