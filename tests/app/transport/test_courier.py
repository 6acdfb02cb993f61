"""The courier against systems that answer, refuse, fall silent, break off and come back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import pytest
from carried import DO, NOW, MovedWall
from players import Player, Told, player

import app.transport.courier as courier_module
from app.desk import Desk
from app.persistence import Store
from app.transport.client import Client, Patience
from app.transport.courier import Courier
from app.transport.reporting import drop, replay
from app.transport.sending import REFRESH_EVERY, address, send
from domain.errors import Refused
from domain.events import Event, MessageDied
from domain.ids import MessageId, PartyId
from domain.parties import SYSTEM
from domain.transport import Correspondent, MessageState, OutgoingMessage

P1, P2, PLACE = map(PartyId, ("P1", "P2", "market-place"))
KEY = "fdk_presented"
QUICK = Patience(connect=0.5, read=0.5, total=1.0)


@dataclass(frozen=True, kw_only=True)
class Said:
    n: int


@dataclass
class Post:
    """A store, its courier, and players at the other end."""

    store: Store
    courier: Courier
    wall: MovedWall
    events: list[Event]
    open_player: Callable[[PartyId], Player]

    def send(self, to: PartyId, stream: str, n: int = 1) -> list[MessageId]:
        with self.store.write(SYSTEM, DO) as uow:
            return [send(uow, to=to, stream=stream, path="/in", body=Said(n=k)) for k in range(n)]

    def get(self, id: MessageId) -> OutgoingMessage:
        with self.store.read() as uow:
            return uow.get(OutgoingMessage, id)

    def states(self, ids: list[MessageId]) -> list[str]:
        return [self.get(id).state.value for id in ids]


@pytest.fixture
def post(line_store: Store, wall: MovedWall) -> Iterator[Post]:
    events: list[Event] = []
    line_store._on_commit = events.extend
    desk = Desk(line_store.write, line_store.read, {})
    courier = Courier(
        book=line_store,
        read=line_store.read,
        execute=lambda command: desk.execute(SYSTEM, command),
        wall=wall,
        client=lambda: Client(local=True, patience=QUICK),
        poll_seconds=0.05,
        random=Random(3),
    )
    with ExitStack() as stack:

        def opened(party_id: PartyId) -> Player:
            made = stack.enter_context(player())
            with line_store.write(SYSTEM, DO) as uow:
                address(uow, party_id, made.url, KEY)
            return made

        yield Post(line_store, courier, wall, events, opened)


def test_messages_arrive_in_the_order_of_their_stream(post: Post) -> None:
    there = post.open_player(P1)
    ids = post.send(P1, "a", 5) + post.send(P1, "b", 5)
    assert post.courier.poll() == 10
    for stream in "ab":
        assert [n for name, n in there.order if name == stream] == [1, 2, 3, 4, 5]
    assert set(post.states(ids)) == {"delivered"}
    first = there.got[0]
    assert (first.path, first.key, first.sent_at) == ("/in", f"Bearer {KEY}", NOW.isoformat())
    assert {got.message_id for got in there.got} == set(ids)
    assert {post.get(id).body for id in ids} == {""}
    assert post.courier.poll() == 0


def test_a_lost_answer_brings_the_same_message_again_under_its_id(post: Post) -> None:
    there = post.open_player(P1)
    there.answer = lambda got: Told(hang_up=len(there.got) == 1)
    (id,) = post.send(P1, "a")
    assert post.courier.poll() == 1
    waiting = post.get(id)
    assert (waiting.state, waiting.n_tries) == (MessageState.WAITING, 1)
    assert waiting.next_try_at > NOW
    assert post.courier.poll() == 0
    post.wall.now = waiting.next_try_at
    assert post.courier.poll() == 1
    assert [got.message_id for got in there.got] == [id, id]
    assert post.states([id]) == ["delivered"]


def test_a_head_that_waits_holds_up_its_stream_only(post: Post) -> None:
    there = post.open_player(P1)
    there.answer = lambda got: Told(status=500 if got.stream == "a" else 200)
    held, free = post.send(P1, "a", 2), post.send(P1, "b", 2)
    post.courier.poll()
    assert post.states(held + free) == ["waiting", "waiting", "delivered", "delivered"]
    assert there.order.count(("a", 1)) == 1
    assert ("a", 2) not in there.order


def test_a_refusal_for_good_is_dead_at_once_and_stops_its_stream(post: Post) -> None:
    there = post.open_player(P1)
    there.answer = lambda got: Told(status=422, body=b'{"detail": "No."}') if got.sequence == 1 else Told()
    ids = post.send(P1, "a", 2)
    post.courier.poll()
    assert post.states(ids) == ["dead", "waiting"]
    assert (post.get(ids[0]).error, post.get(ids[0]).body) == ("422: No.", '{"n":0}')
    assert [e for e in post.events if isinstance(e, MessageDied)] == [MessageDied(message_id=ids[0], party_id=P1)]
    post.wall.move(days=4)
    post.courier.poll()
    assert post.states(ids) == ["dead", "waiting"]


def test_a_dead_letter_is_replayed_under_its_id(post: Post) -> None:
    there = post.open_player(P1)
    there.answer = lambda got: Told(status=403)
    ids = post.send(P1, "a", 2)
    post.courier.poll()
    post.wall.move(days=30)
    there.answer = lambda got: Told(status=503)
    with post.store.write(SYSTEM, DO) as uow:
        replayed = replay(uow, ids[0])
    assert (replayed.state, replayed.n_tries, replayed.trying_since) == (MessageState.WAITING, 0, post.wall())
    post.courier.poll()
    assert post.states(ids) == ["waiting", "waiting"], "it has its 72 hours anew"
    there.answer = lambda got: Told()
    post.wall.move(minutes=1)
    post.courier.poll()
    assert post.states(ids) == ["delivered", "delivered"]
    assert [got.message_id for got in there.got if got.path == "/in"] == [ids[0]] * 3 + [ids[1]]


def test_a_dropped_letter_lets_the_next_go(post: Post) -> None:
    there = post.open_player(P1)
    there.answer = lambda got: Told(status=400 if got.sequence == 1 else 200)
    ids = post.send(P1, "a", 2)
    post.courier.poll()
    with post.store.write(SYSTEM, DO) as uow:
        dropped = drop(uow, ids[0])
    assert (dropped.state, dropped.body) == (MessageState.DROPPED, "")
    post.courier.poll()
    assert post.states(ids) == ["dropped", "delivered"]
    for settle in (replay, drop):
        with pytest.raises(Refused, match="wrong_state"), post.store.write(SYSTEM, DO) as uow:
            settle(uow, ids[0])
    with pytest.raises(Refused, match="not_found"), post.store.write(SYSTEM, DO) as uow:
        drop(uow, MessageId("MS-none"))


def test_it_dies_after_72_hours_and_not_before(post: Post) -> None:
    there = post.open_player(P1)
    there.answer = lambda got: Told(status=500)
    (id,) = post.send(P1, "a")
    end = NOW.replace(day=24)
    while post.states([id]) == ["waiting"]:
        assert post.courier.poll() == 1
        post.wall.now = min(max(post.get(id).next_try_at, post.wall.now + timedelta(hours=5)), end)
    dead = post.get(id)
    assert (dead.ended_at, dead.n_tries) == (end, len(there.got))
    assert dead.error.startswith("Not delivered within 72 hours.")


def test_a_system_without_address_is_waited_for(post: Post) -> None:
    ids = post.send(P1, "a")
    post.courier.poll()
    assert (post.states(ids), post.get(ids[0]).error) == (["waiting"], "The address is not known yet.")
    post.open_player(P1)
    post.wall.move(minutes=1)
    post.courier.poll()
    assert post.states(ids) == ["delivered"]


def test_a_dead_player_delays_no_other(post: Post) -> None:
    """Silent ones keep what they have under way; the rest goes on, and comes back when they do."""
    silent, quick = post.open_player(P1), post.open_player(P2)
    released = threading.Event()
    silent.answer = lambda got: Told(before=lambda: released.wait(20))
    held = [id for k in range(30) for id in post.send(P1, f"s{k}")]
    free = [id for k in range(5) for id in post.send(P2, f"s{k}", 20)]
    post.courier.start()
    try:
        until = time.monotonic() + 20
        while set(post.states(free)) != {"delivered"} and time.monotonic() < until:
            time.sleep(0.1)
        assert set(post.states(free)) == {"delivered"}
        assert len(quick.got) == 100
        assert "delivered" not in post.states(held)
    finally:
        post.courier.stop()
        released.set()


def test_many_dead_players_leave_room_for_those_that_answer(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than there are messages under way; what they are owed is older."""
    monkeypatch.setattr(courier_module, "MOST_UNDER_WAY", 6)
    monkeypatch.setattr(courier_module, "MOST_TO_SILENT", 2)
    order: list[str] = []
    released = threading.Event()

    def silent(_got: object) -> Told:
        order.append("silent")
        return Told(before=lambda: released.wait(60))

    def quick(_got: object) -> Told:
        order.append("quick")
        return Told()

    for party in (P1, PLACE):
        post.open_player(party).answer = silent
        for k in range(30):
            post.send(party, f"s{k}")
    post.wall.move(seconds=1)
    post.open_player(P2).answer = quick
    free = [id for k in range(5) for id in post.send(P2, f"s{k}")]
    post.courier.start()
    try:
        until = time.monotonic() + 60
        while set(post.states(free)) != {"delivered"} and time.monotonic() < until:
            time.sleep(0.1)
    finally:
        post.courier.stop()
        released.set()
    assert order.count("quick") == 5
    last = max(place for place, who in enumerate(order) if who == "quick")
    assert last < 30


