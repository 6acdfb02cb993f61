"""The provider's side of an energy service: it offers flexibility, gives of it, and answers call-ups."""

from __future__ import annotations

from dataclasses import replace

from app.platform.subscribers import open_offers, over, own_side, untold
from app.transport.receiving import once
from app.transport.sending import send
from domain.commands.platform import (
    AnswerCallUp,
    AskAcquisition,
    AskCallUp,
    OfferEnergyService,
    TellSubscribers,
    WithdrawEnergyService,
)
from domain.errors import raise_if, refuse
from domain.events.platform import (
    FlexibilityAcquired,
    FlexibilityCalledUp,
    FlexibilityOffered,
    FlexibilityWithdrawn,
)
from domain.ids import FlexibilityId, new_id
from domain.marketplace.words import ActivationStatus, PlatformRole
from domain.parties import Principal
from domain.platform.energy_messages import AcquisitionAnswer, CallUpAnswer, FlexibilityNotice
from domain.platform.energy_service import (
    Acquisition,
    CallUp,
    CallUpState,
    Flexibility,
    FlexibilityState,
    Told,
    acquisition_findings,
    call_up_findings,
    flexibility_findings,
    free_mw,
    given,
)
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings
from domain.transport import Receipt

SIDE = PlatformRole.PROVIDER
_PASSED = ("deadline_passed", "not_callable")
"""What may be so by the time that a call-up comes."""


def offer(uow: UnitOfWork, principal: Principal, command: OfferEnergyService) -> Flexibility:
    """An offer, told at once to all who have an agreement on the energy service.

    Raises:
        Refused: all findings on it.
    """
    made = Flexibility(
        id=FlexibilityId(new_id("FX")),
        provider_id=principal.party_id,
        area=command.area.strip(),
        direction=command.direction,
        starts_at=command.starts_at,
        power_mw=command.power_mw,
        price_eur_per_mwh=command.price_eur_per_mwh,
        acquire_until=command.acquire_until,
        made_from=command.made_from.strip(),
        offered_at=uow.market,
    )
    raise_if(flexibility_findings(made, uow.market))
    uow.add(made)
    uow.record(FlexibilityOffered(flexibility_id=made.id, own_id=made.provider_id, provider_id=made.provider_id))
    _tell(uow, made)
    return made


def withdraw(uow: UnitOfWork, principal: Principal, command: WithdrawEnergyService) -> Flexibility:
    """Raises `Refused`: `not_found`; `wrong_state` when it was withdrawn already."""
    found = uow.find(Flexibility, id=command.flexibility_id, provider_id=principal.party_id)
    if not found:
        raise refuse("not_found", "flexibility_id", "You have no such offer.")
    if found[0].state is not FlexibilityState.OPEN:
        raise refuse("wrong_state", "flexibility_id", "It was withdrawn already.")
    withdrawn = replace(found[0], state=FlexibilityState.WITHDRAWN)
    uow.save(withdrawn)
    for told in uow.find(Told, flexibility_id=withdrawn.id):
        _send(uow, withdrawn, uow.get(PlatformSubscription, told.subscription_id))
    uow.record(
        FlexibilityWithdrawn(
            flexibility_id=withdrawn.id, own_id=withdrawn.provider_id, provider_id=withdrawn.provider_id
        )
    )
    return uow.get(Flexibility, withdrawn.id)


def tell_subscribers(uow: UnitOfWork, _principal: Principal, _command: TellSubscribers) -> None:
    """Open offers to those who have come to an agreement since they were made."""
    for made in open_offers(uow):
        _tell(uow, made)


def _tell(uow: UnitOfWork, made: Flexibility) -> None:
    for subscription in untold(uow, made):
        uow.add(Told(id=f"{made.id}/{subscription.id}", flexibility_id=made.id, subscription_id=subscription.id))
        _send(uow, made, subscription)


def _send(uow: UnitOfWork, made: Flexibility, subscription: PlatformSubscription) -> None:
    notice = FlexibilityNotice(
        flexibility_id=made.id,
        subscription_id=subscription.id,
        area=made.area,
        direction=made.direction,
        starts_at=made.starts_at,
        power_mw=made.power_mw,
        price_eur_per_mwh=made.price_eur_per_mwh,
        acquire_until=made.acquire_until,
        made_from=made.made_from,
        offered_at=made.offered_at,
        withdrawn=made.state is FlexibilityState.WITHDRAWN,
    )
    send(uow, to=subscription.peer_id, stream=subscription.id, path="/b2b/v1/flexibilities", body=notice)


def ask_acquisition(uow: UnitOfWork, principal: Principal, command: AskAcquisition) -> Receipt:
    """What is free is given, in the order in which it is asked for. The answer goes back as a message: of what was
    withdrawn or taken in the meantime nothing is given, nor after the agreement, and the requester is told so.

    Raises:
        Refused: `not_found` without a subscription or offer; findings on the power.
    """
    return once(uow, principal, command, lambda: _acquire(uow, principal, command))


