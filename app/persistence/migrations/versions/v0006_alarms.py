"""Alarms are answered, and what-ifs are asked.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WHOLE: TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NUMBER: TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    _alarms()
    _what_ifs()


def _alarms() -> None:
    counts = ("first_step", "last_step", "n_steps", "worst_step", "version")
    values = ("worst_value", "limit_value", "seen_value")
    op.create_table(
        "alarms",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("delivery_day", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("element", "kind", "zone")),
        *(sa.Column(name, WHOLE, nullable=False) for name in counts[:-1]),
        sa.Column("worst_value", NUMBER, nullable=False),
        sa.Column("limit_value", NUMBER, nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("raised_at_us", WHOLE, nullable=False),
        sa.Column("unmet", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("seen_value", NUMBER, nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=False),
        sa.Column("acknowledged_at_us", WHOLE, nullable=True),
        sa.Column("shelved_by", sa.Text(), nullable=False),
        sa.Column("shelved_until_us", WHOLE, nullable=True),
        sa.Column("shelve_reason", sa.Text(), nullable=False),
        sa.Column("returned_at_us", WHOLE, nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("length(delivery_day) = 10", name=op.f("ck_alarms_delivery_day")),
        sa.CheckConstraint("priority IN ('watch', 'alarm', 'critical')", name=op.f("ck_alarms_priority")),
        sa.CheckConstraint(
            "state IN ('raised', 'acknowledged', 'returned', 'shelved', 'cleared')", name=op.f("ck_alarms_state")
        ),
        sa.CheckConstraint("unmet IN (0, 1)", name=op.f("ck_alarms_unmet")),
        *(sa.CheckConstraint(f"{name} >= 0", name=op.f(f"ck_alarms_{name}")) for name in counts),
        *(
            sa.CheckConstraint(
                f"{name} >= -1000000000.0 AND {name} <= 1000000000.0", name=op.f(f"ck_alarms_{name}")
            )
            for name in values
        ),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_alarms_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
        sa.UniqueConstraint(
            *("region_id", "delivery_day", "element", "kind"),
            name=op.f("uq_alarms_region_id_delivery_day_element_kind"),
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_alarms_state", "alarms", ["state"], unique=False)


def _what_ifs() -> None:
    op.create_table(
        "what_ifs",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("delivery_day", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("lines_out", "changes", "added", "removed")),
        sa.Column("asked_at_us", WHOLE, nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("length(delivery_day) = 10", name=op.f("ck_what_ifs_delivery_day")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_what_ifs_version")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_what_ifs_region_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_what_ifs_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_what_ifs")),
        sqlite_strict=True,
    )
    op.create_index("ix_what_ifs_region_id", "what_ifs", ["region_id"], unique=False)
