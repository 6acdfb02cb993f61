"""Queries on values and what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.queries.models.platform.base import PlatformQuery
from domain.ids import PodId
from domain.marketplace.words import AggregationLevel, AggregationMethod, Quantity, TimeStep
from domain.platform.series import AggregateSeries, PodSeries


@dataclass(frozen=True, kw_only=True)
class KnownPods:
    """What an upload is read against: each point of delivery's country, and market time."""

    countries: Mapping[str, str]
    market: datetime


@dataclass(frozen=True, kw_only=True)
class ListKnownPods(PlatformQuery[KnownPods]):
    """For reading a file of values."""


@dataclass(frozen=True, kw_only=True)
class ListValues(PlatformQuery[tuple[PodSeries, ...]]):
    """Own values of some points of delivery, from `start` to before `end`; for a customer those of its own.

    Refused (`unknown_pod`) when one of them is not there or not the customer's.
    """

    pod_ids: tuple[PodId, ...]
    quantity: Quantity
    time_step: TimeStep
    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class AggregateValues(PlatformQuery[tuple[AggregateSeries, ...]]):
    """Sums or means over own points of delivery, from `start` to before `end`.

    localisation : countries (`DE`) or places in them (`DE/Bremen`), empty for all
    pod_ids : the list of a portfolio; for another level only these are looked at
    """

    level: AggregationLevel
    method: AggregationMethod
    quantity: Quantity
    time_step: TimeStep
    start: datetime
    end: datetime
    localisation: tuple[str, ...] = ()
    pod_ids: tuple[PodId, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GetLeastPods(PlatformQuery[int]):
    """Of how many points of delivery an aggregate is at least."""
