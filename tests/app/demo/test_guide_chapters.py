"""The guided demo's chapters, played through the desk on a small market: what they change, as whom, once only."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "usecases"))

from world import DAY, WHO, World, at_noon, bid

from app.bridge import work
from app.demo.conductor import FAULT, Conductor
from app.demo.stage import StoppedError
from app.queries import models as q
from app.scheduler import due_gates
from domain import commands as c
from domain.flexibility.assets import Direction
from domain.flexibility.grids import Job, Schedule
from domain.flexibility.market import Activation, FlexOffer, FlexRequest, MarketSession
from domain.guide import Chapter, ChapterName, ChapterState
from domain.lifecycle import ActivationState, AssetState, JobState, SessionState
from domain.parties import SYSTEM, Party

N = ChapterName


class Play:
    """A market with one session, an asset that waits for its DSO, and a conductor that the market answers."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.grid()
        self._run_jobs()
        self.session = world.session()
        self.offering = world.asset("esp1", "PV-1")
        over_noon = tuple(at_noon("2", step) for step in range(44, 56))
        whole_noon = tuple(sum(values) for values in zip(*over_noon, strict=True))
        world.do("esp1", bid(self.session, [(self.offering.id, whole_noon)], direction=Direction.DOWN))
        self.waiting = world.asset("agg1", "PV-2", confirmed=False, brp_id="brp1")
        for number, asset in enumerate((self.offering, self.waiting)):
            world.do("dso1", c.MapPod(pod_id=f"DE-{number}", asset_id=asset.id, valid_from=DAY))
        self.conductor = Conductor(world.desk, world.store.read, self._market)
        self.stopping = False

    def play(self, name: ChapterName) -> Chapter:
        self.world.do("fmo", c.PlayChapter(chapter=name))
        assert self.conductor.play_begun() == 1
        return self.world.only(Chapter, id=name.value)

    def _market(self, _seconds: float) -> bool:
        """What goes on while a chapter waits: due gates pass, and jobs run."""
        for gate in due_gates(self.world.store.read):
            self.world.codes("system", c.PassGate(gate_id=gate.id))  # one report passes all that are due
        self._run_jobs()
        return self.stopping

    def _run_jobs(self) -> None:
        for job in self.world.find(Job, state=JobState.QUEUED):
            self.world.run(job, work.run)

    def state(self) -> SessionState:
        return self.world.only(MarketSession, id=self.session.id).state


@pytest.fixture
def play(world: World) -> Play:
    return Play(world)


def test_the_whole_day_is_told_and_done_once(play: Play) -> None:
    world = play.world
    before = world.only(Schedule).version
    told = play.play(N.NEEDS)
    assert told.state is ChapterState.PLAYED
    assert "leave" in told.told
    assert world.only(Schedule).version == before + 1

    assert "published" in play.play(N.REQUESTS).told
    requests = world.find(FlexRequest)
    assert requests
    assert all(request.dso_id == "dso1" for request in requests)

    told = play.play(N.OFFERS)
    assert world.only(type(play.waiting), id=play.waiting.id).state is AssetState.CONFIRMED
    (offer,) = world.find(FlexOffer, party_id="agg1")
    assert offer.lines[0].asset_id == play.waiting.id
    assert "The book holds 2 offers" in told.told

    told = play.play(N.CLEARING)
    assert play.state() is SessionState.CLEARED, told.told
    assert "EUR" in told.told

    play.play(N.ACTIVATION)
    assert play.state() is SessionState.PUBLISHED
    calls = world.find(Activation)
    assert calls
    assert {call.state for call in calls} == {ActivationState.ACKNOWLEDGED}

    told = play.play(N.SETTLEMENT)
    assert told.state is ChapterState.PLAYED, told.told
    assert "add up to 0.00 EUR" in told.told
    view = world.desk.query(WHO["fmo"], q.GetSettlement(session_id=play.session.id))
    assert view.over
    assert {row.statement.state.value for row in view.statements} == {"issued"}

    for name in set(N) - {N.MARKET_PLACE}:
        assert world.codes("fmo", c.PlayChapter(chapter=name)) == [("wrong_state", "chapter")]
    assert play.conductor.play_begun() == 0


def test_every_step_is_audited_as_the_participant_whose_it_is(play: Play) -> None:
    play.play(N.REQUESTS)
    play.play(N.OFFERS)
    with play.world.store.snapshot() as connection:
        rows = connection.exec_driver_sql("SELECT command, account FROM audit ORDER BY sequence").all()
    as_whom = dict(rows)
    assert as_whom["PlayChapter"] == "fmo"
    assert as_whom["PublishRequest"] == "dso1"
    assert as_whom["ConfirmAsset"] == "dso1"
    assert as_whom["SubmitOffer"] == "agg1"
    assert as_whom["EndChapter"] == "system"


def test_what_was_done_by_hand_is_left_as_it_is(play: Play) -> None:
    play.world.request(play.session)
    assert "had published 1 request already" in play.play(N.REQUESTS).told
    assert len(play.world.find(FlexRequest)) == 1
    play.world.do("dso1", c.ConfirmAsset(asset_id=play.waiting.id))
    play.world.do("agg1", bid(play.session, [(play.waiting.id, at_noon("1"))]))
    assert "not offered yet" in play.play(N.OFFERS).told
    assert len(play.world.find(FlexOffer, party_id="agg1")) == 1


def test_a_chapter_that_is_refused_stops_with_the_reason(play: Play) -> None:
    world = play.world
    with world.store.write(SYSTEM, c.MoveClock(action=c.ClockAction.PAUSE)) as uow:
        (dso,) = uow.find(Party, id="dso1")
        uow.save(type(dso)(id=dso.id, name=dso.name, role=dso.role, active=False, version=dso.version))
    told = play.play(N.REQUESTS)
    assert told.state is ChapterState.STOPPED
    assert "sign-in is no longer valid" in told.told
    assert world.find(FlexRequest) == ()


def test_a_fault_of_the_program_stops_the_chapter_and_not_the_conductor(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(_stage: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setitem(sys.modules["app.demo.conductor"].CHAPTERS, N.REQUESTS, fault)
    told = play.play(N.REQUESTS)
    assert (told.state, told.told) == (ChapterState.STOPPED, FAULT)
    assert play.play(N.OFFERS).state is ChapterState.PLAYED


def test_a_chapter_that_a_stop_breaks_off_is_taken_up_again(play: Play) -> None:
    play.stopping = True
    play.world.do("fmo", c.PlayChapter(chapter=N.CLEARING))
    with pytest.raises(StoppedError):
        play.conductor.play_begun()
    assert play.world.only(Chapter).state is ChapterState.PLAYING
    play.stopping = False
    assert play.conductor.play_begun() == 1
    assert play.state() is SessionState.CLEARED
    assert play.world.only(Chapter).state is ChapterState.PLAYED
