"""The first tables.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WHOLE: TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NUMBER: TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("sequence", WHOLE, autoincrement=False, nullable=False),
        sa.Column("wall_at_us", WHOLE, nullable=False),
        sa.Column("market_at_us", WHOLE, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit")),
        sqlite_strict=True,
    )
    op.create_table(
        "market_clock",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("anchor_market_us", WHOLE, nullable=False),
        sa.Column("anchor_wall_us", WHOLE, nullable=False),
        sa.Column("speed", NUMBER, nullable=False),
        sa.Column("movable", WHOLE, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_market_clock_single")),
        sa.CheckConstraint("movable IN (0, 1)", name=op.f("ck_market_clock_movable")),
        sa.CheckConstraint("speed >= 0.0 AND speed <= 1000000.0", name=op.f("ck_market_clock_speed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_clock")),
        sqlite_strict=True,
    )
    op.create_table(
        "parties",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("independent", WHOLE, nullable=False),
        sa.Column("brp_id", sa.Text(), nullable=True),
        sa.Column("active", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "role IN ('fmo', 'dso', 'tso', 'esp', 'aggregator', 'retailer', 'brp', 'customer', 'system')",
            name=op.f("ck_parties_role"),
        ),
        sa.CheckConstraint("active IN (0, 1)", name=op.f("ck_parties_active")),
        sa.CheckConstraint("independent IN (0, 1)", name=op.f("ck_parties_independent")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_parties_version")),
        sa.ForeignKeyConstraint(["brp_id"], ["parties.id"], name=op.f("fk_parties_brp_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parties")),
        sqlite_strict=True,
    )
    op.create_index("ix_parties_role", "parties", ["role"], unique=False)
    op.create_table(
        "prices",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("delivery_day", sa.Text(), nullable=False),
        sa.Column("price_cents_per_mwh", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("kind IN ('day_ahead', 'balancing')", name=op.f("ck_prices_kind")),
        sa.CheckConstraint("length(delivery_day) = 10", name=op.f("ck_prices_delivery_day")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_prices_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prices")),
        sa.UniqueConstraint("kind", "delivery_day", name=op.f("uq_prices_kind_delivery_day")),
        sqlite_strict=True,
    )
    op.create_table(
        "accounts",
        sa.Column("account", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("active", WHOLE, nullable=False),
        sa.CheckConstraint(
            "role IN ('fmo', 'dso', 'tso', 'esp', 'aggregator', 'retailer', 'brp', 'customer', 'system')",
            name=op.f("ck_accounts_role"),
        ),
        sa.CheckConstraint("active IN (0, 1)", name=op.f("ck_accounts_active")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_accounts_party_id")),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_accounts")),
        sqlite_strict=True,
    )
    op.create_index("ix_accounts_party_id", "accounts", ["party_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        sa.Column("audit_sequence", WHOLE, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("market_at_us", WHOLE, nullable=False),
        sa.Column("dispatched_at_us", WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["audit_sequence"], ["audit.sequence"], name=op.f("fk_outbox_audit_sequence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_strict=True,
    )
    op.create_index("ix_outbox_audit_sequence", "outbox", ["audit_sequence"], unique=False)
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["id"],
        unique=False,
        sqlite_where=sa.text("dispatched_at_us IS NULL"),
        postgresql_where=sa.text("dispatched_at_us IS NULL"),
    )
    op.create_table(
        "regions",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("dso_id", sa.Text(), nullable=False),
        sa.Column("tso_id", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_regions_version")),
        sa.ForeignKeyConstraint(["dso_id"], ["parties.id"], name=op.f("fk_regions_dso_id")),
        sa.ForeignKeyConstraint(["tso_id"], ["parties.id"], name=op.f("fk_regions_tso_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regions")),
        sqlite_strict=True,
    )
    op.create_index("ix_regions_dso_id", "regions", ["dso_id"], unique=False)
    op.create_index("ix_regions_tso_id", "regions", ["tso_id"], unique=False)
    op.create_table(
        "assets",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("bus", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("p_min_w", WHOLE, nullable=False),
        sa.Column("p_max_w", WHOLE, nullable=False),
        sa.Column("flexible_share_ppm", WHOLE, nullable=False),
        sa.Column("s_max_va", WHOLE, nullable=True),
        sa.Column("brp_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "kind IN ('pv', 'wind', 'hydro', 'biomass', 'storage', 'load')", name=op.f("ck_assets_kind")
        ),
        sa.CheckConstraint("state IN ('registered', 'confirmed', 'refused')", name=op.f("ck_assets_state")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_assets_version")),
        sa.ForeignKeyConstraint(["brp_id"], ["parties.id"], name=op.f("fk_assets_brp_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["parties.id"], name=op.f("fk_assets_owner_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_assets_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assets")),
        sqlite_strict=True,
    )
    op.create_index("ix_assets_brp_id", "assets", ["brp_id"], unique=False)
    op.create_index("ix_assets_owner_id", "assets", ["owner_id"], unique=False)
    op.create_index("ix_assets_region_id", "assets", ["region_id"], unique=False)
    op.create_index(
        "uq_assets_standing_unit",
        "assets",
        ["region_id", "unit_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'refused'"),
        postgresql_where=sa.text("state <> 'refused'"),
    )
    op.create_table(
        "logins",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("seen_at_us", WHOLE, nullable=False),
        sa.Column("expires_at_us", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name=op.f("fk_logins_account")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_logins")),
        sqlite_strict=True,
    )
    op.create_index("ix_logins_account", "logins", ["account"], unique=False)
    op.create_index("ix_logins_expires_at_us", "logins", ["expires_at_us"], unique=False)
    op.create_table(
        "networks",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("uploaded_at_us", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_networks_version")),
        sa.ForeignKeyConstraint(["id"], ["regions.id"], name=op.f("fk_networks_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_networks")),
        sqlite_strict=True,
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("market_at_us", WHOLE, nullable=False),
        sa.Column("read", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("outbox_id", WHOLE, nullable=True),
        sa.CheckConstraint("read IN (0, 1)", name=op.f("ck_notifications_read")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_notifications_version")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_notifications_outbox_id")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_notifications_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("outbox_id", "party_id", name=op.f("uq_notifications_outbox_id_party_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_notifications_party_id_read", "notifications", ["party_id", "read"], unique=False)
    op.create_table(
        "schedules",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("delivery_day", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("network_document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("uploaded_at_us", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("length(delivery_day) = 10", name=op.f("ck_schedules_delivery_day")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_schedules_version")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_schedules_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.UniqueConstraint("region_id", "delivery_day", name=op.f("uq_schedules_region_id_delivery_day")),
        sqlite_strict=True,
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("delivery_day", sa.Text(), nullable=False),
        sa.Column("opens_at_us", WHOLE, nullable=False),
        sa.Column("gate_closes_at_us", WHOLE, nullable=False),
        sa.Column("publishes_at_us", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'open', 'clearing', 'cleared', 'not cleared', 'published')",
            name=op.f("ck_sessions_state"),
        ),
        sa.CheckConstraint("length(delivery_day) = 10", name=op.f("ck_sessions_delivery_day")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_sessions_version")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_sessions_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sqlite_strict=True,
    )
    op.create_index("ix_sessions_delivery_day", "sessions", ["delivery_day"], unique=False)
    op.create_index("ix_sessions_region_id_delivery_day", "sessions", ["region_id", "delivery_day"], unique=False)
    op.create_index("ix_sessions_state", "sessions", ["state"], unique=False)
    op.create_table(
        "baselines",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.Column("delivery_day", sa.Text(), nullable=False),
        sa.Column("p_w", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("length(delivery_day) = 10", name=op.f("ck_baselines_delivery_day")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_baselines_version")),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_baselines_asset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baselines")),
        sa.UniqueConstraint("asset_id", "delivery_day", name=op.f("uq_baselines_asset_id_delivery_day")),
        sqlite_strict=True,
    )
    op.create_table(
        "gates",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_at_us", WHOLE, nullable=False),
        sa.Column("done", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("kind IN ('open', 'interim', 'close', 'publish')", name=op.f("ck_gates_kind")),
        sa.CheckConstraint("done IN (0, 1)", name=op.f("ck_gates_done")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_gates_version")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_gates_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gates")),
        sa.UniqueConstraint("session_id", "kind", "due_at_us", name=op.f("uq_gates_session_id_kind_due_at_us")),
        sqlite_strict=True,
    )
    op.create_index("ix_gates_done_due_at_us", "gates", ["done", "due_at_us"], unique=False)
    op.create_table(
        "grid_states",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("delivery_day", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("network_sha256", sa.Text(), nullable=False),
        sa.Column("schedule_sha256", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("length(delivery_day) = 10", name=op.f("ck_grid_states_delivery_day")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_grid_states_version")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_grid_states_region_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_grid_states_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_states")),
        sqlite_strict=True,
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("delivery_day", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("submitted_at_us", WHOLE, nullable=False),
        sa.Column("inputs", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("progress", NUMBER, nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_jobs_state")
        ),
        sa.CheckConstraint("length(delivery_day) = 10", name=op.f("ck_jobs_delivery_day")),
        sa.CheckConstraint("progress >= 0.0 AND progress <= 1.0", name=op.f("ck_jobs_progress")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_jobs_version")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_jobs_region_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_jobs_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sqlite_strict=True,
    )
    op.create_index("ix_jobs_owner_id", "jobs", ["owner_id"], unique=False)
    op.create_index("ix_jobs_region_id", "jobs", ["region_id"], unique=False)
    op.create_index("ix_jobs_session_id", "jobs", ["session_id"], unique=False)
    op.create_index("ix_jobs_state", "jobs", ["state"], unique=False)
    op.create_table(
        "offers",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("price_cents_per_mwh", sa.Text(), nullable=False),
        sa.Column("submitted_at_us", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("direction IN ('up', 'down')", name=op.f("ck_offers_direction")),
        sa.CheckConstraint(
            "state IN ('submitted', 'withdrawn', 'locked', 'accepted', 'partly accepted', 'rejected')",
            name=op.f("ck_offers_state"),
        ),
        sa.CheckConstraint("version >= 0", name=op.f("ck_offers_version")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_offers_party_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_offers_region_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_offers_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
        sqlite_strict=True,
    )
    op.create_index("ix_offers_party_id", "offers", ["party_id"], unique=False)
    op.create_index("ix_offers_region_id", "offers", ["region_id"], unique=False)
    op.create_index("ix_offers_session_id", "offers", ["session_id"], unique=False)
    op.create_table(
        "requests",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("dso_id", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("congestion_point", sa.Text(), nullable=False),
        sa.Column("buses", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("quantity_w", sa.Text(), nullable=False),
        sa.Column("price_cap_cents_per_mwh", WHOLE, nullable=False),
        sa.Column("deadline_us", WHOLE, nullable=False),
        sa.Column("published_at_us", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("unmet_w", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("direction IN ('up', 'down')", name=op.f("ck_requests_direction")),
        sa.CheckConstraint(
            "state IN ('published', 'withdrawn', 'closed', 'met', 'unmet', 'not needed')",
            name=op.f("ck_requests_state"),
        ),
        sa.CheckConstraint("version >= 0", name=op.f("ck_requests_version")),
        sa.ForeignKeyConstraint(["dso_id"], ["parties.id"], name=op.f("fk_requests_dso_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_requests_region_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_requests_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sqlite_strict=True,
    )
    op.create_index("ix_requests_dso_id", "requests", ["dso_id"], unique=False)
    op.create_index("ix_requests_region_id", "requests", ["region_id"], unique=False)
    op.create_index("ix_requests_session_id", "requests", ["session_id"], unique=False)
    op.create_table(
        "awards",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("offer_id", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("accepted_w", sa.Text(), nullable=False),
        sa.Column("price_cents_per_mwh", sa.Text(), nullable=False),
        sa.Column("payment_cents", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("direction IN ('up', 'down')", name=op.f("ck_awards_direction")),
        sa.CheckConstraint("state IN ('provisional', 'published')", name=op.f("ck_awards_state")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_awards_version")),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_awards_asset_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_awards_offer_id")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_awards_party_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_awards_region_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_awards_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_awards")),
        sqlite_strict=True,
    )
    op.create_index("ix_awards_offer_id", "awards", ["offer_id"], unique=False)
    op.create_index("ix_awards_party_id", "awards", ["party_id"], unique=False)
    op.create_index("ix_awards_session_id", "awards", ["session_id"], unique=False)
    op.create_table(
        "activations",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("award_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.Column("p_w", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("state IN ('requested', 'acknowledged', 'refused')", name=op.f("ck_activations_state")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_activations_version")),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_activations_asset_id")),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_activations_award_id")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_activations_party_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_activations_region_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_activations_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activations")),
        sa.UniqueConstraint("award_id", name=op.f("uq_activations_award_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_activations_party_id", "activations", ["party_id"], unique=False)
    op.create_index("ix_activations_session_id", "activations", ["session_id"], unique=False)
    op.create_index(
        "uq_grid_states_region_day_session",
        "grid_states",
        ["region_id", "delivery_day", sa.text("coalesce(session_id, '')")],
        unique=True,
    )
