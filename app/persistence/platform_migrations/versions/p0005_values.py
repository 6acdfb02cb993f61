"""Points of delivery and packed days of values.

Revision ID: p0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.persistence.columns import WHOLE

revision = "p0005"
down_revision = "p0004"
branch_labels = None
depends_on = None

_QUANTITY = "quantity IN ('energy consumption', 'energy generation', 'power')"
_STEP = "time_step IN ('PT10M', 'PT15M', 'PT30M', 'PT1H', 'P1D')"


def upgrade() -> None:
    op.create_table(
        "pods",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_pods_version")),
        sa.ForeignKeyConstraint(["customer_id"], ["parties.id"], name=op.f("fk_pods_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pods")),
        sqlite_strict=True,
    )
    op.create_index("ix_pods_customer_id", "pods", ["customer_id"], unique=False)
    op.create_index("ix_pods_country_city_street", "pods", ["country", "city", "street"], unique=False)
    op.create_table(
        "value_days",
        sa.Column("quantity", sa.Text(), nullable=False),
        sa.Column("time_step", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("pod_id", sa.Text(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column("changed_at_us", WHOLE, nullable=False),
        sa.CheckConstraint(_QUANTITY, name=op.f("ck_value_days_quantity")),
        sa.CheckConstraint(_STEP, name=op.f("ck_value_days_time_step")),
        sa.CheckConstraint("length(day) = 10", name=op.f("ck_value_days_day")),
        sa.ForeignKeyConstraint(["pod_id"], ["pods.id"], name=op.f("fk_value_days_pod_id")),
        sa.PrimaryKeyConstraint("quantity", "time_step", "day", "pod_id", name=op.f("pk_value_days")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
