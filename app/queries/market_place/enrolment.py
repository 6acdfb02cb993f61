"""Who takes part in the market place, and what the operator says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from app.queries.models import place as q
from domain.errors import refuse
from domain.ids import CompanyId, PartyId
from domain.marketplace.areas import ServedArea
from domain.marketplace.companies import Company
from domain.marketplace.place import FIRST, PLACE_ID, PlacePage
from domain.marketplace.registrations import Registration, RegistrationState
from domain.marketplace.words import ENVIRONMENT
from domain.parties import Principal, Role
from domain.ports import UnitOfWork


def get_page(uow: UnitOfWork, _principal: Principal, _query: q.GetPlacePage) -> PlacePage:
    found = uow.find(PlacePage, id=PLACE_ID)
    return found[0] if found else FIRST


def list_companies(uow: UnitOfWork, _principal: Principal, _query: q.ListCompanies) -> tuple[q.CompanyRow, ...]:
    """The newest first."""
    companies = sorted(uow.find(Company), key=lambda one: (one.applied_at, one.id), reverse=True)
    rows = _rows(uow, uow.find(Registration))
    return tuple(
        q.CompanyRow(
            company=company,
            registrations=tuple(row for row in rows if row.registration.company_id == company.id),
        )
        for company in companies
    )


def get_own_company(uow: UnitOfWork, principal: Principal, _query: q.GetOwnCompany) -> q.CompanyRow:
    company_id = _company_id(uow, principal)
    if company_id is None:
        raise refuse("not_found", "company_id", "You are not registered on the market place.")
    rows = _rows(uow, uow.find(Registration, company_id=company_id))
    return q.CompanyRow(
        company=uow.get(Company, company_id), registrations=tuple(replace(row, own=True) for row in rows)
    )


def list_registrations(
    uow: UnitOfWork, principal: Principal, query: q.ListRegistrations
) -> tuple[q.RegistrationRow, ...]:
    own = _company_id(uow, principal)
    seen = (_seen(row, principal, own) for row in _rows(uow, uow.find(Registration)))
    return tuple(row for row in seen if row is not None and _wanted(row, query))


def _wanted(row: q.RegistrationRow, query: q.ListRegistrations) -> bool:
    return (
        query.player_role in (None, row.registration.player_role)
        and query.environment in (None, row.environment)
        and query.state in (None, row.registration.state)
        and (query.country is None or query.country in row.countries)
    )


def _company_id(uow: UnitOfWork, principal: Principal) -> CompanyId | None:
    found = uow.find(Registration, id=principal.party_id)
    return found[0].company_id if found else None


def _seen(row: q.RegistrationRow, principal: Principal, own: CompanyId | None) -> q.RegistrationRow | None:
    """What somebody may see of a registration; None for nothing."""
    registration = row.registration
    if registration.company_id == own:
        return replace(row, own=True)
    if principal.role is Role.PLACE_OPERATOR:
        return row
    if registration.state is not RegistrationState.CERTIFIED:
        return None
    public = replace(registration, account="", platform_url="", test_asked_at=None, test_detail="", reason="")
    return replace(row, registration=public)


def _rows(uow: UnitOfWork, registrations: Iterable[Registration]) -> tuple[q.RegistrationRow, ...]:
    """By company and role."""
    companies: Mapping[CompanyId, Company] = {company.id: company for company in uow.find(Company)}
    areas: Mapping[PartyId, ServedArea] = {area.id: area for area in uow.find(ServedArea)}
    rows = (_row(one, companies[one.company_id], areas.get(one.id)) for one in registrations)
    return tuple(sorted(rows, key=lambda row: (row.company_name, row.registration.player_role.value)))


def _row(registration: Registration, company: Company, area: ServedArea | None) -> q.RegistrationRow:
    return q.RegistrationRow(
        registration=registration,
        company_name=company.name,
        company_type=company.company_type,
        environment=ENVIRONMENT.get(registration.player_role),
        countries=area.countries if area else (),
    )


def get_served_area(uow: UnitOfWork, principal: Principal, query: q.GetServedArea) -> ServedArea:
    """Raises `Refused`: `not_found` for a registration that the principal does not see."""
    rows = list_registrations(uow, principal, q.ListRegistrations())
    if not any(row.registration.id == query.registration_id for row in rows):
        raise refuse("not_found", "registration_id", "There is no such registration, or it is not yours to see.")
    found = uow.find(ServedArea, id=query.registration_id)
    return found[0] if found else ServedArea(id=query.registration_id)
