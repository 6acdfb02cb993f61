"""What a unit of work stores, and what it leaves out when it fails."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, event, insert, select, text
from stored_samples import CONFIRM, CONFIRMED, DSO, T0, Clock, asset, code_of, counts, gate, session

from app.persistence import Store, open_store
from app.persistence.ledgers import audit
from app.persistence.tables import ENTITIES
from domain.commands import PassGate
from domain.errors import Refused
from domain.events import Event, SessionOpened
from domain.flexibility.assets import FlexAsset
from domain.flexibility.grids import GridState, Job
from domain.flexibility.market import FlexOffer, Gate, MarketSession
from domain.ids import GateId, PartyId, RegionId, SessionId
from domain.lifecycle import AssetState, SessionState
from domain.parties import SYSTEM, Party, Role
from domain.time import MarketClock


def test_change_event_and_audit_row_are_stored_together(store: Store) -> None:
    with store.write(DSO, CONFIRM) as uow:
        uow.save(replace(uow.get(FlexAsset, "a1"), state=AssetState.CONFIRMED))
        uow.record(CONFIRMED)
    with store.read() as uow:
        assert uow.get(FlexAsset, "a1").state is AssetState.CONFIRMED
        assert uow.get(FlexAsset, "a1").version == 1
    assert [row.event for row in store.undispatched(10)] == [CONFIRMED]
    with store.snapshot() as connection:
        last = connection.execute(select(audit).order_by(audit.c.sequence.desc()).limit(1)).one()
    said = (last.sequence, last.account, last.party_id, last.role, last.command, last.body)
    assert said == (2, "dso1", "dso1", "dso", "ConfirmAsset", '{"asset_id":"a1"}')


def test_nothing_is_stored_or_told_when_the_block_fails(url: str, store: Store) -> None:
    told: list[object] = []
    before = counts(store)
    with open_store(url, on_commit=told.append) as other:
        with pytest.raises(ZeroDivisionError), other.write(DSO, CONFIRM) as uow:  # noqa: PT012
            uow.save(replace(uow.get(FlexAsset, "a1"), state=AssetState.CONFIRMED))
            uow.set_clock(MarketClock(anchor_market=T0, anchor_wall=T0, speed=0.0))
            uow.record(CONFIRMED)
            raise ZeroDivisionError
        assert told == []
    assert counts(store) == before
    with store.read() as uow:
        assert uow.get(FlexAsset, "a1").state is AssetState.REGISTERED
        assert uow.clock().speed == 1.0


def test_revision_counts_what_is_stored(store: Store) -> None:
    before = store.revision
    with store.read() as uow:
        uow.get(FlexAsset, "a1")
    with pytest.raises(ZeroDivisionError), store.write(DSO, CONFIRM):
        raise ZeroDivisionError
    assert store.revision == before
    with store.write(DSO, CONFIRM) as uow:
        uow.save(replace(uow.get(FlexAsset, "a1"), state=AssetState.CONFIRMED))
        assert store.revision == before, "not before it is stored"
    assert store.revision > before


def test_listener_hears_after_commit_and_cannot_undo_it(url: str, store: Store) -> None:
    heard: list[tuple[Sequence[Event], int]] = []

    def listen(events: Sequence[Event]) -> None:
        heard.append((events, counts(store)[1]))
        raise RuntimeError("a page went wrong")

    with open_store(url, on_commit=listen) as other, other.write(DSO, CONFIRM) as uow:
        uow.record(CONFIRMED)
        assert heard == []
    assert heard == [((CONFIRMED,), 1)]


def test_stale_save_is_refused(store: Store) -> None:
    with store.read() as uow:
        seen = uow.get(MarketSession, "s1")
    with store.write(DSO, CONFIRM) as uow:
        uow.save(replace(seen, state=SessionState.OPEN))
    with pytest.raises(Refused) as error, store.write(DSO, CONFIRM) as uow:
        uow.save(replace(seen, reason="late"))
    assert code_of(error.value) == "stale"
    with store.read() as uow:
        assert uow.get(MarketSession, "s1") == replace(seen, state=SessionState.OPEN, version=1)


def test_gate_is_there_once_and_the_unit_goes_on(store: Store) -> None:
    with store.write(SYSTEM, PassGate(gate_id=GateId("g1"))) as uow:
        uow.add(gate("g1"))
        for again in (gate("g2"), replace(gate("g1"), due_at=T0 + timedelta(hours=1))):
            with pytest.raises(Refused) as error:
                uow.add(again)
            assert code_of(error.value) == "duplicate"
        uow.add(replace(gate("g3"), due_at=T0 + timedelta(minutes=1)))
    with store.read() as uow:
        assert [found.id for found in uow.find(Gate)] == ["g1", "g3"]


def test_unit_of_a_refused_asset_can_be_registered_again(store: Store) -> None:
    with store.write(DSO, CONFIRM) as uow:
        with pytest.raises(Refused) as error:
            uow.add(asset("a2"))
        assert code_of(error.value) == "duplicate"
        refused = replace(uow.get(FlexAsset, "a1"), state=AssetState.REFUSED)
        uow.save(refused)
        uow.add(asset("a2"))
        with pytest.raises(Refused) as error:
            uow.save(replace(refused, state=AssetState.CONFIRMED, version=1))
        assert code_of(error.value) == "duplicate"


def test_grid_state_is_there_once_per_day_with_and_without_session(store: Store) -> None:
    before = GridState(
        id="gs1",
        region_id=RegionId("r1"),
        delivery_day=session("s1").delivery_day,
        session_id=None,
        payload=b"x",
        network_sha256="n",
        schedule_sha256="s",
    )
    after = replace(before, id="gs2", session_id=SessionId("s1"))
    with store.write(DSO, CONFIRM) as uow:
        uow.add(before)
        uow.add(after)
        for again in (replace(before, id="gs3"), replace(after, id="gs4")):
            with pytest.raises(Refused) as error:
                uow.add(again)
            assert code_of(error.value) == "duplicate"
        assert uow.find(GridState, session_id=None) == (before,)
        assert uow.find(GridState, session_id=SessionId("s1")) == (after,)


def test_reference_to_nothing_is_refused(store: Store) -> None:
    with pytest.raises(Refused) as error, store.write(DSO, CONFIRM) as uow:
        uow.add(replace(asset("a2", "pv 2"), owner_id=PartyId("nobody")))
    assert code_of(error.value) == "not_found"


def test_find_by_several_fields_any_of_and_order(store: Store) -> None:
    with store.write(DSO, CONFIRM) as uow:
        for name in ("b", "B", "ä", "a"):
            uow.add(Party(id=PartyId(name), name=name, role=Role.BRP))
    with store.read() as uow:
        assert [p.id for p in uow.find(Party, role=Role.BRP)] == ["B", "a", "b", "ä"]
        assert [p.id for p in uow.find(Party, role=(Role.DSO, Role.TSO))] == ["dso1", "tso"]
        assert [p.id for p in uow.find(Party, role=Role.BRP, name="b", active=True)] == ["b"]
        assert uow.find(Party, id=()) == ()
        assert len(uow.find(MarketSession, opens_at=T0)) == 1
        for field in ("lines", "no_such_field"):
            with pytest.raises(TypeError, match="cannot be found by"):
                uow.find(FlexOffer, **{field: "x"})
        with pytest.raises(Refused) as error:
            uow.get(Party, "nobody")
    assert code_of(error.value) == "not_found"


def test_bare_entities_leave_their_large_fields_in_the_database(store: Store) -> None:
    state = GridState(
        id="gs1",
        region_id=RegionId("r1"),
        delivery_day=session("s1").delivery_day,
        session_id=None,
        payload=b"x" * 1000,
        network_sha256="n",
        schedule_sha256="s",
    )
    asked: list[str] = []
    with store.write(DSO, CONFIRM) as uow:
        uow.add(state)
        note = partial(_note, asked)
        event.listen(Engine, "before_cursor_execute", note)
        try:
            assert uow.find_bare(GridState, session_id=None) == (replace(state, payload=b""),)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        assert uow.find(GridState) == (state,)
    assert len(asked) == 1
    assert "payload" not in asked[0]


def _note(asked: list[str], _connection: object, _cursor: object, statement: str, *_: object) -> None:
    asked.append(statement)


def test_counting_gives_as_many_as_finding(store: Store) -> None:
    with store.write(DSO, CONFIRM) as uow:
        for number, done in enumerate((False, False, True)):
            uow.add(replace(gate(f"g{number}"), due_at=T0 + timedelta(minutes=number), done=done))
        assert uow.count_by(Gate, "done", kind=gate("g0").kind) == {False: 2, True: 1}
        assert uow.count_by(Gate, "done", id=("g0", "g2")) == {False: 1, True: 1}
        assert uow.count_by(Gate, "done", id="none") == {}
        found = {(one.id, one.due_at, one.done) for one in uow.find(Gate, done=False)}
        assert set(uow.pick(Gate, "id", "due_at", "done", done=False)) == found
        assert len(found) == 2
        assert list(uow.pick(Gate, "id", id=tuple(f"g{n}" for n in range(20_000)), done=True)) == [("g2",)]


def test_what_is_removed_is_gone_and_only_in_the_version_seen(store: Store) -> None:
    with store.write(DSO, CONFIRM) as uow:
        uow.add(gate("g1"))
        uow.add(replace(gate("g2"), due_at=T0 + timedelta(minutes=1)))
        seen = uow.get(Gate, "g1")
        uow.save(replace(seen, done=True))
        with pytest.raises(Refused) as error:
            uow.remove(seen)
        assert code_of(error.value) == "stale"
        uow.remove(replace(seen, version=1))
        assert [found.id for found in uow.find(Gate)] == ["g2"]
    with store.read() as uow, pytest.raises(RuntimeError, match="only reads"):
        uow.remove(uow.get(Gate, "g2"))


def test_reading_cannot_write(store: Store) -> None:
    before = counts(store)
    with store.read() as uow:
        stored = uow.get(FlexAsset, "a1")
        clock = uow.clock()
        for attempt in (
            lambda: uow.add(gate("g1")),
            lambda: uow.save(stored),
            lambda: uow.record(CONFIRMED),
            lambda: uow.set_clock(clock),
        ):
            with pytest.raises(RuntimeError, match="only reads"):
                attempt()
    with pytest.raises(Exception, match=r"read-?only"), store.snapshot() as connection:
        connection.execute(text("DELETE FROM parties"))
    assert counts(store) == before


def test_a_reader_sees_one_moment(store: Store) -> None:
    with store.read() as reading:
        assert reading.find(Gate) == ()
        with store.write(SYSTEM, CONFIRM) as uow:
            uow.add(gate("g1"))
        assert reading.find(Gate) == ()
    with store.read() as reading:
        assert len(reading.find(Gate)) == 1


def test_units_do_not_nest(store: Store) -> None:
    with store.write(DSO, CONFIRM), pytest.raises(RuntimeError, match="do not nest"), store.write(DSO, CONFIRM):
        pass
    assert counts(store)[0] == 2


def test_market_time_follows_the_stored_clock(store: Store, clock: Clock) -> None:
    with store.read() as uow:
        assert (uow.wall, uow.market) == (T0, T0)
    demo = MarketClock(anchor_market=T0 - timedelta(days=3650), anchor_wall=T0, speed=60.0, movable=True)
    with store.write(SYSTEM, CONFIRM) as uow:
        uow.set_clock(demo)
        assert uow.clock() == demo
    clock.pass_(minutes=1)
    with store.write(SYSTEM, CONFIRM) as uow:
        assert uow.clock() == demo
        assert uow.wall == T0 + timedelta(minutes=1)
        assert uow.market == demo.anchor_market + timedelta(hours=1)
        uow.record(SessionOpened(session_id=SessionId("s1"), region_id=RegionId("r1")))
        uow.set_clock(demo.run(uow.wall, 0.0))
    (row,) = store.undispatched(10)
    assert row.market_at == demo.anchor_market + timedelta(hours=1)
    with store.snapshot() as connection:
        last = connection.execute(select(audit).order_by(audit.c.sequence.desc()).limit(1)).one()
    assert last.wall_at_us - last.market_at_us == (timedelta(days=3650) - timedelta(minutes=59)) // timedelta(
        microseconds=1
    )
    with store.read() as uow:
        assert uow.clock().speed == 0.0


def test_threads_lose_no_update(store: Store) -> None:
    """Trap: SQLAlchemy's defaults on SQLite lost 599 of 640 updates without an error."""
    failures: list[BaseException] = []

    def count_up() -> None:
        try:
            for _ in range(40):
                with store.write(DSO, CONFIRM) as uow:
                    stored = uow.get(FlexAsset, "a1")
                    uow.save(replace(stored, name=str(int(stored.name) + 1)))
        except BaseException as error:
            failures.append(error)

    with store.write(DSO, CONFIRM) as uow:
        uow.save(replace(uow.get(FlexAsset, "a1"), name="0"))
    threads = [threading.Thread(target=count_up) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with store.read() as uow:
        assert (uow.get(FlexAsset, "a1").name, uow.get(FlexAsset, "a1").version) == ("640", 641)
    assert counts(store)[0] == 642
    assert store.verify_audit() is None


def test_two_programs_lose_no_update(url: str, store: Store) -> None:
    """As above through two stores, whose writers do not know of each other."""
    with open_store(url) as other:

        def count_up(mine: Store) -> None:
            for _ in range(40):
                with mine.write(DSO, CONFIRM) as uow:
                    stored = uow.get(FlexAsset, "a1")
                    uow.save(replace(stored, reason=stored.reason + "."))

        threads = [threading.Thread(target=count_up, args=(mine,)) for mine in (store, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with store.read() as uow:
        assert uow.get(FlexAsset, "a1").reason == "." * 80
    assert store.verify_audit() is None


def test_number_that_is_none_is_kept_out_by_the_table_too(store: Store) -> None:
    table = ENTITIES[Job].table
    for bad in (float("nan"), float("inf"), -0.1):
        row = {column.name: "" for column in table.c}
        row |= {"region_id": "r1", "delivery_day": "2026-11-22", "session_id": None, "state": "queued"}
        row |= {"submitted_at_us": 0, "inputs": b"", "result": b"", "version": 0, "progress": bad}
        with pytest.raises(Exception, match=r"(?i)constraint"), store.transaction() as connection:
            connection.execute(insert(table).values(row))
