"""Requester's side of deliveries: taken, stored, acknowledged, asked for again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from app.platform.delivering import own_delivery
from app.transport.receiving import once
from app.transport.sending import send
from domain.commands.platform import AskAgain, TakeValues
from domain.errors import Finding, raise_if, refuse
from domain.events.platform import DeliveryChanged
from domain.marketplace.words import PlatformRole, TimeStep
from domain.parties import Principal
from domain.platform.activations import ServiceAgreement
from domain.platform.deliveries import (
    ACKNOWLEDGEMENTS,
    AGAIN,
    MAX_SERIES,
    MAX_VALUES,
    AcknowledgedMessage,
    AgainMessage,
    Delivery,
    DeliveryPart,
    DeliveryState,
    ReceivedSeries,
    SentSeries,
    SeriesState,
    SeriesStatus,
    ValuesMessage,
)
from domain.platform.grid import on_grid
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork
from domain.texts import text_findings
from domain.time import MARKET_ZONE
from domain.transport import Receipt

_REQUESTER = PlatformRole.REQUESTER
MAX_NAME = 300
ZONES_APART = timedelta(hours=3)
"""Of two midnights of the same date in Europe, at most."""


def take_values(uow: UnitOfWork, principal: Principal, command: TakeValues) -> Receipt:
    """A part is stored, the newest revision of each series, and acknowledged series by series.

    Raises:
        Refused: as `once`; `not_found` for an agreement that is not with the sender; `duplicate` for another
            delivery's id; findings of its form.
    """
    return once(uow, principal, command, lambda: _take(uow, principal, command.message))


def _take(uow: UnitOfWork, principal: Principal, message: ValuesMessage) -> None:
    subscription = uow.find(
        PlatformSubscription, id=message.subscription_id, side=_REQUESTER, peer_id=principal.party_id
    )
    agreements = uow.find(
        ServiceAgreement, id=message.agreement_id, side=_REQUESTER, subscription_id=message.subscription_id
    )
    if not subscription or not agreements:
        raise refuse("not_found", "agreement_id", "There is no such agreement with you.")
    raise_if(_form_findings(message))
    _check_id(uow, message)
    agreement = agreements[0]
    known = None if message.aggregated else frozenset(agreement.pod_names)
    statuses = tuple(
        _status(uow, message, one, known is None or one.name in known, agreement) for one in message.series
    )
    _store(uow, message, [one for one, s in zip(message.series, statuses, strict=True) if _is_good(s)])
    delivery = _noted(uow, principal, message, statuses)
    if delivery is not None:
        send(
            uow,
            to=principal.party_id,
            stream=message.subscription_id,
            path=ACKNOWLEDGEMENTS,
            body=AcknowledgedMessage(
                delivery_id=message.delivery_id,
                subscription_id=message.subscription_id,
                part=message.part,
                statuses=statuses,
            ),
        )
        uow.record(DeliveryChanged(delivery_id=message.delivery_id, subscription_id=message.subscription_id))


def _check_id(uow: UnitOfWork, message: ValuesMessage) -> None:
    """Providers make ids for themselves; the agreement is known to be the sender's."""
    known = uow.find(Delivery, id=message.delivery_id)
    if known and (known[0].side, known[0].agreement_id) != (_REQUESTER, message.agreement_id):
        raise refuse("duplicate", "delivery_id", "This id is of another delivery.")


def _is_good(status: SeriesStatus) -> bool:
    return status.state is not SeriesState.REFUSED


def _form_findings(message: ValuesMessage) -> list[Finding]:
    found = []
    n = len(message.starts)
    if not 1 <= len(message.series) <= MAX_SERIES or not 1 <= n * len(message.series) <= MAX_VALUES + n:
        found.append(Finding(code="too_large", field="series", sentence="More than a part may hold."))
    if not 0 <= message.part < message.n_parts or message.revision < 0:
        found.append(Finding(code="out_of_range", field="part", sentence="There is no such part."))
    if any(a >= b for a, b in pairwise(message.starts)):
        found.append(Finding(code="unordered", field="starts", sentence="The times do not follow each other."))
    elif n:
        found += _time_findings(message)
    for k, one in enumerate(message.series):
        found += text_findings(one.name, f"series[{k}].name", most=MAX_NAME)
        if len(one.values) != n or len(one.n_pods) != (n if message.aggregated else 0):
            found.append(Finding(code="wrong_length", field=f"series[{k}]", sentence=f"There are {n} times."))
        if any(value is not None and not value.is_finite() for value in one.values):
            found.append(Finding(code="not_finite", field=f"series[{k}]", sentence="A value is no number."))
    if len({one.name for one in message.series}) < len(message.series):
        found.append(Finding(code="duplicate", field="series", sentence="A series is there twice."))
    return found[:20]


