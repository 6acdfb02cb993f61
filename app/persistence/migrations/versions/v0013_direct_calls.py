"""Calls that a DSO makes of an offer: their ids and answers, offers that may be called, and who has none to offer.

What was awarded before came from a clearing, and each call of before stands for itself.

Revision ID: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.persistence.columns import WHOLE
from app.persistence.migrations.adding import Added, add_columns

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_CALLS = (
    Added("call_id", "TEXT", "''"),
    Added("called_at_us", "BIGINT", "NULL", nullable=True),
    Added("answer_id", "TEXT", "''"),
    Added("answered_at_us", "BIGINT", "NULL", nullable=True),
)


def upgrade() -> None:
    add_columns("awards", (Added("direct", "BIGINT", "0", allowed=(0, 1)),))
    add_columns("activations", _CALLS)
    for column in ("call_id", "answer_id"):
        op.create_index(f"ix_activations_{column}", "activations", [column], unique=False)
    _call_terms()
    _declines()


def _call_terms() -> None:
    op.create_table(
        "call_terms",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("until_us", WHOLE, nullable=False),
        sa.Column("granularity_w", WHOLE, nullable=False),
        sa.Column("flex_type", sa.Text(), nullable=False),
        sa.Column("ended", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("ended IN (0, 1)", name=op.f("ck_call_terms_ended")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_call_terms_version")),
        sa.ForeignKeyConstraint(["id"], ["offers.id"], name=op.f("fk_call_terms_id")),
        *_who("call_terms"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_terms")),
        sqlite_strict=True,
    )
    for column in ("session_id", "ended"):
        op.create_index(f"ix_call_terms_{column}", "call_terms", [column], unique=False)


def _declines() -> None:
    op.create_table(
        "declines",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("commodity", sa.Text(), nullable=False),
        sa.Column("starts_at_us", WHOLE, nullable=False),
        sa.Column("ends_at_us", WHOLE, nullable=False),
        sa.Column("until_us", WHOLE, nullable=False),
        sa.Column("declined_at_us", WHOLE, nullable=False),
        sa.Column("flex_type", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("commodity IN ('P', 'Q')", name=op.f("ck_declines_commodity")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_declines_version")),
        *_who("declines"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declines")),
        sqlite_strict=True,
    )
    for column in ("session_id", "party_id"):
        op.create_index(f"ix_declines_{column}", "declines", [column], unique=False)


def _who(table: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in (("session_id", "sessions"), ("region_id", "regions"), ("party_id", "parties"))
    ]
