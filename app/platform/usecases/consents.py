"""Consents on the provider's platform: asked for by a peer, answered by customers, ended by time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.auth import new_token, sha256
from app.platform import consenting
from app.platform.peers import subscription_of
from app.transport.receiving import once
from app.transport.sending import send
from domain.commands.platform import (
    ExpireConsents,
    GiveConsent,
    MakeConsentLinks,
    RefuseConsent,
    RevokeConsent,
    TakeConsentAsk,
)
from domain.errors import Finding, raise_if
from domain.events.platform import ConsentAsked
from domain.ids import ConsentId, PartyId, PodId, new_id
from domain.marketplace.words import ConsentState, PlatformRole
from domain.paging import Slice
from domain.parties import Principal
from domain.platform.activations import PodRefusal
from domain.platform.consents import (
    ANSWER_WITHIN,
    LINK_LASTS,
    MOST_OPEN,
    MOST_PODS,
    STANDING,
    Consent,
    ConsentWay,
    details_findings,
    period_findings,
    pods_findings,
)
from domain.platform.messages import ANSWER, AnswerMessage, AskMessage
from domain.platform.pods import Pod
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork
from domain.texts import REASON
from domain.transport import Receipt

AT_ONCE = 200
"""Consents that one `ExpireConsents` ends."""


@dataclass(frozen=True, kw_only=True)
class ConsentLink:
    """A new link's token, shown this once; by wall time."""

    consent_id: ConsentId
    token: str = field(repr=False)
    until: datetime


def take_ask(uow: UnitOfWork, principal: Principal, command: TakeConsentAsk) -> Receipt:
    """Each customer behind the PoDs is asked once; what cannot be asked for is answered with the reason.

    Raises:
        Refused: `not_found`, `not_permitted` when the subscription is not the peer's to ask under.
    """
    return once(uow, principal, command, lambda: _take_ask(uow, principal, command.message))


def _take_ask(uow: UnitOfWork, principal: Principal, message: AskMessage) -> None:
    subscription = subscription_of(uow, principal, message.subscription_id, PlatformRole.PROVIDER)
    found = _ask_findings(uow, subscription, message)
    asked, refused = ([], ()) if found else _asked(uow, subscription, message)
    for consent in asked:
        uow.add(consent)
        consenting.notify(uow, consent, ConsentState.ASKED)
        uow.record(ConsentAsked(consent_id=consent.id, customer_id=consent.customer_id))
    answer = AnswerMessage(
        ask_id=message.ask_id,
        subscription_id=subscription.id,
        answered_at=uow.market,
        n_asked=len(asked),
        refused=tuple(refused),
        reason=" ".join(f"{each.field}: {each.sentence}" for each in found)[:REASON],
    )
    send(uow, to=subscription.peer_id, stream=subscription.id, path=ANSWER, body=answer)


def make_links(uow: UnitOfWork, principal: Principal, command: MakeConsentLinks) -> tuple[ConsentLink, ...]:
    """Raises `Refused`: `out_of_range` for none or too many, `not_found`, `wrong_state` once it was answered."""
    ids = command.consent_ids
    if not 1 <= len(set(ids)) == len(ids) <= MOST_PODS:
        sentence = f"Name 1 to {MOST_PODS} different consents."
        raise_if([Finding(code="out_of_range", field="consent_ids", sentence=sentence)])
    consents = {each.id: each for each in uow.find(Consent, id=ids, provider_id=principal.party_id)}
    raise_if(_link_findings(ids, consents))
    made = []
    for id in ids:
        token, until = new_token(), uow.wall + LINK_LASTS
        uow.save(replace(consents[id], link_sha256=sha256(token), link_until=until))
        made.append(ConsentLink(consent_id=id, token=token, until=until))
    return tuple(made)


def give_consent(uow: UnitOfWork, principal: Principal, command: GiveConsent) -> Consent:
    """Raises `Refused`: `not_found`; as `consenting.give`."""
    consent = consenting.own_consent(uow, principal, command.consent_id)
    return consenting.give(uow, consent, command.pod_ids, command.starts_at, command.ends_at)


def refuse_consent(uow: UnitOfWork, principal: Principal, command: RefuseConsent) -> Consent:
    """Raises `Refused`: `not_found`, `wrong_state`."""
    return consenting.refuse_ask(uow, consenting.own_consent(uow, principal, command.consent_id))


def revoke_consent(uow: UnitOfWork, principal: Principal, command: RevokeConsent) -> Consent:
    """Raises `Refused`: `not_found`; as `consenting.revoke`."""
    consent = consenting.own_consent(uow, principal, command.consent_id)
    return consenting.revoke(uow, consent, command.pod_ids)


def expire_consents(uow: UnitOfWork, _principal: Principal, _command: ExpireConsents) -> int:
    """How many are over now."""
    over = overdue(uow, AT_ONCE)
    for consent in over:
        consenting.expire(uow, consent)
    return len(over)


