"""Requests to activate a service, and the agreements made of them (FLEXICIENCY D2.3, section 2.5).

DSO-REQ and USP-REQ are `ServiceActivation`, with what was confirmed (DSO-CNF, USP-CNF); IND-DAT-SEL and
AGG-DAT-SEL are `DataSelection`; SRV-ACT-AGR is `ServiceAgreement`. Both platforms keep them, the requester's as
it was told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Finding
from domain.ids import (
    PartyId,
    PodId,
    ServiceActivationId,
    ServiceAgreementId,
    ServiceDescriptionId,
    SubscriptionId,
)
from domain.marketplace.services import ServiceDescription
from domain.marketplace.words import (
    ActivationStatus,
    AggregationLevel,
    AggregationMethod,
    Environment,
    PlatformRole,
    Quantity,
    ServiceType,
    TimeStep,
)
from domain.platform.pods import ZONES
from domain.texts import text_findings
from domain.time import Interval, instant_findings

MOST_PODS = 5_000
"""In one request."""
MOST_PLACES = 100
USUAL_TERM = timedelta(days=365)
"""Of an agreement under a subscription without an end, when nobody says otherwise."""


class AgreementState(StrEnum):
    IN_FORCE = "in force"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class DataSelection:
    """IND-DAT-SEL where the aggregation level is `NONE`, else AGG-DAT-SEL: which values are asked for.

    period_start, period_end : of the values; None: as the agreement
    localisation : country, city or street of an aggregate (`DE/Kiel`); PoDs are the request's own
    """

    quantity: Quantity
    time_step: TimeStep
    aggregation_level: AggregationLevel = AggregationLevel.NONE
    aggregation_method: AggregationMethod = AggregationMethod.NONE
    period_start: datetime | None = None
    period_end: datetime | None = None
    localisation: tuple[str, ...] = ()

    @property
    def individual(self) -> bool:
        return self.aggregation_level is AggregationLevel.NONE


@dataclass(frozen=True, kw_only=True)
class PodRefusal:
    """A PoD for which a service is not activated, and why: a refusal's code and sentence."""

    pod_id: str
    code: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class ServiceActivation:
    """DSO-REQ (regulated) or USP-REQ (unregulated), and DSO-CNF or USP-CNF once `status` is there.

    side : of this platform
    pod_ids : as the requester named them, as in all fields of the request; the agreement has the PoDs themselves
    refreshes : the agreement whose PoDs, selection and period this request replaces
    confirmed : PoDs for which the service is active; `refused`: those for which it is not
    reason : of a KO as a whole
    """

    id: ServiceActivationId
    side: PlatformRole
    environment: Environment
    subscription_id: SubscriptionId
    description_id: ServiceDescriptionId
    requester_id: PartyId
    pod_ids: tuple[str, ...]
    selection: DataSelection
    processing_details: str
    starts_at: datetime
    ends_at: datetime
    requested_at: datetime
    refreshes: ServiceAgreementId | None = None
    status: ActivationStatus | None = None
    confirmed_at: datetime | None = None
    confirmed: tuple[str, ...] = ()
    refused: tuple[PodRefusal, ...] = ()
    reason: str = ""
    agreement_id: ServiceAgreementId | None = None
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class ServiceAgreement:
    """SRV-ACT-AGR: what the provider sends the requester from now on, by market time.

    Where consent is mandatory, the consents that it rests on are those of its subscription, purpose and PoDs.
    pod_names : of each PoD of `pod_ids` in order, what the requester knows it by: as it named it, or a pseudonym
    """

    id: ServiceAgreementId
    side: PlatformRole
    activation_id: ServiceActivationId
    subscription_id: SubscriptionId
    description_id: ServiceDescriptionId
    pod_ids: tuple[PodId, ...]
    pod_names: tuple[str, ...]
    selection: DataSelection
    data_details: str
    processing_details: str
    validated_at: datetime
    starts_at: datetime
    ends_at: datetime
    state: AgreementState = AgreementState.IN_FORCE
    ended_at: datetime | None = None
    version: int = 0

    @property
    def names(self) -> Mapping[PodId, str]:
        """How the requester is to be told of each PoD."""
        return dict(zip(self.pod_ids, self.pod_names, strict=True))

    def in_force(self, market: datetime) -> bool:
        return self.state is AgreementState.IN_FORCE and self.starts_at <= market < self.ends_at

    @property
    def data_period(self) -> Interval | None:
        """Of the values that it is about; None where the selection leaves nothing."""
        start = self.selection.period_start or self.starts_at
        end = self.selection.period_end or self.ends_at
        return Interval(start=start, end=end) if start < end else None


