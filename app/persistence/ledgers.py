"""The store's own tables, which the domain does not know: audit trail, outbox, clock, accounts, logins,
attempts with an idempotency key."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from app.persistence.columns import WHOLE, Spec, enum, flag, instant, key, number
from app.persistence.columns import text as text_
from app.persistence.registry import metadata
from domain.parties import Role

audit = Table(
    "audit",
    metadata,
    Column("sequence", WHOLE, primary_key=True, autoincrement=False),
    Column("wall_at_us", WHOLE, nullable=False),
    Column("market_at_us", WHOLE, nullable=False),
    Column("account", Text, nullable=False),
    Column("party_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("command", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    sqlite_strict=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", WHOLE, primary_key=True, autoincrement=True),
    Column("audit_sequence", WHOLE, ForeignKey("audit.sequence"), nullable=False),
    Column("event", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("market_at_us", WHOLE, nullable=False),
    Column("dispatched_at_us", WHOLE, nullable=True),
    Column("n_tries", WHOLE, nullable=False),
    Column("error", Text, nullable=False),
    sqlite_strict=True,
)
_WAITING = text("dispatched_at_us IS NULL")
Index("ix_outbox_waiting", outbox.c.id, sqlite_where=_WAITING, postgresql_where=_WAITING)
Index("ix_outbox_audit_sequence", outbox.c.audit_sequence)

MARKET_CLOCK: tuple[Spec, ...] = (
    instant("anchor_market"),
    instant("anchor_wall"),
    number("speed", 0.0, 1e6),
    flag("movable"),
)

market_clock = Table(
    "market_clock",
    metadata,
    Column("id", WHOLE, primary_key=True, autoincrement=False),
    CheckConstraint("id = 1", name="single"),
    *(item for spec in MARKET_CLOCK for item in spec.made()),
    sqlite_strict=True,
)

accounts = Table(
    "accounts",
    metadata,
    *(
        item
        for spec in (
            key("account"),
            text_("password_hash"),
            text_("party_id", references="parties.id"),
            enum("role", Role),
            flag("active"),
        )
        for item in spec.made()
    ),
    Index("ix_accounts_party_id", "party_id"),
    sqlite_strict=True,
)

applicants = Table(
    "applicants",
    metadata,
    Column("application_id", Text, primary_key=True, autoincrement=False),
    Column("account", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    UniqueConstraint("account"),
    sqlite_strict=True,
)
"""The sign-ins of applications and registrations that wait; they leave it with the decision."""

oauth_clients = Table(
    "oauth_clients",
    metadata,
    *(
        item
        for spec in (
            key(),
            text_("secret_sha256"),
            text_("grants"),
            text_("account", nullable=True, references="accounts.account"),
            flag("active"),
        )
        for item in spec.made()
    ),
    sqlite_strict=True,
)
"""Programs that ask for tokens by OAuth2. `grants` are words with blanks between; `account` is whom it acts as
with client credentials. Secrets are random, so that a plain hash of one cannot be guessed."""

one_time_passwords = Table(
    "one_time_passwords",
    metadata,
    Column("account", Text, ForeignKey("accounts.account"), primary_key=True, autoincrement=False),
    Column("expires_at_us", WHOLE, nullable=False),
    sqlite_strict=True,
)
"""Accounts whose password serves for nothing but choosing another one."""

subjects = Table(
    "subjects",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.account"), nullable=False),
    UniqueConstraint("account"),
    sqlite_strict=True,
)
"""People that an OpenID provider vouches for, each with its account."""

logins = Table(
    "logins",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("account", Text, ForeignKey("accounts.account"), nullable=False),
    Column("began_at_us", WHOLE, nullable=False),
    Column("seen_at_us", WHOLE, nullable=False),
    Column("expires_at_us", WHOLE, nullable=False),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("client_id", Text, ForeignKey("oauth_clients.id"), nullable=True),
    Column("family", Text, nullable=True),
    Index("ix_logins_account", "account"),
    Index("ix_logins_expires_at_us", "expires_at_us"),
    Index("ix_logins_family", "family"),
    sqlite_strict=True,
)
"""Sessions and access tokens. `family` is shared by all tokens that descend from one grant."""

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    Column("family", Text, nullable=False),
    Column("account", Text, ForeignKey("accounts.account"), nullable=False),
    Column("client_id", Text, ForeignKey("oauth_clients.id"), nullable=False),
    Column("began_at_us", WHOLE, nullable=False),
    Column("expires_at_us", WHOLE, nullable=False),
    Column("spent_at_us", WHOLE, nullable=True),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Index("ix_refresh_tokens_family", "family"),
    Index("ix_refresh_tokens_account", "account"),
    sqlite_strict=True,
)
"""Spent ones stay as long as their family, so that a second use is known for what it is. `began_at_us` and
`expires_at_us` are the family's."""

key_secrets = Table(
    "key_secrets",
    metadata,
    Column("secret_sha256", Text, primary_key=True),
    Column("key_id", Text, ForeignKey("api_keys.id"), nullable=False),
    Column("issued_at_us", WHOLE, nullable=False),
    Column("ends_at_us", WHOLE, nullable=False),
    Column("used_at_us", WHOLE, nullable=True),
    Index("ix_key_secrets_key_id", "key_id"),
    sqlite_strict=True,
)
"""The secrets of API keys; while one takes over from another, a key has two."""

attempts = Table(
    "attempts",
    metadata,
    Column("caller", Text, primary_key=True),
    Column("route", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("created_at_us", WHOLE, nullable=False),
    Column("made", Text, nullable=False),
    Column("status", WHOLE, nullable=True),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_attempts_created_at_us", "created_at_us"),
    sqlite_strict=True,
)
"""Without a `status` the answer is not known yet, or not kept."""
