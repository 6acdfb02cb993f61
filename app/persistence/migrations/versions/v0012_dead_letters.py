"""The outbox keeps how often an event could not be told of, and why.

Revision ID: 0012
"""

from __future__ import annotations

from app.persistence.migrations.adding import Added, add_columns

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_columns("outbox", [Added("n_tries", "BIGINT", "0"), Added("error", "TEXT", "''")])
