"""What API keys may do: each command and query is decided, and what is not decided is refused."""

from __future__ import annotations

import pytest

from app import policy, scopes
from domain import commands as c
from domain.parties import Role, Scope
from domain.parties.access import SCOPES_OF_ROLE

BY_NO_KEY = {
    "ChangePassword",
    "ResetPassword",
    "EndLogin",
    "SignOutEverywhere",
    "CreateApiKey",
    "RotateApiKey",
    "RevokeApiKey",
    "ListLogins",
    "ListApiKeys",
    "ListAccounts",
    "RegisterClient",
    "EndClient",
    "ListClients",
}


def test_each_command_and_query_that_a_role_may_is_covered_or_named_here() -> None:
    """Whoever adds one decides whether keys may do it; left out, they may not."""
    commands = {kind for kind, roles in policy.COMMANDS.items() if roles != policy.MARKET}
    undecided = (commands - scopes.COMMANDS.keys()) | (policy.QUERIES.keys() - scopes.QUERIES.keys())
    assert {kind.__name__ for kind in undecided} == BY_NO_KEY
    assert scopes.COMMANDS.keys() <= commands


@pytest.mark.parametrize("command", scopes.COMMANDS, ids=lambda kind: kind.__name__)
def test_some_role_can_give_a_key_for_what_is_covered(command: type[c.Command]) -> None:
    able = {role for role in Role if set(SCOPES_OF_ROLE[role]) & scopes.COMMANDS[command]}
    assert able & policy.COMMANDS[command]


def test_a_role_gives_no_scope_with_which_it_could_do_nothing() -> None:
    for role, given in SCOPES_OF_ROLE.items():
        for scope in set(given) - {Scope.READ}:
            covered = {kind for kind, by in scopes.COMMANDS.items() if scope in by}
            assert any(policy.may_execute(role, kind) for kind in covered), (role, scope)


def test_what_has_no_row_is_refused_to_every_key_and_reading_writes_nothing() -> None:
    unknown = type("Unknown", (), {})
    every = frozenset(Scope)
    assert not scopes.covers_command(every, unknown)
    assert not scopes.covers_query(every, unknown)
    assert not any(scopes.covers_command(frozenset({Scope.READ}), kind) for kind in scopes.COMMANDS)
    assert all(scopes.covers_query(frozenset({Scope.READ}), kind) for kind in scopes.QUERIES)
    assert scopes.covers_command(None, unknown), "no key: the role alone decides"
    assert not scopes.covers_query(frozenset(), next(iter(scopes.QUERIES)))
