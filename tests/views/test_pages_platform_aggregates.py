"""The provider's page of aggregates, on a real platform with values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from platform_room import ATTACK, WHO, Room, platform_room

from app.platform.hosting import _Acting
from app.platform.values.reading import Format
from app.platform.values.uploading import upload
from domain.ids import PodId
from domain.marketplace.words import AggregationLevel, TimeStep
from domain.platform.pods import Pod
from views import news
from views.pages.platform_aggregates import PAGES

DAY = date(2026, 6, 30)
CITIES = ("Kiel",) * 7 + ("Flensburg",) * 5 + (f"Husum {ATTACK}",) * 2


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with platform_room(tmp_path / "platform.db") as opened:
        yield opened


def metered(room: Room) -> None:
    """1 kWh an hour at each point, all day: seven, five and two in three cities."""
    places = {"country": "DE", "postcode": "24103", "street": "Weg"}
    pods = [Pod(id=PodId(f"DE{n:09}"), city=city, **places) for n, city in enumerate(CITIES)]
    room.add(*pods)
    lines = [f"{pod.id},energy consumption,PT1H,2026-06-29T22:00:00Z,{','.join(['1'] * 24)}" for pod in pods]
    document = "\n".join(["pod_id,quantity,time_step,start,value", *lines]) + "\n"
    upload(_Acting(room.platform.desk, WHO["provider1"]), (document.encode(),), Format.CSV)


def page(room: Room, **address: Any) -> Any:
    return room.open("provider1", PAGES[0], **{"day": DAY.isoformat()} | address).owner


def test_without_values_nothing_is_told(room: Room) -> None:
    shown = page(room)
    assert shown._none.visible
    assert not shown._rest.visible


def test_what_is_of_enough_points_is_told_and_the_rest_hidden(room: Room) -> None:
    metered(room)
    shown = page(room)
    rows = {row["name"]: row for row in shown._book.records}
    kiel = next(row for name, row in rows.items() if "Kiel" in name)
    assert (kiel["n_pods"], kiel["n_values"], kiel["hidden"], kiel["total"]) == (7, 24, 0, "168.000 kWh")
    others = [row for name, row in rows.items() if "Kiel" not in name]
    assert all(row["n_values"] == 0 for row in others), "two points are too few, and five would tell of the two"
    shown._on_pick(kiel)
    assert [row["value"] for row in shown._values.records] == ["7.000"] * 24
    drawn = np.asarray(shown._chart.chart.source.data["value"], float)
    assert drawn.tolist() == [7.0] * 24


def test_a_question_that_cannot_be_answered_is_refused_at_its_field(room: Room) -> None:
    metered(room)
    shown = page(room)
    shown.fields["step"].value = TimeStep.MINUTES_15
    shown.draw()
    told = " ".join(str(pane.object) for pane in shown.problems._beside.values()) + str(shown.problems.view.object)
    assert "problems" in told or not shown._book.records
    assert all(row["n_values"] == 0 for row in shown._book.records), "hours are not cut into quarters"
    shown.fields["places"].value = "Kiel"
    shown.draw()
    assert shown.problems._beside["places"].visible


def test_level_and_group_stand_in_the_address_and_news_redraw(room: Room) -> None:
    context = room.context("provider1", day=DAY.isoformat(), level="country")
    shown: Any = PAGES[0].build(context).owner
    assert shown.fields["level"].value is AggregationLevel.COUNTRY
    assert shown._none.visible
    metered(room)
    context.live.tell(news.PLATFORM)
    (row,) = shown._book.records
    assert (row["name"], row["total"]) == ("DE", "336.000 kWh")
    shown.fields["level"].value = AggregationLevel.STREET
    shown._on_asked(None)
    assert shown.state.level == "street"


def test_an_address_that_is_nonsense_opens_the_usual_page(room: Room) -> None:
    shown = page(room, level="<b>", day="yesterday")
    assert shown.fields["level"].value is AggregationLevel.CITY
