"""Until when an agreement's periods were delivered, and indexes by which deliveries are found.

Revision ID: p0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.persistence.columns import WHOLE

revision = "p0013"
down_revision = "p0012"
branch_labels = None
depends_on = None

_INDEXES = (
    ("side", "agreement_id", "outdated"),
    ("side", "quantity", "period_start_us"),
    ("subscription_id", "sent_at_us"),
    ("subscription_id", "due_at_us"),
    ("subscription_id", "acknowledged_at_us"),
)


def upgrade() -> None:
    op.create_table(
        "delivery_marks",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("since_us", WHOLE, nullable=False),
        sa.Column("until_us", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_delivery_marks_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_marks")),
        sqlite_strict=True,
    )
    op.drop_index("ix_deliveries_outdated", "deliveries")
    op.drop_index("ix_deliveries_subscription_id", "deliveries")
    for columns in _INDEXES:
        op.create_index(f"ix_deliveries_{'_'.join(columns)}", "deliveries", list(columns))
