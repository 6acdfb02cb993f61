"""Applications to take part, and participants with their roles."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from app.applying import ApplicationForm
from app.queries.models import ListApplications, ListParties
from app.rest import participants_schemas as s
from app.rest.access import FromCaller, FromServices, address_of
from app.rest.fields import Id
from app.rest.paging import FromPager, Listing, only
from app.rest.schemas import Page, Paging, ReasonIn
from app.rest.strict import StrictRoute
from app.rest.tags import FromChanger, tag
from domain.commands import AcceptApplication, AssignRole, RefuseApplication, ReinstateParty, SuspendParty
from domain.ids import ApplicationId, PartyId
from domain.parties import Application, Party, Role

public = APIRouter(route_class=StrictRoute, tags=["participants"])
router = APIRouter(route_class=StrictRoute, tags=["participants"])
PathId = Annotated[Id, Path()]
APPLICATIONS = Listing(s.ApplicationOut, "-applied_at,-id", by=("company", "role", "state"))
PARTIES = Listing(s.PartyOut, "id", by=("name", "role"))


@public.post("/applications", status_code=201)
def apply_to_take_part(body: s.ApplicationIn, request: Request, services: FromServices) -> s.ReceivedOut:
    """Apply to take part; no token is needed."""
    form = ApplicationForm(**dict(body) | {"role": Role(body.role)})
    return s.ReceivedOut.model_validate(services.applying.apply(form, address_of(request)))


@router.get("/applications")
def list_applications(
    caller: FromCaller, pager: FromPager, where: Annotated[Paging, Query()]
) -> Page[s.ApplicationOut]:
    """FMO: all applications, newest first."""
    return pager.page(APPLICATIONS, where, caller.query(ListApplications()), s.ApplicationOut.model_validate)


@router.get("/applications/{application_id}")
def get_application(caller: FromCaller, application_id: PathId, response: Response) -> s.ApplicationOut:
    """FMO: one application."""
    rows = caller.query(ListApplications())
    application = only(rows, "application_id", lambda row: row.id == application_id)
    tag(response, application.version)
    return s.ApplicationOut.model_validate(application)


@router.post("/applications/{application_id}/accept")
def accept_application(caller: FromChanger, application_id: PathId, body: s.AcceptIn) -> s.ApplicationOut:
    """FMO: the applicant takes part and can sign in."""
    command = AcceptApplication(
        application_id=ApplicationId(application_id),
        role=Role(body.role),
        independent=body.independent,
        brp_id=PartyId(body.brp_id) if body.brp_id else None,
    )
    return s.ApplicationOut.model_validate(caller.change(command, Application, id=application_id))


@router.post("/applications/{application_id}/refuse")
def refuse_application(caller: FromChanger, application_id: PathId, body: ReasonIn) -> s.ApplicationOut:
    """FMO: the applicant does not take part, and why."""
    command = RefuseApplication(application_id=ApplicationId(application_id), reason=body.reason)
    return s.ApplicationOut.model_validate(caller.change(command, Application, id=application_id))


@router.get("/parties")
def list_parties(caller: FromCaller, pager: FromPager, where: Annotated[Paging, Query()]) -> Page[s.PartyOut]:
    """Participants that the caller may see."""
    return pager.page(PARTIES, where, caller.query(ListParties()), s.PartyOut.model_validate)


@router.get("/parties/{party_id}")
def get_party(caller: FromCaller, party_id: PathId, response: Response) -> s.PartyOut:
    """One participant."""
    party = only(caller.query(ListParties()), "party_id", lambda row: row.id == party_id)
    tag(response, party.version)
    return s.PartyOut.model_validate(party)


@router.put("/parties/{party_id}/role")
def assign_role(caller: FromChanger, party_id: PathId, body: s.RoleIn) -> s.PartyOut:
    """FMO: another role; its logins end."""
    command = AssignRole(party_id=PartyId(party_id), role=Role(body.role), independent=body.independent)
    return s.PartyOut.model_validate(caller.change(command, Party, id=party_id))


@router.post("/parties/{party_id}/suspend")
def suspend_party(caller: FromChanger, party_id: PathId, body: ReasonIn) -> s.PartyOut:
    """FMO: out at once; what stands before a gate is withdrawn."""
    command = SuspendParty(party_id=PartyId(party_id), reason=body.reason)
    return s.PartyOut.model_validate(caller.change(command, Party, id=party_id))


@router.post("/parties/{party_id}/reinstate")
def reinstate_party(caller: FromChanger, party_id: PathId) -> s.PartyOut:
    """FMO: in again."""
    command = ReinstateParty(party_id=PartyId(party_id))
    return s.PartyOut.model_validate(caller.change(command, Party, id=party_id))
