"""OAuth2 clients, refresh tokens, API keys and where a login came from.

Revision ID: 0014
"""

from __future__ import annotations

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
