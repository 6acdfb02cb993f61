"""Messages to and from other systems, where these are, and subscriptions.

Revision ID: p0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.persistence.columns import WHOLE
from app.persistence.migrations.messages import create_message_tables

revision = "p0004"
down_revision = "p0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_message_tables()
    op.create_table(
        "platform_subscriptions",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("peer_id", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("introduction", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("canceled_at_us", WHOLE, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("side IN ('provider', 'requester')", name=op.f("ck_platform_subscriptions_side")),
        sa.CheckConstraint("state IN ('active', 'canceled')", name=op.f("ck_platform_subscriptions_state")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_platform_subscriptions_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_subscriptions")),
        sqlite_strict=True,
    )
    op.create_index("ix_platform_subscriptions_peer_id", "platform_subscriptions", ["peer_id"], unique=False)