def _acquire(uow: UnitOfWork, principal: Principal, command: AskAcquisition) -> None:
    own_id = own_side(uow, SIDE, command.subscription_id, principal.party_id)
    told = uow.find(Told, flexibility_id=command.flexibility_id, subscription_id=command.subscription_id)
    offers = uow.find(Flexibility, id=command.flexibility_id, provider_id=own_id) if told else ()
    if not offers:
        raise refuse("not_found", "flexibility_id", "You were not told of such an offer.")
    known = uow.find(Acquisition, id=command.acquisition_id)
    if known:
        raise refuse("duplicate", "acquisition_id", "There is an acquisition of that id.")
    wrong = acquisition_findings(offers[0], command.power_mw, uow.market)
    late = [one for one in wrong if one.field == "flexibility_id"]
    late += over(uow, SIDE, command.subscription_id, own_id)
    if not late:
        raise_if(wrong)
    free = free_mw(offers[0], uow.find(Acquisition, flexibility_id=offers[0].id, side=SIDE))
    status, power_mw = (ActivationStatus.KO, free * 0) if late else given(command.power_mw, free)
    reason = (
        late[0].sentence
        if late
        else ""
        if status is ActivationStatus.OK
        else f"{free.normalize():f} MW were free."
    )
    uow.add(
        Acquisition(
            id=command.acquisition_id,
            flexibility_id=command.flexibility_id,
            subscription_id=command.subscription_id,
            side=SIDE,
            peer_id=principal.party_id,
            power_mw=power_mw,
            asked_at=uow.market,
            status=status,
            reason=reason,
        )
    )
    answer = AcquisitionAnswer(
        acquisition_id=command.acquisition_id, status=status, power_mw=power_mw, reason=reason
    )
    send(
        uow,
        to=principal.party_id,
        stream=command.subscription_id,
        path="/b2b/v1/acquisition-answers",
        body=answer,
    )
    uow.record(
        FlexibilityAcquired(
            acquisition_id=command.acquisition_id, own_id=own_id, peer_id=principal.party_id, answered=True
        )
    )


def ask_call_up(uow: UnitOfWork, principal: Principal, command: AskCallUp) -> Receipt:
    """A call-up that waits for the provider's answer. What came too late, or with others is too much, is answered
    with a refusal by message: a message that is refused itself would stop its stream.

    Raises:
        Refused: `not_found` for an acquisition that is not this requester's; all other findings on the call-up.
    """
    return once(uow, principal, command, lambda: _called(uow, principal, command))


def _called(uow: UnitOfWork, principal: Principal, command: AskCallUp) -> None:
    acquired = uow.find(Acquisition, id=command.acquisition_id, peer_id=principal.party_id, side=SIDE)
    if not acquired:
        raise refuse("not_found", "acquisition_id", "You have no such acquisition.")
    own_id = own_side(uow, SIDE, acquired[0].subscription_id, principal.party_id)
    if uow.find(CallUp, id=command.call_up_id):
        raise refuse("duplicate", "call_up_id", "There is a call-up of that id.")
    made = CallUp(
        id=command.call_up_id,
        acquisition_id=acquired[0].id,
        flexibility_id=acquired[0].flexibility_id,
        subscription_id=acquired[0].subscription_id,
        side=SIDE,
        peer_id=principal.party_id,
        starts_at=command.starts_at,
        ends_at=command.ends_at,
        power_mw=command.power_mw,
        asked_at=uow.market,
    )
    offered = uow.get(Flexibility, acquired[0].flexibility_id)
    standing = uow.find(CallUp, acquisition_id=acquired[0].id)
    wrong = call_up_findings(offered, acquired[0], made, standing, uow.market)
    passed = [one for one in wrong if one.code in _PASSED]
    passed += over(uow, SIDE, made.subscription_id, own_id)
    if passed:
        made = replace(made, state=CallUpState.REFUSED, reason=passed[0].sentence, answered_at=uow.market)
        _send_answer(uow, made)
    else:
        raise_if(wrong)
    uow.add(made)
    answered = bool(passed)
    uow.record(
        FlexibilityCalledUp(call_up_id=made.id, own_id=own_id, peer_id=principal.party_id, answered=answered)
    )


def answer_call_up(uow: UnitOfWork, principal: Principal, command: AnswerCallUp) -> CallUp:
    """Raises `Refused`: `not_found`; `wrong_state` when it was answered; a refusal needs a reason."""
    found = uow.find(CallUp, id=command.call_up_id, side=SIDE)
    offered = uow.get(Flexibility, found[0].flexibility_id) if found else None
    if offered is None or offered.provider_id != principal.party_id:
        raise refuse("not_found", "call_up_id", "Nothing of that id was called up.")
    if found[0].state is not CallUpState.REQUESTED:
        raise refuse("wrong_state", "call_up_id", "It was answered already.")
    raise_if([] if command.delivers else text_findings(command.reason, "reason", REASON))
    uow.save(
        replace(
            found[0],
            state=CallUpState.ACKNOWLEDGED if command.delivers else CallUpState.REFUSED,
            reason="" if command.delivers else command.reason.strip(),
            answered_at=uow.market,
        )
    )
    answered = uow.get(CallUp, found[0].id)
    _send_answer(uow, answered)
    uow.record(
        FlexibilityCalledUp(
            call_up_id=answered.id, own_id=principal.party_id, peer_id=answered.peer_id, answered=True
        )
    )
    return answered


def _send_answer(uow: UnitOfWork, answered: CallUp) -> None:
    delivers = answered.state is CallUpState.ACKNOWLEDGED
    answer = CallUpAnswer(call_up_id=answered.id, delivers=delivers, reason=answered.reason)
    send(uow, to=answered.peer_id, stream=answered.subscription_id, path="/b2b/v1/call-up-answers", body=answer)
