"""The pages of settlement on the real desk: what they show moves with the readings, each reader sees its own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "app" / "usecases"))

from delivered import (
    OTHER_POD,
    POD,
    Market,
    delivered_market,
    issue,
    market_of,
    metered,
    opened,
    report,
    settle,
)
from world import DAY, WHO, Wall, World, seed

from app.bridge.metering import Metered, document_of
from app.persistence import open_store
from domain import commands as c
from domain.flexibility.assets import FlexAsset
from domain.flexibility.metering import MeterReading
from tests.views.opened import Silence, choose_every_tab
from views import news
from views.pages import fmo_settlement, settlement
from views.pages.context import BoundDesk, Content, PageContext
from views.state.settlement import OwnStatements, SettlementRoom
from views.state.settlement_records import award_records, finding_records, line_records


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("settlement") / "flexdesk.db"
    wall = Wall()
    with open_store(f"sqlite:///{path}", wall_clock=wall) as store:
        store.migrate()
        seed(store, wall)
    with opened(path) as world:
        delivered_market(world)
        world.store.backup(path.with_name("copy.db"))
    return path.with_name("copy.db")


@pytest.fixture
def after(prepared: Path, tmp_path: Path) -> Iterator[tuple[World, Market]]:
    path = tmp_path / "flexdesk.db"
    shutil.copy(prepared, path)
    with opened(path) as world:
        yield world, market_of(world)


class Desk:
    """One participant's page on the world's desk."""

    def __init__(self, world: World, who: str, build: Any, **query: str) -> None:
        self.hub, self.said = Silence(query), []
        context = PageContext(
            desk=BoundDesk(world.desk, WHO[who]),
            live=self.hub,
            location=self.hub,
            notify=lambda text, kind: self.said.append((kind, text)),
        )
        self.content: Content = build(context)
        choose_every_tab(self.content.main)

    def tell(self) -> None:
        self.hub.tell(news.SETTLEMENT)

    def text(self) -> str:
        """Every text of the page's panes, without markup."""
        return " ".join(_texts(self.content.main[0]))

    def button(self, label: str) -> Any:
        found = [w for w in self.content.main[0].select() if str(getattr(w, "label", "")).startswith(label)]
        assert found, label
        return found[0]


def _texts(view: Any) -> Iterator[str]:
    for part in view.select():
        if isinstance(getattr(part, "object", None), str):
            yield unescape(part.object)


def test_the_market_operator_uploads_settles_validates_and_issues(after: tuple[World, Market]) -> None:

    world, market = after
    desk = Desk(world, "fmo", fmo_settlement._build)
    assert "0 of 2" in desk.text()
    assert desk.button("Validate").disabled
    upload = desk.button("Upload metering")
    upload.value = b"pod_id,quantity\n"
    assert "row 1" in desk.text()
    readings = {
        POD: Metered(p_mw=metered(market, market.asset, "0.5")),
        OTHER_POD: Metered(p_mw=metered(market, market.other)),
    }
    upload.value = document_of(DAY, readings).encode()
    desk.tell()
    assert "2 of 2" in desk.text()
    assert "row 1" not in desk.text()
    for label in ("Settle", "Validate", "Issue"):
        desk.button(label).clicks += 1
        desk.tell()
    assert [kind for kind, _ in desk.said] == ["success"] * 4
    assert "All statements are issued." in desk.text()
    assert "FD-000003" in desk.text() or desk.button("PDF").visible


def test_missing_readings_wait_for_the_operators_word(after: tuple[World, Market]) -> None:
    world, market = after
    settle(world, market)
    desk = Desk(world, "fmo", fmo_settlement._build)
    assert desk.button("Validate").disabled
    accept = desk.button("Accept")
    assert accept.label == "Accept 2 findings that would stop the validation"
    accept.value = True
    assert not desk.button("Validate").disabled


def test_figures_findings_and_awards_follow_the_readings(after: tuple[World, Market]) -> None:
    world, market = after
    report(world, market, "0.5")
    settle(world, market)
    room = SettlementRoom(BoundDesk(world.desk, WHO["fmo"]))
    room.refresh()
    figures = {figure.label: figure.value for figure in fmo_settlement.key_figures(room)}
    assert (figures["Missing"], figures["Balance"], figures["Readings"]) == ("3.000", "0.00", "2 of 2")
    assert award_records(room.view.statements)[0]["what"] == "Asset PV-1, down"
    assert [record["kind"] for record in finding_records(room.view.statements)] == ["under-delivery"]
    report(world, market, "1")
    room.refresh()
    figures = {figure.label: figure.value for figure in fmo_settlement.key_figures(room)}
    assert figures["Missing"] == "0.000"
    assert finding_records(room.view.statements) == []


def test_a_participant_sees_its_own_when_it_is_issued_and_each_correction(after: tuple[World, Market]) -> None:
    world, market = after
    desk = Desk(world, "esp1", settlement._build)
    assert "No statement is issued yet." in desk.text()
    assert "Standard terms" in desk.text().replace("standard", "Standard")
    report(world, market, "0.5")
    settle(world, market)
    desk.tell()
    assert "No statement is issued yet." in desk.text()
    issue(world, market)
    desk.tell()
    half = market.award_of(market.asset).payment_eur / 2
    assert f"{half:,.2f}" in desk.text()
    report(world, market, "1")
    desk.tell()
    assert f"{half:+,.2f} EUR" not in desk.text()
    issue(world, market)
    desk.tell()
    assert f"{half:+,.2f} EUR against version before" in desk.text()
    own = OwnStatements(BoundDesk(world.desk, WHO["esp1"]))
    own.refresh()
    assert {row.party.id for row in own.rows} == {"esp1"}
    assert [row.statement.revision for row in own.rows] == [2, 1]


def test_the_dso_sees_what_it_gets_back(after: tuple[World, Market]) -> None:
    world, market = after
    report(world, market, "0.5")
    settle(world, market)
    issue(world, market)
    own = OwnStatements(BoundDesk(world.desk, WHO["dso1"]))
    own.refresh()
    assert [record["what"] for record in line_records(own.row)] == [
        "Flexibility bought in the clearing",
        "Not delivered: Asset PV-1, down",
    ]
    assert own.delivery(own.awards()) is not None


def test_names_of_assets_are_text(after: tuple[World, Market]) -> None:
    world, market = after
    with world.store.write(WHO["system"], c.MarkNotificationsRead()) as uow:
        uow.save(replace(uow.get(FlexAsset, market.asset.id), name="<img src=x onerror=alert(1)>"))
    report(world, market)
    settle(world, market)
    desk = Desk(world, "fmo", fmo_settlement._build)
    panes = [p.object for p in desk.content.main[0].select() if isinstance(getattr(p, "object", None), str)]
    assert not any("<img" in markup for markup in panes)
    assert any("&lt;img" in markup for markup in panes)


def test_a_metering_file_is_read_off_the_loop_and_nothing_else_can_be_clicked_meanwhile(
    after: tuple[World, Market],
) -> None:
    world, market = after
    desk = Desk(world, "fmo", fmo_settlement._build)
    steps = desk.content.owner._page._steps
    waiting: list[Any] = []
    steps._storing.soon = lambda work, then: waiting.append((work, then))
    readings = {POD: Metered(p_mw=metered(market, market.asset))}
    desk.button("Upload metering").value = document_of(DAY, readings).encode()
    assert world.find(MeterReading) == ()
    assert desk.button("Settle").disabled
    ((work, then),) = waiting
    then(work())
    assert len(world.find(MeterReading)) == 1
    assert desk.said == [("success", "1 reading stored.")]
    assert not desk.button("Settle").disabled
