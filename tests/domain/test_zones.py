"""Grid zones: which corners are none, and which buses lie inside. Conditions: what they cut, and when."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.flexibility.assets import AssetKind, FlexAsset, headroom
from domain.flexibility.conditions import Condition, condition_findings
from domain.flexibility.zones import Corner, corner_findings, inside
from domain.lifecycle import AssetState
from domain.time import DeliveryDay

D = Decimal


def corners(*places: tuple[float | str, float | str]) -> tuple[Corner, ...]:
    return tuple(Corner(lon=D(str(lon)), lat=D(str(lat))) for lon, lat in places)


SQUARE = corners((0, 0), (1, 0), (1, 1), (0, 1))
L_SHAPE = corners((0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2))


def found(*places: tuple[float | str, float | str]) -> list[tuple[str, str]]:
    return [(f.code, f.field) for f in corner_findings(corners(*places))]


@pytest.mark.parametrize("zone", [SQUARE, L_SHAPE, corners((9.1, 53.2), (9.2, 53.2), (9.15, 53.3))])
def test_plain_areas_are_taken_in_both_senses(zone: tuple[Corner, ...]) -> None:
    assert corner_findings(zone) == corner_findings(zone[::-1]) == []


def test_what_is_wrong_with_corners_is_said_where() -> None:
    assert found((0, 0), (1, 1)) == [("out_of_range", "corners")]
    assert found(*[(k / 1000, k * k / 1e6) for k in range(201)]) == [("out_of_range", "corners")]
    assert found((181, 0), (0, -91), (0, 0)) == [
        ("out_of_range", "corners[0].lon"),
        ("out_of_range", "corners[1].lat"),
    ]
    assert found(("NaN", 0), (1, 0), (1, 1)) == [("not_finite", "corners[0].lon")]
    assert found(("0.1234567", 0), (1, 0), (1, 1)) == [("too_many_decimals", "corners[0].lon")]


@pytest.mark.parametrize(
    "places",
    [
        ((0, 0), (1, 1), (1, 0), (0, 1)),
        ((0, 0), (2, 0), (1, 0), (1, 1)),
        ((0, 0), (1, 0), (1, 0), (0, 1)),
        ((0, 0), (2, 0), (2, 2), (1, 0), (0, 2)),
        ((0, 0), (1, 0), (2, 0)),
    ],
    ids=["bow tie", "folds back", "twice the same corner", "touches an edge", "no area"],
)
def test_edges_that_meet_are_named(places: tuple[tuple[float, float], ...]) -> None:
    assert found(*places) == [("self_crossing", "corners")]
    assert "edge" in corner_findings(corners(*places))[0].sentence


def test_buses_inside_and_on_the_edge_count_in_their_order() -> None:
    places = {"out": (1.5, 1.5), "edge": (0.0, 0.5), "in": (0.5, 1.5), "corner": (2.0, 0.0), "notch": (1.0, 1.0)}
    assert inside(places, L_SHAPE) == ("edge", "in", "corner", "notch")
    assert inside({}, L_SHAPE) == ()


@given(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
def test_a_square_holds_what_its_bounds_hold(x: float, y: float) -> None:
    assert (inside({"b": (x, y)}, SQUARE) == ("b",)) == (0 <= x <= 1 and 0 <= y <= 1)


def asset(condition: Condition | None) -> FlexAsset:
    return FlexAsset(
        id="FA-1",
        owner_id="esp1",
        region_id="R1",
        unit_id="BAT-1",
        bus="3",
        name="Battery",
        kind=AssetKind.STORAGE,
        p_min_mw=D(-1),
        p_max_mw=D(1),
        state=AssetState.CONDITIONAL,
        condition=condition,
    )


DAY = DeliveryDay(day=date(2016, 7, 25))


def test_a_condition_cuts_its_direction_in_its_hours() -> None:
    plain = asset(None)
    limited = asset(Condition(most_up_mw=D("0.2"), from_hour=10, to_hour=12))
    flat = (D(0),) * DAY.n_steps
    room = headroom(limited, flat, day=DAY)
    assert [step for step, up in enumerate(room.up_mw) if up == D("0.2")] == list(range(40, 48))
    assert {up for step, up in enumerate(room.up_mw) if not 40 <= step < 48} == {D(1)}
    assert room.down_mw == headroom(plain, flat, day=DAY).down_mw
    assert set(headroom(limited, flat).up_mw) == {D("0.2")}


@pytest.mark.parametrize(("day", "n"), [(date(2026, 3, 29), 4), (date(2026, 10, 25), 12)])
def test_hours_are_those_of_the_clock_on_changing_days(day: date, n: int) -> None:
    delivery = DeliveryDay(day=day)
    room = headroom(
        asset(Condition(most_up_mw=D(0), from_hour=1, to_hour=3)), (D(0),) * delivery.n_steps, day=delivery
    )
    assert sum(up == 0 for up in room.up_mw) == n


def test_what_is_no_condition() -> None:
    def codes(**values: object) -> list[tuple[str, str]]:
        return [(f.code, f.field) for f in condition_findings(Condition(**values))]  # type: ignore[arg-type]

    assert codes() == [("missing", "most_up_mw")]
    assert codes(most_up_mw=D(-1)) == [("negative", "most_up_mw")]
    assert codes(most_down_mw=D("0.5"), from_hour=12, to_hour=12) == [("out_of_range", "to_hour")]
    assert codes(most_down_mw=D(0), to_hour=25) == [("out_of_range", "to_hour")]
    assert codes(most_up_mw=D("0.3"), most_down_mw=D(0), from_hour=0, to_hour=24) == []


def test_a_condition_in_words() -> None:
    assert Condition(most_up_mw=D("0.20"), most_down_mw=D(0)).words() == "at most 0.2 MW up and 0 MW down"
    assert Condition(most_down_mw=D(10), from_hour=9).words() == "at most 10 MW down from 09:00 to 24:00"
