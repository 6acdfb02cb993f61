"""The guided demo's chapters: once each, one at a time, in the market's own order, in a demo only."""

from __future__ import annotations

from dataclasses import replace

import pytest
from world import PUBLISHES, WHO, World

from app.bridge import work
from app.queries.models import GetGuide
from domain import commands as c
from domain.events import ChapterChanged
from domain.flexibility.market import GateKind
from domain.guide import Chapter, ChapterName, ChapterState
from domain.parties import SYSTEM

N = ChapterName


OF_DAY = set(N) - {N.MARKET_PLACE}
"""The others: the market place has days of its own."""


def play(name: ChapterName) -> c.PlayChapter:
    return c.PlayChapter(chapter=name)


def end(name: ChapterName, *, played: bool, told: str = "Done.") -> c.EndChapter:
    return c.EndChapter(chapter=name, played=played, told=told)


def blocked(world: World) -> set[ChapterName]:
    view = world.desk.query(WHO["fmo"], GetGuide())
    return {row.name for row in view.chapters if row.blocked}


def test_a_chapter_is_played_once(world: World) -> None:
    world.session()
    world.do("fmo", play(N.NEEDS))
    assert world.codes("fmo", play(N.OFFERS)) == [("wrong_state", "chapter")], "one plays already"
    world.do("system", c.ReportChapter(chapter=N.NEEDS, stage="Power flow", progress=7.0))
    assert world.only(Chapter).stage == "Power flow"
    assert world.only(Chapter).progress == 1.0
    world.do("system", end(N.NEEDS, played=True, told="12 needs."))
    assert world.codes("fmo", play(N.NEEDS)) == [("wrong_state", "chapter")]
    assert world.only(Chapter).told == "12 needs."
    assert [event.state for event in world.told(ChapterChanged)] == ["playing", "playing", "played"]


def test_a_chapter_that_stopped_is_played_again(world: World) -> None:
    world.session()
    world.do("fmo", play(N.OFFERS))
    world.do("system", end(N.OFFERS, played=False, told="The asset is not confirmed."))
    assert world.only(Chapter).state is ChapterState.STOPPED
    again = world.do("fmo", play(N.OFFERS))
    assert (again.state, again.told, again.progress) == (ChapterState.PLAYING, "", 0.0)
    world.do("system", end(N.OFFERS, played=True))
    assert world.codes("system", end(N.OFFERS, played=True)) == [("wrong_state", "chapter")]


def test_chapters_follow_the_market(world: World) -> None:
    assert blocked(world) == set(N), "no session is planned"
    world.grid()
    session = world.session()
    world.offer("esp1", session, world.asset(), "2")
    assert blocked(world) == {N.ACTIVATION, N.SETTLEMENT}
    assert world.codes("fmo", play(N.ACTIVATION)) == [("wrong_state", "chapter")]
    job = world.close(session)
    assert blocked(world) == OF_DAY - {N.CLEARING}
    world.run(job, work.run)
    assert blocked(world) == OF_DAY - {N.ACTIVATION}
    world.at(PUBLISHES)
    world.do("system", c.PassGate(gate_id=world.gate(session, GateKind.PUBLISH).id))
    assert blocked(world) == OF_DAY - {N.ACTIVATION, N.SETTLEMENT}


def test_without_a_demo_nothing_is_played(world: World) -> None:
    world.session()
    with world.store.write(SYSTEM, c.MoveClock(action=c.ClockAction.PAUSE)) as uow:
        uow.set_clock(replace(uow.clock(), movable=False))
    assert world.codes("fmo", play(N.NEEDS)) == [("not_demo", "chapter")]
    assert not world.desk.query(WHO["fmo"], GetGuide()).demo


@pytest.mark.parametrize("who", ["dso1", "esp1", "tso", "customer1"])
def test_only_the_operator_plays(world: World, who: str) -> None:
    world.session()
    assert world.codes(who, play(N.NEEDS)) == [("not_permitted", "")]
