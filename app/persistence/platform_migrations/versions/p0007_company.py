"""A platform's company and its registrations.

Revision ID: p0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "p0007"
down_revision = "p0006"
branch_labels = None
depends_on = None

WHOLE: TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PLAYER_ROLES = (
    "player_role IN ('regulated data provider', 'unregulated data provider', 'unregulated service provider', "
    "'unregulated data requester')"
)


def upgrade() -> None:
    op.create_table(
        "company",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("market_place_url", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_company_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sqlite_strict=True,
    )
    op.create_table(
        "own_registrations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("player_role", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(_PLAYER_ROLES, name=op.f("ck_own_registrations_player_role")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_own_registrations_version")),
        sa.ForeignKeyConstraint(["id"], ["parties.id"], name=op.f("fk_own_registrations_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_registrations")),
        sqlite_strict=True,
    )
