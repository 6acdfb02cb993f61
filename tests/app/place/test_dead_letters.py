"""The market place's operator sees the messages that no platform took, and replays or drops them."""

from __future__ import annotations

import pytest
from world import WHO, World

from app.outbox import Dispatcher
from app.queries.models.messages import ListMessages
from app.transport.sending import send
from domain.commands import MarkNotificationsRead, ReportTries, Tried
from domain.commands.place import DropMessage, ReplayMessage
from domain.errors import Refused
from domain.ids import MessageId, PartyId
from domain.notifications import Notification
from domain.parties import SYSTEM, Party, Principal, Role
from domain.transport import MessageState

OPERATOR = Principal(account="op", party_id=PartyId("op"), role=Role.PLACE_OPERATOR, name="Operator")
PLAYER = Principal(account="pl", party_id=PartyId("pl"), role=Role.PROVIDER, name="Player")


@pytest.fixture
def letters(world: World) -> list[MessageId]:
    """The first of two is dead."""
    with world.store.write(SYSTEM, MarkNotificationsRead()) as uow:
        for who in (OPERATOR, PLAYER):
            uow.add(Party(id=who.party_id, name=who.name, role=who.role))
        ids = [
            send(uow, to=PLAYER.party_id, stream="s", path="/x", body=MarkNotificationsRead()) for _ in range(2)
        ]
    dead = Tried(message_id=ids[0], state=MessageState.DEAD, error="403: No.")
    world.desk.execute(SYSTEM, ReportTries(tries=(dead,)))
    return ids


def test_the_operator_sees_them_and_decides(world: World, letters: list[MessageId]) -> None:
    rows = world.desk.query(OPERATOR, ListMessages())
    assert {(row.id, row.state.value, row.behind) for row in rows} == {
        (letters[0], "dead", 1),
        (letters[1], "waiting", 0),
    }
    replayed = world.desk.execute(OPERATOR, ReplayMessage(message_id=letters[0]))
    assert replayed.state is MessageState.WAITING  # type: ignore[attr-defined]
    dropped = world.desk.execute(OPERATOR, DropMessage(message_id=letters[0]))
    assert dropped.state is MessageState.DROPPED  # type: ignore[attr-defined]
    assert [row.id for row in world.desk.query(OPERATOR, ListMessages())] == [letters[1]]


def test_players_neither_see_nor_settle_them(world: World, letters: list[MessageId]) -> None:
    for who in (PLAYER, WHO["fmo"]):
        with pytest.raises(Refused, match="not_permitted"):
            world.desk.query(who, ListMessages())
        for command in (ReplayMessage(message_id=letters[0]), DropMessage(message_id=letters[0])):
            with pytest.raises(Refused, match="not_permitted"):
                world.desk.execute(who, command)


def test_the_operator_alone_is_told(world: World, letters: list[MessageId]) -> None:
    Dispatcher(world.store.dispatch, world.bus.publish).run()
    with world.store.read() as uow:
        told = [n.party_id for n in uow.find(Notification, event="MessageDied")]
    assert OPERATOR.party_id in told
    assert PLAYER.party_id not in told
