"""The guided demo keeps which chapters were played.

Revision ID: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WHOLE: TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NUMBER: TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "chapters",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("progress", NUMBER, nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("state IN ('playing', 'played', 'stopped')", name=op.f("ck_chapters_state")),
        sa.CheckConstraint("progress >= 0.0 AND progress <= 1.0", name=op.f("ck_chapters_progress")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_chapters_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chapters")),
        sqlite_strict=True,
    )
