"""Deliveries: the values of one agreement (SRV-ACT-AGR) and one period, sent in parts and acknowledged series by
series (IND-DAT-VAL and -ACK, AGG-DAT-VAL and -ACK; FLEXICIENCY D2.3, section 2.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from domain.ids import DeliveryId, PartyId, ServiceAgreementId, SubscriptionId
from domain.marketplace.words import PlatformRole, Quantity, TimeStep

VALUES = "/b2b/v1/values"
ACKNOWLEDGEMENTS = "/b2b/v1/values/acknowledgements"
AGAIN = "/b2b/v1/values/again"
MAX_SERIES, MAX_VALUES = 200, 20_000
"""Of one part."""


class DeliveryState(StrEnum):
    EMPTY = "empty"
    """Nothing could be sent: no values, or no consent that stands."""
    WITHHELD = "withheld"
    """Beside what was sent before, it would tell of single points of delivery."""
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    WITHDRAWN = "withdrawn"
    """What was not sent yet was taken back, as a consent ended."""


class SeriesState(StrEnum):
    """Of a PoD or an aggregate, in an acknowledgement."""

    RECEIVED = "received"
    GAPS = "gaps"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class SentSeries:
    """`values` [n], None for a gap.

    name : of the PoD as the requester knows it, or of the aggregate
    n_pods : [n] of an aggregate
    """

    name: str
    values: tuple[Decimal | None, ...]
    n_pods: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ValuesMessage:
    """IND-DAT-VAL or AGG-DAT-VAL, provider -> requester: part of a delivery. `starts` [n] of all its series."""

    delivery_id: DeliveryId
    agreement_id: ServiceAgreementId
    subscription_id: SubscriptionId
    revision: int
    part: int
    n_parts: int
    period_start: datetime
    period_end: datetime
    due_at: datetime
    quantity: Quantity
    time_step: TimeStep
    aggregated: bool
    starts: tuple[datetime, ...]
    series: tuple[SentSeries, ...]


@dataclass(frozen=True, kw_only=True)
class SeriesStatus:
    """What became of a series at the requester's."""

    name: str
    state: SeriesState
    n_values: int
    n_gaps: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AcknowledgedMessage:
    """IND-DAT-ACK or AGG-DAT-ACK, requester -> provider, of one part."""

    delivery_id: DeliveryId
    subscription_id: SubscriptionId
    part: int
    statuses: tuple[SeriesStatus, ...]


@dataclass(frozen=True, kw_only=True)
class AgainMessage:
    """Requester -> provider: send the period of this delivery again as it stands now."""

    delivery_id: DeliveryId
    subscription_id: SubscriptionId


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """On either side. `revision` 0 is the first of its period, later ones are corrections or were asked for.

    due_at : the latest time for it by the terms (market time), as `sent_at` and `acknowledged_at`
    n_acknowledged : parts; n_gaps : values that are missing in the series that were sent; of an `empty` delivery
        those that might have been, at least one
    outdated : values came or changed since, or it was asked for again; it is to be followed by a revision
    members : packed PoDs behind an aggregate, provider's side only
    """

    id: DeliveryId
    side: PlatformRole
    agreement_id: ServiceAgreementId
    subscription_id: SubscriptionId
    peer_id: PartyId
    aggregated: bool
    quantity: Quantity
    time_step: TimeStep
    period_start: datetime
    period_end: datetime
    revision: int
    due_at: datetime
    sent_at: datetime
    state: DeliveryState
    acknowledged_at: datetime | None = None
    n_parts: int = 0
    n_acknowledged: int = 0
    n_series: int = 0
    n_values: int = 0
    n_gaps: int = 0
    reason: str = ""
    outdated: bool = False
    members: bytes = field(default=b"", repr=False)
    version: int = 0

    @property
    def in_time(self) -> bool:
        """Whether values were sent, and not after they were due."""
        return self.n_values > 0 and self.sent_at <= self.due_at


def punctual(revisions: Sequence[Delivery]) -> bool | None:
    """Whether a period was delivered by the time it was due, by its revisions from the first on; None where
    nothing might go out then: without consent, or withheld."""
    due_at = revisions[0].due_at
    made = [one for one in revisions if one.sent_at <= due_at] or revisions[:1]
    if any(one.in_time for one in made):
        return True
    last = made[-1]
    return False if last.state is not DeliveryState.WITHDRAWN and (last.n_values or last.n_gaps) else None


@dataclass(frozen=True, kw_only=True)
class DeliveryMark:
    """Provider: of an agreement whose data begin at `since` every period before `until` was delivered. `id`: the
    agreement's."""

    id: ServiceAgreementId
    since: datetime
    until: datetime
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class DeliveryPart:
    """A part and what became of its series. `id`: of its delivery and number."""

    id: str
    delivery_id: DeliveryId
    part: int
    n_series: int
    statuses: tuple[SeriesStatus, ...] = ()
    acknowledged_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class ReceivedSeries:
    """Requester: the newest values of a PoD or an aggregate in a period. `id`: of agreement, period and name."""

    id: str
    agreement_id: ServiceAgreementId
    delivery_id: DeliveryId
    revision: int
    name: str
    aggregated: bool
    quantity: Quantity
    time_step: TimeStep
    period_start: datetime
    period_end: datetime
    starts: tuple[datetime, ...]
    values: tuple[Decimal | None, ...]
    n_pods: tuple[int, ...] = ()
    version: int = 0
