"""Delivery days across the clock changes, and the market clock as a straight line over wall time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from domain.errors import Refused
from domain.time import MTU, DeliveryDay, MarketClock, as_utc, wall_clock

SPRING, AUTUMN, PLAIN = date(2026, 3, 29), date(2026, 10, 25), date(2026, 7, 26)
WALL = datetime(2026, 11, 21, 8, tzinfo=UTC)
MARKET = datetime(2016, 7, 24, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(("day", "n_steps"), [(SPRING, 92), (PLAIN, 96), (AUTUMN, 100)])
def test_a_day_has_all_its_quarter_hours(day: date, n_steps: int) -> None:
    delivery = DeliveryDay(day=day)
    assert delivery.n_steps == n_steps
    assert delivery.instant(n_steps) == delivery.end
    assert DeliveryDay(day=day + timedelta(days=1)).start == delivery.end


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_calendars_ends_are_no_delivery_days(day: date) -> None:
    with pytest.raises(Refused) as refused:
        DeliveryDay(day=day)
    assert [finding.code for finding in refused.value.findings] == ["out_of_range"]


def test_the_days_next_to_the_calendars_ends_are_whole() -> None:
    for day in (date.min + timedelta(days=1), date.max - timedelta(days=1)):
        assert DeliveryDay(day=day).n_steps == 96


def test_spring_skips_an_hour() -> None:
    delivery = DeliveryDay(day=SPRING)
    assert delivery.start == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert [delivery.label(step) for step in (7, 8)] == ["01:45", "03:00"]
    assert delivery.instant(8) - delivery.instant(7) == MTU


def test_autumn_has_an_hour_twice() -> None:
    delivery = DeliveryDay(day=AUTUMN)
    assert delivery.start == datetime(2026, 10, 24, 22, tzinfo=UTC)
    labels = [delivery.label(step) for step in range(delivery.n_steps)]
    assert labels.count("02:00") == labels.count("02:45") == 2
    assert labels[-1] == "23:45"
    assert len({delivery.instant(step) for step in range(delivery.n_steps)}) == 100


def test_instants_need_an_offset() -> None:
    there = datetime(2026, 7, 26, 12, tzinfo=timezone(timedelta(hours=2)))
    assert as_utc(there) == datetime(2026, 7, 26, 10, tzinfo=UTC)
    with pytest.raises(Refused, match="naive_time"):
        as_utc(datetime(2026, 7, 26, 12))  # noqa: DTZ001


def test_the_clock_runs_at_its_speed_and_pauses() -> None:
    clock = MarketClock(anchor_market=MARKET, anchor_wall=WALL, speed=60.0, movable=True)
    later = WALL + timedelta(seconds=10)
    assert clock.at(later) == MARKET + timedelta(minutes=10)
    paused = clock.run(later, 0.0)
    assert paused.at(later) == paused.at(later + timedelta(days=1)) == MARKET + timedelta(minutes=10)
    assert paused.movable


def test_a_new_speed_does_not_jump() -> None:
    clock = MarketClock(anchor_market=MARKET, anchor_wall=WALL, speed=2.0)
    for seconds, speed in ((3, 7.0), (5, 0.0), (8, 0.5)):
        now = WALL + timedelta(seconds=seconds)
        changed = clock.run(now, speed)
        assert changed.at(now) == clock.at(now)
        clock = changed


def test_the_clock_is_moved_forwards_only_and_keeps_its_speed() -> None:
    clock = MarketClock(anchor_market=MARKET, anchor_wall=WALL, speed=1.0)
    assert clock.moved(WALL, MARKET - timedelta(hours=1)).at(WALL) == MARKET
    ahead = clock.moved(WALL, MARKET + timedelta(hours=1))
    assert ahead.at(WALL + timedelta(seconds=1)) == MARKET + timedelta(hours=1, seconds=1)


def test_in_production_market_time_is_wall_time() -> None:
    clock = wall_clock(WALL)
    assert clock.at(WALL + timedelta(days=3)) == WALL + timedelta(days=3)
    assert not clock.movable
    assert replace(clock, speed=0.0).at(WALL + timedelta(days=3)) == WALL
