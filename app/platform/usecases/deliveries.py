"""Provider's side of deliveries: made, acknowledged, made again, taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from app.platform.delivering import (
    Outgoing,
    Period,
    outgoing,
    own_delivery,
    packed_members,
    period_at,
    tells_of_few,
)
from app.platform.values.rules import least_pods
from app.transport.receiving import once
from app.transport.sending import send
from domain.commands.platform import MakeDelivery, SendAgain, TakeAcknowledgement, TakeAgain
from domain.errors import Refused, refuse
from domain.events.platform import DeliveryChanged
from domain.ids import DeliveryId, SubscriptionId, new_id
from domain.marketplace.words import PlatformRole, Quantity
from domain.parties import Principal
from domain.platform.activations import AgreementState, ServiceAgreement
from domain.platform.deliveries import (
    VALUES,
    AcknowledgedMessage,
    Delivery,
    DeliveryPart,
    DeliveryState,
    ValuesMessage,
)
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork
from domain.time import market_day
from domain.transport import Receipt

MOST_AT_ONCE = 20
"""Deliveries that one poll makes."""
_PROVIDER = PlatformRole.PROVIDER


def due(uow: UnitOfWork) -> tuple[MakeDelivery, ...]:
    """Deliveries to be made now: of periods that are over and have values, or are late; and revisions."""
    found: list[MakeDelivery] = []
    for agreement in uow.find(ServiceAgreement, side=_PROVIDER, state=AgreementState.IN_FORCE):
        if agreement.in_force(uow.market):
            found += _due_of(uow, agreement, MOST_AT_ONCE - len(found))
        if len(found) >= MOST_AT_ONCE:
            break
    return tuple(found)


def _due_of(uow: UnitOfWork, agreement: ServiceAgreement, most: int) -> list[MakeDelivery]:
    subscription = uow.get(PlatformSubscription, agreement.subscription_id)
    if not subscription.in_force(uow.market):
        return []
    made = {d.period_start: d for d in _newest(uow.find_bare(Delivery, side=_PROVIDER, agreement_id=agreement.id))}
    found: list[MakeDelivery] = []
    for period in periods(uow, agreement, subscription):
        before = made.get(period.start)
        if len(found) >= most:
            break
        if before.outdated if before else _is_ready(uow, agreement, subscription, period):
            found.append(MakeDelivery(agreement_id=agreement.id, period_start=period.start, period_end=period.end))
    return found


def _newest(deliveries: Iterable[Delivery]) -> Iterable[Delivery]:
    newest: dict[datetime, Delivery] = {}
    for delivery in sorted(deliveries, key=lambda delivery: delivery.revision):
        newest[delivery.period_start] = delivery
    return newest.values()


def periods(
    uow: UnitOfWork, agreement: ServiceAgreement, subscription: PlatformSubscription
) -> tuple[Period, ...]:
    """The agreement's delivery periods that are over, oldest first."""
    data = agreement.data_period
    description = subscription.description(agreement.description_id)
    if data is None or description is None:
        return ()
    found: list[Period] = []
    at = data.start
    while True:
        period = period_at(at, description.near_real_time, agreement.selection.time_step)
        if period.end > uow.market or period.start >= data.end:
            return tuple(found)
        found.append(period)
        at = period.end


def _due_at(agreement: ServiceAgreement, subscription: PlatformSubscription, period: Period) -> datetime:
    first = max(period.end, agreement.starts_at, agreement.validated_at)
    return first + timedelta(minutes=subscription.content.terms.max_delay_minutes)


def _is_ready(
    uow: UnitOfWork, agreement: ServiceAgreement, subscription: PlatformSubscription, period: Period
) -> bool:
    if uow.market >= _due_at(agreement, subscription, period):
        return True
    first, last = market_day(period.start), market_day(period.end - timedelta(seconds=1))
    return bool(uow.values.steps(agreement.selection.quantity, first, last))


