"""The EU Market Place's roles are among those of a participant.

Revision ID: 0017
"""

from __future__ import annotations

from app.persistence.migrations.adding import allow

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ROLES = (
    "fmo",
    "dso",
    "tso",
    "esp",
    "aggregator",
    "retailer",
    "brp",
    "customer",
    "place_operator",
    "provider",
    "requester",
    "market_place",
    "peer",
    "system",
)


def upgrade() -> None:
    for table in ("parties", "accounts", "applications"):
        allow(table, "role", _ROLES)
