"""The operator plans, compares and watches: forms refuse beside their fields, tries compare, health is told."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from bokeh.models import OpenURL, TapTool
from opened import Silence

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "app" / "usecases"))

from world import OPENS, WHO, Wall, World, bid, flat, plan, seed

from app.bridge import work
from app.bus import Bus
from app.desk import Desk
from app.outbox import Dispatcher
from app.persistence import open_store
from app.queries import handlers
from app.vitals import Pulse
from domain.commands import ApplyJob, ClockAction, MoveClock, PassGate, StartJob
from domain.flexibility.grids import Job
from domain.flexibility.market import GateKind, MarketSession
from domain.flexibility.operation import ClearingTry, ToolkitWatch
from domain.flexibility.rules import ClearingMode, PaymentRule
from domain.lifecycle import JobState
from domain.notifications import MOST_TRIES, Notification
from views import news
from views.pages import fmo, fmo_compare, fmo_health, fmo_prices, fmo_session
from views.pages.context import BoundDesk, PageContext
from views.pages.fmo_plan import PlanPanel
from views.pages.merit_relief import limits_at, merit_by_relief
from views.plots.regions_map import RegionShape, hull, regions_map
from views.state.fmo_health import duration
from views.state.fmo_overview import Overview
from views.state.fmo_session import SessionRoom


@contextmanager
def opened(path: Path) -> Iterator[World]:
    """The small market of the use cases, with a pulse behind its desk."""
    wall, bus = Wall(), Bus()
    with open_store(f"sqlite:///{path}", wall_clock=wall, on_commit=bus.publish) as store:
        pulse = Pulse(store, wall)
        pulse.count_pages(lambda: 7)
        world = World(store=store, desk=Desk(store.write, store.read, handlers(pulse)), wall=wall, bus=bus)
        bus.subscribe(world.events.extend)
        yield world


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("operation") / "flexdesk.db"
    with opened(path) as world:
        world.store.migrate()
        seed(world.store, world.wall)
        world.store.backup(path.with_name("seeded.db"))
    return path.with_name("seeded.db")


@pytest.fixture(scope="module")
def after_clearing(seeded: Path) -> Path:
    """The day is cleared once for all tests."""
    path = seeded.with_name("clearing.db")
    shutil.copy(seeded, path)
    with opened(path) as world:
        clear(world)
        world.store.backup(path.with_name("cleared.db"))
    return path.with_name("cleared.db")


@pytest.fixture
def world(seeded: Path, tmp_path: Path) -> Iterator[World]:
    shutil.copy(seeded, tmp_path / "flexdesk.db")
    with opened(tmp_path / "flexdesk.db") as world:
        yield world


@pytest.fixture
def cleared(after_clearing: Path, tmp_path: Path) -> Iterator[World]:
    shutil.copy(after_clearing, tmp_path / "cleared.db")
    with opened(tmp_path / "cleared.db") as world:
        yield world


def context(world: World, said: list[tuple[str, str]] | None = None, **query: str) -> PageContext:
    hub = Silence(query)
    told = said if said is not None else []
    return PageContext(
        desk=BoundDesk(world.desk, WHO["fmo"]),
        live=hub,
        location=hub,
        notify=lambda text, kind: told.append((kind, text)),
    )


def over_noon(quantity: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(quantity) if 44 <= step < 56 else Decimal(0) for step in range(96))


def clear(world: World) -> None:
    world.grid()
    for job in world.find(Job, state=JobState.QUEUED):
        world.run(job, work.run)
    cheap, dear = world.asset("esp1", "PV-1"), world.asset("esp2", "PV-2")
    session = world.session()
    world.request(session, quantity_mw=over_noon("1"))
    world.do("esp1", bid(session, [(cheap.id, over_noon("4"))], price_eur_per_mwh=flat("30.00")))
    world.do("esp2", bid(session, [(dear.id, over_noon("2"))], price_eur_per_mwh=flat("90.00")))
    world.run(world.close(session), work.run)


class TestPlan:
    def panel(self, world: World) -> tuple[PlanPanel, list[MarketSession]]:
        planned: list[MarketSession] = []
        form = PlanPanel(context(world), planned.append)
        form.open()
        return form, planned

    def test_the_suggestion_can_be_planned_and_a_second_click_plans_nothing(self, world: World) -> None:
        form, planned = self.panel(world)
        form._on_plan(None)
        form._on_plan(None)
        (session,) = world.find(MarketSession)
        assert planned == [session]
        assert session.publishes_at > session.gate_closes_at > world.wall.now.replace(year=2016, month=7, day=24)
        assert not form.view.visible

    def test_everything_wrong_is_said_at_once_beside_its_field(self, world: World) -> None:
        form, planned = self.panel(world)
        form._day.value = None
        form._times["opens_at"].value = form._times["opens_at"].value_input = "tomorrow"
        form._times["publishes_at"].value = form._times["publishes_at"].value_input = "2016-03-27 02:30"
        form._choices.selects["payment"].value = PaymentRule.VCG
        form._choices.selects["clearing"].value = next(
            mode for mode in form._choices.selects["clearing"].options.values() if mode.value == "continuous"
        )
        form._on_plan(None)
        said = {name: pane.object for name, pane in form._problems._beside.items() if pane.object}
        assert set(said) == {"delivery_day", "opens_at", "publishes_at", "payment"}
        assert "such as 2016-07-24 10:00" in said["opens_at"]
        assert "summer time begins" in said["publishes_at"]
        assert (planned, world.find(MarketSession)) == ([], ())
        assert not form._plan.disabled

    def test_the_market_s_own_refusals_stand_beside_their_fields(self, world: World) -> None:
        form, _ = self.panel(world)
        form._on_plan(None)
        (session,) = world.find(MarketSession)
        form.open()
        form._day.value = session.delivery_day
        form._on_plan(None)
        assert "has a session" in form._problems._beside["delivery_day"].object
        form._times["gate_closes_at"].value = form._times["gate_closes_at"].value_input = "2016-07-20 10:00"
        form._on_plan(None)
        assert "in the past" in form._problems._beside["gate_closes_at"].object


class TestCompare:
    def test_a_try_becomes_the_right_side_and_the_payments_differ(self, cleared: World) -> None:
        world, session = cleared, cleared.only(MarketSession)
        page_context = context(world)
        page = fmo_compare.PAGES[0].build(page_context).owner
        page._try._on_try(None)
        (tried,) = world.find(ClearingTry)
        assert tried.payment is PaymentRule.NODAL
        world.run(world.only(Job, id=tried.job_id), work.run)
        page_context.live.tell(news.JOBS)
        assert (page._state.left, page._state.right) == (session.id, tried.id)
        by_label = {record["label"]: record for record in page._figures.records}
        assert by_label["Renewables curtailed"]["left"] == by_label["Renewables curtailed"]["right"] != "0.000"
        assert by_label["Renewables curtailed"]["difference"] == "0.000"
        (own,) = [record for record in page._payments.records if record["party"] == "Sun and storage"]
        assert own["difference"] == own["right"] - own["left"]
        assert len(page._views) == 2
        assert page._views[0].handles[0].state is page._views[1].handles[0].state, "one time moves both maps"
        page._on_swap(None)
        assert (page._state.left, page._state.right) == (tried.id, session.id)

    def test_without_a_clearing_it_says_what_to_do(self, world: World) -> None:
        page = fmo_compare.PAGES[0].build(context(world, left="<b>", right="MS-x")).owner
        assert (page._empty.visible, page._body.visible) == (True, False)

    def test_a_try_that_cannot_be_is_refused_beside_its_field(self, cleared: World) -> None:
        page = fmo_compare.PAGES[0].build(context(cleared)).owner
        energy = page._try._choices.selects["energy"]
        energy.value = list(energy.options.values())[1]
        page._try._on_try(None)
        assert "no day-ahead prices" in page._try._problems._beside["energy"].object
        assert not page._try._button.disabled


class TestHealth:
    def page(self, world: World, said: list[tuple[str, str]] | None = None) -> fmo_health.HealthPage:
        return fmo_health.PAGES[0].build(context(world, said)).owner  # type: ignore[return-value]

    def test_a_failure_shows_and_somebody_is_assigned(self, world: World) -> None:
        page_context = context(world)
        page = fmo_health.PAGES[0].build(page_context).owner
        world.grid()
        (job,) = world.find(Job, state=JobState.QUEUED)
        world.do("system", StartJob(job_id=job.id))
        world.do("system", ApplyJob(job_id=job.id, succeeded=False, error="Hostile <b> words."))
        page_context.live.tell(news.JOBS)
        (needs,) = [row for row in page._toolkits.records if row["toolkit"] == "needs"]
        assert (needs["state"], needs["in_a_row"], needs["failed"]) == ("failing", "1", "1")
        assert "Needs identification" in page._figures.view.object
        page._toolkit.value = "needs"
        assert "Hostile &lt;b&gt;" in page._error.object
        page._party.value = "dso1"
        page._note.value = page._note.value_input = "Night shift"
        page._on_assign(None)
        assert world.only(ToolkitWatch, id="needs").note == "Night shift"
        (needs,) = [row for row in page._toolkits.records if row["toolkit"] == "needs"]
        assert needs["answers"] == "North grid"

    def test_a_refused_note_stands_beside_its_field(self, world: World) -> None:
        page = self.page(world)
        page._note.value = page._note.value_input = "x\ty"
        page._on_assign(None)
        assert "not allowed" in page._problems._beside["note"].object
        assert world.find(ToolkitWatch) == ()

    def test_the_trail_is_verified_on_asking(self, world: World) -> None:
        page = self.page(world)
        assert "Open pages" in page._figures.view.object
        assert "Not verified" in page._audit.object
        page._on_verify(None)
        assert "rows hold" in page._audit.object
        with world.store.transaction() as connection:
            connection.exec_driver_sql("UPDATE audit SET role = 'fmo' WHERE sequence = 1")
        page._on_verify(None)
        assert "Row 1 was changed" in page._audit.object

    def test_letters_that_could_not_be_sent_are_shown_and_sent_again(self, world: World) -> None:
        def broken(_uow: object, _row: object) -> list[Notification]:
            raise LookupError("no <b>name</b>")

        said: list[tuple[str, str]] = []
        page = self.page(world, said)
        assert page._letters._again.disabled
        world.do("fmo", plan())
        world.do("fmo", MoveClock(action=ClockAction.PAUSE))
        for _ in range(MOST_TRIES):
            world.store.dispatch(broken)
        page._ask()
        letters = page._letters
        assert [r["event"] for r in letters._book.records] == ["SessionPlanned", "ClockMoved"]
        assert letters._book.records[0]["error"] == "LookupError: no <b>name</b>"
        assert "2 could not be sent" in page._figures.view.object
        assert letters._again.label == "Send 2 letters again"
        letters._on_pick(letters._book.records[0])
        assert letters._again.label == "Send the chosen one again"
        letters._on_again(None)
        assert [r["event"] for r in letters._book.records] == ["ClockMoved"]
        assert said[-1] == ("success", "1 letter will be tried again.")
        letters._on_again(None)
        assert letters._book.records == []
        assert Dispatcher(world.store.dispatch, world.bus.publish).run() == 2
        assert world.find(Notification, event="SessionPlanned")

    def test_a_waiting_job_is_cancelled_after_a_question(self, world: World) -> None:
        world.grid()
        page = self.page(world)
        (record,) = page._jobs.records
        page._on_job_row(record)
        assert not page._cancel.disabled
        page._on_cancel(None)
        assert world.only(Job).state is JobState.QUEUED
        page._dialog._on_confirm(None)
        assert world.only(Job).state is JobState.CANCELLED

    @pytest.mark.parametrize(
        ("seconds", "words"),
        [(None, "–"), (0.2, "< 1 s"), (12, "12.0 s"), (300, "5 min"), (9000, "2.5 h"), (864000, "10 d")],
    )
    def test_spans_are_told_in_the_unit_that_says_most(self, seconds: float | None, words: str) -> None:
        assert duration(seconds) == words


class TestOverview:
    def test_every_region_is_on_the_map_and_its_figures_move(self, world: World) -> None:
        world.grid()
        session = world.session()
        page_context = context(world)
        page = fmo.PAGES[0].build(page_context).owner
        table = page._regions._table
        assert [(row["region"], row["state"]) for row in table.records] == [
            ("North", "open"),
            ("South", "no session"),
        ]
        assert page._unpriced.visible, "a chart without a curve says why"
        before = table.records[0]["requested"]
        world.request(session, quantity_mw=over_noon("1"))
        page_context.live.tell(news.MARKET)
        assert table.records[0]["requested"] == before + 3

    def test_prices_and_unmet_needs_come_with_the_result(self, cleared: World) -> None:
        state = Overview(BoundDesk(cleared.desk, WHO["fmo"]))
        state.refresh()
        north = state.regions[0]
        assert north.n_unmet == 0
        low, high = north.price_range
        assert low < high
        assert fmo_prices.PAGES[0].build(context(cleared)).owner._dear.records

    def test_a_tap_opens_the_session_and_the_hull_holds_all_buses(self) -> None:
        points = np.array([[0.0, 0], [2, 0], [2, 2], [0, 2], [1, 1], [1, 0]])
        assert {tuple(corner) for corner in hull(points)} == {(0, 0), (2, 0), (2, 2), (0, 2)}
        shape = RegionShape(
            name="<b>",
            note="",
            state="not cleared",
            href="/fmo/session?id=MS-1",
            lon_degree=np.array([9.0, 9.1, 9.0]),
            lat_degree=np.array([53.0, 53.0, 53.1]),
            branch_from=[0, 1],
            branch_to=[1, 2],
        )
        far = replace(shape, name="far", state="open", lon_degree=shape.lon_degree + 40)
        drawn = regions_map([shape, far])
        (tap,) = [tool for tool in drawn.figure.tools if isinstance(tool, TapTool)]
        assert isinstance(tap.callback, OpenURL)
        assert tap.callback.url == "@href"
        assert drawn.outlines.data["href"] == ["/fmo/session?id=MS-1"] * 2
        assert drawn.marks.data["marker"] == ["triangle", "diamond"], "shape tells the state too"
        assert drawn.figure.x_range.end - drawn.figure.x_range.start < 100, "set side by side, in kilometres"


def test_the_merit_order_by_relief_leaves_out_what_does_not_relieve(cleared: World) -> None:
    room = SessionRoom(BoundDesk(cleared.desk, WHO["fmo"]))
    room.id = cleared.only(MarketSession).id
    room.refresh()
    relief = room.ask_relief()
    (row, limit), *_ = limits_at(relief, 50)
    order, n_without = merit_by_relief(
        room.offers,
        room.result.awards,
        relief,
        row,
        room.offers[0].offer.commodity,
        room.offers[0].offer.direction,
    )
    assert (len(order.p_mw), n_without) == (2, 0)
    assert order.price_unit == limit.cost_unit
    assert sorted(order.price_eur_per_mwh)[1] == pytest.approx(3 * min(order.price_eur_per_mwh))
    assert order.awarded_p_mw.sum() > 0
    assert limits_at(relief, 0) == []


def test_a_continuous_session_s_room_shows_the_depth_of_both_sides(world: World) -> None:
    world.grid()
    asset = world.asset("esp1", "PV-1")
    session = world.do("fmo", plan(clearing=ClearingMode.CONTINUOUS, payment=PaymentRule.NODAL))
    page = fmo_session.PAGES[0].build(context(world)).owner._page
    depth = page._book._depth
    assert depth._book._nobody.visible
    world.at(OPENS)
    world.do("system", PassGate(gate_id=world.gate(session, GateKind.OPEN).id))
    world.do("esp1", bid(session, [(asset.id, over_noon("2"))], price_eur_per_mwh=flat("30.00")))
    (waiting,) = world.find(Job, kind="matching", state=JobState.QUEUED)
    world.do("system", StartJob(job_id=waiting.id))
    started = world.only(Job, id=waiting.id)  # its inputs are those that it starts with
    result = work.run(started.kind, started.inputs, lambda stage, share: None)
    world.do("system", ApplyJob(job_id=started.id, succeeded=True, result=result))
    page._on_news(news.TRADING, None)
    page._book._on_step(50)
    depth._go_to(50)
    assert len(depth.view.objects) == 2
    (level,) = depth._book._ladder.levels
    assert (level.side, level.price, level.quantity, level.own) == ("offer", 30.0, 2.0, 0.0)
