"""Who operates the markets: entered on the server's machine, since nobody is above them."""

from __future__ import annotations

from app.usecases.access import ONE_TIME, hashed_or_fail
from domain.commands import EnterOperator
from domain.errors import Finding, raise_if, refuse
from domain.events import PasswordReset
from domain.ids import PartyId
from domain.parties import Party, Principal, Role, account_findings
from domain.ports import UnitOfWork
from domain.texts import text_findings

OPERATORS = (Role.FMO, Role.PLACE_OPERATOR)


def enter(uow: UnitOfWork, _principal: Principal, command: EnterOperator) -> Party:
    """The operator, with a sign-in that serves once within `ONE_TIME`; earlier sessions of the account end.

    Raises:
        Refused: `not_permitted` for another role; findings on name and account; `duplicate` for another
            participant's account, or its id for a new operator.
    """
    hashed_or_fail(command.password)
    if command.role not in OPERATORS:
        raise refuse("not_permitted", "role", "Other participants apply or enrol.")
    found: list[Finding] = [*account_findings(command.account), *text_findings(command.name, "name")]
    raise_if(found)
    operator = _operator(uow, command)
    owner = uow.access.party_of(command.account)
    if owner is None:
        uow.sign_ins.enter(command.account, command.password, operator, uow.wall + ONE_TIME)
    elif owner == operator.id:
        uow.sign_ins.reset(command.account, command.password, uow.wall + ONE_TIME)
        uow.sign_ins.end_logins_of(command.account)
    else:
        raise refuse("duplicate", "account", "Another participant has this account.")
    uow.record(PasswordReset(party_id=operator.id, account=command.account))
    return operator


def _operator(uow: UnitOfWork, command: EnterOperator) -> Party:
    there = uow.find(Party, role=command.role)
    if there:
        return there[0]
    made = Party(id=PartyId(command.account), name=command.name, role=command.role)
    if uow.find(Party, id=made.id):
        raise refuse("duplicate", "account", "Another participant has this id.")
    uow.add(made)
    return made
