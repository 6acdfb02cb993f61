"""Messages to and from platforms, and where these are.

Revision ID: 0018
"""

from __future__ import annotations

from app.persistence.migrations.messages import create_message_tables

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_message_tables()
