"""Requests for services (MKP-SRV-SUB), proposals of terms, and what comes of them (document 001)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Finding
from domain.ids import (
    PartyId,
    ProposalId,
    ServiceDescriptionId,
    ServiceOfferId,
    ServiceRequestId,
    SubscriptionId,
)
from domain.marketplace.offers import LONGEST_TEXT, LONGEST_TITLE, descriptions_findings
from domain.marketplace.place import long_text_findings
from domain.marketplace.services import ServiceDescription, ServiceTerms, SubscriptionContent
from domain.marketplace.words import Environment, ServiceType
from domain.texts import text_findings
from domain.time import instant_findings

LONGEST_DEADLINE = timedelta(days=90)
LONGEST_SUBSCRIPTION = timedelta(days=20 * 366)


class ServiceRequestState(StrEnum):
    OPEN = "open"
    WITHDRAWN = "withdrawn"


REQUEST: Mapping[tuple[ServiceRequestState, str], ServiceRequestState] = {
    (ServiceRequestState.OPEN, "withdraw"): ServiceRequestState.WITHDRAWN,
}


class ProposalState(StrEnum):
    """`ASKED`: the provider is to offer or confirm terms; `OFFERED`: the requester is to accept them."""

    ASKED = "asked"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"


PROPOSAL: Mapping[tuple[ProposalState, str], ProposalState] = {
    (ProposalState.ASKED, "be offered"): ProposalState.OFFERED,
    (ProposalState.OFFERED, "be offered"): ProposalState.OFFERED,
    (ProposalState.OFFERED, "be accepted"): ProposalState.ACCEPTED,
    (ProposalState.ASKED, "be declined"): ProposalState.DECLINED,
    (ProposalState.OFFERED, "be declined"): ProposalState.DECLINED,
}
STANDING = (ProposalState.ASKED, ProposalState.OFFERED)


class SubscriptionState(StrEnum):
    ACTIVE = "active"
    CANCELED = "canceled"


SUBSCRIPTION: Mapping[tuple[SubscriptionState, str], SubscriptionState] = {
    (SubscriptionState.ACTIVE, "be canceled"): SubscriptionState.CANCELED,
}


@dataclass(frozen=True, kw_only=True)
class ServiceRequest:
    """MKP-SRV-SUB: a wish list in one of the environments. A wish may name the offer that it is about.

    data_details : what data the requester is after
    processing_details : what it will do with them
    """

    id: ServiceRequestId
    requester_id: PartyId
    environment: Environment
    title: str
    data_details: str
    processing_details: str
    wishes: tuple[ServiceDescription, ...]
    asked_at: datetime
    state: ServiceRequestState = ServiceRequestState.OPEN
    version: int = 0

    @property
    def service_types(self) -> tuple[ServiceType, ...]:
        """Of its wishes, each once."""
        return tuple(dict.fromkeys(wish.service_type for wish in self.wishes))


@dataclass(frozen=True, kw_only=True)
class ProposalLine:
    """A wish, and the description of an offer that meets it."""

    wish_id: ServiceDescriptionId
    offer_id: ServiceOfferId
    description_id: ServiceDescriptionId


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What one provider is to do for one requester. `terms`: what is asked, and from the provider's answer on what
    it offers; nothing holds after the `deadline` (market time)."""

    id: ProposalId
    request_id: ServiceRequestId
    requester_id: PartyId
    provider_id: PartyId
    lines: tuple[ProposalLine, ...]
    asked_terms: ServiceTerms
    terms: ServiceTerms
    starts_at: datetime
    ends_at: datetime | None
    asked_at: datetime
    deadline: datetime
    state: ProposalState = ProposalState.ASKED
    answered_at: datetime | None = None
    declined_by: PartyId | None = None
    reason: str = ""
    subscription_id: SubscriptionId | None = None
    version: int = 0

    def expired(self, market: datetime) -> bool:
        return self.state in STANDING and market >= self.deadline


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """B2B-SRV-SUB as the market place keeps it: the content that both platforms have, and whether it stands.

    agreement_version : of the general agreement that it stands on
    """

    id: SubscriptionId
    proposal_id: ProposalId
    requester_id: PartyId
    provider_id: PartyId
    content: SubscriptionContent
    agreement_version: str
    state: SubscriptionState = SubscriptionState.ACTIVE
    canceled_at: datetime | None = None
    canceled_by: PartyId | None = None
    reason: str = ""
    version: int = field(default=0)

    def ended(self, market: datetime) -> bool:
        ends_at = self.content.ends_at
        return self.state is SubscriptionState.CANCELED or (ends_at is not None and market >= ends_at)


