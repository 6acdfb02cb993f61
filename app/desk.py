"""The one doorway for whoever acts: signed in, active, permitted, and then the use case or the query."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, cast

from app import repeats
from app.policy import may_execute, may_query
from app.queries.models import Query
from app.scopes import covers_command, covers_query
from app.usecases import HANDLERS, Handler
from domain.commands import Command
from domain.errors import Finding, raise_if, refuse
from domain.parties import SYSTEM, Party, Principal, Role
from domain.ports import Expected, OpenUnitOfWork, ReadOnly, UnitOfWork
from domain.texts import storable

Answer = TypeVar("Answer")
QueryHandler = Callable[[UnitOfWork, Principal, Any], Any]
Finish = Callable[[Principal, Any], Any]
"""(principal, what the handler prepared) -> the query's answer."""
Prepare = Callable[[Principal, Any], Command]
"""(principal, a command as it came) -> the command as its handler takes it. May refuse, or take its time."""


class Desk:
    """Executes commands and answers queries for a principal. Safe for use from several threads."""

    def __init__(
        self,
        write: OpenUnitOfWork,
        read: ReadOnly,
        query_handlers: Mapping[type[Query[Any]], QueryHandler],
        beyond: Mapping[type[Query[Any]], Finish] | None = None,
        ahead: Mapping[type[Command], Prepare] | None = None,
        commands: Mapping[type[Command], Handler] = HANDLERS,
    ) -> None:
        self._write = write
        self._read = read
        self._query_handlers = query_handlers
        self._beyond = beyond or {}
        self._ahead = ahead or {}
        self._commands = commands

    def execute(self, principal: Principal | None, command: Command, expected: Expected | None = None) -> object:
        """Do what a command says in one transaction; the new or changed entity, or None. What has to be prepared
        (passwords take long to hash) is, before the transaction begins.

        expected : what the change is meant for, looked up in the same transaction

        Raises:
            Refused: `signed_out`, `not_permitted`, `scope_missing`, the use case's findings, or
                `precondition_failed`; then nothing is stored.
        """
        actor = _signed_in(principal)
        if type(command) not in self._commands or not may_execute(actor.role, type(command)):
            raise refuse("not_permitted", "", f"{_role(actor)} may not do this.")
        if not covers_command(actor.scopes, type(command)):
            raise refuse("scope_missing", "", "This API key has no scope that covers this.")
        raise_if(_unstorable(command))
        prepare = self._ahead.get(type(command))
        if prepare is not None:
            command = prepare(actor, command)
        with self._write(actor, command) as uow:
            _check_active(uow, actor)
            as_expected = expected is None or _is_there(uow, expected)
            answer = self._commands[type(command)](uow, actor, command)
            if not as_expected:  # told last: who may not do it at all learns nothing of versions
                raise refuse("precondition_failed", "If-Match", "It was changed in the meantime; look again.")
            repeats.told(answer)
            return answer

    def query(self, principal: Principal | None, query: Query[Answer]) -> Answer:
        """Answer a query from one reading transaction; where its answer takes long to work out, it is finished
        when the transaction is over.

        Raises:
            Refused: `signed_out`, `not_permitted`, `scope_missing`, or what the query refuses.
        """
        actor = _signed_in(principal)
        if type(query) not in self._query_handlers or not may_query(actor.role, type(query)):
            raise refuse("not_permitted", "", f"{_role(actor)} may not see this.")
        if not covers_query(actor.scopes, type(query)):
            raise refuse("scope_missing", "", "This API key has no scope that covers this.")
        raise_if(_unstorable(query))
        with self._read() as uow:
            _check_active(uow, actor)
            answer = self._query_handlers[type(query)](uow, actor, query)
        finish = self._beyond.get(type(query))
        return cast(Answer, answer if finish is None else finish(actor, answer))


def _signed_in(principal: Principal | None) -> Principal:
    if principal is None:
        raise refuse("signed_out", "", "Sign in first.")
    return principal


def _role(principal: Principal) -> str:
    return f"The role {principal.role.value}"


def _check_active(uow: UnitOfWork, principal: Principal) -> None:
    """The participant is asked for afresh each time: one that was shut out or changed its role is out at once."""
    if principal.role is Role.SYSTEM:
        if principal != SYSTEM:
            raise refuse("not_permitted", "", "Only the market itself has this role.")
        return
    found = uow.find(Party, id=principal.party_id)
    if not found or not found[0].active or found[0].role is not principal.role:
        raise refuse("signed_out", "", "This sign-in is no longer valid; sign in again.")


def _is_there(uow: UnitOfWork, expected: Expected) -> bool:
    versions = [entity.version for entity in uow.find_bare(expected.kind, **expected.equal)]
    if not versions and expected.unset is not None:
        versions = [expected.unset]
    return any(map(expected.fits, versions))


def _unstorable(message: object) -> list[Finding]:
    sentence = "The text has characters that cannot be stored."
    return [
        Finding(code="malformed", field=field, sentence=sentence)
        for field, text in _texts(message, "")
        if not storable(text)
    ]


def _texts(value: object, field: str) -> Iterator[tuple[str, str]]:
    """Every text in a message with the field it stands in, such as `lines[0].asset_id`."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _texts(item, f"{field}[{index}]")
    elif is_dataclass(value):
        for name in (f.name for f in fields(value)):
            yield from _texts(getattr(value, name), f"{field}.{name}" if field else name)
