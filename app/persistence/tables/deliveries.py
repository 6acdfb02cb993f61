"""Deliveries on a platform, their parts, and what a requester received."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from app.codec import from_data, to_data
from app.persistence.columns import (
    blob,
    count,
    enum,
    flag,
    from_microseconds,
    instant,
    key,
    structure,
    to_microseconds,
)
from app.persistence.columns import text as text_
from app.persistence.registry import entity, platform_metadata
from domain.marketplace.words import PlatformRole, Quantity, TimeStep
from domain.platform.deliveries import (
    Delivery,
    DeliveryMark,
    DeliveryPart,
    DeliveryState,
    ReceivedSeries,
    SeriesStatus,
)


def _statuses_from(data: list[Any]) -> tuple[SeriesStatus, ...]:
    return tuple(from_data(SeriesStatus, each) for each in data)


def _values_to(values: tuple[Decimal | None, ...]) -> list[str | None]:
    return [None if value is None else str(value) for value in values]


def _values_from(data: list[str | None]) -> tuple[Decimal | None, ...]:
    return tuple(None if value is None else Decimal(value) for value in data)


def _starts_to(starts: tuple[datetime, ...]) -> list[int]:
    return [to_microseconds(start, f"starts[{k}]") for k, start in enumerate(starts)]


entity(
    Delivery,
    "deliveries",
    key(),
    enum("side", PlatformRole),
    text_("agreement_id"),
    text_("subscription_id"),
    text_("peer_id"),
    flag("aggregated"),
    enum("quantity", Quantity),
    enum("time_step", TimeStep),
    instant("period_start"),
    instant("period_end"),
    count("revision"),
    instant("due_at"),
    instant("sent_at"),
    enum("state", DeliveryState),
    instant("acknowledged_at", nullable=True),
    count("n_parts"),
    count("n_acknowledged"),
    count("n_series"),
    count("n_values"),
    count("n_gaps"),
    text_("reason"),
    flag("outdated"),
    blob("members"),
    unique=[["side", "agreement_id", "period_start_us", "revision"]],
    index=[
        ["side", "agreement_id", "outdated"],
        ["side", "quantity", "period_start_us"],
        ["peer_id", "period_start_us"],
        ["subscription_id", "sent_at_us"],
        ["subscription_id", "due_at_us"],
        ["subscription_id", "acknowledged_at_us"],
    ],
    of=platform_metadata,
)

entity(DeliveryMark, "delivery_marks", key(), instant("since"), instant("until"), of=platform_metadata)

entity(
    DeliveryPart,
    "delivery_parts",
    key(),
    text_("delivery_id"),
    count("part"),
    count("n_series"),
    structure("statuses", "statuses", to_data=lambda of: [to_data(each) for each in of], from_data=_statuses_from),
    instant("acknowledged_at", nullable=True),
    index=[["delivery_id"]],
    of=platform_metadata,
)

entity(
    ReceivedSeries,
    "received_series",
    key(),
    text_("agreement_id"),
    text_("delivery_id"),
    count("revision"),
    text_("name"),
    flag("aggregated"),
    enum("quantity", Quantity),
    enum("time_step", TimeStep),
    instant("period_start"),
    instant("period_end"),
    structure(
        "starts", "starts_us", to_data=_starts_to, from_data=lambda data: tuple(map(from_microseconds, data))
    ),
    structure("values", "series", to_data=_values_to, from_data=_values_from),
    structure("n_pods", "n_pods", to_data=list, from_data=tuple),
    index=[["agreement_id", "period_start_us"]],
    of=platform_metadata,
)
