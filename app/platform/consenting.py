"""How consents change on a provider's platform, and who is told: the steps behind commands and OAuth2."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from app.platform.naming import customer_name, names_of
from app.platform.withdrawing import take_back
from app.transport.sending import send
from domain.errors import Finding, raise_if, refuse
from domain.events.platform import ConsentExpired, ConsentGiven, ConsentRefused, ConsentRevoked
from domain.ids import ConsentId, PodId
from domain.lifecycle import advance
from domain.marketplace.notices import ConsentNotice
from domain.marketplace.words import ConsentState
from domain.parties import Principal
from domain.platform.company import MARKET_PLACE
from domain.platform.consents import (
    CONSENT,
    STANDING,
    Consent,
    ConsentedPod,
    period_findings,
    pods_findings,
)
from domain.platform.messages import (
    ACKNOWLEDGEMENT,
    CONSENT_NOTICE,
    REVOCATION,
    AcknowledgementMessage,
    RevocationMessage,
)
from domain.platform.pods import Pod
from domain.platform.tokens import ConsentToken
from domain.ports import UnitOfWork
from domain.time import Interval


def own_consent(uow: UnitOfWork, principal: Principal, consent_id: ConsentId) -> Consent:
    """A customer's own. Raises `Refused` (`not_found`)."""
    found = uow.find(Consent, id=consent_id, customer_id=principal.party_id)
    if not found:
        raise refuse("not_found", "consent_id", "There is no such consent, or it is not yours.")
    return found[0]


def notify(uow: UnitOfWork, consent: Consent, state: ConsentState) -> None:
    """The market place is told of the state and of nothing else."""
    notice = ConsentNotice(
        subscription_id=consent.subscription_id, consent_id=consent.id, state=state, at=uow.market
    )
    send(uow, to=MARKET_PLACE, stream=consent.subscription_id, path=CONSENT_NOTICE, body=notice)


