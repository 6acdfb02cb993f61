"""Offers have terms; those of before have none.

Revision ID: 0004
"""

from __future__ import annotations

from app.persistence.migrations.adding import Added, add_columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_columns("offers", [Added("terms", "TEXT", "'{}'")])
