"""The zones page, assets with conditions, and the TSO's requests and locations, over the real desk."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "app" / "usecases"))

from world import DAY, NOON, R1, WHO, Wall, World, at_noon, seed

from app.bus import Bus
from app.desk import Desk
from app.persistence import open_store
from app.queries import HANDLERS
from domain import commands as c
from domain.commands import Verdict
from domain.flexibility.assets import FlexAsset
from domain.flexibility.conditions import Condition
from domain.flexibility.market import FlexRequest
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.flexibility.zones import CongestedRegion, Corner, GridZone
from domain.lifecycle import AssetState, ReviewState
from tests.views.opened import Silence
from views import news
from views.pages import tso_locations, tso_requests
from views.pages.context import BoundDesk, PageContext
from views.pages.dso_assets import AssetsPage
from views.pages.dso_zones import ZonesPage
from views.state.common import request_state, review_words
from views.state.dso_zones import read_corners, read_elements

SQUARE = "9.015, 52.99\n9.035, 52.99\n9.035, 53.01\n9.015, 53.01"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    wall, bus = Wall(), Bus()
    with open_store(f"sqlite:///{tmp_path / 'flexdesk.db'}", wall_clock=wall, on_commit=bus.publish) as store:
        store.migrate()
        seed(store, wall)
        world = World(store=store, desk=Desk(store.write, store.read, HANDLERS), wall=wall, bus=bus)
        world.grid()
        yield world


class Seat:
    """One open page's surroundings over the world's desk; every committed event reaches it."""

    def __init__(self, world: World, who: str, **query: Any) -> None:
        self.hub, self.said = Silence(query), []
        self.context = PageContext(
            desk=BoundDesk(world.desk, WHO[who]),
            live=self.hub,
            location=self.hub,
            notify=lambda text, kind: self.said.append((kind, text)),
        )
        world.bus.subscribe(news.teller(self))

    def publish(self, topic: str, _value: object, audience: frozenset[str] | None) -> None:
        if audience is None or audience & news.names_of(self.context.principal):
            self.hub.tell(topic)


def beside(page: Any, field: str) -> str:
    return page._problems._beside[field].object


# -- zones ------------------------------------------------------------------------------------------------


def test_a_zone_that_is_entered_is_on_the_map_and_one_that_is_drawn_is_in_the_text(world: World) -> None:
    page = ZonesPage(Seat(world, "dso1").context)
    page._corners.value = SQUARE
    assert page.map.draft_corners()[2] == pytest.approx((9.035, 53.01), abs=1e-9)
    x, y = page.map.projection.km([(9.02, 52.9), (9.03, 53.0), (9.01, 53.1)])
    page.map.draft.data = {"x": x, "y": y}
    assert page._corners.value == "9.020000, 52.900000\n9.030000, 53.000000\n9.010000, 53.100000"


def test_a_zone_is_saved_changed_and_removed(world: World) -> None:
    seat = Seat(world, "dso1")
    page = ZonesPage(seat.context)
    page._corners.value = SQUARE
    page._on_save(None)
    assert "Write something here." in beside(page, "name")
    page._name.value = "<b>East</b>"
    page._on_save(None)
    assert page._book.records[0]["buses"] == "2, 3"
    assert (page._name.value, page._corners.value, page.map.draft_corners()) == ("", "", [])
    page._on_pick(page._book.records[0])
    assert page._corners.value.startswith("9.015000, 52.990000")
    assert page._save.label == "Save changes"
    page._name.value = "West"
    page._corners.value = SQUARE.replace("9.035", "9.025")
    page._on_save(None)
    assert page._book.records[0] | {"corners": ""} == {
        "name": "West",
        "n_buses": 1,
        "n_corners": 4,
        "buses": "2",
        "corners": "",
        "id": world.only(GridZone).id,
    }
    page._on_pick(page._book.records[0])
    page._on_remove(None)
    assert "West" in page._dialog._question.object
    page._dialog._on_confirm(None)
    assert world.find(GridZone) == ()
    assert page._none.visible


def test_every_finding_of_corners_is_beside_them_and_nothing_is_stored(world: World) -> None:
    page = ZonesPage(Seat(world, "dso1").context)
    page._name.value = "East"
    for text, words in (
        ("9.0 53\nnine, 53", "Line 2: write longitude"),
        ("9, 53\n10, 54\n10, 53\n9, 54", "Two edges meet"),
        ("9, 53\n10, 54", "2 corners"),
        ("NaN, 53\n10, 54\n9, 54", "no finite number"),
        ("1, 1\n2, 1\n2, 2", "No bus of your grid is inside"),
    ):
        page._corners.value = text
        page._on_save(None)
        assert words in beside(page, "corners"), text
    assert world.find(GridZone) == ()


def test_what_others_do_is_on_the_open_page_and_leaves_the_draft(world: World) -> None:
    page = ZonesPage(Seat(world, "dso1").context)
    page._corners.value, page._name.value = SQUARE, "Mine"
    corners = tuple(
        Corner(lon=Decimal(lon), lat=Decimal("53.1") if lon == "9.02" else Decimal(52))
        for lon in ("9", "9.02", "9.1")
    )
    world.do("dso1", c.DefineZone(region_id=R1, name="Theirs", corners=corners))
    world.do("dso1", c.RegisterCongestedRegion(region_id=R1, name="Short", elements=("L2",)))
    assert [record["name"] for record in page._book.records] == ["Theirs"]
    assert page.congested._book.records[0]["n_buses"] == 2
    assert len(page.map.ringed.data["x"]) == 2
    assert (page._corners.value, page._name.value) == (SQUARE, "Mine")
    assert list(page.map.zones.data["name"]) == ["Theirs"]


def test_a_congested_region_is_registered_and_closed(world: World) -> None:
    page = ZonesPage(Seat(world, "dso1").context)
    part = page.congested
    part._on_register(None)
    assert "Choose a zone" in part._problems._beside["elements"].object
    part.name.value, part.elements.value, part.note.value = "Short", "L1, 3", "Since July."
    part._on_register(None)
    assert part._book.records[0]["elements"] == "L1, 3"
    part._on_pick(part._book.records[0])
    part._on_close(None)
    assert part._book.records[0]["state"] == "closed"
    assert not world.only(CongestedRegion).active
    assert part._close.disabled


def test_before_the_network_the_page_says_what_to_do(world: World) -> None:
    page = ZonesPage(Seat(world, "dso2").context)
    assert page.map is None
    page._corners.value = SQUARE
    page._name.value = "East"
    page._on_save(None)
    assert "Upload the network first." in page._problems.view.object


def test_corners_and_elements_are_read_in_the_ways_people_write_them() -> None:
    corners, found = read_corners("9.1,53.2\n\n 9.2 ; 53.3 \n9.3 53.4")
    assert ([str(corner.lon) for corner in corners], found) == (["9.1", "9.2", "9.3"], [])
    assert len(read_corners("x\n" * 9)[1]) == 5
    assert read_corners("1e999999999, 5\n" + "9" * 40 + ", 1")[1] != []
    assert read_elements("Bus 1, Line 2\nBus 3,,") == ("Bus 1", "Line 2", "Bus 3")


# -- assets -----------------------------------------------------------------------------------------------


def test_an_asset_is_confirmed_conditionally_with_every_finding_beside_its_field(world: World) -> None:
    asset = world.asset(confirmed=False)
    page = AssetsPage(Seat(world, "dso1").context)
    answer = page.answer
    answer.up.value = "much"
    answer._on_limit(None)
    assert "Write a number of MW" in beside(answer, "up")
    answer.up.value, answer.start.value, answer.end.value = "", 12, 11
    answer._on_limit(None)
    assert "Limit at least one direction" in beside(answer, "up")
    assert "The hours run" in beside(answer, "to")
    assert "Write something here." in beside(answer, "reason")
    answer.down.value, answer.end.value, answer.reason.value = "0.5", 16, "Weak line."
    answer._on_limit(None)
    kept = world.only(FlexAsset, id=asset.id)
    assert kept.condition == Condition(most_down_mw=Decimal("0.5"), from_hour=12, to_hour=16)
    assert page._book.records[0]["condition"] == "at most 0.5 MW down from 12:00 to 16:00"
    assert page._chart._plot.source.data["lowest"][NOON] == pytest.approx(3.5)
    answer._on_confirm(None)
    assert world.only(FlexAsset, id=asset.id).state is AssetState.CONFIRMED


def test_filters_narrow_the_list_and_come_from_the_address(world: World) -> None:
    world.asset()
    world.asset("esp2", "BAT-1", confirmed=False)
    world.asset("esp2", "LD-1")
    corners = tuple(
        Corner(lon=Decimal(a), lat=Decimal(b)) for a, b in (("9.025", "52"), ("9.1", "52"), ("9.03", "54"))
    )
    zone = world.do("dso1", c.DefineZone(region_id=R1, name="End", corners=corners))

    def names(**query: str) -> list[str]:
        page = AssetsPage(Seat(world, "dso1", **query).context)
        assert len(page.map.assets.data["x"]) == len(page._book.records)
        return [record["name"] for record in page._book.records]

    assert names() == ["Asset BAT-1", "Asset LD-1", "Asset PV-1"]
    assert names(zone=zone.id) == ["Asset BAT-1", "Asset PV-1"]
    assert names(zone=zone.id, kind="pv") == ["Asset PV-1"]
    assert names(state="registered") == ["Asset BAT-1"]
    assert names(bus="2") == ["Asset LD-1"]
    assert names(state="<script>", kind="x", zone="y") == ["Asset BAT-1", "Asset LD-1", "Asset PV-1"]
    assert names(bus="9") == []


# -- the TSO ----------------------------------------------------------------------------------------------


def test_the_tso_holds_a_request_and_reads_every_effect(world: World) -> None:
    request = world.request(world.session())
    content = tso_requests.build(Seat(world, "tso", day=DAY.isoformat()).context)
    page = content.owner._page
    page._on_verdict(Verdict.HOLD, None)
    assert "Write something here." in beside(page, "note")
    page._note.value = "Line 7 is out."
    page._on_verdict(Verdict.HOLD, None)
    kept = world.only(FlexRequest, id=request.id)
    assert (kept.review, request_state(kept), review_words(kept)) == (
        ReviewState.HELD,
        "held by the TSO",
        "Held: Line 7 is out.",
    )
    assert page._book.records[0]["review"] == "held by the TSO"
    assert [button.disabled for button in page._buttons.values()] == [False, True, False]
    world.do("dso1", c.WithdrawRequest(request_id=request.id))
    assert page._none.visible


def test_where_requests_are_matched_as_they_come_none_can_be_held_and_the_page_says_so(world: World) -> None:
    session = world.session()
    world.do(
        "fmo",
        c.SetClearingRules(
            session_id=session.id,
            clearing=ClearingMode.CONTINUOUS,
            payment=PaymentRule.NODAL,
            energy=EnergyPricing.IGNORED,
        ),
    )
    world.request(session)
    page = tso_requests.build(Seat(world, "tso").context).owner._page
    assert [button.disabled for button in page._buttons.values()] == [False, True, False]
    assert "none can be held" in page._about.object


def test_no_answer_after_the_gate(world: World) -> None:
    session = world.session()
    world.request(session)
    page = tso_requests.build(Seat(world, "tso").context).owner._page
    assert [button.disabled for button in page._buttons.values()] == [False, False, False]
    world.close(session)
    assert page._book.records[0]["state"] == "closed"
    assert all(button.disabled for button in page._buttons.values())


def test_locations_follow_baselines_requests_and_the_place(world: World) -> None:
    session, asset = world.session(), world.asset()
    page = tso_locations.build(Seat(world, "tso", place="bus:3").context).owner._page
    assert page.state.place == "bus:3"
    assert page._plans.source.data["baseline"][NOON] == pytest.approx(5.8)
    world.do("esp1", c.UploadBaseline(asset_id=asset.id, delivery_day=DAY, p_mw=at_noon("1")))
    page._refresh()
    assert page._plans.source.data["baseline"][NOON] == pytest.approx(2.8)
    assert page._plans.source.data["schedule"][NOON] == pytest.approx(5.8)
    world.request(session)
    assert page._sums.records[1]["requested_mwh"] == Decimal("0.25")
    page._on_place(page._places.records[0])
    assert page.state.place == "region"
    assert page._places.records[0]["baseline_mwh"] < page._places.records[0]["schedule_mwh"]


def test_an_empty_market_says_so(world: World) -> None:
    for build in (tso_requests.build, tso_locations.build):
        assert build(Seat(world, "tso").context).owner._page is None
