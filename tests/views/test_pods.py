"""Points of delivery and forecasts on the pages, on the real desk: who maps, what is refused, who sees what."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "app" / "usecases"))

import world as w
from opened import Silence

from app.bus import Bus
from app.desk import Desk
from app.persistence import open_store
from app.queries import HANDLERS
from app.queries.models import ListPods
from domain import commands as c
from domain.events import PodMapped
from domain.flexibility.assets import FlexAsset, SeriesKind
from domain.flexibility.metering import AssetForecast, PodMapping
from domain.ids import AssetId, PartyId, PodId
from views import news
from views.pages import fmo_settlement
from views.pages.context import BoundDesk, PageContext
from views.pages.dso_assets import AssetsPage
from views.pages.supply_assets import SupplyAssetsPage
from views.state.pods import mappings_of

CODE, OTHER = PodId("10Y-PV-1--------A"), PodId("10Y-PV-2--------B")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[w.World]:
    """Two owners' confirmed assets, the first without a point of delivery, and a planned session."""
    wall, bus = w.Wall(), Bus()
    with open_store(f"sqlite:///{tmp_path / 'flexdesk.db'}", wall_clock=wall, on_commit=bus.publish) as store:
        store.migrate()
        w.seed(store, wall)
        world = w.World(store=store, desk=Desk(store.write, store.read, HANDLERS), wall=wall, bus=bus)
        world.grid()
        world.asset("esp1", "PV-1")
        other = world.asset("esp2", "PV-2")
        world.do("dso1", c.MapPod(pod_id=OTHER, asset_id=other.id, valid_from=w.DAY - timedelta(days=30)))
        world.session(opened=False)
        yield world


def context(world: w.World, who: str, said: list[str] | None = None, **query: str) -> PageContext:
    hub, told = Silence(query), said if said is not None else []
    return PageContext(
        desk=BoundDesk(world.desk, w.WHO[who]),
        live=hub,
        location=hub,
        notify=lambda text, _kind: told.append(text),
    )


def beside(form: Any, field: str) -> str:
    return str(form._problems._beside[field].object)


def tab(world: w.World, said: list[str] | None = None) -> Any:
    content = fmo_settlement._build(context(world, "fmo", said, tab="pods"))
    return content.owner._page._pods


def test_the_operator_maps_a_point_of_delivery_with_every_finding_beside_its_field(world: w.World) -> None:
    said: list[str] = []
    pods = tab(world, said)
    assert [(r["name"], r["pod"]) for r in pods._book.records] == [("Asset PV-1", "none"), ("Asset PV-2", OTHER)]
    form = pods.form
    assert "Asset PV-1 has no point of delivery" in form._words.object
    form.code.value, form.valid_from.value = "<b>x</b>", None
    form._on_map(None)
    assert "Choose the day" in beside(form, "valid_from")
    form.valid_from.value = w.DAY
    form._on_map(None)
    assert "3 to 40 letters" in beside(form, "pod_id")
    assert len(world.find(PodMapping)) == 1
    form.code.value = f" {CODE} "
    form._on_map(None)
    assert said == [f"{CODE} stands for Asset PV-1."]
    assert {m.pod_id: m.valid_from for m in world.find(PodMapping)}[CODE] == w.DAY
    assert [r["pod"] for r in pods._book.records] == [CODE, OTHER]
    assert (form.code.value, beside(form, "pod_id")) == ("", "")
    form.code.value = OTHER
    form._on_map(None)
    assert f"The asset has the point of delivery {CODE}" in form._problems.view.object


def test_the_dso_maps_for_the_asset_picked_in_its_grid_and_its_owner_sees_it(world: w.World) -> None:
    page = AssetsPage(context(world, "dso1", asset=_asset(world, "Asset PV-1")))
    page.pod.code.value = CODE
    page.pod._on_map(None)
    assert f"Asset PV-1: {CODE} from" in page.pod._words.object
    shown = {who: SupplyAssetsPage(context(world, who))._book.records for who in ("esp1", "esp2", "retailer1")}
    assert {who: [r["pod"] for r in records] for who, records in shown.items()} == {
        "esp1": [CODE],
        "esp2": [OTHER],
        "retailer1": [],
    }


def _asset(world: w.World, name: str) -> str:
    return str(world.only(FlexAsset, name=name).id)


def test_a_forecast_is_drawn_for_its_owner_and_marked_for_the_operator(world: w.World) -> None:
    page = SupplyAssetsPage(context(world, "esp1", day=w.DAY.isoformat()))
    assert not page._chart._plot.renderers[-1].visible
    page._what.value = SeriesKind.FORECAST
    page._upload.file.value = b"0.25\n" * w.N_STEPS
    page._upload._on_send(None)
    assert world.only(AssetForecast).p_mw[0] == Decimal("0.25")
    assert page._chart._plot.source.data["forecast"][0] == pytest.approx(0.25)
    assert page._chart._plot.renderers[-1].visible
    assert [(r["name"], r["forecast"]) for r in tab(world)._book.records] == [
        ("Asset PV-1", "uploaded"),
        ("Asset PV-2", "–"),
    ]


def test_a_mapping_that_begins_later_is_shown_with_its_day_and_ends_the_earlier_one(world: w.World) -> None:
    first, second = (AssetId(_asset(world, name)) for name in ("Asset PV-1", "Asset PV-2"))
    later = w.DAY + timedelta(days=3)
    world.do("fmo", c.MapPod(pod_id=OTHER, asset_id=first, valid_from=later))
    rows = world.desk.query(w.WHO["fmo"], ListPods())
    before, after = mappings_of(rows, w.DAY), mappings_of(rows, later)
    assert (before[first].valid_from, before[second].pod_id) == (later, OTHER)
    assert set(after) == {first}


def test_rivals_are_not_told_that_a_point_of_delivery_was_mapped() -> None:
    event = PodMapped(pod_id=CODE, asset_id=AssetId("FA-1"), region_id=w.R1, owner_id=PartyId("esp1"))
    told = news.audience_of(event) or frozenset()
    assert {who for who in w.WHO if told & news.names_of(w.WHO[who])} == {"fmo", "dso1", "dso2", "esp1"}
