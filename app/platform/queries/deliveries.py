"""Deliveries, what is in them now, and what was received."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from app.platform.delivering import Period, outgoing
from app.platform.telling import behind, late, unpacked
from app.platform.values.exporting import as_xml, of_received
from app.platform.values.rules import least_pods
from app.queries.models import platform as q
from app.queries.models.base import Part
from app.queries.parts import given, part_of
from domain.errors import refuse
from domain.ids import ServiceAgreementId
from domain.marketplace.words import ConsentState, PlatformRole
from domain.parties import Principal, Role
from domain.platform.activations import ServiceAgreement
from domain.platform.consents import ToldConsent
from domain.platform.deliveries import Delivery, DeliveryPart, ReceivedSeries
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork
from domain.time import Interval, merged

_Standing = Mapping[str, tuple[Interval, ...]] | None
"""By a point's name the times that consents cover; None where none is needed."""
MOST_AT_ONCE = 500
"""Series that are looked through at once."""


def list_deliveries(uow: UnitOfWork, principal: Principal, query: q.ListDeliveries) -> Part[Delivery]:
    where = given(subscription_id=query.subscription_id, agreement_id=query.agreement_id)
    return part_of(uow, Delivery, query.part, where | _seen_by(principal))


def get_delivery(uow: UnitOfWork, principal: Principal, query: q.GetDelivery) -> q.DeliveryView:
    found = uow.find_bare(Delivery, id=query.delivery_id, **_seen_by(principal))
    if not found or not _is_theirs(uow, found[0], principal):
        raise refuse("not_found", "delivery_id", "There is no such delivery, or it is not yours.")
    parts = uow.find(DeliveryPart, delivery_id=query.delivery_id)
    return q.DeliveryView(delivery=found[0], parts=tuple(sorted(parts, key=lambda part: part.part)))


def pull_values(uow: UnitOfWork, principal: Principal, query: q.PullValues) -> q.Pulled:
    """Nothing is kept of a delivery's values: they are taken from the store and cut to what is allowed now."""
    found = uow.find(Delivery, id=query.delivery_id, side=PlatformRole.PROVIDER, peer_id=principal.party_id)
    if not found:
        raise refuse("not_found", "delivery_id", "There is no such delivery of yours.")
    delivery = found[0]
    agreement = uow.get(ServiceAgreement, delivery.agreement_id)
    subscription = uow.get(PlatformSubscription, delivery.subscription_id)
    period = Period(start=delivery.period_start, end=delivery.period_end)
    now = outgoing(uow, agreement, subscription, period, query.cursor)
    if delivery.aggregated and now.members:
        parts = tuple(now.parts)
        said, sent = behind(now.members, (one.part() for one in parts)), unpacked(delivery.members)
        if said.members != sent.members or late(said, sent, least_pods(uow)):
            sentence = "The points of delivery behind it are others by now; ask for the delivery again."
            raise refuse("too_few_pods", "delivery_id", sentence)
        now = replace(now, parts=parts)
    going = iter(now.parts)
    planned = next(going, None)
    part = planned.part() if planned else None
    return q.Pulled(
        delivery_id=delivery.id,
        quantity=delivery.quantity,
        time_step=delivery.time_step,
        starts=part.starts if part else (),
        series=part.series if part else (),
        cursor=planned.behind if planned and next(going, None) else None,
    )


