"""Technical validations on the platforms' pages: a question drawn and asked, an answer read, a DSO's files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from platform_room import ATTACK, Room, platform_room
from platform_things import EXAMPLES, answered, subscription

from app.queries.models.platform import GetValidationFiles, ListTechnicalValidations
from domain.errors import Refused
from domain.marketplace.words import PlatformRole
from domain.paging import Slice, falling
from domain.platform.validations import TechnicalValidation, ValidationRefusal, ValidationState
from domain.time import DeliveryDay
from views import news
from views.pages.platform_validations import PAGES
from views.state.platform_validations import area_of, curve_of, share_words

LIST, ASK, FILES = PAGES
NEWEST = Slice(order=falling("asked_at", "id"), limit=9)
DAY = date(2026, 7, 2)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with platform_room(tmp_path / "platform.db") as opened:
        yield opened


def composer(room: Room) -> Any:
    room.add(subscription("S-2", PlatformRole.REQUESTER))
    return room.open("requester1", ASK).owner


def draw(shown: Any, first: int, last: int, power: float) -> None:
    values = np.zeros(96)
    values[first : last + 1] = power
    shown._chart.drawn.data = {"quantity": values}


def test_without_a_dso_the_composer_says_where_to_find_one(room: Room) -> None:
    shown = room.open("requester1", ASK).owner
    assert shown._none.visible
    assert not shown._form.visible


def test_what_is_drawn_is_asked_with_its_direction_and_area(room: Room) -> None:
    shown = composer(room)
    assert shown.day.value == DAY, "tomorrow"
    draw(shown, 40, 43, 0.25)
    shown.sign.value = -1
    shown.area.value = f"Feeder 1; 60\n{ATTACK}; 40"
    shown._on_ask(None)
    (asked,) = room.ask("requester1", ListTechnicalValidations(part=NEWEST))
    request = asked.request
    assert [point.power_mw for point in request.curve] == [Decimal("-0.25")] * 4
    assert (request.start, request.end) == (
        DeliveryDay(day=DAY).instant(40),
        DeliveryDay(day=DAY).instant(44),
    )
    assert [(part.name, part.share) for part in request.load_area] == [
        ("Feeder 1", Decimal("0.6")),
        (ATTACK, Decimal("0.4")),
    ]
    assert asked.state is ValidationState.ASKED


def test_by_keyboard_an_even_power_is_set(room: Room) -> None:
    shown = composer(room)
    shown.first.value, shown.last.value, shown.even.value = 10, 11, "2,5"
    shown._on_set(None)
    assert list(np.nonzero(shown._power)[0]) == [10, 11]
    assert shown._power[10] == 2.5, "the chart is made higher, the power is not cut"
    shown.even.value = "much"
    shown._on_set(None)
    assert shown.problems._beside["even"].visible
    shown._on_clear(None)
    assert not shown._power.any()


@pytest.mark.parametrize(
    ("area", "power", "field"),
    [("Feeder 1", 0.0, "curve"), ("", 0.5, "load_area"), ("A\nB", 0.5, "load_area"), ("A; x", 0.5, "load_area")],
)
def test_what_is_missing_is_said_at_its_field(room: Room, area: str, power: float, field: str) -> None:
    shown = composer(room)
    draw(shown, 4, 5, power)
    shown.area.value = area
    shown._on_ask(None)
    assert [name for name, pane in shown.problems._beside.items() if pane.visible] == [field]
    assert room.ask("requester1", ListTechnicalValidations(part=NEWEST)) == ()


def test_a_day_that_is_over_is_refused_at_the_day(room: Room) -> None:
    shown = composer(room)
    shown.day.value = date(2026, 6, 1)
    draw(shown, 4, 5, 0.5)
    shown.area.value = "Feeder 1"
    shown._on_ask(None)
    assert shown.problems._beside["day"].visible


def test_days_of_92_and_100_quarter_hours_have_their_length(room: Room) -> None:
    shown = composer(room)
    for day, n in ((date(2027, 3, 28), 92), (date(2026, 10, 25), 100)):
        shown.day.value = day
        assert len(shown._power) == n == len(shown._chart.labels)


def test_an_area_of_one_needs_no_share() -> None:
    assert [part.share for part in area_of("Feeder 1")] == [Decimal(1)]
    with pytest.raises(Refused):
        area_of("\n \n")


def test_an_answer_shows_shares_binding_and_the_cut_curve(room: Room) -> None:
    room.add(subscription("S-2", PlatformRole.REQUESTER), answered())
    shown = room.open("requester1", LIST).owner
    (row,) = shown._book.records
    assert (row["state"], row["share"]) == ("answered", "62.5 %")
    assert "62.5" in shown._strip.view.object
    assert "loading of Line &lt;img" in shown._facts.object
    assert ATTACK not in shown._facts.object
    day, proposed, allowed = curve_of(answered())
    assert day.n_steps == 96
    assert np.nanmax(proposed) == 2.0
    assert allowed is not None
    assert np.nanmax(allowed) == 1.25
    assert np.isnan(proposed[0])
    assert list(shown._chart.source.data["allowed"][40:44]) == [1.25] * 4


def test_why_there_is_no_answer_is_told(room: Room) -> None:
    refusal = ValidationRefusal(code="no_network", field="", sentence=f"There is no network {ATTACK}.")
    failed = replace(answered(), state=ValidationState.FAILED, response=None, refusals=(refusal,))
    room.add(subscription("S-2", PlatformRole.REQUESTER), failed)
    shown = room.open("requester1", LIST).owner
    assert "There is no network &lt;img" in shown._facts.object
    assert shown._chart is not None
    assert np.isnan(shown._chart.source.data["allowed"]).all()


def test_news_bring_the_answer_onto_the_open_page(room: Room) -> None:
    waiting: TechnicalValidation = replace(
        answered(), state=ValidationState.ASKED, response=None, answered_at=None
    )
    room.add(subscription("S-2", PlatformRole.REQUESTER), waiting)
    context = room.context("requester1")
    shown: Any = LIST.build(context).owner
    assert shown._book.records[0]["share"] == "–"
    room.change(waiting, state=ValidationState.ANSWERED, response=answered().response)
    context.live.tell(news.PLATFORM)
    assert shown._book.records[0]["share"] == "62.5 %"


def test_one_of_another_registration_is_not_shown_by_its_link(room: Room) -> None:
    room.add(subscription("S-2", PlatformRole.REQUESTER), answered())
    shown = room.open("provider1", LIST, validation=answered().id).owner
    assert shown._none.visible
    assert not shown._answer.visible


def test_a_dso_uploads_network_and_schedules_and_sets_limits(room: Room) -> None:
    shown = room.open("provider1", FILES).owner
    assert "no network yet" in shown._network_words.object
    shown.network.file.value = (EXAMPLES / "three-bus.json").read_bytes()
    shown.network._on_send(None)
    assert "Uploaded" in shown._network_words.object
    shown.day.value = date(2016, 7, 25)
    shown.schedules.file.value = b"nonsense"
    shown.schedules._on_send(None)
    assert shown.schedules.findings.records
    shown.fields["export_max_mw"].value, shown.fields["source"].value = "1,5", f"Letter {ATTACK}"
    shown._on_set(None)
    files = room.ask("provider1", GetValidationFiles())
    assert files.coupling is not None
    assert files.coupling.limits.export_max_mw == Decimal("1.5")
    assert "export 1.5 MW, says Letter &lt;img" in shown._limit_words.object


def test_limits_that_are_no_numbers_are_refused_at_their_field(room: Room) -> None:
    shown = room.open("provider1", FILES).owner
    shown.fields["import_max_mw"].value = "a lot"
    shown._on_set(None)
    assert shown.problems._beside["import_max_mw"].visible
    shown.fields["import_max_mw"].value = "-5"
    shown._on_set(None)
    assert shown.problems._beside["import_max_mw"].visible
    assert room.ask("provider1", GetValidationFiles()).coupling is None


def test_shares_are_said_in_percent() -> None:
    assert [share_words(Decimal(share)) for share in ("1", "0", "0.625", "0.333333")] == [
        "100 %",
        "0 %",
        "62.5 %",
        "33.3333 %",
    ]
