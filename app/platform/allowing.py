"""What of an agreement's data may go out at this moment. The one place that says so; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from domain.ids import PodId
from domain.marketplace.words import PlatformRole
from domain.platform.activations import ServiceAgreement
from domain.platform.consents import ConsentedPod, purpose
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork
from domain.time import Interval, merged

FEW = 1000
"""PoDs that are asked for by name; of more, all consents of the subscription are read."""


def allowing(
    uow: UnitOfWork, agreement: ServiceAgreement, only: Collection[PodId] | None = None
) -> Mapping[PodId, tuple[Interval, ...]]:
    """Per PoD of an agreement (SRV-ACT-AGR) the data periods that may be sent to its requester now, in order.

    The agreement and its subscription are read afresh, so it does not matter how old the given one is. Both have
    to be in force by market time, with this platform as provider. Where consent is mandatory, a PoD needs a
    consent (CUS-CON-DES) of its own under this subscription, to this requester, for this purpose, that stands now;
    its data are cut to that consent's period. A PoD that may not go out is not in the answer. After a revocation
    nothing of its PoDs is, of the past neither.

    only : the PoDs that somebody is about to send, such as those of a page; None for all of the agreement

    Consents are read by one query. What is allowed are the values of these PoDs for the agreement's own service:
    an agreement on aggregates opens no individual values.
    """
    found = uow.find(ServiceAgreement, id=agreement.id)
    subscriptions = uow.find(PlatformSubscription, id=found[0].subscription_id) if found else ()
    if not found or not subscriptions:
        return {}
    (agreement,), (subscription,) = found, subscriptions
    description = subscription.description(agreement.description_id)
    whole = agreement.data_period
    if (
        subscription.side is not PlatformRole.PROVIDER
        or not subscription.in_force(uow.market)
        or not agreement.in_force(uow.market)
        or description is None
        or whole is None
    ):
        return {}
    wanted = frozenset(agreement.pod_ids) if only is None else frozenset(agreement.pod_ids).intersection(only)
    if not description.consent_mandatory:
        return dict.fromkeys(sorted(wanted), (whole,))
    return _consented(uow, agreement, subscription, whole, wanted)


def _consented(
    uow: UnitOfWork,
    agreement: ServiceAgreement,
    subscription: PlatformSubscription,
    whole: Interval,
    wanted: Collection[PodId],
) -> Mapping[PodId, tuple[Interval, ...]]:
    named = {"pod_id": tuple(sorted(wanted))} if len(wanted) <= FEW else {}
    standing = uow.pick(
        ConsentedPod,
        "pod_id",
        "starts_at",
        "ends_at",
        subscription_id=subscription.id,
        requester_id=subscription.peer_id,
        purpose=purpose(agreement.description_id, agreement.processing_details),
        stands=True,
        **named,
    )
    now = uow.market
    common: dict[Period, tuple[Interval, ...]] = {}
    found: dict[PodId, tuple[Interval, ...]] = {}
    for pod_id, *period in standing:
        of = tuple(period)
        if of not in common:
            common[of] = _common(of, whole, now)
        if common[of] and pod_id in wanted:
            found[pod_id] = merged((*found[pod_id], *common[of])) if pod_id in found else common[of]
    return found


Period = tuple[datetime, ...]
"""Start and end of a consent. Many consents have the same, so each is looked at once."""


def _common(period: Period, whole: Interval, now: datetime) -> tuple[Interval, ...]:
    """What a consent's period and the agreement's have in common, nothing where the consent does not count now."""
    start, end = period
    common = Interval(start=start, end=end).cut(whole) if start <= now < end else None
    return () if common is None else (common,)
