"""The provider's page of its customers' consents."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from platform_room import ATTACK, Room, platform_room
from platform_things import asked, house_pods, subscription

from domain.commands.platform import GiveConsent, RevokeConsent
from domain.errors import Refused
from domain.ids import ConsentId, PodId
from domain.platform.consents import Consent
from views import news
from views.pages.platform_asked import PAGES


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with platform_room(tmp_path / "platform.db") as opened:
        opened.add(subscription(), *house_pods())
        yield opened


def test_states_points_and_periods_are_listed_and_follow_the_news(room: Room) -> None:
    context = room.context("provider1")
    shown: Any = PAGES[0].build(context).owner
    assert shown._none.visible
    assert not shown._picked.visible
    asked(room)
    context.live.tell(news.PLATFORM)
    assert [(row["state"], row["points"]) for row in shown._book.records] == [("asked", "0 of 2")]
    room.do("customer1", GiveConsent(consent_id=ConsentId("C-1")))
    context.live.tell(news.PLATFORM)
    assert [(row["state"], row["points"]) for row in shown._book.records] == [("acknowledged", "2 of 2")]
    room.do("customer1", RevokeConsent(consent_id=ConsentId("C-1"), pod_ids=(PodId("DE0001"),)))
    context.live.tell(news.PLATFORM)
    assert [row["points"] for row in shown._book.records] == ["1 of 2"]
    assert "In force for</dt><dd>DE0002</dd>" in shown._lines.object
    assert ATTACK not in shown._lines.object


def test_only_those_in_a_state_and_a_nonsense_one_shows_all(room: Room) -> None:
    asked(room)
    shown: Any = room.open("provider1", PAGES[0], state="revoked").owner
    assert shown._book.records == []
    shown.filter.value = "asked"
    assert len(shown._book.records) == 1
    assert shown.state.state == "asked"
    assert len(room.open("provider1", PAGES[0], state="nonsense").owner._book.records) == 1


def test_it_is_the_providers_alone(room: Room) -> None:
    with pytest.raises(Refused):
        room.open("requester1", PAGES[0])


def test_a_link_for_a_letter_is_shown_once_and_leads_to_the_ask(room: Room) -> None:
    asked(room)
    shown: Any = PAGES[0].build(replace(room.context("provider1"), address="https://grid.example")).owner
    shown.links.one.clicks += 1
    link = shown.links.once.secret
    assert link.startswith("https://grid.example/b2c/v1/asks/")
    with room.platform.read() as uow:
        (consent,) = uow.find(Consent)
    assert consent.link_sha256 == hashlib.sha256(link.rsplit("/", 1)[1].encode()).hexdigest()
    assert shown.links.made == []
    shown.links.once.view.open = False
    assert shown.links.once.secret == ""
    room.do("customer1", GiveConsent(consent_id=ConsentId("C-1")))
    shown.draw()
    assert (shown.links.one.visible, shown.links.all.disabled) == (False, True)


def test_links_of_all_who_are_asked_are_a_file(room: Room) -> None:
    asked(room)
    shown: Any = room.open("provider1", PAGES[0]).owner
    assert not shown.links.file.visible
    shown.links.all.clicks += 1
    assert shown.links.made == []
    shown.links.dialog._yes.clicks += 1
    head, row = csv.reader(shown.links.csv().getvalue().decode("utf-8-sig").splitlines())
    assert (head[3], row[2]) == ("link", "C-1")
    assert row[3].startswith("/b2c/v1/asks/")
    assert shown.links.file.visible
    room.do("customer1", GiveConsent(consent_id=ConsentId("C-1")))
    shown.links.all.clicks += 1
    shown.links.dialog._yes.clicks += 1
    assert shown.links.made == []
    assert room.said[-1][0] == "error"