def make_delivery(uow: UnitOfWork, _principal: Principal, command: MakeDelivery) -> Delivery:
    """The values of a period that may go out now, as messages, or on record that there is nothing.

    Raises:
        Refused: `not_found`; `wrong_state` when the agreement is over; `duplicate` when it was sent already.
    """
    agreement = uow.get(ServiceAgreement, command.agreement_id)
    subscription = uow.get(PlatformSubscription, agreement.subscription_id)
    if agreement.side is not _PROVIDER or not agreement.in_force(uow.market):
        raise refuse("wrong_state", "agreement_id", "The agreement is not in force.")
    earlier = sorted(
        uow.find(Delivery, side=_PROVIDER, agreement_id=agreement.id, period_start=command.period_start),
        key=lambda delivery: delivery.revision,
    )
    if earlier and not earlier[-1].outdated:
        raise refuse("duplicate", "period_start", "The period was delivered and has not changed.")
    if earlier:
        uow.save(replace(earlier[-1], outdated=False))
    period = Period(start=command.period_start, end=command.period_end)
    delivery = Delivery(
        id=DeliveryId(new_id("DLV")),
        side=_PROVIDER,
        agreement_id=agreement.id,
        subscription_id=subscription.id,
        peer_id=subscription.peer_id,
        aggregated=not agreement.selection.individual,
        quantity=agreement.selection.quantity,
        time_step=agreement.selection.time_step,
        period_start=period.start,
        period_end=period.end,
        revision=len(earlier),
        due_at=_due_at(agreement, subscription, period),
        sent_at=uow.market,
        state=DeliveryState.EMPTY,
    )
    delivery = _sent(uow, agreement, subscription, delivery)
    uow.add(delivery)
    uow.record(DeliveryChanged(delivery_id=delivery.id, subscription_id=subscription.id))
    return delivery


def _sent(
    uow: UnitOfWork, agreement: ServiceAgreement, subscription: PlatformSubscription, delivery: Delivery
) -> Delivery:
    try:
        found = outgoing(
            uow, agreement, subscription, Period(start=delivery.period_start, end=delivery.period_end)
        )
    except Refused as refused:
        first = refused.findings[0]
        if first.code == "too_few_pods":
            return replace(delivery, state=DeliveryState.WITHHELD, reason=first.sentence)
        return replace(delivery, reason=first.sentence, n_gaps=1)
    if delivery.aggregated and _tells(uow, delivery, found):
        sentence = "Beside an aggregate of the same time that was sent before it would tell of single ones."
        return replace(delivery, state=DeliveryState.WITHHELD, reason=sentence)
    values = [value for part in found.parts for one in part.series for value in one.values]
    n_values = sum(value is not None for value in values)
    if not n_values:
        n_gaps = max(len(values), int(bool(found.members)))
        return replace(delivery, reason="There are no values of this period that may be sent.", n_gaps=n_gaps)
    for number, part in enumerate(found.parts):
        message = ValuesMessage(
            delivery_id=delivery.id,
            agreement_id=delivery.agreement_id,
            subscription_id=delivery.subscription_id,
            revision=delivery.revision,
            part=number,
            n_parts=len(found.parts),
            period_start=delivery.period_start,
            period_end=delivery.period_end,
            due_at=delivery.due_at,
            quantity=delivery.quantity,
            time_step=delivery.time_step,
            aggregated=delivery.aggregated,
            starts=part.starts,
            series=part.series,
        )
        send(uow, to=delivery.peer_id, stream=delivery.subscription_id, path=VALUES, body=message)
        uow.add(
            DeliveryPart(
                id=f"{delivery.id}/{number}", delivery_id=delivery.id, part=number, n_series=len(part.series)
            )
        )
    return replace(
        delivery,
        state=DeliveryState.SENT,
        n_parts=len(found.parts),
        n_series=sum(len(part.series) for part in found.parts),
        n_values=n_values,
        n_gaps=len(values) - n_values,
        members=packed_members(found.members),
    )