def selection_findings(description: ServiceDescription, selection: DataSelection) -> list[Finding]:
    """Where a selection is not what the description (MKP-SRV-DES) offers; each of its words has to be the same."""
    pairs = (
        ("time_step", selection.time_step, description.time_step),
        ("quantity", selection.quantity, description.quantity),
        ("aggregation_level", selection.aggregation_level, description.aggregation_level),
        ("aggregation_method", selection.aggregation_method, description.aggregation_method),
    )
    found = [
        Finding(
            code="not_offered", field=f"selection.{field}", sentence=f"{asked} is asked, {offered} is offered."
        )
        for field, asked, offered in pairs
        if asked != offered
    ]
    if len(selection.localisation) > MOST_PLACES:
        sentence = f"At most {MOST_PLACES} places."
        return [*found, Finding(code="out_of_range", field="selection.localisation", sentence=sentence)]
    for i, place in enumerate(selection.localisation):
        found += _place_findings(place, description.localisation, f"selection.localisation[{i}]")
    return found + _period_findings(description, selection)


def _place_findings(place: str, offered: Sequence[str], field: str) -> list[Finding]:
    """A place is `DE`, `DE/Kiel` or `DE/Kiel/Lange Reihe`, and lies in one that is offered, if any is."""
    found = text_findings(place, field)
    if found:
        return found
    if place.partition("/")[0] not in ZONES:
        sentence = "Give a country, or places in it: DE/Kiel."
        return [Finding(code="unknown_place", field=field, sentence=sentence)]
    if offered and not any(place == each or place.startswith(f"{each}/") for each in offered):
        sentence = f"It is offered for {', '.join(offered[:5])}."
        return [Finding(code="not_offered", field=field, sentence=sentence)]
    return []


def places_of(description: ServiceDescription, selection: DataSelection) -> tuple[str, ...]:
    """Where the values of an area are asked for: all that is offered where the selection names no place."""
    return selection.localisation or description.localisation


def _period_findings(description: ServiceDescription, selection: DataSelection) -> list[Finding]:
    start, end = selection.period_start, selection.period_end
    named = (("selection.period_start", start), ("selection.period_end", end))
    found = [each for field, at in named if at is not None for each in instant_findings(at, field)]
    if found:
        return found
    if start is not None and end is not None and end <= start:
        sentence = "The end has to be after the start."
        return [Finding(code="out_of_range", field="selection.period_end", sentence=sentence)]
    first, last = description.period_start, description.period_end
    early = first is not None and start is not None and start < first
    late = last is not None and end is not None and end > last
    outside = [field for (field, _), wrong in zip(named, (early, late), strict=True) if wrong]
    sentence = "The service has no values of that time."
    return [Finding(code="not_offered", field=field, sentence=sentence) for field in outside]


def term_findings(starts_at: datetime, ends_at: datetime, market: datetime) -> list[Finding]:
    """What is wrong with an agreement's validity."""
    found = [*instant_findings(starts_at, "starts_at"), *instant_findings(ends_at, "ends_at")]
    if found:
        return found
    if ends_at <= starts_at:
        return [Finding(code="out_of_range", field="ends_at", sentence="The end has to be after the start.")]
    if ends_at <= market:
        return [Finding(code="expired", field="ends_at", sentence="This agreement would be over already.")]
    return []


def needs_pods(description: ServiceDescription) -> bool:
    """Whether a request has to list PoDs: services without values need none, and an area is named by its place."""
    areas = (AggregationLevel.COUNTRY, AggregationLevel.CITY, AggregationLevel.STREET)
    data = description.service_type is not ServiceType.ENERGY_SERVICE
    return data and description.aggregation_level not in areas
