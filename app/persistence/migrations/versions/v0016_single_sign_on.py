"""Accounts that sign in at somebody else's provider.

Revision ID: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subjects",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name=op.f("fk_subjects_account")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_subjects")),
        sa.UniqueConstraint("account", name=op.f("uq_subjects_account")),
        sqlite_strict=True,
    )
