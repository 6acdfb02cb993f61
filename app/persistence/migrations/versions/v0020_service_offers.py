"""Service offers on the EU Market Place.

Revision ID: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.persistence.columns import WHOLE

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _service_offers()


def _service_offers() -> None:
    op.create_table(
        "service_offers",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("service_type", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("descriptions", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("published_at_us", WHOLE, nullable=False),
        sa.Column("changed_at_us", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "environment IN ('regulated', 'unregulated')", name=op.f("ck_service_offers_environment")
        ),
        sa.CheckConstraint(
            "service_type IN ('individual data provision', 'aggregated data provision', "
            "'energy service provision')",
            name=op.f("ck_service_offers_service_type"),
        ),
        sa.CheckConstraint("state IN ('published', 'withdrawn')", name=op.f("ck_service_offers_state")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_service_offers_version")),
        sa.ForeignKeyConstraint(["provider_id"], ["parties.id"], name=op.f("fk_service_offers_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_offers")),
        sqlite_strict=True,
    )
    op.create_index("ix_service_offers_provider_id", "service_offers", ["provider_id"], unique=False)
    op.create_index("ix_service_offers_state", "service_offers", ["state"], unique=False)
