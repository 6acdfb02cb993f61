"""Lists of deliveries, for the company and for its peers."""

from __future__ import annotations

from app.platform.rest import value_schemas as s
from app.queries.models.platform import GetDelivery, ListDeliveries
from app.rest.access import Caller
from app.rest.paging import Listing, Pager
from app.rest.schemas import Page
from domain.ids import DeliveryId, ServiceAgreementId, SubscriptionId

DELIVERIES = Listing(s.DeliveryOut, "-period_start,-sent_at,id")


def page_of(caller: Caller, pager: Pager, where: s.DeliveryFilter) -> Page[s.DeliveryOut]:
    query = ListDeliveries(
        part=pager.part(DELIVERIES, where),
        subscription_id=SubscriptionId(where.subscription_id) if where.subscription_id else None,
        agreement_id=ServiceAgreementId(where.agreement_id) if where.agreement_id else None,
    )
    rows = caller.query(query)
    return pager.cut(DELIVERIES, where, rows, s.DeliveryOut.of)


def one_of(caller: Caller, delivery_id: str) -> s.DeliveryViewOut:
    return s.DeliveryViewOut.seen(caller.query(GetDelivery(delivery_id=DeliveryId(delivery_id))))
