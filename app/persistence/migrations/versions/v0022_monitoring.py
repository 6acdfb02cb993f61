"""What the market place is told of services under way, and alarms about them.

Revision ID: 0022
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.persistence.columns import WHOLE
from app.persistence.migrations.service_alarms import create_service_alarms

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_CONSENTS = "state IN ('asked', 'given', 'acknowledged', 'refused', 'revoked', 'expired')"
_COUNTS = ("n_delivered", "n_acknowledged", "n_overdue")


def upgrade() -> None:
    create_service_alarms()
    _table(
        "consent_statuses",
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at_us", WHOLE, nullable=False),
        sa.CheckConstraint(_CONSENTS, name=op.f("ck_consent_statuses_state")),
    )
    _table(
        "activation_statuses",
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at_us", WHOLE, nullable=False),
        sa.Column("starts_at_us", WHOLE, nullable=True),
        sa.Column("ends_at_us", WHOLE, nullable=True),
        sa.Column("ended_at_us", WHOLE, nullable=True),
        sa.CheckConstraint("status IN ('OK', 'KO', 'Partial')", name=op.f("ck_activation_statuses_status")),
    )
    _table(
        "interim_reports",
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at_us", WHOLE, nullable=False),
        *(sa.Column(name, WHOLE, nullable=False) for name in _COUNTS),
        sa.Column("in_time_share_ppm", WHOLE, nullable=True),
        sa.Column("last_delivery_at_us", WHOLE, nullable=True),
        *(sa.CheckConstraint(f"{name} >= 0", name=op.f(f"ck_interim_reports_{name}")) for name in _COUNTS),
        sa.CheckConstraint("state IN ('running', 'degraded', 'stopped')", name=op.f("ck_interim_reports_state")),
    )
    for name in ("consent_statuses", "activation_statuses"):
        op.create_index(f"ix_{name}_subscription_id", name, ["subscription_id"], unique=False)
    op.create_index(
        "ix_interim_reports_subscription_id_at_us", "interim_reports", ["subscription_id", "at_us"], unique=False
    )


def _table(name: str, *more: sa.Column[Any] | sa.CheckConstraint) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        *more,
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f(f"ck_{name}_version")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sqlite_strict=True,
    )
