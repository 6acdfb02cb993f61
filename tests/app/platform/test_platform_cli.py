"""`launch.py platform`: exit codes, what is printed, and what stands in the data folder."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import launch
from app.cli.exits import Exit
from app.cli.opened import locked
from app.persistence import open_store
from app.persistence.lines import PLATFORM
from app.settings import PREFIX
from app.transport.client import Answer, Client
from domain.platform.company import MARKET_PLACE
from domain.transport import Correspondent

INIT = ["platform", "init", "--company", "Rete Sud", "--country", "IT"]
DSO = ["--registration", "dso-it=regulated-data-provider"]


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FLEXDESK_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("FLEXDESK_API_PORT", "0")
    return tmp_path / "var"


def test_init_prints_passwords_once_and_keeps_their_hashes(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert launch.main([*INIT, *DSO, "--staff", "rosa=dso-it"]) == Exit.DONE
    said = capsys.readouterr().out
    (password,) = re.findall(r"rosa: one-time password (\S+),", said)
    with closing(sqlite3.connect(data_dir / "platform.db")) as database:
        (kept,) = database.execute("SELECT password_hash FROM accounts WHERE account = 'rosa'").fetchone()
        dump = "\n".join(database.iterdump())
    assert kept.startswith("$argon2")
    assert password not in dump
    assert launch.main(["platform", "verify"]) == Exit.DONE


def test_a_platform_is_founded_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert launch.main([*INIT, *DSO]) == Exit.DONE
    assert launch.main([*INIT, *DSO]) == Exit.INVALID
    assert "has its company already" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ["--registration", "dso-it=dso"],
        ["--registration", "=regulated-data-provider"],
        [*DSO, "--staff", "rosa"],
    ],
)
def test_what_is_no_registration_makes_nothing(wrong: list[str], data_dir: Path) -> None:
    assert launch.main([*INIT, *wrong]) == Exit.INVALID
    assert not (data_dir / "platform.db").exists()


def test_staff_of_another_registration_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert launch.main([*INIT, *DSO, "--staff", "rosa=other"]) == Exit.INVALID
    assert "no such registration" in capsys.readouterr().err


def test_nothing_is_served_without_a_company(capsys: pytest.CaptureFixture[str]) -> None:
    assert launch.main(["platform", "serve"]) == Exit.INVALID
    assert "platform init" in capsys.readouterr().err


def test_a_data_folder_in_use_is_left_alone(data_dir: Path) -> None:
    with locked(data_dir):
        assert launch.main([*INIT, *DSO]) == Exit.IN_USE
        assert launch.main(["platform", "migrate"]) == Exit.IN_USE
    assert launch.main(["platform", "migrate"]) == Exit.DONE


def test_backup_keeps_what_is_there(tmp_path: Path) -> None:
    assert launch.main(["platform", "backup", str(tmp_path / "copy.db")]) == Exit.INVALID
    assert launch.main([*INIT, *DSO]) == Exit.DONE
    assert launch.main(["platform", "backup", str(tmp_path / "copy.db")]) == Exit.DONE
    assert launch.main(["platform", "backup", str(tmp_path / "copy.db")]) == Exit.INVALID
    with closing(sqlite3.connect(tmp_path / "copy.db")) as database:
        assert database.execute("SELECT name, country FROM company").fetchall() == [("Rete Sud", "IT")]


def test_verify_names_a_changed_row(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert launch.main(["platform", "verify"]) == Exit.INVALID
    assert launch.main([*INIT, *DSO]) == Exit.DONE
    with closing(sqlite3.connect(data_dir / "platform.db")) as database:
        database.execute("UPDATE audit SET body = replace(body, 'Rete Sud', 'Rete Nord')")
        database.commit()
    assert launch.main(["platform", "verify"]) == Exit.DIFFERS
    assert "row 1" in capsys.readouterr().err


@pytest.mark.parametrize("first", ["agg", "dso-it"])
def test_a_providers_key_speaks_for_the_platform(
    first: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A requester's may not tell of subscriptions, wherever it stands in the file."""

    async def taken(_client: Client, *_asked: object) -> Answer:
        return Answer(status=204, headers={})

    monkeypatch.setattr(Client, "ask", taken)
    keys = {"agg": "fdk_requester", "dso-it": "fdk_provider"}
    lines = [f"{id}={keys[id]}" for id in sorted(keys, key=lambda id: id != first)]
    (tmp_path / "keys").write_text("\n".join(lines))
    both = [*DSO, "--registration", "agg=unregulated-data-requester"]
    assert launch.main([*INIT, *both]) == Exit.DONE
    asked = ["platform", "connect", "https://place.example", "--keys", str(tmp_path / "keys")]
    assert launch.main(asked) == Exit.DONE
    secret = (data_dir / "secret").read_bytes()
    with (
        open_store(f"sqlite:///{data_dir}/platform.db", line=PLATFORM, secret=lambda: secret) as store,
        store.read() as uow,
    ):
        known = uow.get(Correspondent, MARKET_PLACE)
        assert uow.vault.open(known.sealed_key, MARKET_PLACE) == "fdk_provider"
