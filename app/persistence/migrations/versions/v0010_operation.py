"""Clearings are tried, jobs tell when they ran, and toolkits have somebody who is responsible.

Revision ID: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WHOLE: TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "clearing_tries",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("delivery_day", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("asked_at_us", WHOLE, nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("clearing", sa.Text(), nullable=False),
        sa.Column("payment", sa.Text(), nullable=False),
        sa.Column("energy", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("book IN ('open', 'closed')", name=op.f("ck_clearing_tries_book")),
        sa.CheckConstraint(
            "clearing IN ('network', 'requests', 'copperplate', 'continuous')",
            name=op.f("ck_clearing_tries_clearing"),
        ),
        sa.CheckConstraint("energy IN ('ignored', 'priced')", name=op.f("ck_clearing_tries_energy")),
        sa.CheckConstraint("payment IN ('pay_as_bid', 'nodal', 'vcg')", name=op.f("ck_clearing_tries_payment")),
        sa.CheckConstraint("length(delivery_day) = 10", name=op.f("ck_clearing_tries_delivery_day")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_clearing_tries_version")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_clearing_tries_region_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_clearing_tries_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clearing_tries")),
        sqlite_strict=True,
    )
    op.create_index("ix_clearing_tries_session_id", "clearing_tries", ["session_id"], unique=False)
    op.create_index("ix_clearing_tries_delivery_day", "clearing_tries", ["delivery_day"], unique=False)
    op.create_table(
        "job_runs",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("started_at_us", WHOLE, nullable=False),
        sa.Column("finished_at_us", WHOLE, nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_job_runs_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_runs")),
        sqlite_strict=True,
    )
    op.create_table(
        "toolkit_watches",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_toolkit_watches_version")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_toolkit_watches_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_toolkit_watches")),
        sqlite_strict=True,
    )
