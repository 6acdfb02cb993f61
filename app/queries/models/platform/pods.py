"""Queries on points of delivery and what they answer."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.models.base import Part
from app.queries.models.platform.base import PlatformQuery
from domain.ids import PodId
from domain.paging import Slice
from domain.platform.pods import Pod


@dataclass(frozen=True, kw_only=True)
class ListPods(PlatformQuery[Part[Pod]]):
    """The platform's points of delivery; for a customer its own."""

    part: Slice
    country: str | None = None
    city: str | None = None


@dataclass(frozen=True, kw_only=True)
class GetPod(PlatformQuery[Pod]):
    """One of them. Refused (`not_found`) when there is none, or when it is not the customer's own."""

    pod_id: PodId
