"""The tables of messages as both lines of migrations made them first; not to be changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.persistence.columns import WHOLE


def create_message_tables() -> None:
    _outgoing()
    _received()
    _correspondents()


def _outgoing() -> None:
    name = "outgoing_messages"
    op.create_table(
        name,
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("addressee_id", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("sequence", WHOLE, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at_us", WHOLE, nullable=False),
        sa.Column("trying_since_us", WHOLE, nullable=False),
        sa.Column("next_try_at_us", WHOLE, nullable=False),
        sa.Column("n_tries", WHOLE, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("ended_at_us", WHOLE, nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("sequence >= 0", name=op.f(f"ck_{name}_sequence")),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'dead', 'dropped')", name=op.f(f"ck_{name}_state")),
        sa.CheckConstraint("n_tries >= 0", name=op.f(f"ck_{name}_n_tries")),
        sa.CheckConstraint("version >= 0", name=op.f(f"ck_{name}_version")),
        sa.ForeignKeyConstraint(["addressee_id"], ["parties.id"], name=op.f(f"fk_{name}_addressee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint(
            "addressee_id", "stream", "sequence", name=op.f(f"uq_{name}_addressee_id_stream_sequence")
        ),
        sqlite_strict=True,
    )
    columns = ["state", "addressee_id", "stream", "sequence"]
    op.create_index(f"ix_{name}_{'_'.join(columns)}", name, columns, unique=False)


def _received() -> None:
    name = "received_messages"
    op.create_table(
        name,
        sa.Column("id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("sender_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("sequence", WHOLE, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("received_at_us", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("sequence >= 0", name=op.f(f"ck_{name}_sequence")),
        sa.CheckConstraint("version >= 0", name=op.f(f"ck_{name}_version")),
        sa.ForeignKeyConstraint(["sender_id"], ["parties.id"], name=op.f(f"fk_{name}_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sqlite_strict=True,
    )
    columns = ["sender_id", "stream", "sequence"]
    op.create_index(f"ix_{name}_{'_'.join(columns)}", name, columns, unique=False)


def _correspondents() -> None:
    name = "correspondents"
    op.create_table(
        name,
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("sealed_key", sa.Text(), nullable=False),
        sa.Column("sealed_next", sa.Text(), nullable=False),
        sa.Column("refresh_at_us", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint("version >= 0", name=op.f(f"ck_{name}_version")),
        sa.ForeignKeyConstraint(["id"], ["parties.id"], name=op.f(f"fk_{name}_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sqlite_strict=True,
    )
    op.create_index(f"ix_{name}_refresh_at_us", name, ["refresh_at_us"], unique=False)
