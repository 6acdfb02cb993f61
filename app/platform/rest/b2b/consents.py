"""Consents and activations between platforms: each message is a POST under its message id, carried out once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.platform.rest import agreed
from app.platform.rest import consent_schemas as s
from app.platform.rest.agreed import OfSubscription
from app.rest.access import FromCaller
from app.rest.envelopes import FromEnvelope, ReceiptOut, domain_of
from app.rest.paging import FromPager
from app.rest.schemas import Page
from app.rest.strict import StrictRoute
from domain.commands import platform as c
from domain.marketplace.words import Environment
from domain.platform import messages as m

router = APIRouter(route_class=StrictRoute, tags=["consents and activation"])


@router.post("/consents/asks", name="b2b_ask_for_consents")
def ask(caller: FromCaller, envelope: FromEnvelope, body: s.AskIn) -> ReceiptOut:
    """Requester to provider: ask the customers behind these PoDs; the answer comes as a message."""
    command = c.TakeConsentAsk(envelope=envelope, message=domain_of(m.AskMessage, body))
    return ReceiptOut.of(caller.execute(command))


@router.post("/consents/answers", name="b2b_answer_consent_ask")
def answer(caller: FromCaller, envelope: FromEnvelope, body: s.AnswerIn) -> ReceiptOut:
    """Provider to requester: how many customers are asked, and for which PoDs nobody is."""
    command = c.TakeConsentAnswer(envelope=envelope, message=domain_of(m.AnswerMessage, body))
    return ReceiptOut.of(caller.execute(command))


@router.post("/consents/acknowledgements", name="b2b_acknowledge_consent")
def acknowledge(caller: FromCaller, envelope: FromEnvelope, body: s.AcknowledgementIn) -> ReceiptOut:
    """Provider to requester: a customer gave its consent (CUS-CON-ACK)."""
    message = domain_of(m.AcknowledgementMessage, body)
    return ReceiptOut.of(caller.execute(c.TakeConsentAcknowledgement(envelope=envelope, message=message)))


@router.post("/consents/revocations", name="b2b_revoke_consent")
def revoke(caller: FromCaller, envelope: FromEnvelope, body: s.RevocationIn) -> ReceiptOut:
    """Provider to requester: a consent is over for some or all PoDs (CUS-CON-REV)."""
    message = domain_of(m.RevocationMessage, body)
    return ReceiptOut.of(caller.execute(c.TakeConsentRevocation(envelope=envelope, message=message)))


@router.post("/activations/dso-requests", name="b2b_request_dso")
def request_dso(caller: FromCaller, envelope: FromEnvelope, body: s.ActivationRequestIn) -> ReceiptOut:
    """Requester to regulated provider: DSO-REQ."""
    return _requested(caller, envelope, body, Environment.REGULATED)


@router.post("/activations/usp-requests", name="b2b_request_usp")
def request_usp(caller: FromCaller, envelope: FromEnvelope, body: s.ActivationRequestIn) -> ReceiptOut:
    """Requester to unregulated provider: USP-REQ."""
    return _requested(caller, envelope, body, Environment.UNREGULATED)


@router.post("/activations/dso-confirmations", name="b2b_confirm_dso")
def confirm_dso(caller: FromCaller, envelope: FromEnvelope, body: s.ConfirmationIn) -> ReceiptOut:
    """Regulated provider to requester: DSO-CNF."""
    return _confirmed(caller, envelope, body, Environment.REGULATED)


@router.post("/activations/usp-confirmations", name="b2b_confirm_usp")
def confirm_usp(caller: FromCaller, envelope: FromEnvelope, body: s.ConfirmationIn) -> ReceiptOut:
    """Unregulated provider to requester: USP-CNF."""
    return _confirmed(caller, envelope, body, Environment.UNREGULATED)


@router.post("/agreements", name="b2b_agree")
def agree(caller: FromCaller, envelope: FromEnvelope, body: s.AgreementIn) -> ReceiptOut:
    """Provider to requester: SRV-ACT-AGR, new or with refreshed PoDs."""
    command = c.TakeAgreement(envelope=envelope, message=domain_of(m.AgreementMessage, body))
    return ReceiptOut.of(caller.execute(command))


@router.post("/agreements/ends", name="b2b_end_agreement")
def end(caller: FromCaller, envelope: FromEnvelope, body: s.AgreementEndIn) -> ReceiptOut:
    """Either side: an agreement is over before its time."""
    command = c.TakeAgreementEnd(envelope=envelope, message=domain_of(m.AgreementEndMessage, body))
    return ReceiptOut.of(caller.execute(command))


def _requested(
    caller: FromCaller, envelope: FromEnvelope, body: s.ActivationRequestIn, environment: Environment
) -> ReceiptOut:
    message = domain_of(m.RequestMessage, body)
    command = c.TakeActivationRequest(envelope=envelope, environment=environment, message=message)
    return ReceiptOut.of(caller.execute(command))


def _confirmed(
    caller: FromCaller, envelope: FromEnvelope, body: s.ConfirmationIn, environment: Environment
) -> ReceiptOut:
    message = domain_of(m.ConfirmationMessage, body)
    command = c.TakeActivationConfirmation(envelope=envelope, environment=environment, message=message)
    return ReceiptOut.of(caller.execute(command))


@router.get("/activations", name="b2b_activations")
def list_activations(
    caller: FromCaller, pager: FromPager, where: Annotated[OfSubscription, Query()]
) -> Page[s.ActivationOut]:
    """Requests (DSO-REQ, USP-REQ) with their confirmations, the newest first."""
    return agreed.activations(caller, pager, where)


@router.get("/agreements", name="b2b_agreements")
def list_agreements(
    caller: FromCaller, pager: FromPager, where: Annotated[OfSubscription, Query()]
) -> Page[s.AgreementOut]:
    """Agreements (SRV-ACT-AGR)."""
    return agreed.agreements(caller, pager, where)
