"""Services under way: what the market place was told of each, and the alarms about it."""

from __future__ import annotations

from app.queries.models.place import (
    GetServiceHistory,
    ListServiceAlarms,
    ListServiceStatus,
    ServiceHistory,
    ServiceStatus,
)
from app.queries.service_alarms import ranked
from domain.errors import refuse
from domain.marketplace.requests import Subscription
from domain.marketplace.service_alarms import ServiceAlarm
from domain.marketplace.told import ActivationStatusRow, ConsentStatus, InterimReport
from domain.paging import Slice, falling
from domain.parties import Principal, Role
from domain.ports import E, UnitOfWork

_BY_TIME = falling("at", "id")
_NEWEST = Slice(order=_BY_TIME, limit=1)


def list_status(uow: UnitOfWork, principal: Principal, _query: ListServiceStatus) -> tuple[ServiceStatus, ...]:
    return tuple(_status(uow, found) for found in own_subscriptions(uow, principal))


def get_history(uow: UnitOfWork, principal: Principal, query: GetServiceHistory) -> ServiceHistory:
    found = [one for one in own_subscriptions(uow, principal) if one.id == query.subscription_id]
    if not found:
        raise refuse("not_found", "subscription_id", "There is no such subscription, or it is not yours.")
    newest = Slice(order=_BY_TIME, limit=query.most)

    def told(kind: type[E]) -> tuple[E, ...]:
        return uow.part(kind, newest, {"subscription_id": query.subscription_id})[::-1]

    return ServiceHistory(
        status=_status(uow, found[0]),
        consents=told(ConsentStatus),
        activations=told(ActivationStatusRow),
        reports=told(InterimReport),
    )


def list_alarms(uow: UnitOfWork, principal: Principal, query: ListServiceAlarms) -> tuple[ServiceAlarm, ...]:
    return ranked(_of(uow, principal, ServiceAlarm), with_cleared=query.with_cleared)


def own_subscriptions(uow: UnitOfWork, principal: Principal) -> tuple[Subscription, ...]:
    """The operator's are all."""
    return _of(uow, principal, Subscription)


def _of(uow: UnitOfWork, principal: Principal, kind: type[E]) -> tuple[E, ...]:
    if principal.role is Role.PLACE_OPERATOR:
        return uow.find(kind)
    side = "provider_id" if principal.role is Role.PROVIDER else "requester_id"
    return uow.find(kind, **{side: principal.party_id})


def _status(uow: UnitOfWork, subscription: Subscription) -> ServiceStatus:
    of = {"subscription_id": subscription.id}
    report = uow.part(InterimReport, _NEWEST, of)
    consents = uow.count_by(ConsentStatus, "state", **of)
    activations = uow.count_by(ActivationStatusRow, "status", **of)
    return ServiceStatus(
        subscription=subscription,
        consents={state.value: n for state, n in sorted(consents.items())},
        activations={status.value: n for status, n in sorted(activations.items())},
        report=report[0] if report else None,
        alarms=ranked(uow.find(ServiceAlarm, subject=subscription.id), with_cleared=False),
    )
