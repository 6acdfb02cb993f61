"""The trail on the pages of the market place and of platforms, and its signed export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import NOW
from place_room import HOSTILE, OPERATOR, Seat, column, place_room, placed, provider, seeded_place
from platform_room import PARTIES, platform_room
from world import World

from app.persistence.vault import Vault
from app.signing import public_keys
from app.trails import check
from domain.commands import MarkNotificationsRead
from domain.commands.place import ChangeCompany
from domain.trail import TrailLine
from views.pages import trail
from views.pages.trail import PAGES, TrailPage
from views.state.trails import act_words, body_facts, trail_record

SECRET = b"secret of the market place" * 2


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeded_place(tmp_path_factory.mktemp("place"))


@pytest.fixture
def world(seeded: Path, tmp_path: Path) -> Iterator[World]:
    with place_room(seeded, tmp_path) as room:
        yield room


def opened(world: World, who: str, **address: str) -> TrailPage:
    owner = PAGES[0].build(Seat(world, who, **address).context).owner
    assert isinstance(owner, TrailPage)
    return owner


def test_the_operator_reads_all_and_a_player_its_own(world: World) -> None:
    one = provider(world)
    address = placed.ADDRESS.__class__(street=HOSTILE[:80], postcode="1", city="Berlin", country="DE")
    world.do(one.id, ChangeCompany(contact=placed.CONTACT, address=address))
    mine, operators = opened(world, one.id), opened(world, OPERATOR)
    said = {record["party"]: record["said"] for record in mine._book.records}
    assert set(said) == {"North Grid", "EU Market Place", "system"}
    assert said["EU Market Place"] == said["system"] == "–"
    assert "Change company" in column(mine._book, "act")
    assert "Accept company" in column(operators._book, "act")
    assert set(column(mine._book, "n")) < set(column(operators._book, "n"))
    assert column(opened(world, "requester2")._book, "act") == []
    assert opened(world, "requester2")._none.visible
    changed = next(record for record in mine._book.records if record["act"] == "Change company")
    assert changed["account"] == one.account
    mine._on_pick(changed)
    assert "&lt;script&gt;" in mine._facts.view.object
    assert "<script>" not in mine._facts.view.object
    assert opened(world, one.id, row=changed["id"])._facts.view.object == mine._facts.view.object


def test_older_rows_follow_on_demand(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "AT_ONCE", 2)
    for _ in range(3):
        world.do("requester1", MarkNotificationsRead())
    page = opened(world, "requester1")
    first = column(page._book, "n")
    assert (len(first), page.older.disabled) == (2, False)
    page._on_older(None)
    rows = column(page._book, "n")
    assert (len(rows), rows[:2], page.older.disabled) == (3, first, True)
    assert rows == sorted(rows, reverse=True)
    page._on_again(None)
    assert column(page._book, "n") == first


def test_the_export_is_signed_and_holds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.store, "_vault", Vault(lambda: SECRET))
    world.do("requester1", MarkNotificationsRead())
    page = opened(world, "requester1")
    assert not page.file.visible
    page._on_sign(None)
    assert page.file.visible
    text = page.file.callback().read().decode()
    assert check(text, public_keys(SECRET)) == []
    assert text.count('"row"') == len(page._book.records) == 1


def test_a_platforms_company_reads_its_trail_and_a_customer_its_own_part(tmp_path: Path) -> None:
    with platform_room(tmp_path / "platform.db") as room:
        for who in ("provider1", "customer1"):
            room.do(who, MarkNotificationsRead())
        company = room.open("provider1", PAGES[1]).owner
        customer = room.open("customer1", PAGES[1]).owner
        names = {party.id: party.name for party in PARTIES}
        assert {names["provider1"], names["customer1"]} <= set(column(company._book, "party"))
        assert set(column(customer._book, "party")) == {names["customer1"]}
        company._on_sign(None)
        assert check(company.file.callback().read().decode(), public_keys(b"p" * 32)) == []


def test_an_act_reads_as_words_and_a_row_that_is_only_told_has_no_fields() -> None:
    assert act_words("AcceptCompany") == "Accept company"
    told = TrailLine(
        sequence=1,
        wall_at=NOW,
        market_at=NOW,
        party_id="provider1",
        role="provider",
        command="AcceptProposal",
        account=None,
        body=None,
    )
    assert (body_facts(told), trail_record(told)["said"], trail_record(told)["party"]) == ([], "–", "provider1")
    whole = replace(told, body='{"reason": "' + "x" * 500 + '", "n": 2}', party_name="Netz Nord")
    assert body_facts(whole) == [("Reason", "x" * 400 + "…"), ("N", "2")]
    record = trail_record(whole)
    assert record["said"].startswith("Reason xxx")
    assert len(record["said"]) == 400
    assert record["party"] == "Netz Nord"
