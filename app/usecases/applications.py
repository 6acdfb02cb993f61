"""Applications: received from outside, then accepted or refused by the market operator."""

from __future__ import annotations

from dataclasses import replace

from domain.commands import AcceptApplication, Apply, JoinBySingleSignOn, RefuseApplication
from domain.errors import Finding, raise_if, refuse
from domain.events import ApplicationAccepted, ApplicationReceived, ApplicationRefused
from domain.ids import ApplicationId, PartyId, new_id
from domain.lifecycle import APPLICATION, ApplicationState, advance
from domain.parties import (
    PLACE,
    Application,
    Party,
    Principal,
    Role,
    account_findings,
    application_findings,
    role_findings,
)
from domain.parties.applications import APPLICABLE, MOST_OPEN
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings

JOINABLE = (*APPLICABLE, Role.FMO, *sorted(PLACE))


def apply(uow: UnitOfWork, _principal: Principal, command: Apply) -> Application:
    """An application that waits for the market operator, its password's hash kept beside it.

    Raises:
        Refused: all findings on the fields; `throttled` when too many wait; `duplicate` for a sign-in name.
    """
    raise_if(
        [
            *application_findings(
                command.company, command.contact, command.email, command.role, command.independent
            ),
            *account_findings(command.account),
        ]
    )
    if len(uow.find(Application, state=ApplicationState.SUBMITTED)) >= MOST_OPEN:
        raise refuse("throttled", "", "Too many applications are waiting. Try again another day.")
    application = Application(
        id=ApplicationId(new_id("AP")),
        company=command.company.strip(),
        contact=command.contact.strip(),
        email=command.email.strip(),
        role=command.role,
        independent=command.independent,
        account=command.account,
        applied_at=uow.market,
    )
    uow.add(application)
    uow.sign_ins.keep(application.id, application.account, command.secret)
    uow.record(ApplicationReceived(application_id=application.id))
    return application


def accept(uow: UnitOfWork, _principal: Principal, command: AcceptApplication) -> Application:
    """The applicant becomes a participant and can sign in with the name and password of its application.

    Raises:
        Refused: `wrong_state`; findings on role, independence and balance responsible party.
    """
    application = uow.get(Application, command.application_id)
    state = advance(APPLICATION, application.state, "accept", "application_id")
    raise_if(role_findings(command.role, command.independent) + _brp_findings(uow, command))
    party = Party(
        id=PartyId(new_id("PT")),
        name=application.company,
        role=command.role,
        independent=command.independent,
        brp_id=command.brp_id,
    )
    uow.add(party)
    uow.sign_ins.open(application.id, party.id, party.role)
    accepted = replace(application, state=state, party_id=party.id)
    uow.save(accepted)
    uow.record(ApplicationAccepted(application_id=application.id, party_id=party.id, role=party.role))
    return accepted


def _brp_findings(uow: UnitOfWork, command: AcceptApplication) -> list[Finding]:
    if command.brp_id is None:
        return []
    if command.role not in GROUPED or command.independent:
        sentence = "Only an ESP, a retailer or an aggregator that is not independent is in one balance group."
        return [Finding(code="out_of_range", field="brp_id", sentence=sentence)]
    known = uow.find(Party, id=command.brp_id)
    if known and known[0].role is Role.BRP and known[0].active:
        return []
    return [Finding(code="unknown_party", field="brp_id", sentence="There is no such balance responsible party.")]


GROUPED = (Role.ESP, Role.AGGREGATOR, Role.RETAILER)
"""Roles whose participants may be in the balance group of one balance responsible party."""


def refuse_application(uow: UnitOfWork, _principal: Principal, command: RefuseApplication) -> Application:
    """The application is refused; its password's hash is forgotten and its sign-in name is free again.

    Raises:
        Refused: `wrong_state`, findings on the reason.
    """
    application = uow.get(Application, command.application_id)
    raise_if(text_findings(command.reason, "reason", REASON))
    state = advance(APPLICATION, application.state, "refuse", "application_id")
    refused = replace(application, state=state, reason=command.reason.strip())
    uow.save(refused)
    uow.sign_ins.forget(application.id)
    uow.record(ApplicationRefused(application_id=application.id))
    return refused


def join(uow: UnitOfWork, _principal: Principal, command: JoinBySingleSignOn) -> Party:
    """An account for a person that the provider vouches for.

    Raises:
        Refused: `not_found` for the participant; `not_permitted` when it is suspended or has another role;
            `duplicate` for a sign-in name or person that has an account; findings on the name.
    """
    raise_if(account_findings(command.account))
    party = uow.get(Party, command.party_id)
    if not party.active or party.role is not command.role or command.role not in JOINABLE:
        raise refuse("not_permitted", "role", "The participant does not take part in this role now.")
    uow.sign_ins.join(command.issuer, command.subject, command.account, command.secret, party)
    return party
