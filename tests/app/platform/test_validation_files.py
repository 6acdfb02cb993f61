"""What a DSO keeps for technical validations: network, schedules, the TSO's limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from validation_room import DAY, NETWORK, SCHEDULE, Room, opened_room

from domain.commands.platform import SetCouplingLimits, UploadValidationNetwork, UploadValidationSchedules
from domain.events import Event
from domain.events.platform import ValidationSchedulesDropped
from domain.ids import PartyId
from domain.platform.validations import CouplingPoint, ValidationNetwork, ValidationSchedules

LIMITS = SetCouplingLimits(
    import_max_mw=Decimal(5), export_max_mw=None, s_max_mva=Decimal("6.5"), source="Agreement of 2015"
)
SCHEDULES = UploadValidationSchedules(delivery_day=DAY, document=SCHEDULE)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with opened_room(tmp_path / "platform.db") as room:
        yield room


def test_files_are_kept_and_replaced(room: Room) -> None:
    first = room.do("dso", UploadValidationNetwork(document=NETWORK))
    assert isinstance(first, ValidationNetwork)
    room.do("dso", SCHEDULES)
    room.do("dso", SCHEDULES)
    room.do("dso", LIMITS)
    room.do("dso", replace(LIMITS, source="Agreement of 2016"))
    with room.platform.read() as uow:
        (schedules,) = uow.find(ValidationSchedules)
        (point,) = uow.find(CouplingPoint)
        assert (schedules.party_id, schedules.delivery_day, schedules.version) == ("dso", DAY, 1)
        assert schedules.network_sha256 == first.sha256 == uow.get(ValidationNetwork, "dso").sha256
        assert (point.limits.s_max_mva, point.limits.export_max_mw) == (Decimal("6.5"), None)
        assert (point.source, point.version) == ("Agreement of 2016", 1)


def test_each_dso_has_its_own(room: Room) -> None:
    room.do("dso", UploadValidationNetwork(document=NETWORK))
    assert room.refused("dso-2", SCHEDULES) == [("no_network", "document")]


def test_schedules_that_do_not_fit_a_new_network_go_and_it_is_told(room: Room) -> None:
    heard: list[Event] = []
    room.platform.bus.subscribe(heard.extend)
    room.do("dso", UploadValidationNetwork(document=NETWORK))
    room.do("dso", SCHEDULES)
    same = json.loads(NETWORK) | {"name": "The same by another name"}
    room.do("dso", UploadValidationNetwork(document=json.dumps(same)))
    with room.platform.read() as uow:
        (kept,) = uow.find(ValidationSchedules)
        assert kept.network_sha256 == uow.get(ValidationNetwork, "dso").sha256
    smaller = same | {"units": same["units"][:1]}
    room.do("dso", UploadValidationNetwork(document=json.dumps(smaller)))
    with room.platform.read() as uow:
        assert uow.find(ValidationSchedules) == ()
    dropped = ValidationSchedulesDropped(party_id=PartyId("dso"), delivery_day=DAY)
    assert [event for event in heard if isinstance(event, ValidationSchedulesDropped)] == [dropped]


@pytest.mark.parametrize(
    ("command", "code", "field"),
    [
        (UploadValidationNetwork(document="{}"), "invalid_network", "schema"),
        (UploadValidationSchedules(delivery_day=DAY, document="unit_id"), "wrong_length", "row 1"),
        (
            UploadValidationSchedules(delivery_day=DAY - timedelta(days=2), document=""),
            "deadline_passed",
            "delivery_day",
        ),
        (UploadValidationSchedules(delivery_day=date(2017, 7, 25), document=""), "out_of_range", "delivery_day"),
        (replace(LIMITS, import_max_mw=Decimal("NaN")), "not_finite", "import_max_mw"),
        (replace(LIMITS, s_max_mva=Decimal(-1)), "negative", "s_max_mva"),
        (replace(LIMITS, source=" "), "missing", "source"),
        (replace(LIMITS, source="x" * 500), "out_of_range", "source"),
    ],
)
def test_what_is_wrong_is_refused(room: Room, command: object, code: str, field: str) -> None:
    room.do("dso", UploadValidationNetwork(document=NETWORK))
    findings = room.refused("dso", command)  # type: ignore[arg-type]
    assert findings
    assert findings[0] == (code, field)


@pytest.mark.parametrize("who", ["own", "pool", "house", "market-place", "system"])
def test_others_may_not(room: Room, who: str) -> None:
    for command in (UploadValidationNetwork(document=NETWORK), SCHEDULES, LIMITS):
        assert room.refused(who, command) == [("not_permitted", "")]
