"""Exports of a trail: what was cut, changed, left out or forged shows; what is whole holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.audit import GENESIS, sealed
from app.signing import public_keys, signed
from app.trails import check, export
from domain.trail import AuditRow, Sight
from launch import main

SECRET, OTHER = b"s" * 48, b"o" * 48
KEYS = public_keys(SECRET)
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


def rows(count: int = 6, forged: int = 0) -> list[AuditRow]:
    """A chain; the body of one of its rows is another one where `forged` says so."""
    made: list[AuditRow] = []
    for sequence in range(1, count + 1):
        row = AuditRow(
            sequence=sequence,
            wall_at=AT + timedelta(seconds=sequence, microseconds=7),
            market_at=AT,
            account="anna",
            party_id="a" if sequence % 2 else "b",
            role="provider",
            command="PublishServiceOffer",
            body=json.dumps({"text": "forged" if sequence == forged else f"Zähler {sequence}"}),
            previous=made[-1].hash if made else GENESIS,
        )
        made.append(sealed(row))
    return made


def half(row: AuditRow) -> Sight:
    return Sight.WHOLE if row.party_id == "a" else Sight.HASH


def taken(
    chain: list[AuditRow] | None = None, sight: Callable[[AuditRow], Sight] = half, secret: bytes = SECRET
) -> str:
    return export(
        rows() if chain is None else chain,
        sight,
        scope={"party_id": "a", "role": "provider"},
        taken_at=AT,
        sign=lambda said: signed(secret, said),
    )


def wrong(text: str, keys: Any = KEYS) -> list[tuple[int, str]]:
    return [(fault.line, fault.sentence) for fault in check(text, keys)]


@pytest.mark.parametrize("sight", list(Sight))
@pytest.mark.parametrize("count", [0, 1, 6])
def test_what_was_taken_holds(sight: Sight, count: int) -> None:
    assert check(taken(rows(count), lambda _row: sight), KEYS) == []
    assert check(taken(rows(count)), KEYS) == []


def test_what_is_left_out_shows_nothing_but_its_hash() -> None:
    lines = taken().splitlines()
    assert [sorted(json.loads(line)) for line in lines[1:3]] == [["row"], ["hash", "sequence"]]
    told = taken(sight=lambda _row: Sight.TOLD).splitlines()[1]
    assert "hler" not in told
    assert "anna" not in told
    assert sorted(json.loads(told)["told"]) == ["command", "market_at", "party_id", "role", "sequence", "wall_at"]


def test_a_cut_tail_shows() -> None:
    lines = taken().splitlines(keepends=True)
    for kept in range(1, len(lines)):
        cut = "".join(lines[:kept])
        assert wrong(cut) == [(kept, f"The head tells of 6 rows; there are {kept - 1}.")]


def test_a_changed_line_shows_with_its_number() -> None:
    changed = taken().replace("hler 3", "hler 8")
    assert (4, "Row 3 was changed.") in wrong(changed)


def test_a_row_changed_with_its_hash_shows() -> None:
    """Whoever rewrites a row of the chain, hash and all, is betrayed by the head."""
    head = taken(sight=lambda _row: Sight.WHOLE).splitlines(keepends=True)[0]
    forged = taken(rows(forged=6), lambda _row: Sight.WHOLE).splitlines(keepends=True)[1:]
    assert wrong(head + "".join(forged)) == [(7, "The last row is not the one that the head names.")]


def test_a_line_left_out_shows() -> None:
    lines = taken().splitlines(keepends=True)
    assert wrong("".join([*lines[:3], *lines[4:]]))[0] == (4, "Row 3 is missing; row 4 stands here.")


def test_a_row_hidden_behind_its_hash_shows() -> None:
    lines = taken().splitlines(keepends=True)
    row = json.loads(lines[3])["row"]
    lines[3] = json.dumps({"hash": row["hash"], "sequence": 3}, separators=(",", ":"), sort_keys=True) + "\n"
    assert wrong("".join(lines)) == [(1, "Something of a row not shown in full was changed.")]


def test_another_hash_of_a_row_left_out_shows() -> None:
    second = rows()[1].hash
    assert (4, "Row 3 does not follow the row before it.") in wrong(taken().replace(second, "0" * 64, 1))


def test_what_is_told_of_a_row_cannot_be_changed() -> None:
    text = taken(sight=lambda _row: Sight.TOLD)
    assert wrong(text.replace('"party_id":"b"', '"party_id":"c"', 1)) == [
        (1, "Something of a row not shown in full was changed.")
    ]


def test_another_key_and_a_forged_head_show() -> None:
    forged = [(1, "The head was not signed with this key.")]
    assert wrong(taken(), public_keys(OTHER)) == forged
    assert wrong(taken(rows(3), secret=OTHER)) == forged
    token = json.loads(taken().splitlines()[0])["head"]
    head, body, signature = token.split(".")
    none = json.dumps({"alg": "none"}).encode().hex()
    for made in (f"{head}.{body}.", f"{none}.{body}.", f"{head}.{body[:-2]}.{signature}", "", ".."):
        assert wrong(taken().replace(token, made)) == forged


def test_a_head_of_something_else_is_none() -> None:
    said = {"schema": "other", "n_rows": 0, "last_hash": GENESIS}
    assert wrong(json.dumps({"head": signed(SECRET, said)}) + "\n") == [(1, "The head is not that of a trail.")]
    for text in ("", "\n", "[]", '{"head": 3', "[" * 100_000, taken().split("\n", 1)[1]):
        assert len(wrong(text)) == 1
    for keys in ({}, {"keys": None}, {"keys": [1]}, {"keys": [{"kty": "oct", "k": "AAAA"}]}):
        assert wrong(taken(), keys) == [(1, "The head was not signed with this key.")]


TEXT = taken()


@settings(max_examples=300, deadline=None, derandomize=True)
@given(place=st.integers(0, len(TEXT) - 1), new=st.characters(codec="utf-8"))
def test_any_other_character_anywhere_shows(place: int, new: str) -> None:
    changed = TEXT[:place] + new + TEXT[place + 1 :]
    assert changed == TEXT or check(changed, KEYS)


def test_instants_and_texts_come_back_as_they_were() -> None:
    odd = replace(rows(1)[0], body=json.dumps({"text": "\u2028\x85\x1c\ud83d\ude00"}, ensure_ascii=False))
    assert check(taken([sealed(odd)], lambda _row: Sight.WHOLE), KEYS) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [(lambda text: text, 0), (lambda text: text[: text.rindex('{"row')], 6), (lambda _text: "", 6)],
)
def test_the_command_line_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Callable[[str], str], code: int
) -> None:
    file, key = tmp_path / "trail.jsonl", tmp_path / "keys.json"
    file.write_text(change(taken()))
    key.write_text(json.dumps(KEYS))
    assert main(["db", "check-trail", str(file), "--key", str(key)]) == code
    said = capsys.readouterr()
    assert ("The trail holds: 6 rows." in said.out) is (code == 0)
    assert ("line" in said.err) is (code != 0)
    key.write_text("[]")
    assert main(["db", "check-trail", str(file), "--key", str(key)]) not in (0, 6)
