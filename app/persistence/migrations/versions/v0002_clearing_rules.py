"""Sessions get their clearing rules, awards their make-whole, offers their explanations.

What was stored before keeps the rules it was cleared by: on the network, paid as bid, energy ignored.

Revision ID: 0002
"""

from __future__ import annotations

from app.persistence.migrations.adding import Added, add_columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CLEARING = Added("clearing", "TEXT", "'network'", ("network", "requests", "copperplate", "continuous"))
PAYMENT = Added("payment", "TEXT", "'pay_as_bid'", ("pay_as_bid", "nodal", "vcg"))
ENERGY = Added("energy", "TEXT", "'ignored'", ("ignored", "priced"))
MAKE_WHOLE = Added("make_whole_cents", "BIGINT", "0")
EXPLANATIONS = Added("explanations", "TEXT", "'[]'")


def upgrade() -> None:
    add_columns("sessions", (CLEARING, PAYMENT, ENERGY))
    add_columns("awards", (MAKE_WHOLE,))
    add_columns("offers", (EXPLANATIONS,))
