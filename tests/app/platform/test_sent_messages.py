"""A company sees the messages that its platform could not deliver, and replays or drops them; nobody else does."""

from __future__ import annotations

from pathlib import Path

import pytest
from platform_world import BUYER, DSO, PlatformWorld, who
from starlette.testclient import TestClient

from app.platform.serving import Serving, asgi_of
from app.queries.models.messages import ListSentMessages
from app.transport.sending import send
from domain.commands import MarkNotificationsRead, ReportTries, Tried
from domain.commands.platform import AddStaff, DropSentMessage, ReplaySentMessage
from domain.errors import Refused
from domain.ids import MessageId, PartyId
from domain.notifications import Notification
from domain.parties import SYSTEM, Party, Principal, Role
from domain.platform.company import MARKET_PLACE
from domain.transport import MessageState


def sent(world: PlatformWorld, n: int = 3) -> list[MessageId]:
    """The first of them is dead."""
    with world.platform.store.write(SYSTEM, MarkNotificationsRead()) as uow:
        ids = [send(uow, to=MARKET_PLACE, stream="s", path="/x", body=MarkNotificationsRead()) for _ in range(n)]
    dead = Tried(message_id=ids[0], state=MessageState.DEAD, error="422: No.")
    world.platform.execute(ReportTries(tries=(dead,)))
    return ids


def test_dead_letters_are_listed_with_what_waits_behind_them(founded: PlatformWorld) -> None:
    ids = sent(founded)
    rows = founded.platform.desk.query(who(DSO), ListSentMessages())
    found = {row.id: (row.state, row.error, row.behind) for row in rows}
    assert found[ids[0]] == (MessageState.DEAD, "422: No.", 2)
    assert found[ids[2]] == (MessageState.WAITING, "", 0)
    assert (len(rows), rows.total, rows[0].addressee) == (3, 3, "EU Market Place")
    dead = founded.platform.desk.query(who(BUYER), ListSentMessages(states=(MessageState.DEAD,)))
    assert [row.id for row in dead] == [ids[0]]
    assert "body" not in {name for row in rows for name in row.__dataclass_fields__}


def test_the_company_is_told_of_a_dead_letter(founded: PlatformWorld) -> None:
    sent(founded)
    founded.platform.dispatcher.run()
    with founded.platform.read() as uow:
        told = {n.party_id: n.sentence for n in uow.find(Notification, event="MessageDied")}
    assert told.keys() == {DSO.id, BUYER.id}
    assert told[DSO.id].endswith("could not be delivered; those behind it wait. 422: No.")


def test_a_dead_letter_is_replayed_or_dropped(founded: PlatformWorld) -> None:
    first, second, _ = sent(founded)
    replayed = founded.do(who(DSO), ReplaySentMessage(message_id=first))
    assert replayed.state is MessageState.WAITING
    assert founded.do(who(DSO), DropSentMessage(message_id=second)).state is MessageState.DROPPED
    with pytest.raises(Refused, match="wrong_state"):
        founded.do(who(DSO), ReplaySentMessage(message_id=first))
    with pytest.raises(Refused, match="not_found"):
        founded.do(who(DSO), DropSentMessage(message_id=MessageId("MS-none")))


@pytest.mark.parametrize("role", [Role.MARKET_PLACE, Role.PEER, Role.CUSTOMER])
def test_nobody_else_sees_or_settles_them(founded: PlatformWorld, role: Role) -> None:
    first, *_ = sent(founded)
    with founded.platform.store.write(SYSTEM, MarkNotificationsRead()) as uow:
        uow.add(Party(id=PartyId("other"), name="Other", role=role))
    other = Principal(account="other", party_id=PartyId("other"), role=role, name="Other")
    with pytest.raises(Refused, match="not_permitted"):
        founded.platform.desk.query(other, ListSentMessages())
    for command in (ReplaySentMessage(message_id=first), DropSentMessage(message_id=first)):
        with pytest.raises(Refused, match="not_permitted"):
            founded.do(other, command)


def test_the_company_settles_them_over_its_own_interface(founded: PlatformWorld, tmp_path: Path) -> None:
    first, second, third = sent(founded)
    founded.do(who(DSO), AddStaff(registration_id=DSO.id, account="rosa", password="a password for once"))
    how = Serving(secret=b"s" * 48, data_dir=tmp_path, plain_answers=True)
    with TestClient(asgi_of(founded.platform, how), base_url="http://testserver/own/v1") as http:
        chosen = {"account": "rosa", "password": "a password for once", "new_password": "correct horse battery"}
        assert http.post("/auth/password", json=chosen).status_code == 204
        assert http.get("/messages").status_code == 401
        signing_in = {"account": "rosa", "password": "correct horse battery"}
        token = http.post("/auth/token", json=signing_in).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        page = http.get("/messages", params={"state": "dead", "with_total": "true"}).json()
        assert ([row["id"] for row in page["items"]], page["total"]) == ([first], 1)
        assert page["items"][0]["behind"] == 2
        assert http.post(f"/messages/{first}/replay").json() == {"id": first, "state": "waiting"}
        assert http.post(f"/messages/{first}/replay").status_code == 409
        assert http.post(f"/messages/{second}/drop").json()["state"] == "dropped"
        assert http.post("/messages/MS-none/drop").status_code == 404
        assert {row["id"] for row in http.get("/messages").json()["items"]} == {first, third}