def test_slow_and_endless_answers_come_to_an_end(post: Post) -> None:
    """The status counts; a body is read no longer than our patience and no further than our limit."""
    there = post.open_player(P1)
    released = threading.Event()
    headers = {"Content-Length": "1000000"}
    there.answer = lambda got: {
        "slow": Told(headers=headers, body=b"x"),
        "large": Told(status=500, headers=headers, body=b"x" * 1_000_000),
        "bomb": Told(status=500, headers={"Content-Encoding": "gzip"}, body=b"no gzip"),
        "silent": Told(before=lambda: released.wait(20)),
    }[got.stream]
    ids = [id for stream in ("slow", "large", "bomb", "silent") for id in post.send(P1, stream)]
    began = time.monotonic()
    post.courier.poll()
    assert time.monotonic() - began < 15
    released.set()
    assert post.states(ids) == ["delivered", "waiting", "waiting", "waiting"]
    assert len(post.get(ids[1]).error) <= 300
    assert post.get(ids[3]).error == "There was no answer in time."


def test_redirects_are_not_followed(post: Post) -> None:
    there, other = post.open_player(P1), post.open_player(P2)
    there.answer = lambda got: Told(status=307, headers={"Location": f"{other.url}/in"})
    ids = post.send(P1, "a")
    post.courier.poll()
    assert (post.states(ids), other.got) == (["waiting"], [])


