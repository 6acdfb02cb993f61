"""The table of alarms about services as both lines of migrations made it first; not to be changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.persistence.columns import WHOLE

_KINDS = "kind IN ('interim overdue', 'deliveries overdue', 'SLA broken', 'service down', 'dead letter')"
_PRIORITIES = "IN ('watch', 'alarm', 'critical')"
_STATES = "state IN ('raised', 'acknowledged', 'returned', 'shelved', 'cleared')"


def create_service_alarms() -> None:
    name = "service_alarms"
    op.create_table(
        name,
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("requester_id", sa.Text(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("raised_at_us", WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("acknowledged_by", sa.Text(), nullable=False),
        sa.Column("acknowledged_at_us", WHOLE, nullable=True),
        sa.Column("shelved_by", sa.Text(), nullable=False),
        sa.Column("shelved_until_us", WHOLE, nullable=True),
        sa.Column("shelve_reason", sa.Text(), nullable=False),
        sa.Column("returned_at_us", WHOLE, nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(_KINDS, name=op.f(f"ck_{name}_kind")),
        sa.CheckConstraint(f"priority {_PRIORITIES}", name=op.f(f"ck_{name}_priority")),
        sa.CheckConstraint(_STATES, name=op.f(f"ck_{name}_state")),
        sa.CheckConstraint(f"seen {_PRIORITIES}", name=op.f(f"ck_{name}_seen")),
        sa.CheckConstraint("version >= 0", name=op.f(f"ck_{name}_version")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("kind", "subject", "provider_id", name=op.f(f"uq_{name}_kind_subject_provider_id")),
        sqlite_strict=True,
    )
    op.create_index(f"ix_{name}_provider_id", name, ["provider_id"], unique=False)
    op.create_index(f"ix_{name}_requester_id", name, ["requester_id"], unique=False)
