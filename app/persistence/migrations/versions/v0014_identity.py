"""OAuth2 clients, refresh tokens, API keys, one-time passwords, and where a login came from.

Sessions and tokens of before say neither when nor where they began: they end, and people sign in anew.

Revision ID: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.persistence.columns import WHOLE

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _oauth_clients()
    _one_time_passwords()
    op.drop_table("logins")
    _logins()
    _refresh_tokens()
    _api_keys()


def _oauth_clients() -> None:
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


def _one_time_passwords() -> None:
    op.create_table(
        "one_time_passwords",
        sa.Column("account", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("expires_at_us", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name=op.f("fk_one_time_passwords_account")),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_one_time_passwords")),
        sqlite_strict=True,
    )


def _logins() -> None:
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
    for column in ("account", "expires_at_us", "family"):
        op.create_index(f"ix_logins_{column}", "logins", [column], unique=False)


def _refresh_tokens() -> None:
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
    for column in ("family", "account"):
        op.create_index(f"ix_refresh_tokens_{column}", "refresh_tokens", [column], unique=False)


def _api_keys() -> None:
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
