"""Messages and addresses are stored with what they belong to, on both lines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

import pytest
from carried import DO, NOW, MovedWall
from sqlalchemy import text

from app.persistence import Store, open_store
from app.transport.sending import REFRESH_EVERY, address, send
from domain.errors import Refused
from domain.ids import PartyId
from domain.parties import SYSTEM
from domain.transport import Correspondent, MessageState, OutgoingMessage

P1, P2 = PartyId("P1"), PartyId("P2")
KEY = "fdk_of-the-other-side"


@dataclass(frozen=True, kw_only=True)
class Said:
    word: str


def test_messages_are_counted_by_addressee_and_stream(line_store: Store, wall: MovedWall) -> None:
    with line_store.write(SYSTEM, DO) as uow:
        ids = [
            send(uow, to=to, stream=stream, path="/x", body=Said(word=word))
            for to, stream, word in ((P1, "s", "a"), (P1, "s", "b"), (P2, "s", "c"), (P1, "t", "d"))
        ]
    wall.move(hours=1)
    with line_store.write(SYSTEM, DO) as uow:
        ids.append(send(uow, to=P1, stream="s", path="/x", body=Said(word="e")))
    with line_store.read() as uow:
        stored = [uow.get(OutgoingMessage, id) for id in ids]
    assert [m.sequence for m in stored] == [1, 2, 1, 1, 3]
    assert [json.loads(m.body)["word"] for m in stored] == list("abcde")
    assert {m.state for m in stored} == {MessageState.WAITING}
    assert [m.next_try_at - NOW for m in stored] == [timedelta()] * 4 + [timedelta(hours=1)]
    assert len(set(ids)) == 5


def test_a_message_goes_with_its_transaction(line_store: Store) -> None:
    with pytest.raises(RuntimeError, match="undone"), line_store.write(SYSTEM, DO) as uow:  # noqa: PT012
        send(uow, to=P1, stream="s", path="/x", body=Said(word="a"))
        raise RuntimeError("undone")
    with line_store.read() as uow:
        assert uow.find(OutgoingMessage) == ()


def test_no_message_to_nobody(line_store: Store) -> None:
    with pytest.raises(Refused) as refused, line_store.write(SYSTEM, DO) as uow:
        send(uow, to=PartyId("nobody"), stream="s", path="/x", body=Said(word="a"))
    assert refused.value.findings[0].code == "not_found"


@pytest.mark.parametrize(("path", "stream"), [("x", "s"), ("//elsewhere.example/x", "s"), ("/x", "")])
def test_a_message_needs_a_path_and_a_stream(main_store: Store, path: str, stream: str) -> None:
    with pytest.raises(ValueError, match="path"), main_store.write(SYSTEM, DO) as uow:
        send(uow, to=P1, stream=stream, path=path, body=Said(word="a"))


def test_an_address_is_entered_and_its_key_is_kept_encrypted(line_store: Store) -> None:
    with line_store.write(SYSTEM, DO) as uow:
        address(uow, P1, "https://platform.example/ ", KEY)
    with line_store.read() as uow:
        found = uow.get(Correspondent, P1)
        assert uow.vault.open(found.sealed_key, P1) == KEY
        with pytest.raises(ValueError, match="another purpose"):
            uow.vault.open(found.sealed_key, P2)
    assert found.url == "https://platform.example"
    assert found.refresh_at == NOW + REFRESH_EVERY
    with line_store.snapshot() as connection:
        rows = [str(row) for row in connection.execute(text("SELECT * FROM correspondents"))]
        rows += [str(row) for row in connection.execute(text("SELECT * FROM audit"))]
    assert len(rows) >= 2
    assert KEY not in "".join(rows)
    assert KEY not in repr(found)


def test_another_server_cannot_read_the_key(main_store: Store, tmp_path_factory: pytest.TempPathFactory) -> None:
    with main_store.read() as uow:
        sealed = uow.vault.seal(KEY, P1)
    url = f"sqlite:///{tmp_path_factory.mktemp('other')}/x.db"
    with open_store(url, secret=lambda: b"t" * 48) as other:
        other.migrate()
        with other.read() as uow, pytest.raises(ValueError, match="secret"):
            uow.vault.open(sealed, P1)


def test_an_address_changes_with_and_without_its_key(line_store: Store, wall: MovedWall) -> None:
    with line_store.write(SYSTEM, DO) as uow:
        address(uow, P1, "https://platform.example", KEY)
    wall.move(days=1)
    with line_store.write(SYSTEM, DO) as uow:
        changed = address(uow, P1, "https://other.example", "")
    assert changed.refresh_at == NOW + REFRESH_EVERY
    with line_store.write(SYSTEM, DO) as uow:
        rekeyed = address(uow, P1, "https://other.example", "another")
        assert uow.vault.open(changed.sealed_key, P1) == KEY
        assert uow.vault.open(rekeyed.sealed_key, P1) == "another"
    assert rekeyed.refresh_at == NOW + timedelta(days=1) + REFRESH_EVERY


@pytest.mark.parametrize(
    "url",
    [
        "",
        "platform.example",
        "ftp://platform.example",
        "https://",
        "https://user:word@platform.example",
        "https://platform.example?x=1",
        "https://platform.example#x",
        "https://platform.example:0",
        "https://platform.example:99999",
        "https://platform.example/a b",
        "https://plätform.example",
        "https://evil.example\\@platform.example",
        "https://" + "x" * 300,
        "https://[::1",
    ],
)
def test_what_is_no_address_is_refused(main_store: Store, url: str) -> None:
    with pytest.raises(Refused) as refused, main_store.write(SYSTEM, DO) as uow:
        address(uow, P1, url, KEY)
    assert [(f.code, f.field) for f in refused.value.findings] == [("malformed", "url")]


@pytest.mark.parametrize("secret", ["two words", "line\nbreak", "ä", "x" * 301])
def test_what_is_no_key_is_refused(main_store: Store, secret: str) -> None:
    with pytest.raises(Refused) as refused, main_store.write(SYSTEM, DO) as uow:
        address(uow, P1, "https://platform.example", secret)
    assert [(f.code, f.field) for f in refused.value.findings] == [("malformed", "secret")]
