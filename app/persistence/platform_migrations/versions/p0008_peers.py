"""Introductions to other players' platforms.

Revision ID: p0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "p0008"
down_revision = "p0007"
branch_labels = None
depends_on = None

WHOLE: TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "meetings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("peer_id", sa.Text(), nullable=False),
        sa.Column("since_us", WHOLE, nullable=False),
        sa.Column("next_at_us", WHOLE, nullable=False),
        sa.Column("n_tries", WHOLE, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("met_at_us", WHOLE, nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("side IN ('provider', 'requester')", name=op.f("ck_meetings_side")),
        sa.CheckConstraint("n_tries >= 0", name=op.f("ck_meetings_n_tries")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_meetings_version")),
        sa.ForeignKeyConstraint(["id"], ["platform_subscriptions.id"], name=op.f("fk_meetings_id")),
        sa.ForeignKeyConstraint(["peer_id"], ["parties.id"], name=op.f("fk_meetings_peer_id")),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name=op.f("fk_meetings_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetings")),
        sqlite_strict=True,
    )
