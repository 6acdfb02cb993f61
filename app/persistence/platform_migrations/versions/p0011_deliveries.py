"""Deliveries, their parts, and what a requester received.

Revision ID: p0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.persistence.columns import WHOLE

revision = "p0011"
down_revision = "p0010"
branch_labels = None
depends_on = None

_QUANTITY = "quantity IN ('energy consumption', 'energy generation', 'power')"
_STEP = "time_step IN ('PT10M', 'PT15M', 'PT30M', 'PT1H', 'P1D')"
_STATE = "state IN ('empty', 'withheld', 'sent', 'acknowledged', 'withdrawn')"


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _whole(*names: str, nullable: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, WHOLE, nullable=nullable) for name in names]


def _checks(table: str, **checks: str) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(check, name=op.f(f"ck_{table}_{name}")) for name, check in checks.items()]


def _counts(table: str, *names: str) -> list[sa.CheckConstraint]:
    return _checks(table, **{name: f"{name} >= 0" for name in (*names, "version")})


def upgrade() -> None:
    numbers = ("n_parts", "n_acknowledged", "n_series", "n_values", "n_gaps", "revision")
    op.create_table(
        "deliveries",
        *_text("id", "side", "agreement_id", "subscription_id", "peer_id", "quantity", "time_step"),
        *_text("state", "reason"),
        *_whole("aggregated", "outdated", "period_start_us", "period_end_us", "due_at_us", "sent_at_us"),
        *_whole("acknowledged_at_us", nullable=True),
        *_whole(*numbers, "version"),
        sa.Column("members", sa.LargeBinary(), nullable=False),
        *_checks(
            "deliveries",
            side="side IN ('provider', 'requester')",
            aggregated="aggregated IN (0, 1)",
            outdated="outdated IN (0, 1)",
            quantity=_QUANTITY,
            time_step=_STEP,
            state=_STATE,
        ),
        *_counts("deliveries", *numbers),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "side",
            "agreement_id",
            "period_start_us",
            "revision",
            name=op.f("uq_deliveries_side_agreement_id_period_start_us_revision"),
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_deliveries_subscription_id", "deliveries", ["subscription_id"])
    op.create_index("ix_deliveries_peer_id_period_start_us", "deliveries", ["peer_id", "period_start_us"])
    op.create_index("ix_deliveries_outdated", "deliveries", ["outdated"])
    op.create_table(
        "delivery_parts",
        *_text("id", "delivery_id", "statuses"),
        *_whole("part", "n_series", "version"),
        *_whole("acknowledged_at_us", nullable=True),
        *_counts("delivery_parts", "part", "n_series"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_parts")),
        sqlite_strict=True,
    )
    op.create_index("ix_delivery_parts_delivery_id", "delivery_parts", ["delivery_id"])
    op.create_table(
        "received_series",
        *_text(
            "id", "agreement_id", "delivery_id", "name", "quantity", "time_step", "starts_us", "series", "n_pods"
        ),
        *_whole("revision", "aggregated", "period_start_us", "period_end_us", "version"),
        *_checks("received_series", aggregated="aggregated IN (0, 1)", quantity=_QUANTITY, time_step=_STEP),
        *_counts("received_series", "revision"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_series")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_received_series_agreement_id_period_start_us", "received_series", ["agreement_id", "period_start_us"]
    )
