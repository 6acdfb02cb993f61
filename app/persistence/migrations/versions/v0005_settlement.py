"""Metering, contracts, statements and invoices.

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WHOLE: TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "meter_readings",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("pod_id", sa.Text(), nullable=False),
        sa.Column("delivery_day", sa.Text(), nullable=False),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column("p_w", sa.Text(), nullable=False),
        sa.Column("reported_by", sa.Text(), nullable=False),
        sa.Column("reported_at_us", WHOLE, nullable=False),
        sa.Column("q_var", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("length(delivery_day) = 10", name=op.f("ck_meter_readings_delivery_day")),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_meter_readings_revision")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_meter_readings_version")),
        sa.ForeignKeyConstraint(["reported_by"], ["parties.id"], name=op.f("fk_meter_readings_reported_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meter_readings")),
        sa.UniqueConstraint(
            "pod_id", "delivery_day", "revision", name=op.f("uq_meter_readings_pod_id_delivery_day_revision")
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_meter_readings_delivery_day", "meter_readings", ["delivery_day"], unique=False)
    op.create_table(
        "contracts",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("baseline", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("tolerance_share_ppm", WHOLE, nullable=False),
        sa.Column("penalty_cents_per_mwh", WHOLE, nullable=False),
        sa.Column("agreed_at_us", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "baseline IN ('nomination', 'comparable_days', 'forecast')", name=op.f("ck_contracts_baseline")
        ),
        sa.CheckConstraint(
            "rule IN ('pay_delivered', 'penalty', 'all_or_nothing')", name=op.f("ck_contracts_rule")
        ),
        sa.CheckConstraint("length(valid_from) = 10", name=op.f("ck_contracts_valid_from")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_contracts_version")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_contracts_party_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_contracts_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contracts")),
        sa.UniqueConstraint(
            "region_id", "party_id", "valid_from", name=op.f("uq_contracts_region_id_party_id_valid_from")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "forecasts",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.Column("delivery_day", sa.Text(), nullable=False),
        sa.Column("p_w", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("uploaded_at_us", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("length(delivery_day) = 10", name=op.f("ck_forecasts_delivery_day")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_forecasts_version")),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_forecasts_asset_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["parties.id"], name=op.f("fk_forecasts_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecasts")),
        sa.UniqueConstraint("asset_id", "delivery_day", name=op.f("uq_forecasts_asset_id_delivery_day")),
        sqlite_strict=True,
    )
    op.create_table(
        "pod_mappings",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("pod_id", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("length(valid_from) = 10", name=op.f("ck_pod_mappings_valid_from")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_pod_mappings_version")),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_pod_mappings_asset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pod_mappings")),
        sa.UniqueConstraint("pod_id", "valid_from", name=op.f("uq_pod_mappings_pod_id_valid_from")),
        sqlite_strict=True,
    )
    op.create_index("ix_pod_mappings_asset_id", "pod_mappings", ["asset_id"], unique=False)
    op.create_table(
        "statements",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("computed_at_us", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("issued_at_us", WHOLE, nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'validated', 'issued', 'superseded')", name=op.f("ck_statements_state")
        ),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_statements_revision")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_statements_version")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_statements_party_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_statements_region_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_statements_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
        sa.UniqueConstraint(
            "session_id", "party_id", "revision", name=op.f("uq_statements_session_id_party_id_revision")
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_statements_party_id", "statements", ["party_id"], unique=False)
    op.create_table(
        "invoices",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("statement_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("corrects", WHOLE, nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("kind IN ('invoice', 'credit note', 'debit note')", name=op.f("ck_invoices_kind")),
        sa.CheckConstraint("length(issued_on) = 10", name=op.f("ck_invoices_issued_on")),
        sa.CheckConstraint("number >= 0", name=op.f("ck_invoices_number")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_invoices_version")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_invoices_party_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_invoices_region_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_invoices_session_id")),
        sa.ForeignKeyConstraint(["statement_id"], ["statements.id"], name=op.f("fk_invoices_statement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("number", name=op.f("uq_invoices_number")),
        sa.UniqueConstraint("statement_id", name=op.f("uq_invoices_statement_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_invoices_party_id", "invoices", ["party_id"], unique=False)
    op.create_index("ix_invoices_session_id", "invoices", ["session_id"], unique=False)
