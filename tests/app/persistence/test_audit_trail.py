"""The audit trail tells when it was tampered with, and keeps neither secrets nor long documents."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, delete, insert, select, update
from stored_samples import CONFIRM, CONFIRMED, DSO, T0, counts

from app.audit import GENESIS, LONG, AuditRow, digest, first_broken, sealed
from app.persistence import Store
from app.persistence.ledgers import audit, outbox
from domain.commands import ApplyJob, UploadNetwork, UploadPrices
from domain.errors import Refused
from domain.flexibility.market import PriceKind
from domain.ids import JobId, RegionId
from domain.parties import SYSTEM


@pytest.fixture
def trail(store: Store) -> Store:
    """A store with audit rows 1 to 5; 2 to 5 have an event each."""
    for _ in range(4):
        with store.write(DSO, CONFIRM) as uow:
            uow.record(CONFIRMED)
    assert counts(store) == (5, 4)
    assert store.verify_audit() is None
    return store


CHANGES: list[dict[str, Any]] = [
    {"wall_at_us": 1},
    {"market_at_us": 1},
    {"account": "x"},
    {"party_id": "x"},
    {"role": "fmo"},
    {"command": "RefuseAsset"},
    {"body": "{}"},
    {"previous": GENESIS},
    {"hash": GENESIS},
]


def test_a_changed_row_is_named(trail: Store) -> None:
    third = update(audit).where(audit.c.sequence == 3)
    with trail.transaction() as connection:
        as_it_was = _row(connection, 3)
    assert {name for change in CHANGES for name in change} == set(as_it_was) - {"sequence"}
    for change in CHANGES:
        with trail.transaction() as connection:
            connection.execute(third.values(change))
        assert trail.verify_audit() == 3, change
        with trail.transaction() as connection:
            connection.execute(third.values(as_it_was))
        assert trail.verify_audit() is None


def _row(connection: Connection, sequence: int) -> dict[str, Any]:
    row = connection.execute(select(audit).where(audit.c.sequence == sequence)).mappings().one()
    return dict(row)


def test_a_removed_row_is_named(trail: Store) -> None:
    with trail.transaction() as connection:
        connection.execute(delete(outbox).where(outbox.c.audit_sequence == 3))
        connection.execute(delete(audit).where(audit.c.sequence == 3))
    assert trail.verify_audit() == 3


def test_rows_with_events_cannot_be_cut_off_the_end(trail: Store) -> None:
    """The chain alone would not tell; the events that point to the row do."""
    with pytest.raises(Exception, match=r"(?i)foreign key"), trail.transaction() as connection:
        connection.execute(delete(audit).where(audit.c.sequence == 5))


def test_rows_cut_off_the_end_with_the_constraint_off_are_named(trail: Store, url: str, sort: str) -> None:
    if sort == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            connection.execute("DELETE FROM audit WHERE sequence = 5")
    else:
        with psycopg.connect(url) as connection:
            connection.execute("ALTER TABLE outbox DROP CONSTRAINT fk_outbox_audit_sequence")
            connection.execute("DELETE FROM audit WHERE sequence = 5")
    assert trail.verify_audit() == 5


def test_a_row_put_in_between_is_named(trail: Store) -> None:
    with trail.transaction() as connection:
        connection.execute(insert(audit).values(_row(connection, 3) | {"sequence": 7}))
    assert trail.verify_audit() == 6


def test_the_trail_keeps_long_documents_by_hash(store: Store) -> None:
    document = "ä" * LONG
    with store.write(DSO, UploadNetwork(region_id=RegionId("r1"), document=document)):
        pass
    with store.write(SYSTEM, ApplyJob(job_id=JobId("j1"), succeeded=True, result=b"\x00" * (LONG + 1))):
        pass
    with store.snapshot() as connection:
        bodies = [json.loads(b) for b in connection.scalars(select(audit.c.body).order_by(audit.c.sequence))]
    sha256 = hashlib.sha256(document.encode()).hexdigest()
    assert bodies[1] == {"region_id": "r1", "document": {"sha256": sha256, "bytes": 2 * LONG}}
    assert bodies[2]["result"]["sha256"] == hashlib.sha256(b"\x00" * (LONG + 1)).hexdigest()
    assert bodies[2]["job_id"] == "j1"


@dataclass(frozen=True, kw_only=True)
class ChangePassword:
    account: str
    password: str


def test_the_trail_never_holds_a_password(store: Store) -> None:
    with store.write(DSO, ChangePassword(account="dso1", password="correct horse")):
        pass
    with store.snapshot() as connection:
        row = connection.execute(select(audit).where(audit.c.sequence == 2)).one()
    assert json.loads(row.body) == {"account": "dso1", "password": "withheld"}
    assert hashlib.sha256(b"correct horse").hexdigest() not in str(row)


def test_a_unit_whose_command_cannot_be_told_is_not_stored(store: Store) -> None:
    command = UploadPrices(
        kind=PriceKind.DAY_AHEAD,
        delivery_day=date(2026, 11, 22),
        price_eur_per_mwh=(Decimal("NaN"),),
        source="",
    )
    with pytest.raises(Refused), store.write(DSO, command) as uow:
        uow.record(CONFIRMED)
    assert counts(store) == (1, 0)


FIRST = AuditRow(
    sequence=1,
    wall_at=T0,
    market_at=T0,
    account="fmo",
    party_id="fmo",
    role="fmo",
    command="ConfirmAsset",
    body='{"asset_id":"a1"}',
    previous=GENESIS,
)


def test_hash_is_over_the_rows_canonical_json() -> None:
    said = (
        '{"account":"fmo","body":"{\\"asset_id\\":\\"a1\\"}","command":"ConfirmAsset",'
        '"market_at":"2026-11-21T08:30:00+00:00","party_id":"fmo","previous":"' + GENESIS + '",'
        '"role":"fmo","sequence":1,"wall_at":"2026-11-21T08:30:00+00:00"}'
    )
    assert digest(FIRST) == hashlib.sha256(said.encode()).hexdigest()


def test_chain_of_well_sealed_rows_that_do_not_follow_each_other() -> None:
    first = sealed(FIRST)
    second = sealed(replace(FIRST, sequence=2, previous=first.hash))
    assert first_broken([]) is None
    assert first_broken([FIRST]) == 1
    assert first_broken([first, second]) is None
    assert first_broken([first, sealed(replace(second, sequence=3))]) == 2
    assert first_broken([first, sealed(replace(second, previous=GENESIS))]) == 2
    assert first_broken([second]) == 1
