"""Direct calls of offers by the DSO, and the owners' answers to calls (InterFlex D3.5, sections 3.2.4 to 3.2.6).

Before the gate a call takes its quantity out of the book; from publication on it takes over a part of what the
clearing awarded and the market has called. So one quantity is never sold twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from app.usecases.activations import ACKNOWLEDGED, REFUSED, answer
from app.windows import Window, window_of
from domain.checks import accepts_offers
from domain.commands import AnswerCall, CallOffer, TakeBackAnswer, WithdrawCall
from domain.errors import Finding, raise_if, refuse
from domain.events import AnswerTakenBack, CallWithdrawn, OfferCalled
from domain.flexibility.assets import Direction
from domain.flexibility.calls import (
    CallTerms,
    block,
    by_call,
    call_of,
    called_mw,
    drawn,
    split_award,
    uncalled,
    with_again,
    without,
    worth_eur,
)
from domain.flexibility.market import Activation, Award, FlexOffer, MarketSession, OfferLine
from domain.ids import NO_ANSWER, ActivationId, AwardId, CallId, new_id
from domain.lifecycle import ACTIVATION, OFFER, ActivationState, AwardState, OfferState, SessionState, advance
from domain.parties import Principal, Region
from domain.ports import UnitOfWork
from domain.time import DeliveryDay
from domain.units import Series, add_series

GONE = (OfferState.WITHDRAWN, OfferState.REJECTED)
Told = TypeVar("Told", OfferCalled, CallWithdrawn)


def call_offer(uow: UnitOfWork, principal: Principal, command: CallOffer) -> tuple[Activation, ...]:
    """Call part of an offer; one activation for each of its assets.

    Raises:
        Refused: `not_found` for an offer that is not the DSO's to see; `duplicate` id; `deadline_passed`;
            `gate_closed` between the gate and publication; `not_callable` for more than there is, another price,
            direction, commodity or time, or no multiple of the granularity.
    """
    offer, terms = _callable(uow, principal, command)
    window = window_of(uow, offer.region_id, command.starts_at, command.duration_s)
    raise_if(_call_findings(command, offer, terms, window))
    if command.starts_at <= uow.market:
        raise refuse("deadline_passed", "activation_time", "The activation time is in the past.")
    asked = block(abs(command.power_mw), window.first, window.last, window.n_steps)
    if accepts_offers(window.session, uow.market):
        called = _from_book(uow, command, offer, terms, asked)
    elif window.session.state is SessionState.PUBLISHED:
        called = _from_awards(uow, command, offer, asked)
    else:
        sentence = "The gate has closed; awarded quantity can be called once the result is published."
        raise refuse("gate_closed", "offer_id", sentence)
    uow.record(_told(OfferCalled, command.call_id, offer))
    return called


def _told(kind: type[Told], call_id: CallId, offer: FlexOffer) -> Told:
    return kind(
        call_id=call_id,
        offer_id=offer.id,
        session_id=offer.session_id,
        region_id=offer.region_id,
        party_id=offer.party_id,
    )


def _callable(uow: UnitOfWork, principal: Principal, command: CallOffer) -> tuple[FlexOffer, CallTerms | None]:
    """The offer and its terms of calling, which an offer of the desks has not."""
    found = uow.find(FlexOffer, id=command.offer_id, party_id=command.party_id)
    session = uow.get(MarketSession, found[0].session_id) if found else None
    terms = uow.find(CallTerms, id=command.offer_id) if found else ()
    sealed = session is None or (not terms and session.state in (SessionState.PLANNED, SessionState.OPEN))
    if sealed or uow.get(Region, found[0].region_id).dso_id != principal.party_id:
        raise refuse("not_found", "offer_id", "There is no such offer in your regions.")
    if found[0].state in GONE:
        raise refuse("not_callable", "offer_id", f"The offer is {found[0].state.value}.")
    if uow.find(Activation, call_id=command.call_id):
        raise refuse("duplicate", "activation_id", "There is a call with this id.")
    return found[0], terms[0] if terms else None


def _call_findings(command: CallOffer, offer: FlexOffer, terms: CallTerms | None, window: Window) -> list[Finding]:
    units = offer.commodity.units
    wanted = Direction.UP if command.power_mw > 0 else Direction.DOWN
    prices = set(offer.price_eur_per_mwh[window.first : window.last])
    grain = terms.granularity_mw if terms else 0
    rows = (
        (command.power_mw == 0, "flexible_power", "Nothing is called."),
        (command.commodity is not offer.commodity, "unit", f"The offer is of {offer.commodity.units.word}."),
        (wanted is not offer.direction, "flexible_power", f"The offer is {offer.direction.value}ward."),
        (window.session.id != offer.session_id, "activation_time", "The offer is for another day."),
        (
            prices != {command.price_eur_per_mwh},
            "flex_price",
            f"The offer's price is {', '.join(f'{price} {units.price}' for price in sorted(prices))}.",
        ),
        (bool(grain and command.power_mw % grain), "flexible_power", f"Call multiples of {grain} {units.power}."),
    )
    return [Finding(code="not_callable", field=field, sentence=words) for holds, field, words in rows if holds]


def _from_book(
    uow: UnitOfWork, command: CallOffer, offer: FlexOffer, terms: CallTerms | None, asked: Series
) -> tuple[Activation, ...]:
    if terms is None or uow.market >= terms.until:
        raise refuse("deadline_passed", "offer_id", "The time for calling this offer is over.")
    parts = _drawn(offer.lines, asked, offer)
    left = without(offer.lines, parts)
    gone = not any(any(line.quantity_mw) for line in left)
    state = advance(OFFER, offer.state, "call", "offer_id") if gone else offer.state
    uow.save(replace(offer, lines=left, state=state))
    awards = [_award(offer, part) for part in parts]
    for award in awards:
        uow.add(award)
    return _called(uow, command, awards)


def _drawn(lines: Sequence[OfferLine], asked: Series, offer: FlexOffer) -> tuple[OfferLine, ...]:
    parts = drawn(lines, asked)
    if parts is None:
        steps = [step for step, quantity in enumerate(asked) if quantity]
        most = min(sum(line.quantity_mw[step] for line in lines) for step in steps)
        sentence = f"{most} {offer.commodity.units.power} can be called in that time."
        raise refuse("not_callable", "flexible_power", sentence)
    return parts


def _award(offer: FlexOffer, part: OfferLine) -> Award:
    return Award(
        id=AwardId(new_id("AW")),
        session_id=offer.session_id,
        region_id=offer.region_id,
        offer_id=offer.id,
        asset_id=part.asset_id,
        party_id=offer.party_id,
        direction=offer.direction,
        accepted_mw=part.quantity_mw,
        price_eur_per_mwh=offer.price_eur_per_mwh,
        payment_eur=worth_eur(part.quantity_mw, offer.price_eur_per_mwh),
        commodity=offer.commodity,
        direct=True,
        state=AwardState.PUBLISHED,
    )


def _called(uow: UnitOfWork, command: CallOffer, awards: Iterable[Award]) -> tuple[Activation, ...]:
    calls = tuple(
        replace(call_of(award, ActivationId(new_id("AC")), command.call_id), called_at=uow.market)
        for award in awards
    )
    for call in calls:
        uow.add(call)
    return calls


def _from_awards(uow: UnitOfWork, command: CallOffer, offer: FlexOffer, asked: Series) -> tuple[Activation, ...]:
    """The DSO's call in the place of the market's own, as far as it goes; both together stay what was awarded."""
    awards = {a.id: a for a in uow.find(Award, offer_id=offer.id)}
    calls = uncalled(uow.find(Activation, award_id=tuple(awards)))
    free = {awards[id].asset_id: awards[id] for id in calls}
    lines = [OfferLine(asset_id=asset_id, quantity_mw=award.accepted_mw) for asset_id, award in free.items()]
    called: list[Activation] = []
    for part in _drawn(lines, asked, offer):
        award = free[part.asset_id]
        rest, taken = split_award(award, part.quantity_mw, AwardId(new_id("AW")))
        if rest is None:
            call = replace(calls[award.id], call_id=command.call_id, called_at=uow.market)
            uow.save(call)
            called.append(call)
            continue
        uow.save(rest)
        uow.save(replace(calls[award.id], p_mw=called_mw(rest)))
        uow.add(taken)
        called += _called(uow, command, [taken])
    return tuple(called)


def withdraw_call(uow: UnitOfWork, principal: Principal, command: WithdrawCall) -> FlexOffer:
    """The quantity goes back into the book.

    Raises:
        Refused: `not_found`; `wrong_state` once it is answered or was awarded by the clearing; `gate_closed`.
    """
    calls = uow.find(Activation, call_id=command.call_id, party_id=command.party_id)
    if not calls or uow.get(Region, calls[0].region_id).dso_id != principal.party_id:
        raise refuse("not_found", "activation_id", "There is no such call of yours.")
    awards = uow.find(Award, id=tuple(call.award_id for call in calls))
    offer = uow.get(FlexOffer, awards[0].offer_id)
    if not accepts_offers(uow.get(MarketSession, offer.session_id), uow.market):
        raise refuse("gate_closed", "activation_id", "The gate has closed; the call stands.")
    if any(call.state is not ActivationState.REQUESTED for call in calls):
        raise refuse("wrong_state", "activation_id", "The call was answered; it stands.")
    for call in calls:
        uow.remove(call)
    for award in awards:
        uow.remove(award)
    back = [OfferLine(asset_id=award.asset_id, quantity_mw=award.accepted_mw) for award in awards]
    given = offer.state is OfferState.ACCEPTED
    state = advance(OFFER, offer.state, "give_back", "activation_id") if given else offer.state
    restored = replace(offer, lines=with_again(offer.lines, back), state=state)
    uow.save(restored)
    uow.record(_told(CallWithdrawn, command.call_id, offer))
    return restored


def answer_call(uow: UnitOfWork, principal: Principal, command: AnswerCall) -> tuple[Activation, ...]:
    """Acknowledge or refuse the call of an own offer that has this power at this time.

    Raises:
        Refused: `not_found` without such a call; `duplicate` id; `deadline_passed`, `wrong_state`; findings on the
            reason.
    """
    if uow.find(Activation, answer_id=command.answer_id):
        raise refuse("duplicate", "id", "There is an answer with this id.")
    calls = _asked(uow, principal, command)
    trigger = ACKNOWLEDGED if command.acknowledged else REFUSED
    return tuple(answer(uow, call, trigger, command.answer_id, command.reason) for call in calls)


def _asked(uow: UnitOfWork, principal: Principal, command: AnswerCall) -> Sequence[Activation]:
    found = uow.find(FlexOffer, id=command.offer_id, party_id=principal.party_id)
    if not found:
        raise refuse("not_found", "offer_id", "There is no such offer of yours.")
    window = window_of(uow, found[0].region_id, command.starts_at, command.duration_s)
    awards = tuple(award.id for award in uow.find(Award, offer_id=command.offer_id, commodity=command.commodity))
    fits = [
        calls
        for calls in by_call(uow.find(Activation, award_id=awards)).values()
        if set(_total(calls)[window.first : window.last]) == {command.power_mw}
    ]
    if not fits:
        sentence = "No call of this offer has this power at this time."
        raise refuse("not_found", "offer_id", sentence)
    return min(fits, key=lambda calls: calls[0].state is not ActivationState.REQUESTED)


def _total(calls: Sequence[Activation]) -> Series:
    return add_series([call.p_mw for call in calls], len(calls[0].p_mw))


def take_back_answer(uow: UnitOfWork, principal: Principal, command: TakeBackAnswer) -> tuple[Activation, ...]:
    """The call waits for an answer again.

    Raises:
        Refused: `not_found`; `deadline_passed` once its delivery has begun.
    """
    kind = ActivationState.ACKNOWLEDGED if command.acknowledged else ActivationState.REFUSED
    calls = uow.find(Activation, answer_id=command.answer_id, party_id=principal.party_id, state=kind)
    if not calls or not command.answer_id:
        raise refuse("not_found", "id", "There is no such answer of yours.")
    session = uow.get(MarketSession, calls[0].session_id)
    first = min(step for call in calls for step, p_mw in enumerate(call.p_mw) if p_mw)
    if uow.market >= DeliveryDay(day=session.delivery_day).instant(first):
        raise refuse("deadline_passed", "id", "Its delivery has begun; the answer stands.")
    opened = tuple(
        replace(
            call,
            state=advance(ACTIVATION, call.state, "take_back", "id"),
            reason="",
            answer_id=NO_ANSWER,
            answered_at=None,
        )
        for call in calls
    )
    for call in opened:
        uow.save(call)
        uow.record(
            AnswerTakenBack(
                answer_id=command.answer_id,
                call_id=call.call_id,
                session_id=call.session_id,
                region_id=call.region_id,
                party_id=call.party_id,
            )
        )
    return opened