def overdue(uow: UnitOfWork, limit: int) -> tuple[Consent, ...]:
    """Consents that are over by market time and do not say so yet, the first of each sort."""

    def first(state: ConsentState, by: str) -> Iterable[Consent]:
        part = Slice(order=((by, False), ("id", False)), limit=limit)
        return (each for each in uow.part(Consent, part, {"state": state}) if getattr(each, by) <= uow.market)

    return (
        *first(ConsentState.ASKED, "answer_until"),
        *(consent for state in STANDING for consent in first(state, "ends_at")),
    )


def _ask_findings(uow: UnitOfWork, subscription: PlatformSubscription, message: AskMessage) -> list[Finding]:
    """Why nobody is asked at all."""
    found = details_findings(message.data_details, message.processing_details)
    found += period_findings(message.starts_at, message.ends_at, uow.market)
    found += pods_findings(message.pod_ids)
    if not subscription.in_force(uow.market):
        sentence = "The subscription is not in force."
        found.append(Finding(code="not_in_force", field="subscription_id", sentence=sentence))
    description = subscription.description(message.description_id)
    if description is None:
        sentence = "The subscription has no such service."
        found.append(Finding(code="not_found", field="description_id", sentence=sentence))
    elif not description.consent_mandatory:
        sentence = "This service needs no consent."
        found.append(Finding(code="not_offered", field="description_id", sentence=sentence))
    return found


def _asked(
    uow: UnitOfWork, subscription: PlatformSubscription, message: AskMessage
) -> tuple[list[Consent], list[PodRefusal]]:
    """The consents to be asked for, customer by customer, and the PoDs that nobody is asked for."""
    known = {pod.id: pod for pod in uow.find(Pod, id=message.pod_ids)}
    by_customer: defaultdict[PartyId, list[PodId]] = defaultdict(list)
    refused = []
    for pod_id in message.pod_ids:
        customer = known[pod_id].customer_id if pod_id in known else None
        if customer is None:
            sentence = "No customer is known for it." if pod_id in known else "It is not known here."
            refused.append(PodRefusal(pod_id=pod_id, code="unknown_pod", sentence=sentence))
        else:
            by_customer[customer].append(pod_id)
    consents = []
    waiting = _waiting(uow, subscription, by_customer)
    asked = _same(uow, subscription, message, waiting)
    n_open = Counter(each.customer_id for each in waiting)
    for customer, pods in by_customer.items():
        if n_open[customer] >= MOST_OPEN:
            sentence = f"{MOST_OPEN} asks of yours wait for its customer already."
            refused += [PodRefusal(pod_id=pod, code="overlapping", sentence=sentence) for pod in pods]
            continue
        consent = new_consent(uow, subscription, message, customer, tuple(pods))
        twice = consenting.overlapping(uow, consent, pods, consent.period) | asked
        sentence = "A consent for this is asked for or stands already."
        refused += [PodRefusal(pod_id=pod, code="overlapping", sentence=sentence) for pod in pods if pod in twice]
        left = tuple(pod for pod in pods if pod not in twice)
        if left:
            consents.append(replace(consent, pod_ids=left))
    return consents, refused


def new_consent(
    uow: UnitOfWork,
    subscription: PlatformSubscription,
    message: AskMessage,
    customer: PartyId,
    pods: tuple[PodId, ...],
    way: ConsentWay = ConsentWay.LIST,
) -> Consent:
    """What one customer is asked."""
    return Consent(
        id=ConsentId(new_id("CN")),
        ask_id=message.ask_id,
        way=way,
        subscription_id=subscription.id,
        description_id=message.description_id,
        provider_id=subscription.own_id,
        requester_id=subscription.peer_id,
        customer_id=customer,
        pod_ids=pods,
        data_details=message.data_details,
        processing_details=message.processing_details,
        starts_at=message.starts_at,
        ends_at=message.ends_at,
        asked_at=uow.market,
        answer_until=min(uow.market + ANSWER_WITHIN, message.ends_at),
    )


def _waiting(
    uow: UnitOfWork, subscription: PlatformSubscription, customers: Mapping[PartyId, Sequence[PodId]]
) -> tuple[Consent, ...]:
    """Asks of the subscription that these customers can answer."""
    found = uow.find(
        Consent, subscription_id=subscription.id, customer_id=tuple(customers), state=ConsentState.ASKED
    )
    return tuple(each for each in found if uow.market < each.answer_until)


def _same(
    uow: UnitOfWork, subscription: PlatformSubscription, message: AskMessage, waiting: Sequence[Consent]
) -> frozenset[PodId]:
    """PoDs whose customers are being asked for the same already."""
    probe = new_consent(uow, subscription, message, PartyId(""), ())
    same = [each for each in waiting if each.purpose == probe.purpose]
    return frozenset(pod for each in same if each.period.cut(probe.period) for pod in each.pod_ids)


def _link_findings(ids: Sequence[ConsentId], consents: Mapping[ConsentId, Consent]) -> Iterable[Finding]:
    for i, id in enumerate(ids):
        if id not in consents:
            sentence = "There is no such consent, or it is not yours."
            yield Finding(code="not_found", field=f"consent_ids[{i}]", sentence=sentence)
        elif consents[id].state is not ConsentState.ASKED:
            sentence = f"It is {consents[id].state.value}."
            yield Finding(code="wrong_state", field=f"consent_ids[{i}]", sentence=sentence)
