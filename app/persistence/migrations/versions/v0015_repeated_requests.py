"""Answers kept for requests that are sent again with the same idempotency key.

Revision ID: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.persistence.columns import WHOLE

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempts",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("created_at_us", WHOLE, nullable=False),
        sa.Column("made", sa.Text(), nullable=False),
        sa.Column("status", WHOLE, nullable=True),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "route", "key", name=op.f("pk_attempts")),
        sqlite_strict=True,
    )
    op.create_index("ix_attempts_created_at_us", "attempts", ["created_at_us"], unique=False)
