"""Calls of awards: the owner acknowledges or refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from domain.commands import AcknowledgeActivation, RefuseActivation
from domain.errors import raise_if, refuse
from domain.events import ActivationAcknowledged, ActivationRefused, Event
from domain.flexibility.market import Activation, MarketSession
from domain.ids import ActivationId, AnswerId, new_id
from domain.lifecycle import ACTIVATION, advance
from domain.parties import Principal
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings
from domain.time import DeliveryDay


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an owner can say: the trigger of the state table, the prefix of its ids, and what is told of it."""

    trigger: str
    prefix: str
    event: Callable[[Activation], Event]
    with_reason: bool


ACKNOWLEDGED = Answer(
    trigger="acknowledge",
    prefix="AK",
    event=lambda a: ActivationAcknowledged(activation_id=a.id, region_id=a.region_id, party_id=a.party_id),
    with_reason=False,
)
REFUSED = Answer(
    trigger="refuse",
    prefix="NK",
    event=lambda a: ActivationRefused(
        activation_id=a.id, region_id=a.region_id, party_id=a.party_id, reason=a.reason
    ),
    with_reason=True,
)


def acknowledge(uow: UnitOfWork, principal: Principal, command: AcknowledgeActivation) -> Activation:
    """The owner will deliver. Raises `Refused`: `not_yours`, `deadline_passed`, `wrong_state`."""
    activation = _own(uow, principal, command.activation_id)
    return answer(uow, activation, ACKNOWLEDGED, AnswerId(new_id(ACKNOWLEDGED.prefix)))


def refuse_activation(uow: UnitOfWork, principal: Principal, command: RefuseActivation) -> Activation:
    """The owner will not deliver and says why. Raises `Refused` as `acknowledge`, and findings on the reason."""
    activation = _own(uow, principal, command.activation_id)
    return answer(uow, activation, REFUSED, AnswerId(new_id(REFUSED.prefix)), command.reason)


def answer(
    uow: UnitOfWork, activation: Activation, said: Answer, answer_id: AnswerId, reason: str = ""
) -> Activation:
    """The owner's answer to a call.

    Raises:
        Refused: `deadline_passed`, `wrong_state`; findings on the reason where one is needed.
    """
    day = DeliveryDay(day=uow.get(MarketSession, activation.session_id).delivery_day)
    if uow.market >= day.end:
        raise refuse("deadline_passed", "activation_id", "The delivery day is over.")
    if said.with_reason:
        raise_if(text_findings(reason, "reason", REASON))
    answered = replace(
        activation,
        state=advance(ACTIVATION, activation.state, said.trigger, "activation_id"),
        reason=reason.strip() if said.with_reason else "",
        answer_id=answer_id,
        answered_at=uow.market,
    )
    uow.save(answered)
    uow.record(said.event(answered))
    return answered


def _own(uow: UnitOfWork, principal: Principal, activation_id: ActivationId) -> Activation:
    activation = uow.get(Activation, activation_id)
    if activation.party_id != principal.party_id:
        raise refuse("not_yours", "activation_id", "The activation belongs to another participant.")
    return activation
