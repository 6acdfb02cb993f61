"""Requests, offers, awards and calls are of active or of reactive power.

What was stored before is of active power.

Revision ID: 0003
"""

from __future__ import annotations

from app.persistence.migrations.adding import Added, add_columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COMMODITY = Added("commodity", "TEXT", "'P'", ("P", "Q"))


def upgrade() -> None:
    for table in ("requests", "offers", "awards", "activations"):
        add_columns(table, (COMMODITY,))