def request_findings(
    environment: Environment,
    title: str,
    data_details: str,
    processing_details: str,
    wishes: Sequence[ServiceDescription],
) -> list[Finding]:
    """Everything that is wrong with a wish list; at most twenty findings."""
    found = text_findings(title, "title", LONGEST_TITLE)
    found += long_text_findings(data_details, "data_details", LONGEST_TEXT)
    found += long_text_findings(processing_details, "processing_details", LONGEST_TEXT)
    if not processing_details.strip():
        sentence = "Say what the data are for."
        found.append(Finding(code="missing", field="processing_details", sentence=sentence))
    found += descriptions_findings(wishes, "wishes")
    if environment is Environment.REGULATED:
        sentence = "Energy services stand in the unregulated environment."
        found += [
            Finding(code="wrong_environment", field=f"wishes[{index}].service_type", sentence=sentence)
            for index, wish in enumerate(wishes)
            if wish.service_type is ServiceType.ENERGY_SERVICE
        ]
    return found[:20]


_EQUAL = {
    "service_type": "The service is {}, asked was {}.",
    "aggregation_level": "The aggregation level is {}, asked was {}.",
    "aggregation_method": "The aggregation method is {}, asked was {}.",
    "quantity": "The quantity is {}, asked was {}.",
    "time_step": "The time step is {}, asked was {}.",
}


def mismatches(
    wish: ServiceDescription, offered: ServiceDescription, served: Sequence[str], place: str = ""
) -> Iterator[Finding]:
    """Why a description does not meet a wish; nothing where it does.

    served : countries of the provider's area, which hold where the description names no place
    place : what stands before the fields' names
    """
    for name, words in _EQUAL.items():
        has, asked = getattr(offered, name), getattr(wish, name)
        if has is not asked:
            yield _no(f"{place}{name}", words.format(has.value, asked.value))
    beyond = [one for one in wish.localisation if not _covered(one, offered.localisation or tuple(served))]
    if beyond:
        yield _no(f"{place}localisation", f"Not offered for {', '.join(beyond[:5])}.")
    if wish.near_real_time and not offered.near_real_time:
        yield _no(f"{place}near_real_time", "Not offered in near real time.")
    if offered.consent_mandatory and not wish.consent_mandatory:
        yield _no(f"{place}consent_mandatory", "The customers' consent is needed.")
    if wish.offer_id is not None and wish.offer_id != offered.offer_id:
        yield _no(f"{place}offer_id", "The wish is about another offer.")
    if _outside(wish, offered):
        yield _no(f"{place}period_start", "The period is not covered.")


def _no(field: str, sentence: str) -> Finding:
    return Finding(code="not_matching", field=field, sentence=sentence)


def _covered(place: str, by: Sequence[str]) -> bool:
    """A country covers all places in it; an offer without any place is for everywhere."""
    return not by or place in by or place.partition("/")[0] in by


def _outside(wish: ServiceDescription, offered: ServiceDescription) -> bool:
    early = wish.period_start and offered.period_start and wish.period_start < offered.period_start
    late = wish.period_end and offered.period_end and wish.period_end > offered.period_end
    return bool(early or late)


def times_findings(
    starts_at: datetime, ends_at: datetime | None, deadline: datetime, market: datetime
) -> list[Finding]:
    """What is wrong with the times of a proposal."""
    given = {"starts_at": starts_at, "ends_at": ends_at, "deadline": deadline}
    found = [
        finding
        for name, instant in given.items()
        if instant is not None
        for finding in instant_findings(instant, name)
    ]
    if found:
        return found
    rules = (
        (deadline > market, "deadline_passed", "deadline", "The deadline is in the past."),
        (
            deadline - market <= LONGEST_DEADLINE,
            "out_of_range",
            "deadline",
            f"At most {LONGEST_DEADLINE.days} days ahead.",
        ),
        (ends_at is None or ends_at > starts_at, "unordered", "ends_at", "It ends before it starts."),
        (ends_at is None or ends_at > market, "deadline_passed", "ends_at", "It would be over already."),
        (
            abs(starts_at - market) <= LONGEST_SUBSCRIPTION
            and (ends_at is None or ends_at - market <= LONGEST_SUBSCRIPTION),
            "out_of_range",
            "starts_at",
            "That is too far away.",
        ),
    )
    return [Finding(code=code, field=name, sentence=text) for holds, code, name, text in rules if not holds]
