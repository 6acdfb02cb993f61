"""By what names a requester knows PoDs and customers: its own words, or pseudonyms (docs/adr/0034)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable, Mapping

from domain.ids import PartyId, PodId, SubscriptionId
from domain.platform.consents import Consent, ConsentedPod, ConsentWay, PseudonymKey
from domain.platform.pods import Pod
from domain.ports import UnitOfWork

_KEY = "pseudonyms"
_POD, _CUSTOMER = "PSN", "CUS"
FEW = 1000


def names_of(uow: UnitOfWork, consent: Consent, pods: Iterable[PodId]) -> Mapping[PodId, str]:
    """What the requester is to be told of a consent's PoDs: those that it named itself by that name, others by a
    pseudonym that is the same throughout the subscription. For writing only."""
    named = _named(uow, consent)
    others = tuple(pod for pod in pods if pod not in named)
    key = _key(uow) if others else b""
    made = {pod: _pseudonym(key, _POD, consent.subscription_id, pod) for pod in others}
    return {pod: made.get(pod, pod) for pod in pods}


def pseudonyms(uow: UnitOfWork, subscription_id: SubscriptionId, pods: Iterable[PodId]) -> Mapping[PodId, str]:
    """A pseudonym for each, the same throughout the subscription. For writing only."""
    key = _key(uow)
    return {pod: _pseudonym(key, _POD, subscription_id, pod) for pod in pods}


def customer_name(uow: UnitOfWork, subscription_id: SubscriptionId, customer_id: PartyId) -> str:
    """A customer's pseudonym: requesters are never told who it is. For writing only."""
    return _pseudonym(_key(uow), _CUSTOMER, subscription_id, customer_id)


def pods_named(uow: UnitOfWork, subscription_id: SubscriptionId, names: Collection[str]) -> Mapping[str, PodId]:
    """The PoDs that a requester means; names that mean none are not in the answer. A pseudonym means something in
    its own subscription only."""
    found: dict[str, PodId] = {}
    for some in _parts(tuple(names)):
        found |= {pod.id: pod.id for pod in uow.find(Pod, id=some)}
        consented = uow.find(ConsentedPod, subscription_id=subscription_id, name=some)
        found |= {pod.name: pod.pod_id for pod in consented}
    return found


def _parts(names: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    return (names[k : k + FEW] for k in range(0, len(names), FEW))


def _named(uow: UnitOfWork, consent: Consent) -> frozenset[PodId]:
    if consent.way is ConsentWay.LIST:
        return frozenset(consent.pod_ids)
    asked = uow.find(
        Consent, subscription_id=consent.subscription_id, customer_id=consent.customer_id, way=ConsentWay.LIST
    )
    return frozenset(pod for each in asked for pod in each.pod_ids)


def _key(uow: UnitOfWork) -> bytes:
    found = uow.find(PseudonymKey, id=_KEY)
    if found:
        return bytes.fromhex(uow.vault.open(found[0].sealed, _KEY))
    made = secrets.token_bytes(32)
    uow.add(PseudonymKey(id=_KEY, sealed=uow.vault.seal(made.hex(), _KEY)))
    return made


def _pseudonym(key: bytes, kind: str, subscription_id: SubscriptionId, about: str) -> str:
    said = "\0".join((kind, subscription_id, about)).encode("utf-8")
    return f"{kind}-{hmac.digest(key, said, hashlib.sha256).hex()[:32]}"
