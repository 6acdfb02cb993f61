"""The first tables of a platform: who acts, what was done, who was told.

Revision ID: p0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "p0001"
down_revision = None
branch_labels = None
depends_on = None

WHOLE: TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NUMBER: TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")
_ROLES = "role IN ('fmo', 'dso', 'tso', 'esp', 'aggregator', 'retailer', 'brp', 'customer', 'system')"


def upgrade() -> None:
    op.create_table(
        "attempts",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("created_at_us", WHOLE, nullable=False),
        sa.Column("made", sa.Text(), nullable=False),
        sa.Column("status", WHOLE, nullable=True),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "route", "key", name=op.f("pk_attempts")),
        sqlite_strict=True,
    )
    op.create_index("ix_attempts_created_at_us", "attempts", ["created_at_us"], unique=False)
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
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(_ROLES, name=op.f("ck_parties_role")),
        sa.CheckConstraint("active IN (0, 1)", name=op.f("ck_parties_active")),
        sa.CheckConstraint("independent IN (0, 1)", name=op.f("ck_parties_independent")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_parties_version")),
        sa.ForeignKeyConstraint(["brp_id"], ["parties.id"], name=op.f("fk_parties_brp_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parties")),
        sqlite_strict=True,
    )
    op.create_index("ix_parties_role", "parties", ["role"], unique=False)
    op.create_table(
        "accounts",
        sa.Column("account", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("active", WHOLE, nullable=False),
        sa.CheckConstraint(_ROLES, name=op.f("ck_accounts_role")),
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
        sa.Column("n_tries", WHOLE, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
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
        "api_keys",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at_us", WHOLE, nullable=False),
        sa.Column("issued_at_us", WHOLE, nullable=False),
        sa.Column("expires_at_us", WHOLE, nullable=False),
        sa.Column("calls_per_minute", WHOLE, nullable=False),
        sa.Column("revoked_at_us", WHOLE, nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("calls_per_minute >= 0", name=op.f("ck_api_keys_calls_per_minute")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_api_keys_version")),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name=op.f("fk_api_keys_account")),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_api_keys_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sqlite_strict=True,
    )
    op.create_index("ix_api_keys_party_id", "api_keys", ["party_id"], unique=False)
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
        "oauth_clients",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("secret_sha256", sa.Text(), nullable=False),
        sa.Column("grants", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("active", WHOLE, nullable=False),
        sa.CheckConstraint("active IN (0, 1)", name=op.f("ck_oauth_clients_active")),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name=op.f("fk_oauth_clients_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_clients")),
        sqlite_strict=True,
    )
    op.create_table(
        "one_time_passwords",
        sa.Column("account", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("expires_at_us", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name=op.f("fk_one_time_passwords_account")),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_one_time_passwords")),
        sqlite_strict=True,
    )
    op.create_table(
        "key_secrets",
        sa.Column("secret_sha256", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("issued_at_us", WHOLE, nullable=False),
        sa.Column("ends_at_us", WHOLE, nullable=False),
        sa.Column("used_at_us", WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name=op.f("fk_key_secrets_key_id")),
        sa.PrimaryKeyConstraint("secret_sha256", name=op.f("pk_key_secrets")),
        sqlite_strict=True,
    )
    op.create_index("ix_key_secrets_key_id", "key_secrets", ["key_id"], unique=False)
    op.create_table(
        "logins",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("began_at_us", WHOLE, nullable=False),
        sa.Column("seen_at_us", WHOLE, nullable=False),
        sa.Column("expires_at_us", WHOLE, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("family", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name=op.f("fk_logins_account")),
        sa.ForeignKeyConstraint(["client_id"], ["oauth_clients.id"], name=op.f("fk_logins_client_id")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_logins")),
        sqlite_strict=True,
    )
    op.create_index("ix_logins_account", "logins", ["account"], unique=False)
    op.create_index("ix_logins_expires_at_us", "logins", ["expires_at_us"], unique=False)
    op.create_index("ix_logins_family", "logins", ["family"], unique=False)
    op.create_table(
        "refresh_tokens",
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("began_at_us", WHOLE, nullable=False),
        sa.Column("expires_at_us", WHOLE, nullable=False),
        sa.Column("spent_at_us", WHOLE, nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name=op.f("fk_refresh_tokens_account")),
        sa.ForeignKeyConstraint(["client_id"], ["oauth_clients.id"], name=op.f("fk_refresh_tokens_client_id")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_refresh_tokens")),
        sqlite_strict=True,
    )
    op.create_index("ix_refresh_tokens_account", "refresh_tokens", ["account"], unique=False)
    op.create_index("ix_refresh_tokens_family", "refresh_tokens", ["family"], unique=False)
