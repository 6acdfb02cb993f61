"""What a provider's platform tells of its subscriptions: kept once, and of its own subscriptions only."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from app.transport.receiving import once
from domain.commands.place import NotifyActivation, NotifyConsent, NotifyInterim
from domain.errors import Finding, raise_if, refuse
from domain.events.place import ActivationNotified, ConsentNotified, InterimNotified
from domain.ids import PartyId, SubscriptionId
from domain.marketplace.notices import InterimNotice
from domain.marketplace.registrations import Registration
from domain.marketplace.requests import Subscription
from domain.marketplace.told import ActivationStatusRow, ConsentStatus, InterimReport
from domain.parties import Principal
from domain.ports import UnitOfWork
from domain.transport import MOST_SKEW, Receipt


def notify_consent(uow: UnitOfWork, principal: Principal, command: NotifyConsent) -> Receipt:
    """Raises `Refused`: as `once`; `not_found` for no such subscription, `not_yours` for another company's."""
    return once(uow, principal, command, lambda: _keep_consent(uow, principal, command))


def _keep_consent(uow: UnitOfWork, principal: Principal, command: NotifyConsent) -> None:
    told = command.notice
    _check_own(uow, principal, told.subscription_id)
    _check_clock(uow, told.at)
    made = ConsentStatus(
        id=told.consent_id,
        subscription_id=told.subscription_id,
        state=told.state,
        at=told.at,
    )
    _keep(uow, made, "consent_id")
    uow.record(ConsentNotified(subscription_id=told.subscription_id, party_id=principal.party_id))


def notify_activation(uow: UnitOfWork, principal: Principal, command: NotifyActivation) -> Receipt:
    """Raises `Refused`: as `notify_consent`."""
    return once(uow, principal, command, lambda: _keep_activation(uow, principal, command))


def _keep_activation(uow: UnitOfWork, principal: Principal, command: NotifyActivation) -> None:
    told = command.notice
    _check_own(uow, principal, told.subscription_id)
    _check_clock(uow, told.at)
    made = ActivationStatusRow(
        id=told.activation_id,
        subscription_id=told.subscription_id,
        status=told.status,
        at=told.at,
        starts_at=told.starts_at,
        ends_at=told.ends_at,
        ended_at=told.ended_at,
    )
    _keep(uow, made, "activation_id")
    uow.record(ActivationNotified(subscription_id=told.subscription_id, party_id=principal.party_id))


def notify_interim(uow: UnitOfWork, principal: Principal, command: NotifyInterim) -> Receipt:
    """Raises `Refused`: as `notify_consent`; findings on counts and share."""
    return once(uow, principal, command, lambda: _keep_interim(uow, principal, command))


def _keep_interim(uow: UnitOfWork, principal: Principal, command: NotifyInterim) -> None:
    told = command.notice
    _check_own(uow, principal, told.subscription_id)
    _check_clock(uow, told.at)
    raise_if(_count_findings(told))
    uow.add(
        InterimReport(
            id=f"{principal.party_id}/{command.envelope.message_id}",
            subscription_id=told.subscription_id,
            state=told.state,
            at=told.at,
            n_delivered=told.n_delivered,
            n_acknowledged=told.n_acknowledged,
            n_overdue=told.n_overdue,
            in_time_share=told.in_time_share,
            last_delivery_at=told.last_delivery_at,
        )
    )
    uow.record(InterimNotified(subscription_id=told.subscription_id, party_id=principal.party_id))


def _count_findings(told: InterimNotice) -> list[Finding]:
    counts = ("n_delivered", "n_acknowledged", "n_overdue")
    found = [
        Finding(code="negative", field=name, sentence="A count is not negative.")
        for name in counts
        if getattr(told, name) < 0
    ]
    share = told.in_time_share
    if share is not None and not (share.is_finite() and Decimal(0) <= share <= Decimal(1)):
        found.append(Finding(code="out_of_range", field="in_time_share", sentence="A share is between 0 and 1."))
    return found


def _check_own(uow: UnitOfWork, principal: Principal, subscription_id: SubscriptionId) -> None:
    """Those that are over may still be told of: what was delivered last, for instance. A company's platform calls
    with one key, and tells of all its registrations' subscriptions."""
    found = uow.find(Subscription, id=subscription_id)
    if not found:
        raise refuse("not_found", "subscription_id", "There is no such subscription.")
    provider_id = found[0].provider_id
    if provider_id != principal.party_id and not _of_one_company(uow, (provider_id, principal.party_id)):
        raise refuse("not_yours", "subscription_id", "Only its provider's company tells of a subscription.")


def _of_one_company(uow: UnitOfWork, ids: tuple[PartyId, PartyId]) -> bool:
    registrations = uow.find(Registration, id=ids)
    return len(registrations) == len(ids) and len({one.company_id for one in registrations}) == 1


def _check_clock(uow: UnitOfWork, at: datetime) -> None:
    """What is told has happened: a report of the future would count as the newest, and no other one be missed."""
    if at > uow.market + MOST_SKEW:
        sentence = f"It would be of {at.isoformat()}, it is {uow.market.isoformat()} on the market clock here."
        raise refuse("clock_skew", "at", sentence)


def _keep(uow: UnitOfWork, told: ConsentStatus | ActivationStatusRow, field: str) -> None:
    """The last word counts: messages of a subscription come in their order. Ids are the providers', at random."""
    known = uow.find(type(told), id=told.id)
    if known and known[0].subscription_id != told.subscription_id:
        raise refuse("duplicate", field, "This id is of something in another subscription.")
    if known:
        uow.save(replace(told, version=known[0].version))
    else:
        uow.add(told)
