"""Alarms about services, and when the market place was told of each service last.

Revision ID: p0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.persistence.columns import WHOLE
from app.persistence.migrations.service_alarms import create_service_alarms

revision = "p0012"
down_revision = "p0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_service_alarms()
    op.create_table(
        "interim_marks",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("at_us", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_interim_marks_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interim_marks")),
        sqlite_strict=True,
    )
