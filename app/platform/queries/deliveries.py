"""Deliveries, what is in them now, and what was received."""

from __future__ import annotations

from collections.abc import Mapping

from app.platform.delivering import Period, outgoing, packed_members
from app.platform.values.exporting import as_xml, of_received
from app.queries.models import platform as q
from app.queries.models.base import Part
from app.queries.parts import given, part_of, rows_of
from domain.errors import refuse
from domain.ids import ServiceAgreementId
from domain.marketplace.words import ConsentState, PlatformRole
from domain.parties import Principal, Role
from domain.platform.activations import ServiceAgreement
from domain.platform.consents import ToldConsent
from domain.platform.deliveries import Delivery, DeliveryPart, ReceivedSeries
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork


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
    if delivery.aggregated and now.members and packed_members(now.members) != delivery.members:
        sentence = "The points of delivery behind it are others by now; ask for the delivery again."
        raise refuse("too_few_pods", "delivery_id", sentence)
    parts = iter(now.parts)
    planned = next(parts, None)
    part = planned.part() if planned else None
    return q.Pulled(
        delivery_id=delivery.id,
        quantity=delivery.quantity,
        time_step=delivery.time_step,
        starts=part.starts if part else (),
        series=part.series if part else (),
        cursor=planned.behind if planned and next(parts, None) else None,
    )


def list_received(uow: UnitOfWork, principal: Principal, query: q.ListReceived) -> Part[ReceivedSeries]:
    """Of one's own agreements. A point of delivery's values are seen as long as a consent to them stands, as told:
    not after that, and not by another registration of the company, to which nobody consented."""
    where = given(agreement_id=query.agreement_id, name=query.name)
    found = part_of(uow, ReceivedSeries, query.part, where)
    ids = tuple({series.agreement_id for series in found})
    agreements = uow.find(ServiceAgreement, id=ids) if ids else ()
    standing = {each.id: _standing(uow, each) for each in agreements if _is_of(uow, each, principal)}
    return rows_of(found, lambda series: series if _may_be_seen(series, standing) else None)


def export_received(uow: UnitOfWork, principal: Principal, query: q.ExportReceived) -> str:
    """As a market document; consents are asked at this moment."""
    found = list_received(uow, principal, q.ListReceived(part=query.part))
    wanted = [one for one in found if one.starts and query.series_id in (None, one.id)]
    return as_xml(f"received-{query.series_id or 'values'}", uow.wall, of_received(wanted))


def _may_be_seen(series: ReceivedSeries, standing: Mapping[ServiceAgreementId, frozenset[str] | None]) -> bool:
    if series.agreement_id not in standing:
        return False
    names = standing[series.agreement_id]
    return series.aggregated or names is None or series.name in names


def _is_theirs(uow: UnitOfWork, delivery: Delivery, principal: Principal) -> bool:
    """Of one's own registration's subscription, or of a peer's."""
    subscription = uow.get(PlatformSubscription, delivery.subscription_id)
    return principal.party_id in (subscription.own_id, subscription.peer_id)


def _is_of(uow: UnitOfWork, agreement: ServiceAgreement, principal: Principal) -> bool:
    return uow.get(PlatformSubscription, agreement.subscription_id).own_id == principal.party_id


def _standing(uow: UnitOfWork, agreement: ServiceAgreement) -> frozenset[str] | None:
    """Names for which a consent stands; None where none is needed."""
    subscription = uow.get(PlatformSubscription, agreement.subscription_id)
    description = subscription.description(agreement.description_id)
    if description is not None and not description.consent_mandatory:
        return None
    told = uow.find(
        ToldConsent,
        subscription_id=agreement.subscription_id,
        description_id=agreement.description_id,
        state=ConsentState.ACKNOWLEDGED,
    )
    now = uow.market
    return frozenset(name for each in told if each.starts_at <= now < each.ends_at for name in each.pod_names)


_SIDE = {Role.PROVIDER: PlatformRole.PROVIDER, Role.REQUESTER: PlatformRole.REQUESTER}


def _seen_by(principal: Principal) -> dict[str, object]:
    side = _SIDE.get(principal.role)
    return {"peer_id": principal.party_id} if side is None else {"side": side}
