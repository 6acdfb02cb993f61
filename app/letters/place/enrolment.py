"""News of companies and registrations. Names, and no more: reasons go to those whom they concern."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.letters.names import Letter, in_role
from domain.events import Event
from domain.events import place as e
from domain.ids import CompanyId, PartyId
from domain.marketplace.companies import Company
from domain.marketplace.registrations import Registration
from domain.parties import Role
from domain.ports import UnitOfWork


def nobody(_uow: UnitOfWork, _event: Event) -> Iterable[Letter]:
    return ()


def operators(uow: UnitOfWork) -> tuple[PartyId, ...]:
    return in_role(uow, Role.PLACE_OPERATOR)


def of_company(uow: UnitOfWork, company_id: CompanyId) -> tuple[PartyId, ...]:
    """A company's registrations."""
    return tuple(one.id for one in uow.find(Registration, company_id=company_id))


def named(uow: UnitOfWork, registration_id: PartyId) -> str:
    """Such as `North meters (regulated data provider)`."""
    registration = uow.get(Registration, registration_id)
    return f"{uow.get(Company, registration.company_id).name} ({registration.player_role.value})"


def enrolled(uow: UnitOfWork, event: e.CompanyEnrolled) -> Iterator[Letter]:
    name = uow.get(Company, event.company_id).name
    yield Letter(to=operators(uow), sentence=f"{name} enrols on the market place: accept or refuse it.")


def accepted(uow: UnitOfWork, event: e.CompanyAccepted) -> Iterator[Letter]:
    name = uow.get(Company, event.company_id).name
    sentence = f"Welcome to the market place, {name}. Enter your platform's address and have it tested."
    yield Letter(to=of_company(uow, event.company_id), sentence=sentence)


def added(uow: UnitOfWork, event: e.RegistrationAdded) -> Iterator[Letter]:
    sentence = f"{named(uow, event.registration_id)} registers: accept or refuse it."
    yield Letter(to=operators(uow), sentence=sentence)


def contact_point(uow: UnitOfWork, event: e.ContactPointAdded) -> Iterator[Letter]:
    registration = uow.get(Registration, event.registration_id)
    sentence = f"{event.account} signs in for {named(uow, event.registration_id)}, too."
    yield Letter(to=of_company(uow, registration.company_id), sentence=sentence)


def registration_accepted(uow: UnitOfWork, event: e.RegistrationAccepted) -> Iterator[Letter]:
    registration = uow.get(Registration, event.registration_id)
    sentence = f"The operator accepted {named(uow, event.registration_id)}."
    yield Letter(to=of_company(uow, registration.company_id), sentence=sentence)


def registration_refused(uow: UnitOfWork, event: e.RegistrationRefused) -> Iterator[Letter]:
    registration = uow.get(Registration, event.registration_id)
    sentence = f"The operator refused {named(uow, event.registration_id)}: {registration.reason}"
    yield Letter(to=of_company(uow, registration.company_id), sentence=sentence)


def moved(uow: UnitOfWork, event: e.RegistrationMoved) -> Iterator[Letter]:
    sentence = f"{named(uow, event.registration_id)} has another platform; it has to be tested and certified."
    yield Letter(to=operators(uow), sentence=sentence)


def tested(uow: UnitOfWork, event: e.IntegrationTested) -> Iterator[Letter]:
    detail = uow.get(Registration, event.registration_id).test_detail
    name = named(uow, event.registration_id)
    if event.passed:
        yield Letter(to=(event.registration_id,), sentence="Your platform passed the integration test.")
        yield Letter(to=operators(uow), sentence=f"{name} passed the integration test: certify it.")
        return
    sentence = f"failed the integration test. {detail}".strip()
    yield Letter(to=(event.registration_id,), sentence=f"Your platform {sentence}")
    yield Letter(to=operators(uow), sentence=f"The platform of {name} {sentence}")


def certified(_uow: UnitOfWork, event: e.RegistrationCertified) -> Iterator[Letter]:
    sentence = "You are certified: others see your services now."
    yield Letter(to=(event.registration_id,), sentence=sentence)


def suspended(uow: UnitOfWork, event: e.RegistrationSuspended) -> Iterator[Letter]:
    """To the other registrations of its company, as it can no longer read it itself, and to the operators."""
    registration = uow.get(Registration, event.registration_id)
    sentence = f"{named(uow, registration.id)} is suspended: {registration.reason}"
    yield Letter(to=(*of_company(uow, registration.company_id), *operators(uow)), sentence=sentence)


def reinstated(_uow: UnitOfWork, event: e.RegistrationReinstated) -> Iterator[Letter]:
    sentence = "The operator reinstated you. Have your platform tested again."
    yield Letter(to=(event.registration_id,), sentence=sentence)


def has_quit(uow: UnitOfWork, event: e.RegistrationQuit) -> Iterator[Letter]:
    registration = uow.get(Registration, event.registration_id)
    sentence = f"{named(uow, registration.id)} left the market place: {registration.reason}"
    yield Letter(to=(*of_company(uow, registration.company_id), *operators(uow)), sentence=sentence)
