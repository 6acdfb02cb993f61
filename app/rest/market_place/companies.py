"""Companies (MPL-DES) and registrations (MPL-REG, MPL-ADD, MPL-AUT)."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Request, Response

from app.applying import EnrolmentForm
from app.queries.models import place as q
from app.rest.access import Caller, FromCaller, FromServices, address_of
from app.rest.envelopes import domain_of
from app.rest.fields import Id
from app.rest.market_place import made
from app.rest.market_place import schemas as s
from app.rest.paging import FromPager, Listing, only
from app.rest.schemas import Page, Paging, ReasonIn
from app.rest.strict import StrictRoute
from app.rest.tags import FromChanger, tag
from domain.commands import place as c
from domain.ids import CompanyId, PartyId
from domain.marketplace.areas import Polygon, PostcodeArea, ServedArea
from domain.marketplace.companies import Address, Company, Contact, LegalData
from domain.marketplace.registrations import Registration, RegistrationWish

public = APIRouter(route_class=StrictRoute, tags=["enrolment"])
router = APIRouter(route_class=StrictRoute, tags=["enrolment"])
PathId = Annotated[Id, Path()]
COMPANIES = Listing(s.CompanyOut, "-applied_at,-id", by=("name", "state"))
REGISTRATIONS = Listing(s.RegistrationOut, "company_name,player_role,id", by=("state", "applied_at"))


@public.post("/enrolments", status_code=201, operation_id="place_enrol")
def enrol(body: s.EnrolmentIn, request: Request, services: FromServices) -> s.EnrolledOut:
    """Enrol a company (MPL-DES) with its registrations; no token is needed."""
    form = EnrolmentForm(
        legal=domain_of(LegalData, body.legal),
        company_type=body.company_type,
        contact=domain_of(Contact, body.contact),
        address=domain_of(Address, body.address),
        registrations=made.tupled(RegistrationWish, body.registrations),
        password=body.password,
    )
    return s.EnrolledOut.model_validate(services.applying.enrol(form, address_of(request)))


@router.get("/companies", operation_id="place_companies")
def companies(caller: FromCaller, pager: FromPager, where: Annotated[Paging, Query()]) -> Page[s.CompanyOut]:
    """Operator: all companies, the newest first."""
    return pager.page(COMPANIES, where, caller.query(q.ListCompanies()), made.company)


@router.get("/companies/{company_id}", operation_id="place_company")
def company(caller: FromCaller, company_id: PathId, response: Response) -> s.CompanyOut:
    """Operator: one company."""
    row = only(caller.query(q.ListCompanies()), "company_id", lambda row: row.company.id == company_id)
    tag(response, row.company.version)
    return made.company(row)


@router.get("/company", operation_id="place_own_company")
def own_company(caller: FromCaller, response: Response) -> s.CompanyOut:
    """The caller's company with all its registrations."""
    row = caller.query(q.GetOwnCompany())
    tag(response, row.company.version)
    return made.company(row)


@router.put("/company", operation_id="place_change_company")
def change_company(caller: FromChanger, body: s.CompanyChangeIn) -> s.CompanyOut:
    """A registration: its company is reached in another way."""
    command = c.ChangeCompany(contact=domain_of(Contact, body.contact), address=domain_of(Address, body.address))
    caller.change(command, Company, id=caller.query(q.GetOwnCompany()).company.id)
    return made.company(caller.query(q.GetOwnCompany()))


@router.post("/companies/{company_id}/accept", operation_id="place_accept_company")
def accept_company(caller: FromChanger, company_id: PathId) -> s.CompanyOut:
    """Operator: the company takes part in all the roles that it registered for."""
    caller.change(c.AcceptCompany(company_id=CompanyId(company_id)), Company, id=company_id)
    return _company(caller, company_id)


@router.post("/companies/{company_id}/refuse", operation_id="place_refuse_company")
def refuse_company(caller: FromChanger, company_id: PathId, body: ReasonIn) -> s.CompanyOut:
    """Operator: the company does not take part, and why."""
    command = c.RefuseCompany(company_id=CompanyId(company_id), reason=body.reason)
    caller.change(command, Company, id=company_id)
    return _company(caller, company_id)


def _company(caller: Caller, company_id: str) -> s.CompanyOut:
    rows = caller.query(q.ListCompanies())
    return made.company(only(rows, "company_id", lambda row: row.company.id == company_id))


@router.get("/registrations", operation_id="place_registrations")
def registrations(
    caller: FromCaller, pager: FromPager, where: Annotated[s.RegistrationFilter, Query()]
) -> Page[s.RegistrationOut]:
    """Registrations that are certified, and the own company's; for the operator all."""
    query = q.ListRegistrations(
        player_role=where.player_role, environment=where.environment, state=where.state, country=where.country
    )
    return pager.page(REGISTRATIONS, where, caller.query(query), made.registration)


@router.get("/registrations/{registration_id}", operation_id="place_registration")
def registration(caller: FromCaller, registration_id: PathId, response: Response) -> s.RegistrationOut:
    """One registration."""
    rows = caller.query(q.ListRegistrations())
    row = only(rows, "registration_id", lambda row: row.registration.id == registration_id)
    tag(response, row.registration.version)
    return made.registration(row)


