"""Energy services: offers of flexibility, who was told, acquisitions, call-ups.

Revision ID: p0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.persistence.columns import WHOLE

revision = "p0010"
down_revision = "p0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flexibilities",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("starts_at_us", WHOLE, nullable=False),
        sa.Column("power_w", sa.Text(), nullable=False),
        sa.Column("price_cents_per_mwh", WHOLE, nullable=False),
        sa.Column("acquire_until_us", WHOLE, nullable=False),
        sa.Column("made_from", sa.Text(), nullable=False),
        sa.Column("offered_at_us", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("direction IN ('up', 'down')", name=op.f("ck_flexibilities_direction")),
        sa.CheckConstraint("state IN ('open', 'withdrawn')", name=op.f("ck_flexibilities_state")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_flexibilities_version")),
        sa.ForeignKeyConstraint(["provider_id"], ["parties.id"], name=op.f("fk_flexibilities_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flexibilities")),
        sqlite_strict=True,
    )
    op.create_index("ix_flexibilities_provider_id", "flexibilities", ["provider_id"], unique=False)
    op.create_index("ix_flexibilities_state", "flexibilities", ["state"], unique=False)
    op.create_table(
        "told_flexibilities",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("flexibility_id", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_told_flexibilities_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_told_flexibilities")),
        sqlite_strict=True,
    )
    op.create_index("ix_told_flexibilities_flexibility_id", "told_flexibilities", ["flexibility_id"], unique=False)
    op.create_index(
        "ix_told_flexibilities_subscription_id", "told_flexibilities", ["subscription_id"], unique=False
    )
    op.create_table(
        "acquisitions",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("flexibility_id", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("peer_id", sa.Text(), nullable=False),
        sa.Column("power_w", WHOLE, nullable=False),
        sa.Column("asked_at_us", WHOLE, nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("side IN ('provider', 'requester')", name=op.f("ck_acquisitions_side")),
        sa.CheckConstraint("status IN ('OK', 'KO', 'Partial')", name=op.f("ck_acquisitions_status")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_acquisitions_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acquisitions")),
        sqlite_strict=True,
    )
    op.create_index("ix_acquisitions_flexibility_id", "acquisitions", ["flexibility_id"], unique=False)
    op.create_index("ix_acquisitions_subscription_id", "acquisitions", ["subscription_id"], unique=False)
    op.create_table(
        "call_ups",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("acquisition_id", sa.Text(), nullable=False),
        sa.Column("flexibility_id", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("peer_id", sa.Text(), nullable=False),
        sa.Column("starts_at_us", WHOLE, nullable=False),
        sa.Column("ends_at_us", WHOLE, nullable=False),
        sa.Column("power_w", WHOLE, nullable=False),
        sa.Column("asked_at_us", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_at_us", WHOLE, nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("side IN ('provider', 'requester')", name=op.f("ck_call_ups_side")),
        sa.CheckConstraint("state IN ('requested', 'acknowledged', 'refused')", name=op.f("ck_call_ups_state")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_call_ups_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_ups")),
        sqlite_strict=True,
    )
    op.create_index("ix_call_ups_acquisition_id", "call_ups", ["acquisition_id"], unique=False)
    op.create_index("ix_call_ups_flexibility_id", "call_ups", ["flexibility_id"], unique=False)
