"""The demo's clock, a day's prices, and one's own notifications."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from world import DAY, OPENS, START, WHO, World, flat, plan

from app.queries import models as q
from domain import commands as c
from domain import events as e
from domain.flexibility.market import Gate, GateKind, MarketSession, PriceKind, PriceSeries
from domain.ids import NotificationId, PartyId
from domain.lifecycle import SessionState
from domain.notifications import Notification
from domain.parties import SYSTEM
from domain.time import DeliveryDay

RUN, PAUSE = c.ClockAction.RUN, c.ClockAction.PAUSE


def market(world: World) -> Any:
    with world.store.read() as uow:
        return uow.market


def test_the_clock_runs_pauses_and_jumps(world: World) -> None:
    world.do("fmo", c.MoveClock(action=RUN, speed=60.0))
    world.wall.now += timedelta(seconds=10)
    assert market(world) == START + timedelta(minutes=10)
    world.do("fmo", c.MoveClock(action=PAUSE))
    world.wall.now += timedelta(seconds=10)
    assert market(world) == START + timedelta(minutes=10)
    world.do("fmo", plan())
    (opening,) = world.find(Gate, kind=GateKind.OPEN)
    world.do("fmo", c.MoveToGate(gate_id=opening.id))
    assert market(world) == OPENS
    assert world.told(e.ClockMoved)[-1] == e.ClockMoved(market_time=OPENS.isoformat(), speed=0.0)


def test_each_jump_reaches_the_gate_after_the_present_one(world: World) -> None:
    world.do("fmo", plan())
    seen = []
    for _ in range(3):
        counted_down_to = world.desk.query(WHO["fmo"], q.GetShell()).next_gate
        assert counted_down_to is not None
        for _impatient_click in range(2):
            world.do("fmo", c.MoveToGate(gate_id=counted_down_to.id))
            assert market(world) == counted_down_to.due_at
        seen.append(market(world) - OPENS)
        for gate in world.find(Gate, id=counted_down_to.id):
            with world.store.write(SYSTEM, plan()) as uow:
                uow.save(replace(gate, done=True))
    assert seen == [timedelta(hours=hours) for hours in (0, 3, 4)]
    assert world.desk.query(WHO["fmo"], q.GetShell()).next_gate is None
    assert len(world.told(e.ClockMoved)) == 3


def test_nothing_counts_down_to_publishing_what_was_not_cleared(world: World) -> None:
    world.do("fmo", plan())
    with world.store.write(SYSTEM, plan()) as uow:
        for gate in uow.find(Gate, kind=(GateKind.OPEN, GateKind.CLOSE)):
            uow.save(replace(gate, done=True))
    following = world.desk.query(WHO["fmo"], q.GetShell()).next_gate
    assert following is not None
    assert following.kind is GateKind.PUBLISH
    with world.store.write(SYSTEM, plan()) as uow:
        uow.save(replace(world.only(MarketSession), state=SessionState.NOT_CLEARED))
    assert world.desk.query(WHO["fmo"], q.GetShell()).next_gate is None


@pytest.mark.parametrize(
    ("speed", "code"),
    [(0.0, "out_of_range"), (-1.0, "out_of_range"), (3600.1, "out_of_range"), (float("inf"), "not_finite")],
)
def test_impossible_speeds(world: World, speed: float, code: str) -> None:
    assert world.codes("fmo", c.MoveClock(action=RUN, speed=speed)) == [(code, "speed")]


@pytest.mark.parametrize("action", list(c.ClockAction))
def test_only_the_demos_clock_moves(world: World, action: c.ClockAction) -> None:
    with world.store.write(SYSTEM, plan()) as uow:
        uow.set_clock(replace(uow.clock(), movable=False))
    assert world.codes("fmo", c.MoveClock(action=action)) == [("not_demo", "action")]


def prices(day: date, n_steps: int, **changes: Any) -> c.UploadPrices:
    values: dict[str, Any] = {
        "kind": PriceKind.BALANCING,
        "delivery_day": day,
        "price_eur_per_mwh": flat("-12.50", n_steps),
        "source": "CSV upload",
    }
    return c.UploadPrices(**values | changes)


def test_a_second_upload_replaces_the_days_prices(world: World) -> None:
    world.do("fmo", prices(DAY, 96))
    world.do("fmo", prices(DAY, 96, price_eur_per_mwh=flat("80.00")))
    assert world.only(PriceSeries).price_eur_per_mwh == flat("80.00")
    world.do("fmo", prices(DAY, 96, kind=PriceKind.DAY_AHEAD))
    assert len(world.find(PriceSeries)) == 2


@pytest.mark.parametrize(("day", "n_steps"), [(date(2017, 3, 26), 92), (date(2016, 10, 30), 100)])
def test_days_of_another_length(world: World, day: date, n_steps: int) -> None:
    assert DeliveryDay(day=day).n_steps == n_steps
    assert world.codes("fmo", prices(day, n_steps)) == []
    assert world.codes("fmo", prices(day, 96)) == [("wrong_length", "price_eur_per_mwh")]


def test_prices_need_a_source_and_a_near_day(world: World) -> None:
    assert world.codes("fmo", prices(DAY, 96, source="")) == [("missing", "source")]
    assert world.codes("fmo", prices(date(9999, 12, 31), 96)) == [("out_of_range", "delivery_day")]
    assert world.codes("fmo", prices(date(1, 1, 1), 96)) == [("deadline_passed", "delivery_day")]


def test_reading_marks_ones_own_notifications_only(world: World) -> None:
    with world.store.write(SYSTEM, plan()) as uow:
        for party in ("esp1", "esp2"):
            uow.add(
                Notification(
                    id=NotificationId(f"NO-{party}"),
                    party_id=PartyId(party),
                    event="SessionOpened",
                    sentence="The session is open.",
                    link="/supply",
                    market_at=START,
                )
            )
    world.do("esp1", c.MarkNotificationsRead())
    assert {n.party_id: n.read for n in world.find(Notification)} == {"esp1": True, "esp2": False}
    world.do("esp1", c.MarkNotificationsRead())
    assert world.told(e.NotificationsRead) == [e.NotificationsRead(party_id=PartyId("esp1"))]
