"""Consents: whose they are decides what is seen of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from app.queries.models.base import Part
from app.queries.models.platform import ConsentView, ListConsentAsks, ListConsents, ListToldConsents
from app.queries.parts import given, part_of
from domain.ids import ConsentId, PodId
from domain.parties import Party, Principal, Role
from domain.platform.consents import Consent, ConsentAsk, ConsentedPod, ToldConsent
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork


def list_consents(uow: UnitOfWork, principal: Principal, query: ListConsents) -> Part[ConsentView]:
    """What a link is known by stays here."""
    whose = "customer_id" if principal.role is Role.CUSTOMER else "provider_id"
    asked = given(state=query.state, subscription_id=query.subscription_id) | {whose: principal.party_id}
    found = part_of(uow, Consent, query.part, asked)
    ids = tuple({each.subscription_id for each in found})
    subscriptions = {each.id: each for each in uow.find(PlatformSubscription, id=ids)} if ids else {}
    customers = {each.id: each.name for each in _customers(uow, found)}
    standing = _standing(uow, tuple(each.id for each in found))
    made: Part[ConsentView] = Part(
        _view(
            each, subscriptions.get(each.subscription_id), customers.get(each.customer_id, ""), standing[each.id]
        )
        for each in found
    )
    made.total = found.total
    return made


def list_asks(uow: UnitOfWork, principal: Principal, query: ListConsentAsks) -> Part[ConsentAsk]:
    asked = given(subscription_id=query.subscription_id)
    return part_of(uow, ConsentAsk, query.part, asked | {"requester_id": principal.party_id})


def list_told(uow: UnitOfWork, principal: Principal, query: ListToldConsents) -> Part[ToldConsent]:
    own = tuple(each.id for each in uow.find(PlatformSubscription) if each.own_id == principal.party_id)
    wanted = tuple(id for id in own if query.subscription_id in (None, id))
    if not wanted:
        return Part()
    return part_of(uow, ToldConsent, query.part, given(state=query.state) | {"subscription_id": wanted})


def _view(
    consent: Consent, subscription: PlatformSubscription | None, customer: str, standing: tuple[PodId, ...]
) -> ConsentView:
    return ConsentView(
        consent=replace(consent, link_sha256=""),
        requester=subscription.content.requester.name if subscription else consent.requester_id,
        customer=customer or consent.customer_id,
        service=subscription.description(consent.description_id) if subscription else None,
        standing=standing,
    )


def _customers(uow: UnitOfWork, consents: Part[Consent]) -> tuple[Party, ...]:
    ids = tuple({each.customer_id for each in consents})
    return uow.find(Party, id=ids) if ids else ()


def _standing(uow: UnitOfWork, ids: tuple[ConsentId, ...]) -> defaultdict[ConsentId, tuple[PodId, ...]]:
    found: defaultdict[ConsentId, tuple[PodId, ...]] = defaultdict(tuple)
    for row in uow.find(ConsentedPod, consent_id=ids, stands=True) if ids else ():
        found[row.consent_id] += (row.pod_id,)
    return found