def _time_findings(message: ValuesMessage) -> list[Finding]:
    """The values follow each other by their step within their period; of days only the date is the same, as each
    country has midnights of its own."""
    step, starts = message.time_step, message.starts
    if step is TimeStep.DAY:
        near = abs(starts[0] - message.period_start) <= ZONES_APART and len(starts) == 1
        fits = near and message.period_end > message.period_start
    else:
        apart = all(b - a == step.duration for a, b in pairwise(starts))
        fits = apart and on_grid(starts[0], step, MARKET_ZONE)
        fits = fits and message.period_start <= starts[0] and starts[-1] + step.duration <= message.period_end
    sentence = f"These are not the times of a period's values, {step.value} apart."
    return [] if fits else [Finding(code="wrong_time_step", field="starts", sentence=sentence)]


def _status(
    uow: UnitOfWork, message: ValuesMessage, one: SentSeries, known: bool, agreement: ServiceAgreement
) -> SeriesStatus:
    selection = agreement.selection
    fits = (message.quantity, message.time_step, message.aggregated) == (
        selection.quantity,
        selection.time_step,
        not selection.individual,
    )
    n_gaps = sum(value is None for value in one.values)
    state = SeriesState.GAPS if n_gaps else SeriesState.RECEIVED
    return SeriesStatus(
        name=one.name,
        state=state if known and fits else SeriesState.REFUSED,
        n_values=len(one.values) - n_gaps,
        n_gaps=n_gaps,
        at=uow.market,
    )


def _store(uow: UnitOfWork, message: ValuesMessage, series: list[SentSeries]) -> None:
    made = {
        one.name: ReceivedSeries(
            id=f"{message.agreement_id}/{message.period_start:%Y%m%dT%H%M}/{one.name}",
            agreement_id=message.agreement_id,
            delivery_id=message.delivery_id,
            revision=message.revision,
            name=one.name,
            aggregated=message.aggregated,
            quantity=message.quantity,
            time_step=message.time_step,
            period_start=message.period_start,
            period_end=message.period_end,
            starts=message.starts,
            values=one.values,
            n_pods=one.n_pods,
        )
        for one in series
    }
    there = {old.id: old for old in uow.find(ReceivedSeries, id=tuple(one.id for one in made.values()))}
    uow.add_all([one for one in made.values() if one.id not in there])
    for one in made.values():
        old = there.get(one.id)
        if old is not None and old.revision < one.revision:
            uow.save(replace(one, version=old.version))


def _noted(
    uow: UnitOfWork, principal: Principal, message: ValuesMessage, statuses: tuple[SeriesStatus, ...]
) -> Delivery | None:
    """The delivery with this part in it; None where the part was there before."""
    part_id = f"{message.delivery_id}/{message.part}"
    if uow.find(DeliveryPart, id=part_id):
        return None
    uow.add(
        DeliveryPart(
            id=part_id,
            delivery_id=message.delivery_id,
            part=message.part,
            n_series=len(message.series),
            statuses=statuses,
            acknowledged_at=uow.market,
        )
    )
    found = uow.find(Delivery, id=message.delivery_id)
    delivery = found[0] if found else _first(uow, principal, message)
    n = delivery.n_acknowledged + 1
    done = n >= delivery.n_parts
    changed = replace(
        delivery,
        n_acknowledged=n,
        n_series=delivery.n_series + len(message.series),
        n_values=delivery.n_values + sum(status.n_values for status in statuses),
        n_gaps=delivery.n_gaps + sum(status.n_gaps for status in statuses),
        state=DeliveryState.ACKNOWLEDGED if done else delivery.state,
        acknowledged_at=uow.market if done else None,
    )
    if found:
        uow.save(changed)
    else:
        uow.add(changed)
    return changed


def _first(uow: UnitOfWork, principal: Principal, message: ValuesMessage) -> Delivery:
    return Delivery(
        id=message.delivery_id,
        side=_REQUESTER,
        agreement_id=message.agreement_id,
        subscription_id=message.subscription_id,
        peer_id=principal.party_id,
        aggregated=message.aggregated,
        quantity=message.quantity,
        time_step=message.time_step,
        period_start=message.period_start,
        period_end=message.period_end,
        revision=message.revision,
        due_at=message.due_at,
        sent_at=uow.market,
        state=DeliveryState.SENT,
        n_parts=message.n_parts,
    )


def ask_again(uow: UnitOfWork, principal: Principal, command: AskAgain) -> Delivery:
    """Ask the provider for the period again. Raises `Refused`: as `own_delivery`."""
    delivery = own_delivery(uow, principal, command.delivery_id, _REQUESTER)
    message = AgainMessage(delivery_id=delivery.id, subscription_id=delivery.subscription_id)
    send(uow, to=delivery.peer_id, stream=delivery.subscription_id, path=AGAIN, body=message)
    return delivery
