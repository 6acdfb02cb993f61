"""The command line: exit codes, what is printed where, and what is written."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

import launch
from app.cli import opened
from app.cli.exits import Exit
from app.cli.output import Progress, table
from app.persistence import open_store
from app.settings import PREFIX, load
from domain.commands import MarkNotificationsRead
from domain.errors import Refused
from domain.parties import SYSTEM, Role

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FLEXDESK_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("FLEXDESK_DESKS_PORT", "0")
    monkeypatch.setenv("FLEXDESK_API_PORT", "0")
    return tmp_path / "var"


def case(**changes: Any) -> dict[str, Any]:
    """Two buses, one step: PV lifts the voltage and one offer can lower it."""
    bus = {"vn_kv": 20.0, "vm_min_pu": 0.95, "vm_max_pu": 1.05}
    document = {
        "schema": "flexdesk.case/1",
        "grid": {
            "buses": [{"id": "1", **bus}, {"id": "2", **bus}],
            "branches": [{"id": "L", "from": "1", "to": "2", "r_ohm": 6.0, "x_ohm": 5.0}],
            "coupling": {"bus": "1", "vm_pu": 1.0},
        },
        "time": {"start": "2026-07-26T00:00:00Z", "mtu_minutes": 15, "n_steps": 1},
        "baseline": {"units": [{"id": "PV", "bus": "2", "kind": "generator", "p_mw": [4.0], "q_mvar": [0.0]}]},
        "coupling_price_eur_per_mwh": [0.0],
        "offers": [
            {
                "id": "O1",
                "party": "ESP",
                "asset": "PV",
                "bus": "2",
                "commodity": "P",
                "direction": "down",
                "submitted_at": "2026-07-25T09:00:00Z",
                "quantity_mw": [2.0],
                "price_eur_per_mwh": [12.0],
            }
        ],
        "requests": [],
        "options": {
            "clearing": "network",
            "physics": "ac",
            "payment": "pay_as_bid",
            "energy": "ignored",
            "operator": "DSO",
        },
    }
    return document | changes


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(case()))
    return path, tmp_path / "result.json"


# -- clear and replay -----------------------------------------------------------------------------------------


def test_a_cleared_case_replays_bit_for_bit(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    path, out = files
    assert launch.main(["clear", str(path), "--out", str(out)]) == Exit.DONE
    result = json.loads(out.read_text())
    assert (result["schema"], result["status"], result["proof"]["clean"]) == ("flexdesk.result/1", "cleared", True)
    assert launch.main(["replay", str(path), str(out)]) == Exit.DONE
    assert f"bit for bit: {result['solve']['result_sha256']}" in capsys.readouterr().out


def test_unmet_needs_are_cleared_too(files: tuple[Path, Path]) -> None:
    path, out = files
    path.write_text(json.dumps(case(offers=[])))
    assert launch.main(["clear", str(path), "--out", str(out)]) == Exit.DONE
    result = json.loads(out.read_text())
    assert result["status"] == "cleared_with_unmet"
    assert result["unmet"]


def test_a_case_that_is_not_cleared_says_why(files: tuple[Path, Path]) -> None:
    path, out = files
    hopeless = [{"id": "PV", "bus": "2", "kind": "generator", "p_mw": [4000.0], "q_mvar": [0.0]}]
    path.write_text(json.dumps(case(baseline={"units": hopeless}, offers=[])))
    assert launch.main(["clear", str(path), "--out", str(out)]) == Exit.NOT_CLEARED
    result = json.loads(out.read_text())
    assert result["status"] == "not_cleared"
    assert result["reason"]


def test_an_invalid_case_names_every_finding_and_writes_nothing(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = files
    wrong = case()
    wrong["offers"][0] |= {"bus": "9", "quantity_mw": [-1.0]}
    path.write_text(json.dumps(wrong))
    out.write_text("as it was")
    assert launch.main(["clear", str(path), "--out", str(out)]) == Exit.INVALID
    said = capsys.readouterr().err
    assert "offers[0].bus" in said
    assert "offers[0].quantity_mw" in said
    assert out.read_text() == "as it was"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b'{"schema":NaN}', b"[" * 100_000])
def test_a_file_that_is_no_case_is_invalid(files: tuple[Path, Path], content: bytes) -> None:
    path, out = files
    path.write_bytes(content)
    assert launch.main(["clear", str(path), "--out", str(out)]) == Exit.INVALID
    assert not out.exists()


def test_a_result_that_cannot_be_written_is_said_first(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert launch.main(["clear", str(files[0]), "--out", str(tmp_path / "none" / "r.json")]) == Exit.FAULT
    assert launch.main(["clear", str(tmp_path / "none.json"), "--out", str(files[1])]) == Exit.FAULT
    said = capsys.readouterr().err
    assert str(tmp_path / "none") in said
    assert str(tmp_path / "none.json") in said


def test_a_changed_result_or_case_is_a_difference(files: tuple[Path, Path]) -> None:
    path, out = files
    launch.main(["clear", str(path), "--out", str(out)])
    whole = out.read_text()
    result = json.loads(whole)
    result["awards"]["O1"]["accepted"] = [0.5]
    out.write_text(json.dumps(result))
    assert launch.main(["replay", str(path), str(out)]) == Exit.DIFFERS
    out.write_text(whole)
    changed = case()
    changed["offers"][0]["price_eur_per_mwh"] = [13.0]
    path.write_text(json.dumps(changed))
    assert launch.main(["replay", str(path), str(out)]) == Exit.DIFFERS


def test_replay_of_an_unknown_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert launch.main(["replay", "MS-none"]) == Exit.INVALID
    assert "[not_found]" in capsys.readouterr().err


# -- mistakes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["sell"],
        ["demo"],
        ["db", "drop"],
        ["clear", "case.json"],
        ["needs", "--grid", "simbench:x"],
        ["needs", "--grid", "simbench:x", "--date", "25.07.2016"],
    ],
)
def test_a_wrong_command_line_is_invalid(words: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        launch.main(words)
    assert stopped.value.code == Exit.INVALID


def test_needs_of_an_unknown_grid(capsys: pytest.CaptureFixture[str]) -> None:
    assert launch.main(["needs", "--grid", "file.m", "--date", "2016-07-25"]) == Exit.INVALID
    assert "grid:" in capsys.readouterr().err


def test_an_unknown_setting_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FLEXDESK_API_PROT", "1")
    for words in (["serve"], ["db", "migrate"], ["demo", "load"], ["replay", "x"]):
        assert launch.main(words) == Exit.SETTINGS
        assert "FLEXDESK_API_PROT" in capsys.readouterr().err


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    heavy = ("numpy", "pandas", "panel", "bokeh", "pandapower", "sqlalchemy", "fastapi", "pydantic")
    code = (
        "import sys, launch\n"
        "try: launch.main(['serve', '--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.stderr.strip() == "[]"
    assert "usage: launch.py serve" in done.stdout


# -- database -------------------------------------------------------------------------------------------------


def test_migrate_and_backup(data_dir: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert launch.main(["db", "backup", str(copy)]) == Exit.INVALID
    assert launch.main(["db", "migrate"]) == Exit.DONE
    assert launch.main(["db", "backup", str(copy)]) == Exit.DONE
    assert copy.stat().st_mode & 0o077 == 0
    before = copy.read_bytes()
    assert launch.main(["db", "backup", str(copy)]) == Exit.INVALID
    assert copy.read_bytes() == before


def test_an_operator_is_entered_and_chooses_a_password(capsys: pytest.CaptureFixture[str]) -> None:
    for market, account in (
        ("market-place", "europe"),
        ("flexibility-market", "region"),
        ("market-place", "europe"),
    ):
        assert launch.main(["db", "operator", market, account, "--name", "Operators"]) == Exit.DONE
    said = [line.split()[-1] for line in capsys.readouterr().out.splitlines() if "one-time" in line]
    assert len(set(said)) == 3
    with opened.opened(load()) as app:
        with pytest.raises(Refused):
            app.auth.whoever_chooses("europe", said[0], "127.0.0.1")
        for account, password, role in (("region", said[1], Role.FMO), ("europe", said[2], Role.PLACE_OPERATOR)):
            assert app.auth.whoever_chooses(account, password, "127.0.0.1").role is role
    assert launch.main(["db", "operator", "market-place", "region"]) == Exit.INVALID
    assert launch.main(["db", "operator", "market-place", "two words"]) == Exit.INVALID


def test_verify_finds_an_audit_row_that_was_changed(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert launch.main(["db", "verify"]) == Exit.INVALID
    assert not data_dir.exists() or not list(data_dir.glob("*.db"))
    assert launch.main(["db", "migrate"]) == Exit.DONE
    settings = load()
    with open_store(settings.store_url) as store:
        for _ in range(3):
            with store.write(SYSTEM, MarkNotificationsRead()):
                pass
    assert launch.main(["db", "verify"]) == Exit.DONE
    assert "holds" in capsys.readouterr().out
    assert settings.sqlite_path is not None
    with closing(sqlite3.connect(settings.sqlite_path)) as connection, connection:
        connection.execute("UPDATE audit SET account = 'somebody' WHERE sequence = 2")
    assert launch.main(["db", "verify"]) == Exit.DIFFERS
    assert "row 2" in capsys.readouterr().err


def test_a_database_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FLEXDESK_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert launch.main(["db", "migrate"]) == Exit.FAULT
    assert "does not answer" in capsys.readouterr().err


def test_only_one_works_on_a_data_folder(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with opened.locked(data_dir):
        for words in (["serve"], ["demo", "load"], ["demo", "reset"], ["db", "migrate"]):
            assert launch.main(words) == Exit.IN_USE
            assert str(data_dir) in capsys.readouterr().err
    assert launch.main(["db", "migrate"]) == Exit.DONE


# -- serve ----------------------------------------------------------------------------------------------------


@pytest.fixture
def server(data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "launch.py", "serve"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate(timeout=10)


def addresses(server: subprocess.Popen[str]) -> tuple[str, str]:
    """Where the desks and the interface are, as printed."""
    assert server.stdout is not None
    said = "".join(server.stdout.readline() for _ in range(2))
    desks, rest = re.findall(r"http://127\.0\.0\.1:\d+", said)
    return desks, rest


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_serve_answers_and_stops_cleanly(server: subprocess.Popen[str], data_dir: Path, stop: int) -> None:
    desks, rest = addresses(server)
    assert httpx.get(f"{rest}/api/v1/health").json()["status"] == "ok"
    login = httpx.get(f"{desks}/login")
    assert login.status_code == 200
    assert "demo-" not in login.text
    assert (data_dir / "secret").stat().st_mode & 0o077 == 0
    server.send_signal(stop)
    assert server.wait(timeout=20) == Exit.DONE
    assert server.stderr is not None
    assert "Traceback" not in server.stderr.read()


def test_serve_says_which_address_is_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for name in ("FLEXDESK_DESKS_PORT", "FLEXDESK_API_PORT"):
            with monkeypatch.context() as patched:
                patched.setenv(name, str(port))
                assert launch.main(["serve"]) == Exit.IN_USE
            assert f"port {port}, is in use" in capsys.readouterr().err


# -- output ---------------------------------------------------------------------------------------------------


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_draws_a_bar_on_a_terminal_only() -> None:
    terminal, file = _Terminal(), io.StringIO()
    for stream in (terminal, file):
        progress = Progress(stream)
        for share in (0.0, 0.5, 0.51, 1.0):
            progress("Clearing", share)
        progress.close()
    assert "[###############...............] Clearing  50%" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r")
    assert file.getvalue() == "Clearing   0%\n"


def test_progress_in_a_file_goes_on_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    file, now = io.StringIO(), 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    progress = Progress(file)
    progress("Clearing", 0.1)
    now += 6
    progress("Clearing", 0.2)
    assert file.getvalue().splitlines() == ["Clearing  10%", "Clearing  20%"]


def test_table_aligns_its_columns() -> None:
    lines = table(("bus", "pu"), [("1", "1.05"), ("bus 12", "0.9")], right=(1,)).splitlines()
    assert lines == ["bus       pu", "------  ----", "1       1.05", "bus 12   0.9"]