@router.post("/registrations", status_code=201, operation_id="place_add_registration")
def add_registration(caller: FromCaller, body: s.AddRegistrationIn, response: Response) -> s.RegistrationOut:
    """A registration: its company wants to play another role, too."""
    command = c.AddRegistration(
        player_role=body.player_role,
        account=body.account,
        platform_url=body.platform_url,
        secret=body.password,
    )
    added = cast(Registration, caller.execute(command))
    response.headers["Location"] = f"/api/v1/market-place/registrations/{added.id}"
    return _registration(caller, added.id)


@router.post("/registration/contact-points", status_code=204, operation_id="place_add_contact_point")
def add_contact_point(caller: FromCaller, body: s.ContactPointIn) -> None:
    """A registration: another person signs in for it (MPL-AUT). `/parties/{party_id}/accounts` has all."""
    caller.execute(c.AddContactPoint(account=body.account, secret=body.password))


def _registration(caller: Caller, registration_id: str) -> s.RegistrationOut:
    rows = caller.query(q.ListRegistrations())
    return made.registration(only(rows, "registration_id", lambda row: row.registration.id == registration_id))


@router.post("/registrations/{registration_id}/accept", operation_id="place_accept_registration")
def accept_registration(caller: FromChanger, registration_id: PathId) -> s.RegistrationOut:
    """Operator: a further registration takes part."""
    return _changed(caller, c.AcceptRegistration(registration_id=PartyId(registration_id)), registration_id)


@router.post("/registrations/{registration_id}/refuse", operation_id="place_refuse_registration")
def refuse_registration(caller: FromChanger, registration_id: PathId, body: ReasonIn) -> s.RegistrationOut:
    """Operator: a further registration does not take part, and why."""
    command = c.RefuseRegistration(registration_id=PartyId(registration_id), reason=body.reason)
    return _changed(caller, command, registration_id)


@router.post("/registrations/{registration_id}/test", operation_id="place_test")
def test(caller: FromChanger, registration_id: PathId) -> s.RegistrationOut:
    """A registration for itself, or the operator: the platform's `/test` is called; look at `tested_at`."""
    return _changed(caller, c.TestIntegration(registration_id=PartyId(registration_id)), registration_id)


@router.post("/registrations/{registration_id}/certify", operation_id="place_certify")
def certify(caller: FromChanger, registration_id: PathId) -> s.RegistrationOut:
    """Operator: others see its services."""
    return _changed(caller, c.CertifyRegistration(registration_id=PartyId(registration_id)), registration_id)


@router.post("/registrations/{registration_id}/suspend", operation_id="place_suspend")
def suspend(caller: FromChanger, registration_id: PathId, body: ReasonIn) -> s.RegistrationOut:
    """Operator: out at once."""
    command = c.SuspendRegistration(registration_id=PartyId(registration_id), reason=body.reason)
    return _changed(caller, command, registration_id)


@router.post("/registrations/{registration_id}/reinstate", operation_id="place_reinstate")
def reinstate(caller: FromChanger, registration_id: PathId) -> s.RegistrationOut:
    """Operator: in again, to be tested and certified anew."""
    return _changed(caller, c.ReinstateRegistration(registration_id=PartyId(registration_id)), registration_id)


def _changed(caller: FromChanger, command: c.PlaceCommand, registration_id: str) -> s.RegistrationOut:
    caller.change(command, Registration, id=registration_id)
    return _registration(caller, registration_id)


@router.put("/registration/address", operation_id="place_set_address")
def set_address(caller: FromChanger, body: s.AddressIn) -> s.RegistrationOut:
    """A registration: where its platform is (MPL-ADD)."""
    command = c.SetPlatformAddress(platform_url=body.platform_url)
    caller.change(command, Registration, id=caller.principal.party_id)
    return _registration(caller, caller.principal.party_id)


@router.put("/registration/served-area", operation_id="place_set_area")
def set_area(caller: FromChanger, body: s.AreaIn) -> s.AreaOut:
    """Provider: what it serves."""
    command = c.SetServedArea(
        countries=tuple(body.countries),
        postcodes=made.tupled(PostcodeArea, body.postcodes),
        polygons=made.tupled(Polygon, body.polygons),
        pod_patterns=tuple(body.pod_patterns),
    )
    return s.AreaOut.model_validate(caller.change(command, ServedArea, id=caller.principal.party_id))


@router.get("/registrations/{registration_id}/served-area", operation_id="place_area")
def area(caller: FromCaller, registration_id: PathId, response: Response) -> s.AreaOut:
    """What a provider serves."""
    found = caller.query(q.GetServedArea(registration_id=PartyId(registration_id)))
    if found != ServedArea(id=found.id):  # nothing is stored yet
        tag(response, found.version)
    return s.AreaOut.model_validate(found)


@router.post("/registration/quit", status_code=204, operation_id="place_quit")
def quit_place(caller: FromCaller, body: ReasonIn) -> None:
    """A registration leaves; what it offers and asks for is withdrawn, its subscriptions are cancelled."""
    caller.execute(c.QuitMarketPlace(reason=body.reason))