def give(
    uow: UnitOfWork,
    consent: Consent,
    pod_ids: Sequence[PodId] = (),
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Consent:
    """Given and acknowledged in one step: the requester gets CUS-CON-ACK, the values may go out.

    Raises:
        Refused: `wrong_state`, `expired`; findings on the PoDs and the period, which lie within what was asked;
            `overlapping` with a consent that stands; `not_yours` for a PoD that has another customer by now.
    """
    given = advance(CONSENT, consent.state, "give", "consent_id")
    if uow.market >= consent.answer_until:
        raise refuse("expired", "consent_id", "The time to answer this is over.")
    pods = tuple(pod_ids) or consent.pod_ids
    period = Interval(start=starts_at or consent.starts_at, end=ends_at or consent.ends_at)
    raise_if(_given_findings(consent, pods, period, uow.market) or _pod_findings(uow, consent, pods, period))
    now = uow.market
    changed = replace(
        consent,
        state=advance(CONSENT, given, "acknowledge"),
        starts_at=period.start,
        ends_at=period.end,
        given_at=now,
        acknowledged_at=now,
        link_sha256="",
        link_until=None,
    )
    uow.save(changed)
    names = names_of(uow, consent, pods)
    uow.add_all([_consented(changed, pod, names[pod]) for pod in pods])
    for state in STANDING:
        notify(uow, changed, state)
    _acknowledge(uow, changed, tuple(names[pod] for pod in pods))
    uow.record(ConsentGiven(consent_id=consent.id, customer_id=consent.customer_id))
    return replace(changed, version=changed.version + 1)


def refuse_ask(uow: UnitOfWork, consent: Consent) -> Consent:
    """Raises `Refused`: `wrong_state`."""
    refused = advance(CONSENT, consent.state, "refuse", "consent_id")
    changed = _ended(uow, consent, refused)
    uow.record(ConsentRefused(consent_id=consent.id, customer_id=consent.customer_id))
    return changed


def revoke(uow: UnitOfWork, consent: Consent, pod_ids: Collection[PodId] = ()) -> Consent:
    """From now on nothing of these PoDs goes out; of all of them where none is named.

    Raises:
        Refused: `wrong_state`; `unknown_pod` for a PoD that this consent does not cover, or no longer.
    """
    revoked = advance(CONSENT, consent.state, "revoke", "consent_id")
    rows = uow.find(ConsentedPod, consent_id=consent.id, stands=True)
    standing = {row.pod_id for row in rows}
    sentence = "This consent does not cover it."
    raise_if(
        Finding(code="unknown_pod", field=f"pod_ids[{i}]", sentence=sentence)
        for i, pod in enumerate(pod_ids)
        if pod not in standing
    )
    ended = [row for row in rows if not pod_ids or row.pod_id in pod_ids]
    whole = len(ended) == len(rows)
    _end_pods(uow, consent, ended, ConsentState.REVOKED)
    changed = _ended(uow, consent, revoked) if whole else _touched(uow, consent)
    uow.record(
        ConsentRevoked(consent_id=consent.id, customer_id=consent.customer_id, n_pods=len(ended), whole=whole)
    )
    return changed


def expire(uow: UnitOfWork, consent: Consent) -> Consent:
    """Its time, or the time to answer, is over. Raises `Refused`: `wrong_state`."""
    expired = advance(CONSENT, consent.state, "expire", "consent_id")
    rows = uow.find(ConsentedPod, consent_id=consent.id, stands=True)
    if rows:
        _end_pods(uow, consent, rows, ConsentState.EXPIRED)
    changed = _ended(uow, consent, expired)
    uow.record(ConsentExpired(consent_id=consent.id, customer_id=consent.customer_id))
    return changed


def customer_left(uow: UnitOfWork, pod_id: PodId) -> None:
    """A PoD has another customer, or none: consents of the one before end for it, as if it had revoked them."""
    for row in uow.find(ConsentedPod, pod_id=pod_id, stands=True):
        revoke(uow, uow.get(Consent, row.consent_id), (pod_id,))


def overlapping(uow: UnitOfWork, consent: Consent, pods: Collection[PodId], period: Interval) -> frozenset[PodId]:
    """Those PoDs for which a consent to the same stands in some of that time."""
    rows = uow.find(
        ConsentedPod,
        pod_id=tuple(pods),
        subscription_id=consent.subscription_id,
        purpose=consent.purpose,
        stands=True,
    )
    return frozenset(
        row.pod_id for row in rows if Interval(start=row.starts_at, end=row.ends_at).cut(period) is not None
    )


def _given_findings(consent: Consent, pods: Sequence[PodId], period: Interval, market: datetime) -> list[Finding]:
    found = pods_findings(pods) + period_findings(period.start, period.end, market)
    asked = frozenset(consent.pod_ids)
    found += [
        Finding(code="unknown_pod", field=f"pod_ids[{i}]", sentence="Nobody asks for this one.")
        for i, pod in enumerate(pods)
        if pod not in asked
    ]
    ends = (("starts_at", period.start), ("ends_at", period.end))
    outside = [field for field, at in ends if not found and not consent.starts_at <= at <= consent.ends_at]
    sentence = "Only a part of the time that is asked for can be given."
    return found + [Finding(code="out_of_range", field=field, sentence=sentence) for field in outside]


def _pod_findings(uow: UnitOfWork, consent: Consent, pods: Sequence[PodId], period: Interval) -> Iterable[Finding]:
    own = {pod.id for pod in uow.find(Pod, id=tuple(pods), customer_id=consent.customer_id)}
    twice = overlapping(uow, consent, pods, period)
    for i, pod in enumerate(pods):
        if pod not in own:
            sentence = "This point of delivery is not yours, or no longer."
            yield Finding(code="not_yours", field=f"pod_ids[{i}]", sentence=sentence)
        elif pod in twice:
            sentence = "You consented to the same for some of this time already."
            yield Finding(code="overlapping", field=f"pod_ids[{i}]", sentence=sentence)


def _consented(consent: Consent, pod: PodId, name: str) -> ConsentedPod:
    return ConsentedPod(
        id=f"{consent.id}/{pod}",
        consent_id=consent.id,
        subscription_id=consent.subscription_id,
        requester_id=consent.requester_id,
        purpose=consent.purpose,
        pod_id=pod,
        name=name,
        starts_at=consent.starts_at,
        ends_at=consent.ends_at,
    )


def _acknowledge(uow: UnitOfWork, consent: Consent, names: tuple[str, ...]) -> None:
    message = AcknowledgementMessage(
        consent_id=consent.id,
        subscription_id=consent.subscription_id,
        description_id=consent.description_id,
        customer=customer_name(uow, consent.subscription_id, consent.customer_id),
        pod_ids=names,
        processing_details=consent.processing_details,
        starts_at=consent.starts_at,
        ends_at=consent.ends_at,
        acknowledged_at=uow.market,
    )
    send(uow, to=consent.requester_id, stream=consent.subscription_id, path=ACKNOWLEDGEMENT, body=message)


def _end_pods(uow: UnitOfWork, consent: Consent, rows: Sequence[ConsentedPod], state: ConsentState) -> None:
    for row in rows:
        uow.save(replace(row, stands=False))
    take_back(uow, consent.subscription_id)
    message = RevocationMessage(
        consent_id=consent.id,
        subscription_id=consent.subscription_id,
        customer=customer_name(uow, consent.subscription_id, consent.customer_id),
        pod_ids=tuple(row.name for row in rows),
        state=state,
        revoked_at=uow.market,
    )
    send(uow, to=consent.requester_id, stream=consent.subscription_id, path=REVOCATION, body=message)


def _touched(uow: UnitOfWork, consent: Consent) -> Consent:
    """A partial revocation is a change, too: of two at once one is refused as stale."""
    uow.save(consent)
    return replace(consent, version=consent.version + 1)


def _ended(uow: UnitOfWork, consent: Consent, state: ConsentState) -> Consent:
    changed = replace(consent, state=state, ended_at=uow.market, link_sha256="", link_until=None)
    uow.save(changed)
    for token in uow.find(ConsentToken, consent_id=consent.id):
        uow.remove(token)
    notify(uow, changed, state)
    return replace(changed, version=changed.version + 1)
