"""A customer's consent to the transmission of the values of PoDs (FLEXICIENCY D2.3, section 2.4).

CUS-CON-DES is `Consent` with one `ConsentedPod` for each PoD that was given; CUS-CON-ACK and CUS-CON-REV are in
`messages`. A consent has one period, for its validity and for the data alike: from `starts_at` to before `ends_at`
by market time, and of the values of these very instants. It may begin in the past, then it covers history.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Finding
from domain.ids import ConsentAskId, ConsentId, PartyId, PodId, ServiceDescriptionId, SubscriptionId
from domain.marketplace.offers import LONGEST_TEXT
from domain.marketplace.place import long_text_findings
from domain.marketplace.services import ServiceDescription, SubscriptionContent
from domain.marketplace.words import ConsentState
from domain.platform.activations import PodRefusal
from domain.texts import text_findings
from domain.time import Interval, instant_findings

LONGEST = timedelta(days=3 * 366)
"""From a consent's start to its end: nobody is asked for ever."""
MOST_PODS = 1000
"""In one ask; a requester with more sends several."""
MOST_OPEN = 20
"""Asks that wait for one customer under one subscription: nobody is buried under them."""
ANSWER_WITHIN = timedelta(days=30)
"""By market time; then an ask that nobody answered is over."""
LINK_LASTS = timedelta(days=14)
"""By wall time."""

CONSENT: Mapping[tuple[ConsentState, str], ConsentState] = {
    (ConsentState.ASKED, "give"): ConsentState.GIVEN,
    (ConsentState.ASKED, "refuse"): ConsentState.REFUSED,
    (ConsentState.ASKED, "expire"): ConsentState.EXPIRED,
    (ConsentState.GIVEN, "acknowledge"): ConsentState.ACKNOWLEDGED,
    (ConsentState.GIVEN, "revoke"): ConsentState.REVOKED,
    (ConsentState.GIVEN, "expire"): ConsentState.EXPIRED,
    (ConsentState.ACKNOWLEDGED, "revoke"): ConsentState.REVOKED,
    (ConsentState.ACKNOWLEDGED, "expire"): ConsentState.EXPIRED,
}
STANDING = (ConsentState.GIVEN, ConsentState.ACKNOWLEDGED)
OPEN = (ConsentState.ASKED, *STANDING)


class ConsentWay(StrEnum):
    """How somebody came to be asked: by a list of PoDs from the requester, or by signing in from its pages."""

    LIST = "list"
    SIGN_IN = "sign-in"


@dataclass(frozen=True, kw_only=True)
class Consent:
    """CUS-CON-DES on the provider's platform: what one customer is asked, and what came of it.

    pod_ids : asked for; those that were given are its `ConsentedPod`s
    starts_at, ends_at : as asked, and as given from then on
    answer_until : by market time; asked_at, given_at and all others, too
    link_sha256, link_until : of the link that the customer was sent, "" without one; by wall time
    """

    id: ConsentId
    ask_id: ConsentAskId
    way: ConsentWay
    subscription_id: SubscriptionId
    description_id: ServiceDescriptionId
    provider_id: PartyId
    requester_id: PartyId
    customer_id: PartyId
    pod_ids: tuple[PodId, ...]
    data_details: str
    processing_details: str
    starts_at: datetime
    ends_at: datetime
    asked_at: datetime
    answer_until: datetime
    state: ConsentState = ConsentState.ASKED
    given_at: datetime | None = None
    acknowledged_at: datetime | None = None
    ended_at: datetime | None = None
    link_sha256: str = field(default="", repr=False)
    link_until: datetime | None = None
    version: int = 0

    @property
    def period(self) -> Interval:
        return Interval(start=self.starts_at, end=self.ends_at)

    @property
    def purpose(self) -> str:
        return purpose(self.description_id, self.processing_details)


