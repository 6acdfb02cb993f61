"""The company of a platform."""

from __future__ import annotations

from app.queries.models.platform import CompanyView, GetCompany, RegistrationView
from domain.parties import Party, Principal
from domain.platform.company import THE_COMPANY, Company, OwnRegistration
from domain.ports import UnitOfWork


def get_company(uow: UnitOfWork, _principal: Principal, _query: GetCompany) -> CompanyView:
    """Raises `Refused`: `not_found` before the platform has its company."""
    company = uow.get(Company, THE_COMPANY)
    registrations = uow.find(OwnRegistration)
    names = {party.id: party.name for party in uow.find(Party, id=tuple(each.id for each in registrations))}
    return CompanyView(
        name=company.name,
        country=company.country,
        market_place_url=company.market_place_url,
        registrations=tuple(
            RegistrationView(id=each.id, name=names[each.id], player_role=each.player_role)
            for each in registrations
        ),
    )
