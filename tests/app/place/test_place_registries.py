"""Each command, query and event of the EU Market Place has its rows, and there are no others."""

from __future__ import annotations

from app import policy_place, scopes_place
from app.letters.place import LETTERS
from app.queries.market_place import HANDLERS as ANSWERS
from app.queries.models.place import PlaceQuery
from app.usecases.market_place import HANDLERS
from domain.commands.place import PlaceCommand
from domain.events.place import PlaceEvent


def test_each_command_has_a_role_and_a_handler() -> None:
    kinds = set(PlaceCommand.__subclasses__())
    assert set(policy_place.COMMANDS) == kinds == {kind for kind in HANDLERS if issubclass(kind, PlaceCommand)}
    assert all(policy_place.COMMANDS.values())


def test_each_query_has_a_role_and_an_answer() -> None:
    kinds = set(PlaceQuery.__subclasses__())
    assert set(policy_place.QUERIES) == kinds == {kind for kind in ANSWERS if issubclass(kind, PlaceQuery)}
    assert all(policy_place.QUERIES.values())


def test_each_event_is_told_to_somebody_or_on_purpose_to_nobody() -> None:
    assert set(LETTERS) == set(PlaceEvent.__subclasses__())


def test_keys_may_do_only_what_is_named() -> None:
    """What is in neither table of scopes is for people and systems alone."""
    assert set(scopes_place.COMMANDS) <= set(policy_place.COMMANDS)
    assert set(scopes_place.QUERIES) <= set(policy_place.QUERIES)
