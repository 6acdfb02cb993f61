"""Companies and registrations on the EU Market Place, what they serve, and its own page.

Sign-ins that wait belong to applications or registrations.

Revision ID: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.persistence.columns import WHOLE
from app.persistence.migrations.adding import drop_reference

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_reference("applicants", "application_id", "applications")
    _companies()
    _registrations()
    _served_areas()
    _place_pages()


def _companies() -> None:
    op.create_table(
        "companies",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("legal", sa.Text(), nullable=False),
        sa.Column("company_type", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("applied_at_us", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("agreed_version", sa.Text(), nullable=False),
        sa.Column("agreed_at_us", WHOLE, nullable=True),
        sa.Column("agreed_by", sa.Text(), nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "company_type IN ('energy regulated player', 'energy unregulated player', 'industrial player', "
            "'research institute', 'public body')",
            name=op.f("ck_companies_company_type"),
        ),
        sa.CheckConstraint("state IN ('applied', 'accepted', 'refused')", name=op.f("ck_companies_state")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_companies_version")),
        sa.ForeignKeyConstraint(["agreed_by"], ["parties.id"], name=op.f("fk_companies_agreed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
        sqlite_strict=True,
    )
    op.create_index("ix_companies_state", "companies", ["state"], unique=False)


def _registrations() -> None:
    op.create_table(
        "registrations",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("player_role", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("platform_url", sa.Text(), nullable=False),
        sa.Column("applied_at_us", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("accepted_at_us", WHOLE, nullable=True),
        sa.Column("test_asked_at_us", WHOLE, nullable=True),
        sa.Column("tested_at_us", WHOLE, nullable=True),
        sa.Column("certified_at_us", WHOLE, nullable=True),
        sa.Column("test_detail", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "player_role IN ('regulated data provider', 'unregulated data provider', "
            "'unregulated service provider', 'unregulated data requester')",
            name=op.f("ck_registrations_player_role"),
        ),
        sa.CheckConstraint(
            "state IN ('applied', 'accepted', 'tested', 'certified', 'suspended', 'refused', 'quit')",
            name=op.f("ck_registrations_state"),
        ),
        sa.CheckConstraint("version >= 0", name=op.f("ck_registrations_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sqlite_strict=True,
    )
    op.create_index("ix_registrations_company_id", "registrations", ["company_id"], unique=False)
    op.create_index("ix_registrations_state", "registrations", ["state"], unique=False)


def _served_areas() -> None:
    op.create_table(
        "served_areas",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("countries", sa.Text(), nullable=False),
        sa.Column("postcodes", sa.Text(), nullable=False),
        sa.Column("polygons", sa.Text(), nullable=False),
        sa.Column("pod_patterns", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_served_areas_version")),
        sa.ForeignKeyConstraint(["id"], ["parties.id"], name=op.f("fk_served_areas_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_served_areas")),
        sqlite_strict=True,
    )


def _place_pages() -> None:
    op.create_table(
        "place_pages",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("stakeholders", sa.Text(), nullable=False),
        sa.Column("legal_information", sa.Text(), nullable=False),
        sa.Column("usage_condition", sa.Text(), nullable=False),
        sa.Column("contact_details", sa.Text(), nullable=False),
        sa.Column("help", sa.Text(), nullable=False),
        sa.Column("addresses", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_place_pages_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_pages")),
        sqlite_strict=True,
    )
