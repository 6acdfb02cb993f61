"""Points of delivery and packed days of values, on a platform."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, LargeBinary, Table, Text

from app.persistence.columns import WHOLE, count, key
from app.persistence.columns import text as text_
from app.persistence.registry import entity, platform_metadata
from domain.marketplace.words import Quantity, TimeStep
from domain.platform.pods import Pod
from domain.platform.rules import ValueRules

pods = entity(
    Pod,
    "pods",
    key(),
    text_("country"),
    text_("postcode"),
    text_("city"),
    text_("street"),
    text_("customer_id", nullable=True, references="parties.id"),
    index=[["customer_id"], ["country", "city", "street"]],
    of=platform_metadata,
)


def _one_of(column: str, kind: type[Quantity] | type[TimeStep]) -> CheckConstraint:
    allowed = ", ".join(f"'{member.value}'" for member in kind)
    return CheckConstraint(f"{column} IN ({allowed})", name=column)


value_days = Table(
    "value_days",
    platform_metadata,
    Column("quantity", Text(), primary_key=True),
    Column("time_step", Text(), primary_key=True),
    Column("day", Text(), primary_key=True),
    Column("pod_id", Text(), ForeignKey("pods.id"), primary_key=True),
    Column("packed", LargeBinary(), nullable=False),
    Column("revision", WHOLE, nullable=False),
    Column("changed_at_us", WHOLE, nullable=False),
    _one_of("quantity", Quantity),
    _one_of("time_step", TimeStep),
    CheckConstraint("length(day) = 10", name="day"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""One row per quantity, time step, market day and point of delivery, clustered so that a day is one stretch.

packed : `app.platform.values.packing`; revision : counts its changes; changed_at_us : the last one, market time
"""

entity(ValueRules, "value_rules", key(), count("least_pods"), of=platform_metadata)
