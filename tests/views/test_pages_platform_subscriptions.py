"""Subscriptions as told to a platform, on its page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from platform_room import ATTACK, NOW, Room, platform_room
from platform_things import DAY, subscription

from domain.marketplace.words import PlatformRole
from domain.platform.subscriptions import SubscriptionStanding
from views import news
from views.pages.platform_subscriptions import PAGES


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with platform_room(tmp_path / "platform.db") as opened:
        yield opened


def page(room: Room, who: str, **address: Any) -> Any:
    return room.open(who, PAGES[0], **address).owner


def test_before_any_is_told_the_page_says_how_they_come(room: Room) -> None:
    shown = page(room, "requester1")
    assert shown._none.visible
    assert not shown._rest.visible
    assert not shown._terms.visible


def test_each_side_sees_its_own_with_terms_and_services(room: Room) -> None:
    room.add(subscription("S-1"), subscription("S-2", PlatformRole.REQUESTER))
    provider, requester = page(room, "provider1"), page(room, "requester1")
    assert [row["id"] for row in provider._book.records] == ["S-1"]
    assert [row["id"] for row in requester._book.records] == ["S-2"]
    assert [row["level"] for row in provider._services.records] == ["each point", "sum of a city"]
    assert [row["consent"] for row in provider._services.records] == ["needed", "not needed"]
    assert "1,440 minutes" in provider._facts.object
    assert ATTACK not in provider._facts.object
    assert "&lt;img" in provider._facts.object
    assert "secret" not in provider._facts.object


def test_a_link_chooses_and_a_cancelled_one_says_why(room: Room) -> None:
    ended = replace(
        subscription("S-2"), state=SubscriptionStanding.CANCELED, canceled_at=NOW, reason=f"moved away {ATTACK}"
    )
    room.add(subscription("S-1"), ended, subscription("S-3", starts_at=NOW + DAY))
    shown = page(room, "provider1", subscription="S-2")
    states = {row["id"]: row["state"] for row in shown._book.records}
    assert states == {"S-1": "active", "S-2": "cancelled", "S-3": "not in force"}
    assert "moved away &lt;img" in shown._facts.object
    shown._on_pick({"id": "S-1"})
    assert shown.state.subscription == "S-1"
    assert "moved away" not in shown._facts.object


def test_a_new_one_is_there_with_the_news(room: Room) -> None:
    context = room.context("provider1")
    shown: Any = PAGES[0].build(context).owner
    room.add(subscription("S-1"))
    context.live.tell(news.PLATFORM)
    assert [row["id"] for row in shown._book.records] == ["S-1"]
    assert shown._rest.visible
    assert not shown._none.visible
