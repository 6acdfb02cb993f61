"""A player's exchange on the DSO's stored network and schedules, from the request to the answer."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from app.bridge import curtailment, networks, schedules
from app.codec import from_data, to_data
from domain.errors import Refused
from domain.ids import TechnicalValidationId
from domain.platform.validation import (
    AreaPart,
    CouplingLimits,
    LimitKind,
    PowerPoint,
    SystemOperator,
    TechnicalValidationRequest,
    TechnicalValidationResponse,
)
from domain.time import MTU, DeliveryDay
from engine import compile_network, find_needs, power_flow

EXAMPLES = Path(__file__).parents[3] / "assets" / "demo" / "examples"
NETWORK = (EXAMPLES / "three-bus.json").read_text()
SCHEDULE = (EXAMPLES / "three-bus-2016-07-25.csv").read_text()
START = datetime(2016, 7, 25, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
FREE = CouplingLimits()
D = Decimal


def silent(stage: str, share: float) -> None:
    assert 0.0 <= share <= 1.0, stage


def request(*powers: str, **changes: object) -> TechnicalValidationRequest:
    asked = TechnicalValidationRequest(
        id=TechnicalValidationId("TV-1"),
        start=START,
        end=START + len(powers) * HOUR,
        curve=tuple(PowerPoint(at=START + k * HOUR, power_mw=D(power)) for k, power in enumerate(powers)),
        load_area=(AreaPart(name="Solar park"),),
    )
    return replace(asked, **changes)  # type: ignore[arg-type]


def answer(asked: TechnicalValidationRequest, limits: CouplingLimits = FREE) -> TechnicalValidationResponse:
    question = curtailment.inputs(NETWORK, SCHEDULE, asked, limits)
    return curtailment.answer_from(curtailment.solve(question, silent))


def needs_with(asked: TechnicalValidationRequest, share: Decimal) -> set[tuple[str, str, int]]:
    """Of the schedules with a share of the exchange at the solar park, in the quarter hours of the day."""
    facts = networks.read(NETWORK)
    planned = schedules.read(NETWORK, SCHEDULE, START.date())
    column = {bus: k for k, bus in enumerate(facts.bus_ids)}
    p_mw, q_mvar = np.zeros((2, 96, len(column)))
    for injected, by_unit in ((p_mw, planned.p_mw), (q_mvar, planned.q_mvar)):
        for unit, values in by_unit.items():
            injected[:, column[facts.unit_of[unit].bus]] += [float(value) for value in values]
    first = (START - DeliveryDay(day=START.date()).start) // MTU
    for k, point in enumerate(asked.curve):
        p_mw[first + 4 * k : first + 4 * k + 4, column["Solar park"]] += float(point.power_mw * share)
    network = compile_network(facts.grid)
    return {
        (need.element, need.kind, need.step) for need in find_needs(network, power_flow(network, p_mw, q_mvar))
    }


def test_all_of_a_small_exchange() -> None:
    found = answer(request("0.2", "-0.1"))
    assert found == TechnicalValidationResponse(
        request_id=TechnicalValidationId("TV-1"),
        share=D("1.000000"),
        dso_share=D("1.000000"),
        tso_share=D("1.000000"),
        binding=None,
        dso_binding=None,
        tso_binding=None,
    )


def test_the_share_of_a_large_one_and_what_binds() -> None:
    asked = request("2", "12")
    found = answer(asked)
    assert D(0) < found.share == found.dso_share < 1 == found.tso_share
    assert -found.share.as_tuple().exponent == 6  # type: ignore[operator]
    binding = found.binding
    assert binding is not None
    told = (binding.operator, binding.element, binding.kind)
    assert told == (SystemOperator.DSO, "Solar park", LimitKind.VOLTAGE)
    assert START + HOUR <= binding.at < START + 2 * HOUR
    assert None not in (binding.limit, binding.base, binding.value, binding.whole)
    assert binding.base < binding.value < D("1.050002") < binding.whole  # type: ignore[operator]
    before = needs_with(asked, D(0))
    assert needs_with(asked, found.share) <= before
    assert needs_with(asked, found.share + D("0.001")) - before


def test_the_tsos_limit_at_the_coupling_point() -> None:
    asked = request("3", "3")
    assert answer(asked).share == 1
    found = answer(asked, CouplingLimits(export_max_mw=D("1")))
    assert found.dso_share == 1
    assert found.share == found.tso_share < 1
    assert found.dso_binding is None
    assert found.binding == found.tso_binding
    assert found.binding is not None
    assert (found.binding.operator, found.binding.kind) == (SystemOperator.TSO, LimitKind.EXPORT)
    assert (found.binding.element, found.binding.limit) == ("Substation", D(1))
    assert found.binding.value == pytest.approx(D(1), abs=D("0.00001"))


def test_no_solution_is_told_without_numbers() -> None:
    bare = json.loads(NETWORK)
    for bus in bare["buses"]:
        del bus["vm_min_pu"], bus["vm_max_pu"]
    for branch in bare["branches"]:
        del branch["max_i_ka"]
    question = curtailment.inputs(json.dumps(bare), SCHEDULE, request("-5000"), FREE)
    found = curtailment.answer_from(curtailment.solve(question, silent))
    assert found.binding is not None
    assert found.binding.kind is LimitKind.NO_SOLUTION
    assert (found.binding.limit, found.binding.base, found.binding.whole) == (None, None, None)
    assert D(0) < found.share < D("0.1")


def test_a_feeder_spreads_its_share_by_ratings() -> None:
    zones = networks.read(NETWORK).zone_of_bus
    feeder = zones["Village"]
    parts = (AreaPart(name=feeder, share=D("0.8")), AreaPart(name="Village", share=D("0.2")))
    question = json.loads(curtailment.inputs(NETWORK, SCHEDULE, request("1", load_area=parts), FREE))
    # 2 MW of load in the village; 5 MW of generation and 1 MW of storage in the solar park.
    assert question["share_of_bus"] == {"Solar park": pytest.approx(0.6), "Village": pytest.approx(0.4)}


def test_each_moment_has_the_schedules_of_its_quarter_hour() -> None:
    twenty = timedelta(minutes=20)
    asked = request(
        "1",
        end=START + 2 * twenty,
        curve=(PowerPoint(at=START, power_mw=D(1)), PowerPoint(at=START + twenty, power_mw=D("-0.5"))),
    )
    question = json.loads(curtailment.inputs(NETWORK, SCHEDULE, asked, FREE))
    assert question["moments"] == [
        {"at": "2016-07-25T01:00:00Z", "step": 12, "power_mw": 1.0},
        {"at": "2016-07-25T01:15:00Z", "step": 13, "power_mw": 1.0},
        {"at": "2016-07-25T01:20:00Z", "step": 13, "power_mw": -0.5},
        {"at": "2016-07-25T01:30:00Z", "step": 14, "power_mw": -0.5},
    ]


def test_question_and_answer_survive_their_journey_as_text() -> None:
    asked = request("-0.5", "12")
    found = answer(asked, CouplingLimits(export_max_mw=D("1")))
    assert found.binding is not None
    for message in (asked, found):
        assert from_data(type(message), json.loads(json.dumps(to_data(message)))) == message


def test_the_same_question_gives_the_same_bytes() -> None:
    question = curtailment.inputs(NETWORK, SCHEDULE, request("12"), FREE)
    assert question == curtailment.inputs(NETWORK, SCHEDULE, request("12"), FREE)
    assert curtailment.solve(question, silent) == curtailment.solve(question, silent)


@pytest.mark.parametrize(
    ("changes", "limits", "code", "field"),
    [
        ({"load_area": (AreaPart(name="Atlantis"),)}, FREE, "unknown_area", "load_area[0].name"),
        ({"end": START}, FREE, "out_of_range", "end"),
        ({}, CouplingLimits(s_max_mva=D("NaN")), "not_finite", "s_max_mva"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    changes: dict[str, object], limits: CouplingLimits, code: str, field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        curtailment.inputs(NETWORK, SCHEDULE, request("1", **changes), limits)
    assert [(f.code, f.field) for f in refusal.value.findings] == [(code, field)]


def test_a_feeder_where_nobody_is_connected_is_refused() -> None:
    larger = json.loads(NETWORK)
    larger["buses"].append({"id": "Depot", "vn_kv": 20.0})
    larger["branches"].append({"id": "Line 3", "from": "Substation", "to": "Depot", "r_ohm": 1.0, "x_ohm": 1.0})
    empty = request("1", load_area=(AreaPart(name="Feeder Line 3"),))
    with pytest.raises(Refused, match="Nobody is connected"):
        curtailment.inputs(json.dumps(larger), SCHEDULE, empty, FREE)


def test_schedules_of_another_day_are_refused() -> None:
    tomorrow = request("1", start=START + 24 * HOUR, end=START + 25 * HOUR)
    tomorrow = replace(tomorrow, curve=(PowerPoint(at=tomorrow.start, power_mw=D(1)),))
    with pytest.raises(Refused, match="2016-07-25T22:00Z"):
        curtailment.inputs(NETWORK, SCHEDULE, tomorrow, FREE)


def test_a_day_without_a_solution_cannot_be_compared_with() -> None:
    rows = list(csv.reader(io.StringIO(SCHEDULE)))
    impossible = [[*row[:2], *(["9000"] * (len(row) - 2))] if row[:2] == ["LD-1", "p_mw"] else row for row in rows]
    schedule = "\n".join(",".join(row) for row in impossible)
    question = curtailment.inputs(NETWORK, schedule, request("1"), FREE)
    with pytest.raises(Refused, match="no solution") as refusal:
        curtailment.solve(question, silent)
    assert refusal.value.findings[0].code == "invalid_schedule"
