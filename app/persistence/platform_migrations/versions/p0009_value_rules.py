"""The company's rules for values.

Revision ID: p0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.persistence.columns import WHOLE

revision = "p0009"
down_revision = "p0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "value_rules",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("least_pods", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("least_pods >= 0", name=op.f("ck_value_rules_least_pods")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_value_rules_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_value_rules")),
        sqlite_strict=True,
    )
