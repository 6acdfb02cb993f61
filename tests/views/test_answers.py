"""Answers that pages share: how long one serves, and whom."""

from __future__ import annotations

from typing import Any

import pytest

from app.queries.models import GetShell, ListJobs
from domain.errors import Refused, refuse
from domain.ids import PartyId
from domain.parties import Principal, Role
from views.answers import SERVES_S, SharedAnswers

FMO = Principal(account="fmo", party_id=PartyId("fmo"), role=Role.FMO)
DSO = Principal(account="dso1", party_id=PartyId("dso1"), role=Role.DSO)


class Desk:
    """Answers each question with a new object, or refuses."""

    def __init__(self) -> None:
        self.asked: list[tuple[Principal, Any]] = []
        self.refuses = False

    def execute(self, _principal: Principal, command: Any) -> Any:
        return command

    def query(self, principal: Principal, query: Any) -> Any:
        self.asked.append((principal, query))
        if self.refuses:
            raise refuse("not_found", "id", "Nothing there.")
        return object()


class World:
    def __init__(self) -> None:
        self.revision, self.now = 1, 100.0
        self.desk = Desk()
        self.shared = SharedAnswers(self.desk, lambda: self.revision, lambda: self.now)


@pytest.fixture
def world() -> World:
    return World()


def test_pages_of_one_principal_share_an_answer(world: World) -> None:
    first = world.shared.query(FMO, GetShell())
    assert world.shared.query(FMO, GetShell()) is first
    assert len(world.desk.asked) == 1


def test_nobody_is_given_what_another_was_answered(world: World) -> None:
    """The desk decides what each principal may see."""
    assert world.shared.query(FMO, GetShell()) is not world.shared.query(DSO, GetShell())
    assert world.desk.asked == [(FMO, GetShell()), (DSO, GetShell())]


def test_another_question_has_another_answer(world: World) -> None:
    assert world.shared.query(FMO, GetShell()) is not world.shared.query(FMO, ListJobs())


def test_an_answer_does_not_outlive_what_is_stored(world: World) -> None:
    before = world.shared.query(FMO, GetShell())
    world.revision += 1
    assert world.shared.query(FMO, GetShell()) is not before


def test_an_answer_serves_for_a_moment_only(world: World) -> None:
    before = world.shared.query(FMO, GetShell())
    world.now += SERVES_S
    assert world.shared.query(FMO, GetShell()) is not before


def test_what_was_stored_while_it_was_asked_counts(world: World) -> None:
    """The answer may be of before the change, so that it does not serve after it."""
    plain = world.desk.query

    def slow(principal: Principal, query: Any) -> Any:
        answer = plain(principal, query)
        world.revision += 1
        return answer

    world.desk.query = slow  # type: ignore[method-assign]
    before = world.shared.query(FMO, GetShell())
    assert world.shared.query(FMO, GetShell()) is not before


def test_a_refusal_is_asked_for_again(world: World) -> None:
    world.desk.refuses = True
    with pytest.raises(Refused):
        world.shared.query(FMO, GetShell())
    world.desk.refuses = False
    assert world.shared.query(FMO, GetShell()) is not None
