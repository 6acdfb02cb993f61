"""The provider's page of points of delivery, on a real platform."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from platform_room import ATTACK, Room, platform_room

from app.queries.models.platform import GetPod
from domain.errors import Refused
from domain.marketplace.words import TimeStep
from domain.platform.pods import Pod
from views import news
from views.pages.platform_pods import PAGES, PodsPage

CSV = "pod_id,country,postcode,city,street,customer_id\n"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with platform_room(tmp_path / "platform.db") as opened:
        yield opened


def page(room: Room, **address: Any) -> PodsPage:
    owner = room.open("provider1", PAGES[0], **address).owner
    assert isinstance(owner, PodsPage)
    return owner


def pod(number: int, **other: Any) -> Pod:
    values = {"country": "DE", "postcode": "24103", "city": "Kiel", "street": f"Weg {number}"} | other
    return Pod(id=f"DE{number:09}", **values)


def fill(shown: PodsPage, **values: str) -> None:
    for name, value in values.items():
        shown.form.fields[name].value = value
    shown.form._on_send(None)


def upload(shown: PodsPage, document: str, *, good_only: bool = False) -> str:
    shown.upload.file.value = document.encode()
    shown.upload.good_only.value = good_only
    shown.upload._on_send(None)
    return str(shown.upload.said.object)


NEW = {"pod_id": "DE000000001", "country": "DE", "postcode": "24103", "city": "Kiel", "street": "Weg 1"}


def test_an_empty_page_says_what_to_do(room: Room) -> None:
    shown = page(room)
    assert shown._none.visible
    assert not shown._book.view.visible


def test_one_is_registered_found_by_its_link_and_changed(room: Room) -> None:
    shown = page(room)
    fill(shown, **NEW)
    assert [record["pod"] for record in shown._book.records] == ["DE000000001"]
    again = page(room, pod="DE000000001")
    assert again.form.fields["street"].value == "Weg 1"
    fill(again, street=ATTACK, customer_id="customer1")
    assert room.ask("provider1", GetPod(pod_id="DE000000001")).street == ATTACK
    assert room.ask("customer1", GetPod(pod_id="DE000000001")).customer_id == "customer1"


def test_a_refusal_stands_at_its_field(room: Room) -> None:
    shown = page(room)
    fill(shown, **NEW | {"postcode": "!", "customer_id": "nobody"})
    for name in ("postcode", "customer_id"):
        assert shown.form.problems._beside[name].visible, name
    assert not shown.form.problems._beside["city"].visible
    assert shown._book.records == []


def test_a_file_reports_its_bad_lines_and_stores_nothing(room: Room) -> None:
    shown = page(room)
    said = upload(shown, CSV + "DE000000001,DE,24103,Kiel,Weg 1,\nDE000000002,XX,24103,Kiel,Weg 2,\n")
    assert "Nothing was stored" in said
    assert [(row["line"], row["field"], row["code"]) for row in shown.upload.bad.records] == [
        (3, "country", "unknown_place")
    ]
    assert shown._book.records == []
    said = upload(shown, CSV + "DE000000001,DE,24103,Kiel,Weg 1,\nbad\n", good_only=True)
    assert "1 stored, 1 bad line left out" in said
    assert [record["pod"] for record in shown._book.records] == ["DE000000001"]


def test_a_file_that_is_no_text_or_has_another_head_is_refused_with_a_sentence(room: Room) -> None:
    shown = page(room)
    shown.upload.file.value = b"\xff\xfe\x00"
    shown.upload._on_send(None)
    assert "UTF-8" in shown.upload.bad.records[0]["what"]
    upload(shown, f"{ATTACK}\n1,2\n")
    assert shown.upload.bad.records[0]["line"] == 1


def test_of_many_the_first_are_shown_and_a_search_finds_the_others(room: Room) -> None:
    room.add(*(pod(number) for number in range(320)), pod(900, city="Flensburg"))
    shown = page(room)
    assert len(shown._book.records) == 300
    assert "300 of 321" in str(shown._words.object)
    shown.city.value = "Flensburg"
    assert [record["pod"] for record in shown._book.records] == ["DE000000900"]
    assert shown.state.city == "Flensburg"
    shown.code.value = "no such"
    assert ("warning", "There is no point of delivery with this code.") in room.said


def test_news_of_the_platform_show_what_another_person_registered(room: Room) -> None:
    context = room.context("provider1")
    shown: Any = PAGES[0].build(context).owner
    room.add(pod(1))
    assert shown._book.records == []
    context.live.tell(news.PLATFORM)
    assert len(shown._book.records) == 1


def test_what_somebody_types_stays_when_news_come(room: Room) -> None:
    context = room.context("provider1")
    shown: Any = PAGES[0].build(context).owner
    shown.form.fields["city"].value = "Kiel"
    context.live.tell(news.PLATFORM)
    assert shown.form.fields["city"].value == "Kiel"


def test_requesters_have_neither_page_nor_answer(room: Room) -> None:
    assert {str(role) for role in PAGES[0].roles} == {"provider"}
    with pytest.raises(Refused):
        room.open("requester1", PAGES[0])


def test_hostile_text_is_only_ever_text(room: Room) -> None:
    room.add(pod(1, street=ATTACK, city=ATTACK))
    shown = page(room)
    (record,) = shown._book.records
    assert record["street"] == ATTACK
    for part in (shown._words, shown.upload.said, shown.form._words, SimpleNamespace(object="")):
        assert "<img" not in str(part.object)


HEAD = "pod_id,quantity,time_step,start,value\n"
QUARTERS = ",".join(f"{k / 4}" for k in range(8))


def upload_values(shown: PodsPage, document: str, name: str = "values.csv", *, good_only: bool = False) -> str:
    shown.values.file.param.update(value=document.encode(), filename=name)
    shown.values.good_only.value = good_only
    shown.values._on_send(None)
    return str(shown.values.said.object)


def test_values_come_in_as_a_file_and_stand_in_the_chart(room: Room) -> None:
    room.add(pod(1))
    shown = page(room, pod="DE000000001", day="2026-06-30")
    assert "no value" in shown.readings._words.object
    assert shown.readings._export.disabled
    said = upload_values(
        shown, f"{HEAD}DE000000001,energy consumption,PT15M,2026-06-30T00:00:00+02:00,{QUARTERS}\n"
    )
    assert "8 values read, 1 day stored" in said
    chart = shown.readings._plot.chart
    assert chart is not None
    assert list(chart.source.data["value"][:8]) == [k / 4 for k in range(8)]
    assert np.isnan(chart.source.data["value"][8])
    assert "8 values, 88 gaps; 7.000 kWh in all." in shown.readings._words.object
    rows = shown.readings.csv().getvalue().decode("utf-8-sig").splitlines()
    assert rows[:2] == ["start_utc,local,value,unit", "2026-06-29T22:00Z,00:00,0.000,kWh"]
    assert rows[9] == "2026-06-30T00:00Z,02:00,,kWh"


def test_another_step_and_the_days_of_a_month(room: Room) -> None:
    room.add(pod(1))
    shown = page(room, pod="DE000000001", day="2026-06-30")
    upload_values(shown, f"{HEAD}DE000000001,energy consumption,PT1H,2026-06-30T00:00:00+02:00" + ",1" * 24 + "\n")
    shown.readings.step.value = TimeStep.HOUR
    assert len(shown.readings._plot.chart.labels) == 24
    shown.readings.step.value = TimeStep.DAY
    assert shown.readings._plot.chart.labels[-1] == "30 Jun"
    assert shown.readings._plot.chart.source.data["value"][-1] == 24
    shown.readings.step.value = TimeStep.MINUTES_10
    assert "text" in shown.readings._words.object
    assert not shown.readings._plot.view.visible


def test_a_file_of_values_reports_its_bad_lines(room: Room) -> None:
    room.add(pod(1))
    shown = page(room, pod="DE000000001", day="2026-06-30")
    good = "DE000000001,energy consumption,PT15M,2026-06-30T00:00:00+02:00,1\n"
    bad = f"NOBODY,energy consumption,PT15M,2026-06-30T00:00:00+02:00,1\n{ATTACK},,,,\n"
    assert "Nothing was stored" in upload_values(shown, HEAD + good + bad)
    assert [row["line"] for row in shown.values.bad.records][:1] == [3]
    assert "no value" in shown.readings._words.object
    assert "1 values read, 1 day stored, 2 bad lines left out" in upload_values(
        shown, HEAD + good + bad, good_only=True
    )


def test_json_lines_are_read_by_their_name_and_corrections_are_asked_for(room: Room) -> None:
    room.add(pod(1))
    shown = page(room, pod="DE000000001", day="2026-06-30")
    line = (
        '{"pod_id":"DE000000001","quantity":"energy consumption","time_step":"PT15M",'
        '"start":"2026-06-30T00:00:00+02:00","values":[%s]}\n'
    )
    assert "1 values read" in upload_values(shown, line % "1.5", "values.jsonl")
    assert "Nothing was stored" in upload_values(shown, line % "2.5", "values.jsonl")
    shown.correct.value = True
    assert "1 day stored" in upload_values(shown, line % "2.5", "values.jsonl")
    assert shown.readings._plot.chart.source.data["value"][0] == 2.5


def test_an_empty_file_is_refused_with_a_sentence(room: Room) -> None:
    shown = page(room)
    assert "Nothing was stored" in upload_values(shown, "")
