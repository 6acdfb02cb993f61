"""Requests for services, proposals and subscriptions on the EU Market Place.

Revision ID: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.persistence.columns import WHOLE

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _service_requests()
    _proposals()
    _subscriptions()


def _service_requests() -> None:
    op.create_table(
        "service_requests",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("requester_id", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("data_details", sa.Text(), nullable=False),
        sa.Column("processing_details", sa.Text(), nullable=False),
        sa.Column("wishes", sa.Text(), nullable=False),
        sa.Column("asked_at_us", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "environment IN ('regulated', 'unregulated')", name=op.f("ck_service_requests_environment")
        ),
        sa.CheckConstraint("state IN ('open', 'withdrawn')", name=op.f("ck_service_requests_state")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_service_requests_version")),
        sa.ForeignKeyConstraint(["requester_id"], ["parties.id"], name=op.f("fk_service_requests_requester_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_requests")),
        sqlite_strict=True,
    )
    op.create_index("ix_service_requests_requester_id", "service_requests", ["requester_id"], unique=False)
    op.create_index("ix_service_requests_state", "service_requests", ["state"], unique=False)


def _proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("requester_id", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("asked_terms", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("starts_at_us", WHOLE, nullable=False),
        sa.Column("ends_at_us", WHOLE, nullable=True),
        sa.Column("asked_at_us", WHOLE, nullable=False),
        sa.Column("deadline_us", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answered_at_us", WHOLE, nullable=True),
        sa.Column("declined_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'offered', 'accepted', 'declined')", name=op.f("ck_proposals_state")
        ),
        sa.CheckConstraint("version >= 0", name=op.f("ck_proposals_version")),
        sa.ForeignKeyConstraint(["provider_id"], ["parties.id"], name=op.f("fk_proposals_provider_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["parties.id"], name=op.f("fk_proposals_requester_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sqlite_strict=True,
    )
    op.create_index("ix_proposals_provider_id", "proposals", ["provider_id"], unique=False)
    op.create_index("ix_proposals_request_id", "proposals", ["request_id"], unique=False)
    op.create_index("ix_proposals_requester_id", "proposals", ["requester_id"], unique=False)


def _subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("proposal_id", sa.Text(), nullable=False),
        sa.Column("requester_id", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("agreement_version", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("canceled_at_us", WHOLE, nullable=True),
        sa.Column("canceled_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("state IN ('active', 'canceled')", name=op.f("ck_subscriptions_state")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_subscriptions_version")),
        sa.ForeignKeyConstraint(["provider_id"], ["parties.id"], name=op.f("fk_subscriptions_provider_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["parties.id"], name=op.f("fk_subscriptions_requester_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_subscriptions_proposal_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_subscriptions_provider_id", "subscriptions", ["provider_id"], unique=False)
    op.create_index("ix_subscriptions_requester_id", "subscriptions", ["requester_id"], unique=False)
    op.create_index("ix_subscriptions_state", "subscriptions", ["state"], unique=False)
