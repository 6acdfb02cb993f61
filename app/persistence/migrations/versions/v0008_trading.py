"""Continuous sessions trade while they are open.

Revision ID: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WHOLE: TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "live_books",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("n_trades", WHOLE, nullable=False),
        sa.Column("matched_at_us", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("n_trades >= 0", name=op.f("ck_live_books_n_trades")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_live_books_version")),
        sa.ForeignKeyConstraint(["id"], ["sessions.id"], name=op.f("fk_live_books_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_live_books_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_books")),
        sqlite_strict=True,
    )
    op.create_table(
        "withdrawals",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("at_us", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_withdrawals_version")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_withdrawals_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawals")),
        sqlite_strict=True,
    )
    op.create_index("ix_withdrawals_session_id", "withdrawals", ["session_id"], unique=False)
