"""Enrolment: a company asks, the operator decides, registrations become participants."""

from __future__ import annotations

from dataclasses import replace

from app.transport.sending import address
from app.usecases.access import hashed_or_fail
from app.usecases.market_place.finding import company_of, own_registration
from domain.commands.place import (
    AcceptCompany,
    AcceptRegistration,
    AddContactPoint,
    AddRegistration,
    ChangeCompany,
    EnrolCompany,
    RefuseCompany,
    RefuseRegistration,
)
from domain.errors import Refused, raise_if, refuse
from domain.events.place import (
    CompanyAccepted,
    CompanyChanged,
    CompanyEnrolled,
    CompanyRefused,
    ContactPointAdded,
    RegistrationAccepted,
    RegistrationAdded,
    RegistrationRefused,
)
from domain.ids import ApplicationId, CompanyId, PartyId, new_id
from domain.lifecycle import advance
from domain.marketplace.companies import (
    MOST_OPEN,
    Address,
    Company,
    CompanyState,
    Contact,
    LegalData,
    address_findings,
    company_findings,
    contact_findings,
    is_same,
)
from domain.marketplace.registrations import (
    REGISTRATION,
    Registration,
    RegistrationState,
    RegistrationWish,
    wishes_findings,
)
from domain.marketplace.words import PARTY_ROLE
from domain.parties import Party, Principal, account_findings
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings

MOST_CONTACT_POINTS = 50
_GONE = (RegistrationState.REFUSED, RegistrationState.QUIT)


def enrol(uow: UnitOfWork, _principal: Principal, command: EnrolCompany) -> Company:
    """A company that waits for the operator, with its registrations and their sign-ins.

    Raises:
        Refused: all findings on the fields; `throttled` when too many wait; `duplicate` for a sign-in name.
    """
    hashed_or_fail(command.secret)
    raise_if(
        [
            *company_findings(command.legal, command.contact, command.address),
            *wishes_findings(command.company_type, command.registrations),
        ]
    )
    if uow.count(Company, {"state": CompanyState.APPLIED}) >= MOST_OPEN:
        raise refuse("throttled", "", "Too many companies are waiting. Try again another day.")
    company = Company(
        id=CompanyId(new_id("CO")),
        legal=_trimmed(command.legal),
        company_type=command.company_type,
        contact=_reached(command.contact),
        address=_placed(command.address),
        applied_at=uow.market,
    )
    uow.add(company)
    for index, wish in enumerate(command.registrations):
        try:
            _wait(uow, company, wish, command.secret)
        except Refused as refused:
            place = f"registrations[{index}]."
            raise_if(replace(finding, field=place + finding.field) for finding in refused.findings)
    uow.record(CompanyEnrolled(company_id=company.id))
    return company


def _wait(uow: UnitOfWork, company: Company, wish: RegistrationWish, secret: str) -> Registration:
    registration = Registration(
        id=PartyId(new_id("MP")),
        company_id=company.id,
        player_role=wish.player_role,
        account=wish.account,
        platform_url=wish.platform_url,
        applied_at=uow.market,
    )
    uow.add(registration)
    uow.sign_ins.keep(ApplicationId(registration.id), wish.account, secret)
    return registration


def add_registration(uow: UnitOfWork, principal: Principal, command: AddRegistration) -> Registration:
    """Another role for the own company, which the operator accepts or not.

    Raises:
        Refused: findings on role, account and address; `duplicate` for a sign-in name.
    """
    hashed_or_fail(command.secret)
    company = company_of(uow, own_registration(uow, principal))
    wish = RegistrationWish(
        player_role=command.player_role, account=command.account, platform_url=command.platform_url
    )
    standing = [one for one in uow.find(Registration, company_id=company.id) if one.state not in _GONE]
    raise_if(
        replace(finding, field=finding.field.removeprefix("registrations[0]."))
        for finding in wishes_findings(
            company.company_type, (wish,), frozenset(one.player_role for one in standing)
        )
    )
    registration = _wait(uow, company, wish, command.secret)
    uow.record(RegistrationAdded(registration_id=registration.id, company_id=company.id))
    return registration


def add_contact_point(uow: UnitOfWork, principal: Principal, command: AddContactPoint) -> Registration:
    """Another sign-in of the own registration, which works at once.

    Raises:
        Refused: findings on the account; `duplicate` for a sign-in name; `out_of_range` when it has too many.
    """
    hashed_or_fail(command.secret)
    registration = own_registration(uow, principal)
    raise_if(account_findings(command.account))
    if len(uow.access.accounts(registration.id)) >= MOST_CONTACT_POINTS:
        sentence = f"A registration has at most {MOST_CONTACT_POINTS} sign-ins."
        raise refuse("out_of_range", "account", sentence)
    kept = ApplicationId(new_id("CP"))
    uow.sign_ins.keep(kept, command.account, command.secret)
    uow.sign_ins.open(kept, registration.id, principal.role)
    uow.record(ContactPointAdded(registration_id=registration.id, account=command.account))
    return registration


