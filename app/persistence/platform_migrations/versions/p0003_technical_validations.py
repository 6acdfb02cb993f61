"""Technical validations, and a DSO's network, schedules and coupling point for them.

Revision ID: p0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "p0003"
down_revision = "p0002"
branch_labels = None
depends_on = None

WHOLE: TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STATES = "state IN ('asked', 'queued', 'running', 'answered', 'failed')"


def upgrade() -> None:
    op.create_table(
        "validation_networks",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("uploaded_at_us", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_validation_networks_version")),
        sa.ForeignKeyConstraint(["id"], ["parties.id"], name=op.f("fk_validation_networks_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_validation_networks")),
        sqlite_strict=True,
    )
    op.create_table(
        "validation_schedules",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("delivery_day", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("network_sha256", sa.Text(), nullable=False),
        sa.Column("uploaded_at_us", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("length(delivery_day) = 10", name=op.f("ck_validation_schedules_delivery_day")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_validation_schedules_version")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_validation_schedules_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_validation_schedules")),
        sa.UniqueConstraint(
            "party_id", "delivery_day", name=op.f("uq_validation_schedules_party_id_delivery_day")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "coupling_points",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("limits", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("set_at_us", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_coupling_points_version")),
        sa.ForeignKeyConstraint(["id"], ["parties.id"], name=op.f("fk_coupling_points_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupling_points")),
        sqlite_strict=True,
    )
    op.create_table(
        "technical_validations",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("peer_id", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("asked_at_us", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("inputs", sa.LargeBinary(), nullable=False),
        sa.Column("network_sha256", sa.Text(), nullable=False),
        sa.Column("schedule_sha256", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("answered_at_us", WHOLE, nullable=True),
        sa.Column("refusals", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("side IN ('provider', 'requester')", name=op.f("ck_technical_validations_side")),
        sa.CheckConstraint(_STATES, name=op.f("ck_technical_validations_state")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_technical_validations_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_technical_validations")),
        sa.UniqueConstraint(
            "side", "peer_id", "request_id", name=op.f("uq_technical_validations_side_peer_id_request_id")
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_technical_validations_state", "technical_validations", ["state"], unique=False)
    op.create_index("ix_technical_validations_party_id", "technical_validations", ["party_id"], unique=False)
