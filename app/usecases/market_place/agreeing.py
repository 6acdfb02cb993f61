"""The general agreement, once for each company."""

from __future__ import annotations

from dataclasses import replace

from app.usecases.market_place.finding import company_of, own_registration
from domain.commands.place import AcceptGeneralAgreement
from domain.errors import refuse
from domain.events.place import GeneralAgreementAccepted
from domain.marketplace.agreements import GENERAL_VERSION
from domain.marketplace.companies import Company
from domain.marketplace.registrations import Registration
from domain.parties import Principal
from domain.ports import UnitOfWork


def accept_general(uow: UnitOfWork, principal: Principal, command: AcceptGeneralAgreement) -> Company:
    """For the company; once is enough. Raises `Refused`: `stale` when another version was read."""
    company = company_of(uow, own_registration(uow, principal))
    if command.version != GENERAL_VERSION:
        sentence = f"The agreement is at version {GENERAL_VERSION}; read it again."
        raise refuse("stale", "version", sentence)
    if company.agreed_version == GENERAL_VERSION:
        return company
    uow.save(replace(company, agreed_version=GENERAL_VERSION, agreed_at=uow.market, agreed_by=principal.party_id))
    uow.record(GeneralAgreementAccepted(company_id=company.id, by=principal.party_id))
    return uow.get(Company, company.id)


def must_have_agreed(uow: UnitOfWork, registration: Registration) -> None:
    """Raises `Refused`: `agreement_missing`."""
    company = company_of(uow, registration)
    if company.agreed_version != GENERAL_VERSION:
        sentence = f"{company.name} has to accept the general agreement of the market place first."
        raise refuse("agreement_missing", "proposal_id", sentence)
