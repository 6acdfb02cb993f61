"""What the search finds on the EU Market Place: by the handlers that list it, whom it is shown to finds it."""

from __future__ import annotations

from collections.abc import Iterator

from app.queries.market_place import catalogue, enrolment, requests
from app.queries.models import place as q
from app.queries.models.search import Hit, HitKind
from domain.parties import Principal, Role
from domain.ports import UnitOfWork


def companies(uow: UnitOfWork, principal: Principal) -> Iterator[Hit]:
    """Each company once, with its roles. A provider has no page of other companies and finds its own."""
    roles: dict[tuple[str, str], list[str]] = {}
    for row in enrolment.list_registrations(uow, principal, q.ListRegistrations()):
        if row.own or principal.role is not Role.PROVIDER:
            key = (row.registration.company_id, row.company_name)
            roles.setdefault(key, []).append(row.registration.player_role.value)
    for (company_id, name), played in roles.items():
        yield Hit(kind=HitKind.COMPANY, id=company_id, label=name, note=", ".join(played))


def offers(uow: UnitOfWork, principal: Principal) -> Iterator[Hit]:
    """Published offers; a provider finds its own, as its page shows them."""
    own = principal.party_id if principal.role is Role.PROVIDER else None
    query = q.SearchServices(own=own is not None, provider_id=own)
    for row in catalogue.search(uow, principal, query):
        note = f"{row.provider_name}, {row.offer.service_type.value}, {row.offer.state.value}"
        yield Hit(kind=HitKind.SERVICE_OFFER, id=row.offer.id, label=row.offer.title, note=note)


def wishes(uow: UnitOfWork, principal: Principal) -> Iterator[Hit]:
    """Requests: own ones, for a provider those that its offers meet, for the operator all."""
    for row in requests.list_requests(uow, principal, q.ListServiceRequests()):
        note = f"{row.requester_name}, {row.request.state.value}"
        yield Hit(kind=HitKind.SERVICE_REQUEST, id=row.request.id, label=row.request.title, note=note)


def subscriptions(uow: UnitOfWork, principal: Principal) -> Iterator[Hit]:
    for row in requests.list_subscriptions(uow, principal, q.ListSubscriptions()):
        subscription = row.subscription
        label = f"{row.provider_name} – {row.requester_name}"
        services = ", ".join(one.short_description for one in subscription.content.descriptions)
        note = f"{subscription.state.value}, {services}"
        yield Hit(kind=HitKind.SUBSCRIPTION, id=subscription.id, label=label, note=note)
