"""Alarms about services.

Revision ID: p0011
"""

from __future__ import annotations

from app.persistence.migrations.service_alarms import create_service_alarms

revision = "p0011"
down_revision = "p0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_service_alarms()