@dataclass(frozen=True, kw_only=True)
class ConsentAsk:
    """What a requester asked, on its own platform.

    answered_at : None before the provider answered; then `n_asked` customers are asked, or `reason` says why none
    refused : PoDs that nobody is asked for: unknown ones, or such as have a consent already
    """

    id: ConsentAskId
    requester_id: PartyId
    subscription_id: SubscriptionId
    description_id: ServiceDescriptionId
    pod_ids: tuple[PodId, ...]
    data_details: str
    processing_details: str
    starts_at: datetime
    ends_at: datetime
    asked_at: datetime
    answered_at: datetime | None = None
    n_asked: int = 0
    refused: tuple[PodRefusal, ...] = ()
    reason: str = ""
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class ToldConsent:
    """A consent as the requester's platform was told of it, by CUS-CON-ACK and CUS-CON-REV.

    pod_names : those for which it stands, as the requester named them, or pseudonyms
    """

    id: ConsentId
    subscription_id: SubscriptionId
    description_id: ServiceDescriptionId
    pod_names: tuple[str, ...]
    processing_details: str
    starts_at: datetime
    ends_at: datetime
    state: ConsentState
    acknowledged_at: datetime
    ended_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class PseudonymKey:
    """With what a provider's platform makes its pseudonyms, encrypted with the server's secret."""

    id: str
    sealed: str = field(repr=False)
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class ConsentedPod:
    """One PoD of a consent that was given. `stands`: neither revoked nor expired; `purpose`: as of `purpose()`;
    `name`: what the requester knows the PoD by, its own word for it or a pseudonym."""

    id: str
    consent_id: ConsentId
    subscription_id: SubscriptionId
    requester_id: PartyId
    purpose: str
    pod_id: PodId
    name: str
    starts_at: datetime
    ends_at: datetime
    stands: bool = True
    version: int = 0


def purpose(description_id: ServiceDescriptionId, processing_details: str) -> str:
    """What a consent is for, in short, to be compared: the service and what is done with its values."""
    said = f"{description_id}\0{processing_details}"
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:32]


def period_findings(starts_at: datetime, ends_at: datetime, market: datetime) -> list[Finding]:
    """What is wrong with a consent's period: it has to end after now, after its start, and some day."""
    found = [*instant_findings(starts_at, "starts_at"), *instant_findings(ends_at, "ends_at")]
    if found:
        return found
    if ends_at <= starts_at:
        return [Finding(code="out_of_range", field="ends_at", sentence="The end has to be after the start.")]
    if ends_at <= market:
        return [Finding(code="expired", field="ends_at", sentence="This consent would be over already.")]
    if ends_at - starts_at > LONGEST:
        sentence = f"A consent covers at most {LONGEST.days} days."
        return [Finding(code="out_of_range", field="ends_at", sentence=sentence)]
    return []


def own_words(content: SubscriptionContent, service: ServiceDescription) -> tuple[str, str]:
    """What a subscription says of a service's data and of what is done with them."""
    return content.data_details.strip() or service.short_description, content.processing_details


def details_findings(data_details: str, processing_details: str) -> list[Finding]:
    """A customer reads these: what data, and what is done with them. As long as a subscription's."""
    said = (("data_details", data_details), ("processing_details", processing_details))
    return [found for field, value in said for found in detail_findings(value, field)]


def detail_findings(value: str, field: str) -> list[Finding]:
    """What is wrong with one of them; it may have several lines."""
    if not value.strip():
        return [Finding(code="missing", field=field, sentence="Write something here.")]
    return long_text_findings(value, field, LONGEST_TEXT)


def pods_findings(pod_ids: Iterable[PodId], most: int = MOST_PODS) -> list[Finding]:
    """What is wrong with a list of PoDs by itself; the first 20 findings."""
    pods = tuple(pod_ids)
    if not 1 <= len(pods) <= most:
        sentence = f"A list has 1 to {most} points of delivery; this one has {len(pods)}."
        return [Finding(code="out_of_range", field="pod_ids", sentence=sentence)]
    found: list[Finding] = []
    seen: set[PodId] = set()
    for i, pod in enumerate(pods):
        found += text_findings(pod, f"pod_ids[{i}]")
        if pod in seen:
            found.append(Finding(code="duplicate", field=f"pod_ids[{i}]", sentence="It is in the list twice."))
        seen.add(pod)
        if len(found) >= 20:
            break
    return found[:20]
