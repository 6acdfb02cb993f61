"""Later revisions on a database of 0001 that has been used: its rows are there, with what they meant."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from app.persistence import migrate, open_store
from app.persistence.lines import MAIN
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import Activation, Award, FlexOffer, FlexRequest, MarketSession
from domain.flexibility.rules import ClearingRules

ROWS = (
    "INSERT INTO parties VALUES ('p1', 'P', 'esp', 0, NULL, 1, 0)",
    "INSERT INTO regions VALUES ('r1', 'R', 'p1', 'p1', 0)",
    "INSERT INTO sessions VALUES ('s1', 'r1', '2026-11-22', 1, 2, 3, 'published', NULL, '', 4)",
    "INSERT INTO assets (id, owner_id, region_id, unit_id, bus, name, kind, p_min_w, p_max_w, flexible_share_ppm,"
    " state, reason, version) VALUES ('a1', 'p1', 'r1', 'u', 'b', 'n', 'pv', 0, 1, 1, 'confirmed', '', 0)",
    "INSERT INTO offers VALUES ('o1', 'p1', 's1', 'r1', 'down', '[]', '[4000]', 5, 'accepted', 2)",
    "INSERT INTO awards VALUES"
    " ('w1', 's1', 'r1', 'o1', 'a1', 'p1', 'down', '[7]', '[4000]', 1234, 'published', 1)",
    "INSERT INTO requests VALUES"
    " ('q1', 'p1', 'r1', 's1', 'z', '[\"b\"]', 'down', '[7]', 4000, 5, 5, 'met', '[0]', 3)",
    "INSERT INTO activations VALUES ('c1', 'w1', 's1', 'r1', 'p1', 'a1', '[-7]', 'requested', '', 0)",
)


def fill(connection: Connection) -> None:
    for row in ROWS:
        connection.execute(text(row))


def test_a_used_database_keeps_its_rows_and_what_they_meant(empty_url: str) -> None:
    """Tables that others refer to are rebuilt; the sessions of before were cleared by the defaults."""
    with open_store(empty_url) as store:
        with store.transaction() as connection:
            migrate.upgrade(connection, MAIN, "0001")
            fill(connection)
        assert store.needs_migration()
        store.migrate()
        assert not store.needs_migration()
        with store.read() as uow:
            (session,), (request,), (offer,), (award,), (call,) = (
                uow.find(kind) for kind in (MarketSession, FlexRequest, FlexOffer, Award, Activation)
            )
        assert (session.version, session.rules) == (4, ClearingRules())
        assert offer.explanations == ()
        assert (award.payment_eur, award.make_whole_eur) == (Decimal("12.34"), Decimal(0))
        assert call.award_id == award.id
        assert {thing.commodity for thing in (request, offer, award, call)} == {Commodity.P}
        for twisted in (
            "UPDATE sessions SET payment = 'free'",
            "UPDATE offers SET commodity = 'R'",
            "DELETE FROM sessions",
            "DELETE FROM awards",
        ):
            with pytest.raises(IntegrityError), store.transaction() as connection:
                connection.execute(text(twisted))
