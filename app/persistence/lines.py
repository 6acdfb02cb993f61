"""The kinds of databases: which tables each has, and by which migrations it comes to them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import MetaData

from app.persistence import ledgers
from app.persistence.tables import metadata, platform_metadata
from app.persistence.tables.access import api_keys
from app.persistence.tables.parties import notifications, parties
from app.persistence.tables.service_alarms import service_alarms
from app.persistence.tables.transport import correspondents, outgoing_messages, received_messages

_HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Line:
    """`folder`: of the revisions."""

    metadata: MetaData
    folder: Path


ON_BOTH = (
    ledgers.audit,
    ledgers.outbox,
    ledgers.market_clock,
    parties,
    notifications,
    ledgers.accounts,
    ledgers.oauth_clients,
    ledgers.one_time_passwords,
    ledgers.logins,
    ledgers.refresh_tokens,
    api_keys,
    ledgers.key_secrets,
    ledgers.attempts,
    outgoing_messages,
    received_messages,
    correspondents,
    service_alarms,
)
"""Tables of the main database that a platform has, too: who acts, what was done, who was told."""
for _table in ON_BOTH:
    _table.to_metadata(platform_metadata)

MAIN = Line(metadata=metadata, folder=_HERE / "migrations" / "versions")
PLATFORM = Line(metadata=platform_metadata, folder=_HERE / "platform_migrations" / "versions")
