"""Calls of awards: the owner acknowledges or refuses."""

from __future__ import annotations

from dataclasses import replace

from domain.commands import AcknowledgeActivation, RefuseActivation
from domain.errors import raise_if, refuse
from domain.events import ActivationAcknowledged, ActivationRefused
from domain.flexibility.market import Activation, MarketSession
from domain.ids import ActivationId
from domain.lifecycle import ACTIVATION, advance
from domain.parties import Principal
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings
from domain.time import DeliveryDay


def acknowledge(uow: UnitOfWork, principal: Principal, command: AcknowledgeActivation) -> Activation:
    """The owner will deliver. Raises `Refused`: `not_yours`, `deadline_passed`, `wrong_state`."""
    activation = _own(uow, principal, command.activation_id)
    answered = replace(activation, state=advance(ACTIVATION, activation.state, "acknowledge", "activation_id"))
    uow.save(answered)
    uow.record(
        ActivationAcknowledged(
            activation_id=activation.id, region_id=activation.region_id, party_id=activation.party_id
        )
    )
    return answered


def refuse_activation(uow: UnitOfWork, principal: Principal, command: RefuseActivation) -> Activation:
    """The owner will not deliver and says why. Raises `Refused` as `acknowledge`, and findings on the reason."""
    activation = _own(uow, principal, command.activation_id)
    raise_if(text_findings(command.reason, "reason", REASON))
    state = advance(ACTIVATION, activation.state, "refuse", "activation_id")
    answered = replace(activation, state=state, reason=command.reason.strip())
    uow.save(answered)
    uow.record(
        ActivationRefused(
            activation_id=activation.id,
            region_id=activation.region_id,
            party_id=activation.party_id,
            reason=answered.reason,
        )
    )
    return answered


def _own(uow: UnitOfWork, principal: Principal, activation_id: ActivationId) -> Activation:
    activation = uow.get(Activation, activation_id)
    if activation.party_id != principal.party_id:
        raise refuse("not_yours", "activation_id", "The activation belongs to another participant.")
    day = DeliveryDay(day=uow.get(MarketSession, activation.session_id).delivery_day)
    if uow.market >= day.end:
        raise refuse("deadline_passed", "activation_id", "The delivery day is over.")
    return activation
