"""Applications to take part, and participants with their roles."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request

from app.applying import ApplicationForm
from app.queries.models import ListApplications, ListParties
from app.rest import participants_schemas as s
from app.rest.access import FromCaller, FromServices
from app.rest.fields import Id
from app.rest.schemas import Items, ReasonIn
from app.rest.strict import StrictRoute
from domain.commands import AcceptApplication, AssignRole, RefuseApplication, ReinstateParty, SuspendParty
from domain.ids import ApplicationId, PartyId
from domain.parties import Role

public = APIRouter(route_class=StrictRoute, tags=["participants"])
router = APIRouter(route_class=StrictRoute, tags=["participants"])
PathId = Annotated[Id, Path()]


@public.post("/applications", status_code=201)
def apply(body: s.ApplicationIn, request: Request, services: FromServices) -> s.ReceivedOut:
    """Apply to take part; no token is needed."""
    form = ApplicationForm(**dict(body) | {"role": Role(body.role)})
    remote_ip = request.client.host if request.client else ""
    return s.ReceivedOut.model_validate(services.applying.apply(form, remote_ip))


@router.get("/applications")
def list_applications(caller: FromCaller) -> Items[s.ApplicationOut]:
    """FMO: all applications, newest first."""
    rows = caller.query(ListApplications())
    return Items(items=[s.ApplicationOut.model_validate(row) for row in rows])


@router.post("/applications/{application_id}/accept")
def accept_application(caller: FromCaller, application_id: PathId, body: s.AcceptIn) -> s.ApplicationOut:
    """FMO: the applicant takes part and can sign in."""
    command = AcceptApplication(
        application_id=ApplicationId(application_id),
        role=Role(body.role),
        independent=body.independent,
        brp_id=PartyId(body.brp_id) if body.brp_id else None,
    )
    return s.ApplicationOut.model_validate(caller.execute(command))


@router.post("/applications/{application_id}/refuse")
def refuse_application(caller: FromCaller, application_id: PathId, body: ReasonIn) -> s.ApplicationOut:
    """FMO: the applicant does not take part, and why."""
    command = RefuseApplication(application_id=ApplicationId(application_id), reason=body.reason)
    return s.ApplicationOut.model_validate(caller.execute(command))


@router.get("/parties")
def list_parties(caller: FromCaller) -> Items[s.PartyOut]:
    """Participants that the caller may see."""
    return Items(items=[s.PartyOut.model_validate(row) for row in caller.query(ListParties())])


@router.put("/parties/{party_id}/role")
def assign_role(caller: FromCaller, party_id: PathId, body: s.RoleIn) -> s.PartyOut:
    """FMO: another role; its logins end."""
    command = AssignRole(party_id=PartyId(party_id), role=Role(body.role), independent=body.independent)
    return s.PartyOut.model_validate(caller.execute(command))


@router.post("/parties/{party_id}/suspend")
def suspend_party(caller: FromCaller, party_id: PathId, body: ReasonIn) -> s.PartyOut:
    """FMO: out at once; what stands before a gate is withdrawn."""
    command = SuspendParty(party_id=PartyId(party_id), reason=body.reason)
    return s.PartyOut.model_validate(caller.execute(command))


@router.post("/parties/{party_id}/reinstate")
def reinstate_party(caller: FromCaller, party_id: PathId) -> s.PartyOut:
    """FMO: in again."""
    return s.PartyOut.model_validate(caller.execute(ReinstateParty(party_id=PartyId(party_id))))
