"""Whose is it: companies and registrations fetched together with the check that the principal may act on them."""

from __future__ import annotations

from domain.errors import refuse
from domain.marketplace.companies import Company
from domain.marketplace.registrations import AT_WORK, Registration, RegistrationState
from domain.parties import Principal
from domain.ports import UnitOfWork


def own_registration(uow: UnitOfWork, principal: Principal) -> Registration:
    """The registration that acts.

    Raises:
        Refused: `not_found` when the participant is none; `wrong_state` when it is not at work.
    """
    found = uow.find(Registration, id=principal.party_id)
    if not found:
        raise refuse("not_found", "registration_id", "You are not registered on the market place.")
    if found[0].state not in AT_WORK:
        raise refuse("wrong_state", "registration_id", f"Your registration is {found[0].state.value}.")
    return found[0]


def certified(uow: UnitOfWork, principal: Principal) -> Registration:
    """The registration that acts, when others may see its services. Raises `Refused` as `own_registration`, and
    `not_certified`."""
    registration = own_registration(uow, principal)
    if registration.state is not RegistrationState.CERTIFIED:
        sentence = "Your platform has to pass the integration test and be certified first."
        raise refuse("not_certified", "registration_id", sentence)
    return registration


def company_of(uow: UnitOfWork, registration: Registration) -> Company:
    return uow.get(Company, registration.company_id)
