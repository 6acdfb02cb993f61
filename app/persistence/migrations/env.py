"""Alembic's entry: migrate on the connection, and in the transaction, that the store hands over."""

from __future__ import annotations

from alembic import context

from app.persistence.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
