"""Zones, congested regions, conditional confirmation and the TSO's reviews.

What was stored before has no condition and no review.

Revision ID: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.persistence.columns import WHOLE
from app.persistence.migrations.adding import Added, add_columns, allow

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ASSET_STATES = ("registered", "confirmed", "conditionally confirmed", "refused")
CONDITION = Added("condition", "TEXT", "'null'")
REVIEWS = ("not reviewed", "accepted by the TSO", "held by the TSO", "change asked by the TSO")
REVIEW = Added("review", "TEXT", "'not reviewed'", REVIEWS)
REVIEW_NOTE = Added("review_note", "TEXT", "''")


def upgrade() -> None:
    allow("assets", "state", ASSET_STATES)
    add_columns("assets", (CONDITION,))
    add_columns("requests", (REVIEW, REVIEW_NOTE))
    _grid_zones()
    _congested_regions()


def _grid_zones() -> None:
    op.create_table(
        "grid_zones",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("corners_udeg", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_grid_zones_version")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_grid_zones_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_zones")),
        sa.UniqueConstraint("region_id", "name", name=op.f("uq_grid_zones_region_id_name")),
        sqlite_strict=True,
    )


def _congested_regions() -> None:
    op.create_table(
        "congested_regions",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("registered_at_us", WHOLE, nullable=False),
        sa.Column("zone_id", sa.Text(), nullable=True),
        sa.Column("elements", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("active", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("active IN (0, 1)", name=op.f("ck_congested_regions_active")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_congested_regions_version")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_congested_regions_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_congested_regions")),
        sqlite_strict=True,
    )
    op.create_index("ix_congested_regions_region_id", "congested_regions", ["region_id"], unique=False)
