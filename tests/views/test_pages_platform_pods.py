"""The provider's page of points of delivery, on a real platform."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from platform_room import ATTACK, Room, platform_room

from app.queries.models.platform import GetPod
from domain.errors import Refused
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