def list_received(uow: UnitOfWork, principal: Principal, query: q.ListReceived) -> Part[ReceivedSeries]:
    """Of one's own agreements. A point of delivery's values are seen as long as a consent to them stands, as told,
    for the agreement's purpose and of their time: not after that, and not by another registration of the company,
    to which nobody consented."""
    agreements = [
        each
        for each in uow.find(ServiceAgreement, side=PlatformRole.REQUESTER, **given(id=query.agreement_id))
        if _is_of(uow, each, principal)
    ]
    standing = {each.id: _standing(uow, each) for each in agreements}
    open_ = tuple(each.id for each in agreements if standing[each.id] != {} or not each.selection.individual)
    if not open_:
        return Part()
    where = given(name=query.name) | {"agreement_id": open_}
    part = query.part
    found = part_of(uow, ReceivedSeries, part, where)
    total, seen = found.total, _seen(found, standing)
    while len(seen) < query.part.limit and len(found) == part.limit:  # behind hidden ones there may be others
        last = tuple(getattr(found[-1], field) for field, _ in part.order)
        part = replace(part, after=last, limit=max(part.limit, MOST_AT_ONCE), counted=False)
        found = part_of(uow, ReceivedSeries, part, where)
        seen += _seen(found, standing)
    made = Part(seen[: query.part.limit])
    made.total = total
    return made


def _seen(found: Part[ReceivedSeries], standing: Mapping[ServiceAgreementId, _Standing]) -> list[ReceivedSeries]:
    return [shown for shown in (_as_seen(series, standing) for series in found) if shown is not None]


def export_received(uow: UnitOfWork, principal: Principal, query: q.ExportReceived) -> str:
    """As a market document; consents are asked at this moment."""
    found = list_received(uow, principal, q.ListReceived(part=query.part))
    wanted = [one for one in found if one.starts and query.series_id in (None, one.id)]
    return as_xml(f"received-{query.series_id or 'values'}", uow.wall, of_received(wanted))


def _as_seen(series: ReceivedSeries, standing: Mapping[ServiceAgreementId, _Standing]) -> ReceivedSeries | None:
    """With gaps for values whose time no consent that stands covers; None where nothing is to be seen."""
    if series.agreement_id not in standing:
        return None
    periods = standing[series.agreement_id]
    if series.aggregated or periods is None:
        return series
    open_ = periods.get(series.name, ())
    if not series.starts or not open_:
        return None
    ends = (*series.starts[1:], min(series.starts[-1] + series.time_step.duration, series.period_end))
    seen = [
        any(one.start <= at and end <= one.end for one in open_)
        for at, end in zip(series.starts, ends, strict=True)
    ]
    values = tuple(value if may else None for value, may in zip(series.values, seen, strict=True))
    return replace(series, values=values) if any(seen) else None


def _is_theirs(uow: UnitOfWork, delivery: Delivery, principal: Principal) -> bool:
    """Of one's own registration's subscription, or of a peer's."""
    subscription = uow.get(PlatformSubscription, delivery.subscription_id)
    return principal.party_id in (subscription.own_id, subscription.peer_id)


def _is_of(uow: UnitOfWork, agreement: ServiceAgreement, principal: Principal) -> bool:
    return uow.get(PlatformSubscription, agreement.subscription_id).own_id == principal.party_id


def _standing(uow: UnitOfWork, agreement: ServiceAgreement) -> _Standing:
    subscription = uow.get(PlatformSubscription, agreement.subscription_id)
    description = subscription.description(agreement.description_id)
    if description is not None and not description.consent_mandatory:
        return None
    told = uow.find(
        ToldConsent,
        subscription_id=agreement.subscription_id,
        description_id=agreement.description_id,
        processing_details=agreement.processing_details,
        state=ConsentState.ACKNOWLEDGED,
    )
    periods: defaultdict[str, list[Interval]] = defaultdict(list)
    for each in told:
        if each.starts_at <= uow.market < each.ends_at:
            for name in each.pod_names:
                periods[name].append(Interval(start=each.starts_at, end=each.ends_at))
    return {name: merged(some) for name, some in periods.items()}


_SIDE = {Role.PROVIDER: PlatformRole.PROVIDER, Role.REQUESTER: PlatformRole.REQUESTER}


def _seen_by(principal: Principal) -> dict[str, object]:
    side = _SIDE.get(principal.role)
    return {"peer_id": principal.party_id} if side is None else {"side": side}
