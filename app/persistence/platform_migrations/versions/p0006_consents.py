"""Consents, requests to activate a service, agreements, and tokens of consents.

Revision ID: p0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "p0006"
down_revision = "p0005"
branch_labels = None
depends_on = None

WHOLE: TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("ask_id", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("description_id", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("requester_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("pod_ids", sa.Text(), nullable=False),
        sa.Column("data_details", sa.Text(), nullable=False),
        sa.Column("processing_details", sa.Text(), nullable=False),
        sa.Column("starts_at_us", WHOLE, nullable=False),
        sa.Column("ends_at_us", WHOLE, nullable=False),
        sa.Column("asked_at_us", WHOLE, nullable=False),
        sa.Column("answer_until_us", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("given_at_us", WHOLE, nullable=True),
        sa.Column("acknowledged_at_us", WHOLE, nullable=True),
        sa.Column("ended_at_us", WHOLE, nullable=True),
        sa.Column("link_sha256", sa.Text(), nullable=False),
        sa.Column("link_until_us", WHOLE, nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'given', 'acknowledged', 'refused', 'revoked', 'expired')",
            name=op.f("ck_consents_state"),
        ),
        sa.CheckConstraint("way IN ('list', 'sign-in')", name=op.f("ck_consents_way")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_consents_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sqlite_strict=True,
    )
    op.create_index("ix_consents_ask_id", "consents", ["ask_id"], unique=False)
    op.create_index("ix_consents_customer_id", "consents", ["customer_id"], unique=False)
    op.create_index("ix_consents_link_sha256", "consents", ["link_sha256"], unique=False)
    op.create_index("ix_consents_state_answer_until_us", "consents", ["state", "answer_until_us"], unique=False)
    op.create_index("ix_consents_state_ends_at_us", "consents", ["state", "ends_at_us"], unique=False)
    op.create_index("ix_consents_subscription_id_state", "consents", ["subscription_id", "state"], unique=False)
    op.create_table(
        "consented_pods",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("consent_id", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("requester_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("pod_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_at_us", WHOLE, nullable=False),
        sa.Column("ends_at_us", WHOLE, nullable=False),
        sa.Column("stands", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("stands IN (0, 1)", name=op.f("ck_consented_pods_stands")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_consented_pods_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consented_pods")),
        sqlite_strict=True,
    )
    op.create_index("ix_consented_pods_consent_id", "consented_pods", ["consent_id"], unique=False)
    op.create_index("ix_consented_pods_name", "consented_pods", ["name"], unique=False)
    op.create_index("ix_consented_pods_pod_id", "consented_pods", ["pod_id"], unique=False)
    op.create_index(
        "ix_consented_pods_subscription_id_purpose_stands",
        "consented_pods",
        ["subscription_id", "purpose", "stands"],
        unique=False,
    )
    op.create_table(
        "service_activations",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("description_id", sa.Text(), nullable=False),
        sa.Column("requester_id", sa.Text(), nullable=False),
        sa.Column("pod_ids", sa.Text(), nullable=False),
        sa.Column("selection", sa.Text(), nullable=False),
        sa.Column("processing_details", sa.Text(), nullable=False),
        sa.Column("starts_at_us", WHOLE, nullable=False),
        sa.Column("ends_at_us", WHOLE, nullable=False),
        sa.Column("requested_at_us", WHOLE, nullable=False),
        sa.Column("refreshes", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("confirmed_at_us", WHOLE, nullable=True),
        sa.Column("confirmed", sa.Text(), nullable=False),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("agreement_id", sa.Text(), nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "environment IN ('regulated', 'unregulated')", name=op.f("ck_service_activations_environment")
        ),
        sa.CheckConstraint("side IN ('provider', 'requester')", name=op.f("ck_service_activations_side")),
        sa.CheckConstraint("status IN ('OK', 'KO', 'Partial')", name=op.f("ck_service_activations_status")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_service_activations_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_activations")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_service_activations_subscription_id", "service_activations", ["subscription_id"], unique=False
    )
    op.create_table(
        "service_agreements",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("activation_id", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("description_id", sa.Text(), nullable=False),
        sa.Column("pod_ids", sa.Text(), nullable=False),
        sa.Column("pod_names", sa.Text(), nullable=False),
        sa.Column("selection", sa.Text(), nullable=False),
        sa.Column("data_details", sa.Text(), nullable=False),
        sa.Column("processing_details", sa.Text(), nullable=False),
        sa.Column("validated_at_us", WHOLE, nullable=False),
        sa.Column("starts_at_us", WHOLE, nullable=False),
        sa.Column("ends_at_us", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_at_us", WHOLE, nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("side IN ('provider', 'requester')", name=op.f("ck_service_agreements_side")),
        sa.CheckConstraint("state IN ('in force', 'ended')", name=op.f("ck_service_agreements_state")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_service_agreements_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_agreements")),
        sqlite_strict=True,
    )
    op.create_index("ix_service_agreements_state", "service_agreements", ["state"], unique=False)
    op.create_index(
        "ix_service_agreements_subscription_id", "service_agreements", ["subscription_id"], unique=False
    )
    op.create_table(
        "consent_asks",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("requester_id", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("description_id", sa.Text(), nullable=False),
        sa.Column("pod_ids", sa.Text(), nullable=False),
        sa.Column("data_details", sa.Text(), nullable=False),
        sa.Column("processing_details", sa.Text(), nullable=False),
        sa.Column("starts_at_us", WHOLE, nullable=False),
        sa.Column("ends_at_us", WHOLE, nullable=False),
        sa.Column("asked_at_us", WHOLE, nullable=False),
        sa.Column("answered_at_us", WHOLE, nullable=True),
        sa.Column("n_asked", WHOLE, nullable=False),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("n_asked >= 0", name=op.f("ck_consent_asks_n_asked")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_consent_asks_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_asks")),
        sqlite_strict=True,
    )
    op.create_index("ix_consent_asks_subscription_id", "consent_asks", ["subscription_id"], unique=False)
    op.create_table(
        "told_consents",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("description_id", sa.Text(), nullable=False),
        sa.Column("pod_names", sa.Text(), nullable=False),
        sa.Column("processing_details", sa.Text(), nullable=False),
        sa.Column("starts_at_us", WHOLE, nullable=False),
        sa.Column("ends_at_us", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("acknowledged_at_us", WHOLE, nullable=False),
        sa.Column("ended_at_us", WHOLE, nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'given', 'acknowledged', 'refused', 'revoked', 'expired')",
            name=op.f("ck_told_consents_state"),
        ),
        sa.CheckConstraint("version >= 0", name=op.f("ck_told_consents_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_told_consents")),
        sqlite_strict=True,
    )
    op.create_index("ix_told_consents_subscription_id", "told_consents", ["subscription_id"], unique=False)
    op.create_table(
        "pseudonym_keys",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_pseudonym_keys_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pseudonym_keys")),
        sqlite_strict=True,
    )
    op.create_table(
        "consent_clients",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("peer_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("redirect_uris", sa.Text(), nullable=False),
        sa.Column("secret_sha256", sa.Text(), nullable=False),
        sa.Column("active", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("active IN (0, 1)", name=op.f("ck_consent_clients_active")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_consent_clients_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_clients")),
        sqlite_strict=True,
    )
    op.create_index("ix_consent_clients_peer_id", "consent_clients", ["peer_id"], unique=False)
    op.create_table(
        "authorization_codes",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("challenge", sa.Text(), nullable=False),
        sa.Column("consent_id", sa.Text(), nullable=False),
        sa.Column("expires_at_us", WHOLE, nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f("ck_authorization_codes_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorization_codes")),
        sqlite_strict=True,
    )
    op.create_index("ix_authorization_codes_expires_at_us", "authorization_codes", ["expires_at_us"], unique=False)
    op.create_table(
        "consent_tokens",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("consent_id", sa.Text(), nullable=False),
        sa.Column("expires_at_us", WHOLE, nullable=False),
        sa.Column("spent", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("kind IN ('access', 'refresh')", name=op.f("ck_consent_tokens_kind")),
        sa.CheckConstraint("spent IN (0, 1)", name=op.f("ck_consent_tokens_spent")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_consent_tokens_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_tokens")),
        sqlite_strict=True,
    )
    op.create_index("ix_consent_tokens_consent_id", "consent_tokens", ["consent_id"], unique=False)
    op.create_index("ix_consent_tokens_expires_at_us", "consent_tokens", ["expires_at_us"], unique=False)
    op.create_index("ix_consent_tokens_family", "consent_tokens", ["family"], unique=False)
