"""Questions of technical validation (TECH-FLEX-REQ) between platforms, and their answers (TECH-FLEX-RESP)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.bridge import curtailment
from app.transport.sending import send
from domain.commands.platform.validation import (
    ApplyTechnicalValidation,
    AskTechnicalValidation,
    RequeueTechnicalValidation,
    StartTechnicalValidation,
    TakeTechnicalRequest,
    TakeTechnicalResponse,
)
from domain.errors import Finding, Refused, raise_if, refuse
from domain.events.platform.validation import TechnicalValidationChanged
from domain.ids import PartyId, SubscriptionId, TechnicalValidationId, new_id
from domain.lifecycle import advance
from domain.marketplace.words import Environment, PlatformRole
from domain.parties import Principal
from domain.platform.subscriptions import PlatformSubscription
from domain.platform.validation import (
    CouplingLimits,
    TechnicalValidationRequest,
    TechnicalValidationResponse,
    request_findings,
)
from domain.platform.validations import (
    MOST_REFUSALS,
    MOST_WAITING,
    VALIDATION,
    CouplingPoint,
    TechnicalValidation,
    ValidationAnswered,
    ValidationAsked,
    ValidationNetwork,
    ValidationRefusal,
    ValidationSchedules,
    ValidationState,
    answer_findings,
)
from domain.ports import UnitOfWork
from domain.texts import text_findings
from domain.time import instant_findings, market_day

REQUESTS = "/b2b/v1/technical-validations"
RESPONSES = "/b2b/v1/technical-validation-responses"
WAITING = (ValidationState.QUEUED, ValidationState.RUNNING)


def ask(uow: UnitOfWork, principal: Principal, command: AskTechnicalValidation) -> TechnicalValidation:
    """Store the question and send it to the DSO.

    Raises:
        Refused: as `_own`; `deadline_passed`; findings of the question.
    """
    subscription = _own(uow, command.subscription_id, PlatformRole.REQUESTER, principal.party_id)
    request = TechnicalValidationRequest(
        id=TechnicalValidationId(new_id("TFR")),
        start=command.start,
        end=command.end,
        curve=command.curve,
        load_area=command.load_area,
    )
    raise_if([*request_findings(request), *_late_findings(uow, request)])
    asked = TechnicalValidation(
        id=new_id("TV"),
        side=PlatformRole.REQUESTER,
        request_id=request.id,
        subscription_id=subscription.id,
        party_id=principal.party_id,
        peer_id=subscription.peer_id,
        request=request,
        asked_at=uow.wall,
        state=ValidationState.ASKED,
    )
    uow.add(asked)
    body = ValidationAsked(subscription_id=subscription.id, request=request)
    send(uow, to=subscription.peer_id, stream=subscription.id, path=REQUESTS, body=body)
    uow.record(_changed(asked))
    return asked


def take_request(uow: UnitOfWork, principal: Principal, command: TakeTechnicalRequest) -> TechnicalValidation:
    """A player's question is queued; one that is known already is not computed again. What the DSO's network and
    schedules have no answer to is answered with refusals: a message that is refused itself would stop its stream.

    Raises:
        Refused: as `_own`; `duplicate` for another question by a known id; `throttled` where too many wait;
            findings of the question by itself.
    """
    subscription = _own(uow, command.subscription_id, PlatformRole.PROVIDER, principal.party_id)
    request = command.request
    known = uow.find_bare(
        TechnicalValidation, side=PlatformRole.PROVIDER, peer_id=principal.party_id, request_id=request.id
    )
    if known:
        if known[0].request != request or known[0].subscription_id != subscription.id:
            raise refuse("duplicate", "request.id", "Another question has this id.")
        return known[0]
    raise_if(_inside([*text_findings(request.id, "id"), *request_findings(request)]))
    if uow.count(TechnicalValidation, {"peer_id": principal.party_id, "state": WAITING}) >= MOST_WAITING:
        sentence = f"{MOST_WAITING} questions of yours are being computed; wait for their answers."
        raise refuse("throttled", "", sentence)
    taken = _taken(uow, subscription, request)
    try:
        taken = _queued(uow, taken)
    except Refused as refused:
        taken = replace(
            taken,
            state=ValidationState.FAILED,
            answered_at=uow.wall,
            refusals=_refusals(_inside(refused.findings)),
        )
    uow.add(taken)
    uow.record(_changed(taken))
    if taken.state is ValidationState.FAILED:
        _send_answer(uow, taken)
    return taken


def _queued(uow: UnitOfWork, taken: TechnicalValidation) -> TechnicalValidation:
    """With all that it is computed from as it is now.

    Raises:
        Refused: `deadline_passed`, `no_network`, `no_schedule`, `unknown_area`.
    """
    own_id, request = taken.party_id, taken.request
    raise_if(_late_findings(uow, request))
    networks = uow.find(ValidationNetwork, id=own_id)
    if not networks:
        raise refuse("no_network", "", "The DSO has no network here yet.")
    schedules = uow.find(ValidationSchedules, party_id=own_id, delivery_day=market_day(request.start))
    if not schedules:
        raise refuse("no_schedule", "start", "The DSO has no schedules of this day yet.")
    points = uow.find(CouplingPoint, id=own_id)
    limits = points[0].limits if points else CouplingLimits()
    return replace(
        taken,
        inputs=curtailment.inputs(networks[0].document, schedules[0].document, request, limits),
        network_sha256=networks[0].sha256,
        schedule_sha256=schedules[0].sha256,
    )


def _taken(
    uow: UnitOfWork, subscription: PlatformSubscription, request: TechnicalValidationRequest
) -> TechnicalValidation:
    return TechnicalValidation(
        id=new_id("TV"),
        side=PlatformRole.PROVIDER,
        request_id=request.id,
        subscription_id=subscription.id,
        party_id=subscription.own_id,
        peer_id=subscription.peer_id,
        request=request,
        asked_at=uow.wall,
        state=ValidationState.QUEUED,
    )


def start(uow: UnitOfWork, _principal: Principal, command: StartTechnicalValidation) -> TechnicalValidation:
    """Raises `Refused`: `wrong_state` when it is taken."""
    return _moved(uow, uow.get(TechnicalValidation, command.validation_id), "start")


def requeue(uow: UnitOfWork, _principal: Principal, command: RequeueTechnicalValidation) -> TechnicalValidation:
    """Raises `Refused`: `wrong_state` when it does not run."""
    return _moved(uow, uow.get(TechnicalValidation, command.validation_id), "requeue")


def apply(uow: UnitOfWork, _principal: Principal, command: ApplyTechnicalValidation) -> TechnicalValidation:
    """The outcome is kept and sent to who asked. Raises `Refused`: `wrong_state` when it does not run."""
    validation = uow.get(TechnicalValidation, command.validation_id)
    if command.succeeded:
        moved = _with_answer(uow, validation, curtailment.answer_from(command.result), ())
    else:
        failed = ValidationRefusal(code="no_result", field="", sentence=command.error[:1000])
        moved = _with_answer(uow, validation, None, (failed,))
    _send_answer(uow, moved)
    return moved


def take_response(uow: UnitOfWork, principal: Principal, command: TakeTechnicalResponse) -> TechnicalValidation:
    """The DSO's answer is kept; the same one again has no effect. It counts whatever became of the subscription.

    Raises:
        Refused: `not_found` for a question that this DSO was not asked; `duplicate` for another answer; findings.
    """
    found = uow.find(
        TechnicalValidation,
        side=PlatformRole.REQUESTER,
        peer_id=principal.party_id,
        request_id=command.request_id,
        subscription_id=command.subscription_id,
    )
    if not found:
        raise refuse("not_found", "request_id", "No such question was asked of you.")
    answered = ValidationAnswered(
        subscription_id=command.subscription_id,
        request_id=command.request_id,
        response=command.response,
        refusals=command.refusals,
    )
    if found[0].state is not ValidationState.ASKED:
        if (found[0].response, found[0].refusals) != (command.response, command.refusals):
            raise refuse("duplicate", "request_id", "The question has another answer already.")
        return found[0]
    raise_if(answer_findings(answered))
    return _with_answer(uow, found[0], command.response, command.refusals)


def _with_answer(
    uow: UnitOfWork,
    validation: TechnicalValidation,
    response: TechnicalValidationResponse | None,
    refusals: tuple[ValidationRefusal, ...],
) -> TechnicalValidation:
    """The inputs are kept: who doubts the answer can have it computed again."""
    outcome = replace(validation, response=response, refusals=refusals, answered_at=uow.wall)
    return _moved(uow, outcome, "fail" if response is None else "answer")


def _send_answer(uow: UnitOfWork, validation: TechnicalValidation) -> None:
    body = ValidationAnswered(
        subscription_id=validation.subscription_id,
        request_id=validation.request_id,
        response=validation.response,
        refusals=validation.refusals,
    )
    send(uow, to=validation.peer_id, stream=validation.subscription_id, path=RESPONSES, body=body)


def _moved(uow: UnitOfWork, validation: TechnicalValidation, trigger: str) -> TechnicalValidation:
    moved = replace(validation, state=advance(VALIDATION, validation.state, trigger, "validation_id"))
    uow.save(moved)
    uow.record(_changed(moved))
    return moved


def _own(uow: UnitOfWork, id: SubscriptionId, side: PlatformRole, caller_id: PartyId) -> PlatformSubscription:
    """A subscription of the caller's, in force, with a DSO as provider.

    Raises:
        Refused: `not_found` where it is none of the caller's; `not_permitted` where it asks in the wrong
            direction, or the provider is no DSO; `wrong_state` where the subscription is not in force.
    """
    found = uow.find(PlatformSubscription, id=id)
    if not found or caller_id not in (found[0].own_id, found[0].peer_id):
        raise refuse("not_found", "subscription_id", "There is no such subscription, or it is not yours.")
    subscription = found[0]
    if subscription.side is not side:
        raise refuse("not_permitted", "subscription_id", "The requester of a subscription asks its provider.")
    if subscription.content.environment is not Environment.REGULATED:
        raise refuse("not_permitted", "subscription_id", "Only a DSO, in the regulated environment, validates.")
    if not subscription.in_force(uow.market):
        raise refuse("wrong_state", "subscription_id", "The subscription is not in force.")
    return subscription


def _late_findings(uow: UnitOfWork, request: TechnicalValidationRequest) -> list[Finding]:
    if any(instant_findings(request.start, "start")) or request.start > uow.market:
        return []
    sentence = "The exchange has begun already; ask before it does."
    return [Finding(code="deadline_passed", field="start", sentence=sentence)]


def _inside(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of a question as those of the message that it came in."""
    return [replace(found, field=f"request.{found.field}" if found.field else "") for found in findings]


def _refusals(findings: Iterable[Finding]) -> tuple[ValidationRefusal, ...]:
    return tuple(
        ValidationRefusal(code=found.code, field=found.field, sentence=found.sentence) for found in findings
    )[:MOST_REFUSALS]


def _changed(validation: TechnicalValidation) -> TechnicalValidationChanged:
    return TechnicalValidationChanged(
        validation_id=validation.id,
        party_id=validation.party_id,
        peer_id=validation.peer_id,
        state=validation.state.value,
    )