def _tells(uow: UnitOfWork, delivery: Delivery, found: Outgoing) -> bool:
    """Compared with all that the same requester has of the same quantity in an overlapping time."""
    others = uow.find(
        Delivery, side=_PROVIDER, peer_id=delivery.peer_id, aggregated=True, quantity=delivery.quantity
    )
    overlapping = [
        other.members
        for other in others
        if other.period_start < delivery.period_end and delivery.period_start < other.period_end
    ]
    return tells_of_few(found.members, overlapping, least_pods(uow))


def take_acknowledgement(uow: UnitOfWork, principal: Principal, command: TakeAcknowledgement) -> Receipt:
    """What became of a part's series (IND-DAT-ACK, AGG-DAT-ACK).

    Raises:
        Refused: as `once`; `not_found` for a delivery that is not the sender's, or no such part.
    """
    return once(uow, principal, command, lambda: _acknowledged(uow, principal, command.message))


def _acknowledged(uow: UnitOfWork, principal: Principal, message: AcknowledgedMessage) -> None:
    delivery = _of_peer(uow, principal, message.delivery_id, message.subscription_id)
    part = uow.get(DeliveryPart, f"{delivery.id}/{message.part}")
    if part.acknowledged_at is not None:
        return
    uow.save(replace(part, statuses=message.statuses, acknowledged_at=uow.market))
    n = delivery.n_acknowledged + 1
    done = n >= delivery.n_parts and delivery.state is DeliveryState.SENT
    uow.save(
        replace(
            delivery,
            n_acknowledged=n,
            state=DeliveryState.ACKNOWLEDGED if done else delivery.state,
            acknowledged_at=uow.market if done else None,
        )
    )
    uow.record(DeliveryChanged(delivery_id=delivery.id, subscription_id=delivery.subscription_id))


def take_again(uow: UnitOfWork, principal: Principal, command: TakeAgain) -> Receipt:
    """The period will be sent again. Raises `Refused`: as `once`; `not_found`."""

    def again() -> None:
        said = command.message
        _mark(uow, (_of_peer(uow, principal, said.delivery_id, said.subscription_id),))

    return once(uow, principal, command, again)


def send_again(uow: UnitOfWork, principal: Principal, command: SendAgain) -> Delivery:
    """The period will be sent again as it stands. Raises `Refused`: as `own_delivery`."""
    _mark(uow, (own_delivery(uow, principal, command.delivery_id, _PROVIDER),))
    return uow.get(Delivery, command.delivery_id)


def _of_peer(
    uow: UnitOfWork, principal: Principal, delivery_id: DeliveryId, subscription_id: SubscriptionId
) -> Delivery:
    found = uow.find(
        Delivery, id=delivery_id, side=_PROVIDER, peer_id=principal.party_id, subscription_id=subscription_id
    )
    if not found:
        raise refuse("not_found", "delivery_id", "There is no such delivery of yours.")
    return found[0]


def _mark(uow: UnitOfWork, deliveries: Iterable[Delivery]) -> None:
    """The newest revisions of these periods are to be followed by another."""
    periods = {(delivery.agreement_id, delivery.period_start) for delivery in deliveries}
    for agreement_id, start in sorted(periods):
        revisions = uow.find(Delivery, side=_PROVIDER, agreement_id=agreement_id, period_start=start)
        newest = max(revisions, key=lambda delivery: delivery.revision)
        if not newest.outdated:
            uow.save(replace(newest, outdated=True))
            uow.record(DeliveryChanged(delivery_id=newest.id, subscription_id=newest.subscription_id))


def mark_changed(uow: UnitOfWork, quantity: Quantity, day: date, pod_ids: Collection[str]) -> None:
    """Values of these PoDs came or changed: what was delivered of that day is outdated."""
    touched = [
        delivery
        for delivery in uow.find_bare(Delivery, side=_PROVIDER, quantity=quantity, outdated=False)
        if market_day(delivery.period_start) <= day <= market_day(delivery.period_end - timedelta(seconds=1))
    ]
    for agreement_id in {delivery.agreement_id for delivery in touched}:
        agreement = uow.get(ServiceAgreement, agreement_id)
        if not frozenset(agreement.pod_ids).isdisjoint(pod_ids):
            _mark(uow, (delivery for delivery in touched if delivery.agreement_id == agreement_id))
