"""Bodies and answers about values, aggregates and deliveries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints

from app.platform.values.lines import BadLine
from app.queries.models.platform import DeliveryView
from app.rest.fields import Exact, Filter, Id, In, Instant, Out, Text
from app.rest.schemas import Paging
from domain.marketplace.words import PlatformRole, Quantity, TimeStep
from domain.platform.deliveries import MAX_SERIES, MAX_VALUES, DeliveryState, SeriesState

Lax = Field(strict=False)
Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Count = Annotated[int, Field(ge=0, le=10**9)]


class SentSeriesIn(In):
    """A PoD or an aggregate: a value for each start, null for a gap; `n_pods` of an aggregate."""

    name: Name
    values: Annotated[list[Exact | None], Field(max_length=MAX_VALUES)]
    n_pods: Annotated[list[Count], Field(max_length=MAX_VALUES)]


class ValuesIn(In):
    """A part of a delivery."""

    model_config = ConfigDict(title="IND-DAT-VAL, AGG-DAT-VAL")

    delivery_id: Id
    agreement_id: Id
    subscription_id: Id
    revision: Count
    part: Count
    n_parts: Count
    period_start: Instant
    period_end: Instant
    due_at: Instant
    quantity: Annotated[Quantity, Lax]
    time_step: Annotated[TimeStep, Lax]
    aggregated: bool
    starts: Annotated[list[Instant], Field(max_length=MAX_VALUES)]
    series: Annotated[list[SentSeriesIn], Field(max_length=MAX_SERIES)]


class SeriesStatusIn(In):
    """What became of a PoD or an aggregate, and when."""

    name: Name
    state: Annotated[SeriesState, Lax]
    n_values: Count
    n_gaps: Count
    at: Instant


class AcknowledgedIn(In):
    """The acknowledgement of a part, series by series."""

    model_config = ConfigDict(title="IND-DAT-ACK, AGG-DAT-ACK")

    delivery_id: Id
    subscription_id: Id
    part: Count
    statuses: Annotated[list[SeriesStatusIn], Field(max_length=MAX_SERIES)]


class AgainIn(In):
    """A delivery's period is wanted again."""

    delivery_id: Id
    subscription_id: Id


class SeriesOut(Out):
    """A PoD or an aggregate with a value for each start of its answer."""

    name: str
    values: list[Exact | None]
    n_pods: list[int]


class PulledOut(Out):
    """IND-DAT-VAL or AGG-DAT-VAL, as it may be given at this moment; `cursor` gets the next series."""

    delivery_id: str
    quantity: Quantity
    time_step: TimeStep
    starts: list[Instant]
    series: list[SeriesOut]
    cursor: int | None


class DeliveryOut(Out):
    """A delivery of one agreement (SRV-ACT-AGR) and one period."""

    id: str
    side: PlatformRole
    agreement_id: str
    subscription_id: str
    peer_id: str
    aggregated: bool
    quantity: Quantity
    time_step: TimeStep
    period_start: Instant
    period_end: Instant
    revision: int
    due_at: Instant
    sent_at: Instant
    acknowledged_at: Instant | None
    state: DeliveryState
    in_time: bool
    outdated: bool
    n_parts: int
    n_acknowledged: int
    n_series: int
    n_values: int
    n_gaps: int
    reason: str

    @staticmethod
    def of(delivery: Any) -> DeliveryOut:
        return DeliveryOut.model_validate(delivery)


class StatusOut(Out):
    """IND-DAT-ACK or AGG-DAT-ACK of one series."""

    name: str
    state: SeriesState
    n_values: int
    n_gaps: int
    at: Instant


class PartOut(Out):
    part: int
    n_series: int
    acknowledged_at: Instant | None
    statuses: list[StatusOut]


class DeliveryViewOut(Out):
    """A delivery with the status of each of its series."""

    delivery: DeliveryOut
    parts: list[PartOut]

    @staticmethod
    def seen(view: DeliveryView) -> DeliveryViewOut:
        return DeliveryViewOut(
            delivery=DeliveryOut.of(view.delivery), parts=[PartOut.model_validate(part) for part in view.parts]
        )


class DeliveryFilter(Paging):
    subscription_id: Text | None = None
    agreement_id: Text | None = None


class ReceivedOut(Out):
    """Received values of a PoD or an aggregate."""

    id: str
    agreement_id: str
    delivery_id: str
    revision: int
    name: str
    aggregated: bool
    quantity: Quantity
    time_step: TimeStep
    period_start: Instant
    period_end: Instant
    starts: list[Instant]
    values: list[Exact | None]
    n_pods: list[int]


class ReceivedFilter(Paging):
    agreement_id: Text | None = None
    name: Text | None = None


class BadLineOut(Out):
    line: int
    code: str
    field: str
    sentence: str


class UploadedOut(Out):
    """What became of a file of values; of days of points of delivery, `n_stored` are new or changed."""

    n_values: int
    n_stored: int
    n_same: int
    n_bad: int
    n_gaps: int
    bad: list[BadLineOut]
    lines_with_gaps: list[int]

    @staticmethod
    def told(made: Any) -> UploadedOut:
        lines = list(made.lines_with_gaps)
        return UploadedOut(**{**vars(made), "bad": bad_lines(made.bad), "lines_with_gaps": lines})


def bad_lines(bad: Iterable[BadLine]) -> list[BadLineOut]:
    return [BadLineOut(line=each.line, **_said(each.finding)) for each in bad]


def _said(finding: Any) -> dict[str, str]:
    return {"code": finding.code, "field": finding.field, "sentence": finding.sentence}


class AggregateOut(Out):
    """Sums or means of a group: country, city, street or portfolio. `n_pods`: of how many points of delivery."""

    name: str
    starts: list[Instant]
    values: list[Exact | None]
    n_pods: list[int]


class ConsentedSeriesOut(Out):
    """A point of delivery's values by the name that the client knows; null for a gap."""

    name: str
    starts: list[Instant]
    values: list[Exact | None]


class ConsentedValuesOut(Out):
    """Values that an access token opens; `after` asks for the next points of delivery, null behind the last."""

    model_config = ConfigDict(title="Values of a consent", from_attributes=True, frozen=True)

    consent_id: str
    quantity: Quantity
    time_step: TimeStep
    series: list[ConsentedSeriesOut]
    after: str | None


class ConsentedFilter(Filter):
    """`start`, `end`: at most 400 days. `after`: of the answer before."""

    start: Instant
    end: Instant
    after: Text | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class PodSeriesOut(Out):
    """Values of a point of delivery."""

    pod_id: str
    starts: list[Instant]
    values: list[Exact | None]
