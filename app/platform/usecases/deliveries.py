"""Provider's side of deliveries: made, acknowledged, made again, taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from app.platform.delivering import (
    Part,
    Period,
    outgoing,
    own_delivery,
    period_starts,
    span,
    zone_of_days,
)
from app.platform.delivery_periods import due_at, note_delivered
from app.platform.telling import behind, packed, tells
from app.transport.receiving import once
from app.transport.sending import send
from domain.commands.platform import MakeDelivery, SendAgain, TakeAcknowledgement, TakeAgain
from domain.errors import Refused, refuse
from domain.events.platform import DeliveryChanged
from domain.ids import DeliveryId, SubscriptionId, new_id
from domain.marketplace.words import PlatformRole, Quantity
from domain.parties import Principal
from domain.platform.activations import ServiceAgreement
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
from domain.time import Interval
from domain.transport import Receipt

_PROVIDER = PlatformRole.PROVIDER


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
    outdated = [delivery for delivery in earlier if delivery.outdated]
    if earlier and not outdated:
        raise refuse("duplicate", "period_start", "The period was delivered and has not changed.")
    for delivery in outdated:
        uow.save(replace(delivery, outdated=False))
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
        due_at=due_at(uow, agreement, subscription, period),
        sent_at=uow.market,
        state=DeliveryState.EMPTY,
    )
    delivery = _sent(uow, agreement, subscription, delivery)
    uow.add(delivery)
    note_delivered(uow, agreement, subscription, period)
    uow.record(DeliveryChanged(delivery_id=delivery.id, subscription_id=subscription.id))
    return delivery


def _sent(
    uow: UnitOfWork, agreement: ServiceAgreement, subscription: PlatformSubscription, delivery: Delivery
) -> Delivery:
    period = Period(start=delivery.period_start, end=delivery.period_end)
    try:
        found = outgoing(uow, agreement, subscription, period)
        planned = tuple(found.parts)
        for first in {one.whole: one for one in reversed(planned)}.values():
            first.part()  # what the values do not make, they do not make for any part of that time
    except Refused as refused:
        why = refused.findings[0]
        if why.code == "too_few_pods":
            return replace(delivery, state=DeliveryState.WITHHELD, reason=why.sentence)
        return replace(delivery, reason=why.sentence, n_gaps=1)
    said = behind(found.members, (one.part() for one in planned if delivery.aggregated))
    if delivery.aggregated and tells(uow, delivery, agreement.selection.aggregation_level, said):
        sentence = "Beside an aggregate of the same time that was sent before it would tell of single ones."
        return replace(delivery, state=DeliveryState.WITHHELD, reason=sentence)
    n_gaps = 0
    for one in planned:
        n_values, n_missing = _counted(one.part())
        if n_values:
            break
        n_gaps += n_missing
    else:
        n_gaps = max(n_gaps, int(bool(found.members)))
        return replace(delivery, reason="There are no values of this period that may be sent.", n_gaps=n_gaps)
    n_series = n_values = n_gaps = 0
    for number, one in enumerate(planned):
        part = one.part()
        _send_part(uow, delivery, part, number, len(planned))
        there, missing = _counted(part)
        n_series, n_values, n_gaps = n_series + len(part.series), n_values + there, n_gaps + missing
    return replace(
        delivery,
        state=DeliveryState.SENT,
        n_parts=len(planned),
        n_series=n_series,
        n_values=n_values,
        n_gaps=n_gaps,
        members=packed(said),
    )


def _counted(part: Part) -> tuple[int, int]:
    """(values, gaps)"""
    n_values = sum(value is not None for one in part.series for value in one.values)
    return n_values, len(part.series) * len(part.starts) - n_values


def _send_part(uow: UnitOfWork, delivery: Delivery, part: Part, number: int, n_parts: int) -> None:
    message = ValuesMessage(
        delivery_id=delivery.id,
        agreement_id=delivery.agreement_id,
        subscription_id=delivery.subscription_id,
        revision=delivery.revision,
        part=number,
        n_parts=n_parts,
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
    id = f"{delivery.id}/{number}"
    uow.add(DeliveryPart(id=id, delivery_id=delivery.id, part=number, n_series=len(part.series)))


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
    if len({status.name for status in message.statuses}) != len(message.statuses) or (
        len(message.statuses) != part.n_series
    ):
        raise refuse("wrong_length", "statuses", f"Each of the {part.n_series} series has one status.")
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


def mark_changed(uow: UnitOfWork, quantity: Quantity, changed: Interval, pod_ids: Collection[str]) -> None:
    """Values of these PoDs and of this time came or changed: what was delivered of it is outdated, also what was
    withheld, as there may be enough by now."""
    found = uow.find_bare(
        Delivery, side=_PROVIDER, quantity=quantity, outdated=False, period_start=period_starts(changed)
    )
    for agreement_id in sorted({delivery.agreement_id for delivery in found}):
        agreement = uow.get(ServiceAgreement, agreement_id)
        if frozenset(agreement.pod_ids).isdisjoint(pod_ids):
            continue
        zone, step = zone_of_days(uow, agreement), agreement.selection.time_step
        touched = [
            delivery
            for delivery in found
            if delivery.agreement_id == agreement_id
            and span(Period(start=delivery.period_start, end=delivery.period_end), step, zone).cut(changed)
        ]
        _mark(uow, touched)