def test_a_restarted_courier_sends_what_the_first_left(post: Post) -> None:
    there = post.open_player(P1)
    released = threading.Event()
    there.answer = lambda got: Told(before=lambda: released.wait(20))
    (id,) = post.send(P1, "a")
    post.courier.start()
    while not there.got:
        time.sleep(0.01)
    post.courier.stop()
    released.set()
    assert (post.get(id).state, post.get(id).n_tries) == (MessageState.WAITING, 0)
    there.answer = lambda got: Told()
    assert post.courier.poll() == 1
    assert post.states([id]) == ["delivered"]


def test_our_key_is_followed_by_another_one(post: Post) -> None:
    """A lost answer and a refusal lock nobody out; the messages go on with the key of before."""
    there = post.open_player(P1)
    with post.store.write(SYSTEM, DO) as uow:
        address(uow, P2, there.url, KEY)
    taken: list[str] = []

    def answer(got: object) -> Told:
        if there.got[-1].path.endswith("/apikey"):
            taken.append(there.got[-1].body)
            return Told(hang_up=len(taken) == 1)
        return Told()

    there.answer = answer
    post.courier.poll()
    assert there.got == []
    post.wall.now = NOW + REFRESH_EVERY
    post.courier.poll()
    assert len(taken) == 1
    (id,) = post.send(P1, "a")
    post.courier.poll()
    assert post.states([id]) == ["delivered"]
    post.wall.move(hours=2)
    post.courier.poll()
    assert len(taken) == 2
    assert len(set(taken)) == 1, "the same next key is shown until it is taken"
    with post.store.read() as uow:
        keys = {uow.vault.open(c.sealed_key, c.id) for c in uow.find(Correspondent)}
        assert {c.sealed_next for c in uow.find(Correspondent)} == {""}
    assert len(keys) == 1, "both registrations of the platform present the same key"
    assert f'{{"key": "{keys.pop()}"}}' in taken
    assert {got.path for got in there.got} == {"/eu-mp/v1/apikey", "/in"}


def test_the_next_key_opens_when_the_present_one_does_not(post: Post) -> None:
    """The answer to /apikey was lost, and the overlap is over."""
    there = post.open_player(P1)
    there.answer = lambda got: Told(hang_up=True)
    post.wall.now = NOW + REFRESH_EVERY
    post.courier.poll()
    there.answer = lambda got: Told(status=401 if got.key == f"Bearer {KEY}" else 200)
    (id,) = post.send(P1, "a")
    post.courier.poll()
    assert post.states([id]) == ["delivered"]
    post.wall.move(hours=2)
    post.courier.poll()
    with post.store.read() as uow:
        found = uow.get(Correspondent, P1)
        assert uow.vault.open(found.sealed_key, P1) != KEY
    assert found.sealed_next == ""
