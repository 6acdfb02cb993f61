"""Alarms of a platform on their page: seen by whose they are, acknowledged, shelved and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from platform_room import ATTACK, NOW, Room, platform_room

from domain.flexibility.alarms import Priority
from domain.ids import AlarmId, PartyId
from domain.lifecycle import AlarmState
from domain.marketplace.service_alarms import ServiceAlarm, ServiceAlarmKind
from views.pages import platform_alarms


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with platform_room(tmp_path / "platform.db") as opened:
        yield opened


def alarm(**changes: Any) -> ServiceAlarm:
    values: dict[str, Any] = {
        "id": AlarmId("AL-1"),
        "kind": ServiceAlarmKind.DEAD_LETTER,
        "subject": f"keys {ATTACK}",
        "provider_id": PartyId("provider1"),
        "requester_id": None,
        "priority": Priority.ALARM,
        "detail": f"Nobody took it. {ATTACK}",
        "raised_at": NOW,
    }
    return ServiceAlarm(**values | changes)


def opened(room: Room) -> Any:
    return room.open("provider1", platform_alarms.PAGES[0]).owner


def state_of(room: Room) -> AlarmState:
    with room.platform.read() as uow:
        return uow.get(ServiceAlarm, AlarmId("AL-1")).state


def test_nothing_stands(room: Room) -> None:
    page = opened(room)
    assert page._none.visible
    assert page.acknowledge.disabled


def test_an_alarm_is_acknowledged(room: Room) -> None:
    room.add(alarm())
    page = opened(room)
    assert page.acknowledge.disabled, "nothing is picked"
    page._on_pick({"id": "AL-1"})
    page.acknowledge.param.trigger("clicks")
    assert state_of(room) is AlarmState.ACKNOWLEDGED
    assert page.acknowledge.disabled


def test_an_alarm_is_put_aside_and_taken_back(room: Room) -> None:
    room.add(alarm())
    page = opened(room)
    page._on_pick({"id": "AL-1"})
    page.shelving._on_shelve(None)
    page.shelving._on_put(None)
    assert state_of(room) is AlarmState.RAISED, "a reason is wanted"
    page.shelving.reason.value = "Planned work"
    page.shelving._on_put(None)
    assert state_of(room) is AlarmState.SHELVED
    assert page.shelving.unshelve.visible
    page.shelving._on_unshelve(None)
    assert state_of(room) is AlarmState.RAISED
