"""Applications with their sign-ins, why a participant is suspended, and the customer behind an asset.

Who was suspended before has no reason; assets of before name no customer.

Revision ID: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.persistence.columns import WHOLE
from app.persistence.migrations.adding import Added, add_columns

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

REASON = Added("reason", "TEXT", "''")
CUSTOMER = Added("customer_id", "TEXT", "NULL", nullable=True)
ROLES = "'fmo', 'dso', 'tso', 'esp', 'aggregator', 'retailer', 'brp', 'customer', 'system'"


def upgrade() -> None:
    add_columns("parties", (REASON,))
    add_columns("assets", (CUSTOMER,))
    op.create_index("ix_assets_customer_id", "assets", ["customer_id"], unique=False)
    _applications()
    _applicants()


def _applications() -> None:
    op.create_table(
        "applications",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("independent", WHOLE, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("applied_at_us", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("independent IN (0, 1)", name=op.f("ck_applications_independent")),
        sa.CheckConstraint(f"role IN ({ROLES})", name=op.f("ck_applications_role")),
        sa.CheckConstraint("state IN ('submitted', 'accepted', 'refused')", name=op.f("ck_applications_state")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_applications_version")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_applications_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sqlite_strict=True,
    )
    op.create_index("ix_applications_state", "applications", ["state"], unique=False)


def _applicants() -> None:
    op.create_table(
        "applicants",
        sa.Column("application_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_applicants_application_id")
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_applicants")),
        sa.UniqueConstraint("account", name=op.f("uq_applicants_account")),
        sqlite_strict=True,
    )
