"""Consents and activation for the company's own programs."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Path, Query

from app.codec import from_data
from app.platform.rest import agreed
from app.platform.rest import consent_schemas as s
from app.platform.rest.agreed import ConsentFilter, OfSubscription
from app.rest.access import FromCaller
from app.rest.fields import Id
from app.rest.paging import FromPager
from app.rest.schemas import Page
from app.rest.strict import StrictRoute
from domain.commands import platform as c
from domain.ids import ConsentId, PartyId, ServiceActivationId, ServiceAgreementId

router = APIRouter(route_class=StrictRoute, tags=["consents and activation"])
Which = Annotated[Id, Path(description="A request for activation (DSO-REQ, USP-REQ).")]


@router.post("/consent-asks", name="own_ask_for_consents", status_code=202)
def ask(caller: FromCaller, body: s.OwnAskIn) -> s.AskOut:
    """Requester: have a provider ask the customers behind these PoDs; what it answers comes by and by."""
    return s.AskOut.model_validate(caller.execute(from_data(c.AskForConsents, body.model_dump(mode="json"))))


@router.get("/consent-asks", name="own_consent_asks")
def list_asks(caller: FromCaller, pager: FromPager, where: Annotated[OfSubscription, Query()]) -> Page[s.AskOut]:
    """Requester: what it asked for, and what the providers said of it, the newest first."""
    return agreed.asks(caller, pager, where)


@router.get("/told-consents", name="own_told_consents")
def list_told(caller: FromCaller, pager: FromPager, where: Annotated[ConsentFilter, Query()]) -> Page[s.ToldOut]:
    """Requester: consents that it was told of (CUS-CON-ACK, CUS-CON-REV), the newest first."""
    return agreed.told(caller, pager, where)


@router.post("/consent-links", name="own_make_consent_links", status_code=201)
def make_links(caller: FromCaller, body: s.LinksIn) -> list[s.LinkOut]:
    """Provider: links for customers' letters; each serves for one ask and ends the one before."""
    command = c.MakeConsentLinks(consent_ids=tuple(ConsentId(each) for each in body.consent_ids))
    return [s.LinkOut.model_validate(link) for link in cast(tuple[Any, ...], caller.execute(command))]


@router.post("/activations", name="own_request_activation", status_code=202)
def request(caller: FromCaller, body: s.OwnRequestIn) -> s.ActivationOut:
    """Requester: DSO-REQ or USP-REQ to the provider; its confirmation comes by and by."""
    command = from_data(c.RequestActivation, body.model_dump(mode="json"))
    return s.ActivationOut.model_validate(caller.execute(command))


@router.post("/activations/{activation_id}/decision", name="own_decide_activation")
def decide(caller: FromCaller, activation_id: Which, body: s.DecisionIn) -> s.ActivationOut:
    """Provider: yes or no to a service that people decide on."""
    command = c.DecideActivation(
        activation_id=ServiceActivationId(activation_id), accept=body.accept, reason=body.reason
    )
    return s.ActivationOut.model_validate(caller.execute(command))


@router.post("/agreements/{agreement_id}/end", name="own_end_agreement")
def end(caller: FromCaller, agreement_id: Annotated[Id, Path()], body: s.EndIn) -> s.AgreementOut:
    """Either side: over before its time."""
    command = c.EndAgreement(agreement_id=ServiceAgreementId(agreement_id), reason=body.reason)
    return s.AgreementOut.model_validate(caller.execute(command))


@router.get("/consents", name="own_consents")
def list_consents(
    caller: FromCaller, pager: FromPager, where: Annotated[ConsentFilter, Query()]
) -> Page[s.ConsentListedOut]:
    """Consents (CUS-CON-DES): those of the own customers."""
    return agreed.consents(caller, pager, where)


@router.get("/activations", name="own_activations")
def list_activations(
    caller: FromCaller, pager: FromPager, where: Annotated[OfSubscription, Query()]
) -> Page[s.ActivationOut]:
    """Requests (DSO-REQ, USP-REQ) with their confirmations, the newest first."""
    return agreed.activations(caller, pager, where)


@router.get("/agreements", name="own_agreements")
def list_agreements(
    caller: FromCaller, pager: FromPager, where: Annotated[OfSubscription, Query()]
) -> Page[s.AgreementOut]:
    """Agreements (SRV-ACT-AGR)."""
    return agreed.agreements(caller, pager, where)


@router.post("/consent-clients", name="own_register_consent_client", status_code=201)
def register_client(caller: FromCaller, body: s.ClientIn) -> s.ClientOut:
    """Provider: a requester's platform may send its customers here to consent (OAuth2)."""
    command = c.RegisterConsentClient(
        peer_id=PartyId(body.peer_id), name=body.name, redirect_uris=tuple(body.redirect_uris)
    )
    return s.ClientOut.model_validate(caller.execute(command))


@router.delete("/consent-clients/{client_id}", name="own_end_consent_client", status_code=204)
def end_client(caller: FromCaller, client_id: Annotated[Id, Path()]) -> None:
    """Provider: the client and its tokens end."""
    caller.execute(c.EndConsentClient(client_id=client_id))