def change_company(uow: UnitOfWork, principal: Principal, command: ChangeCompany) -> Company:
    """Other contacts and another address; what the company is called and is stays. Raises `Refused`: findings."""
    company = company_of(uow, own_registration(uow, principal))
    raise_if([*contact_findings(command.contact), *address_findings(command.address)])
    uow.save(replace(company, contact=_reached(command.contact), address=_placed(command.address)))
    uow.record(CompanyChanged(company_id=company.id))
    return uow.get(Company, company.id)


def accept_company(uow: UnitOfWork, _principal: Principal, command: AcceptCompany) -> Company:
    """The company takes part; each registration that waits is a participant.

    Raises:
        Refused: `wrong_state`; `duplicate` for one that takes part already (whoever enrols in its name first takes
            nothing away from it).
    """
    company = uow.get(Company, command.company_id)
    _must_wait(company)
    _must_be_new(uow, company)
    uow.save(replace(company, state=CompanyState.ACCEPTED))
    for registration in uow.find(Registration, company_id=company.id, state=RegistrationState.APPLIED):
        _take_in(uow, company, registration)
    uow.record(CompanyAccepted(company_id=company.id))
    return uow.get(Company, company.id)


def refuse_company(uow: UnitOfWork, _principal: Principal, command: RefuseCompany) -> Company:
    """The company does not take part; its sign-in names are free again. Raises `Refused`: `wrong_state`, findings
    on the reason."""
    company = uow.get(Company, command.company_id)
    raise_if(text_findings(command.reason, "reason", REASON))
    _must_wait(company)
    reason = command.reason.strip()
    uow.save(replace(company, state=CompanyState.REFUSED, reason=reason))
    for registration in uow.find(Registration, company_id=company.id, state=RegistrationState.APPLIED):
        _turn_down(uow, registration, reason)
    uow.record(CompanyRefused(company_id=company.id))
    return uow.get(Company, company.id)


def _must_wait(company: Company) -> None:
    if company.state is not CompanyState.APPLIED:
        raise refuse("wrong_state", "company_id", f"{company.name} is {company.state.value} already.")


def _must_be_new(uow: UnitOfWork, company: Company) -> None:
    for other in uow.find(Company, state=CompanyState.ACCEPTED):
        standing = uow.find(Registration, company_id=other.id) if is_same(company, other) else ()
        if any(one.state not in _GONE for one in standing):
            sentence = f"{other.name} takes part already; it adds roles itself."
            raise refuse("duplicate", "company_id", sentence)


def accept_registration(uow: UnitOfWork, _principal: Principal, command: AcceptRegistration) -> Registration:
    """A further registration is a participant. Raises `Refused`: `wrong_state`, also while its company waits."""
    registration = uow.get(Registration, command.registration_id)
    company = company_of(uow, registration)
    if company.state is not CompanyState.ACCEPTED:
        raise refuse("wrong_state", "registration_id", f"Decide on {company.name} as a whole first.")
    _take_in(uow, company, registration)
    uow.record(RegistrationAccepted(registration_id=registration.id))
    return uow.get(Registration, registration.id)


def refuse_registration(uow: UnitOfWork, _principal: Principal, command: RefuseRegistration) -> Registration:
    """Raises `Refused`: `wrong_state`, also while its company waits; findings on the reason."""
    registration = uow.get(Registration, command.registration_id)
    raise_if(text_findings(command.reason, "reason", REASON))
    company = company_of(uow, registration)
    if company.state is not CompanyState.ACCEPTED:
        raise refuse("wrong_state", "registration_id", f"Decide on {company.name} as a whole first.")
    _turn_down(uow, registration, command.reason.strip())
    uow.record(RegistrationRefused(registration_id=registration.id))
    return uow.get(Registration, registration.id)


def _take_in(uow: UnitOfWork, company: Company, registration: Registration) -> None:
    state = advance(REGISTRATION, registration.state, "accept", "registration_id")
    role = PARTY_ROLE[registration.player_role]
    uow.add(Party(id=registration.id, name=company.name, role=role))
    uow.sign_ins.open(ApplicationId(registration.id), registration.id, role)
    if registration.platform_url:
        address(uow, registration.id, registration.platform_url, "")
    uow.save(replace(registration, state=state, accepted_at=uow.market))


def _turn_down(uow: UnitOfWork, registration: Registration, reason: str) -> None:
    state = advance(REGISTRATION, registration.state, "refuse", "registration_id")
    uow.sign_ins.forget(ApplicationId(registration.id))
    uow.save(replace(registration, state=state, reason=reason))


def _trimmed(legal: LegalData) -> LegalData:
    return LegalData(
        name=legal.name.strip(),
        legal_form=legal.legal_form.strip(),
        register_number=legal.register_number.strip(),
        vat_number=legal.vat_number.strip(),
    )


def _reached(contact: Contact) -> Contact:
    return Contact(name=contact.name.strip(), email=contact.email.strip(), phone=contact.phone.strip())


def _placed(address: Address) -> Address:
    return replace(address, street=address.street.strip(), city=address.city.strip())
