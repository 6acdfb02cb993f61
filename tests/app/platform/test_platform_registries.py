"""Each command, query and event of a player's platform has its rows, and there are no others."""

from __future__ import annotations

from app import policy_platform, scopes_platform
from app.letters.platform import LETTERS
from app.platform.queries import HANDLERS as ANSWERS
from app.platform.usecases import HANDLERS
from app.queries.models.platform import PlatformQuery
from domain.commands.platform import PlatformCommand
from domain.events.platform import PlatformEvent


def test_each_command_has_a_role_and_a_handler() -> None:
    kinds = set(PlatformCommand.__subclasses__())
    assert (
        set(policy_platform.COMMANDS) == kinds == {kind for kind in HANDLERS if issubclass(kind, PlatformCommand)}
    )
    assert all(policy_platform.COMMANDS.values())


def test_each_query_has_a_role_and_an_answer() -> None:
    kinds = set(PlatformQuery.__subclasses__())
    assert set(policy_platform.QUERIES) == kinds == {kind for kind in ANSWERS if issubclass(kind, PlatformQuery)}
    assert all(policy_platform.QUERIES.values())


def test_each_event_is_told_to_somebody_or_on_purpose_to_nobody() -> None:
    assert set(LETTERS) == set(PlatformEvent.__subclasses__())


def test_keys_may_do_only_what_is_named() -> None:
    """What is in neither table of scopes is for people and systems alone."""
    assert set(scopes_platform.COMMANDS) <= set(policy_platform.COMMANDS)
    assert set(scopes_platform.QUERIES) <= set(policy_platform.QUERIES)
