"""`launch.py desktop`: which browser, how it is opened, and that the server ends with its window."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

import launch
from app import free_ports
from app.cli import desktop
from app.cli.exits import Exit
from app.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = """#!{python}
import sys, urllib.request
address = next(word.partition("=")[2] for word in sys.argv if word.startswith("--app="))
with open({told!r}, "w") as file:
    file.write("\\n".join([*sys.argv[1:], str(urllib.request.urlopen(address + "/login").status)]))
"""


def program(path: Path, text: str = "#!/bin/sh\nexit 0\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o700)
    return path


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own, without the demo."""
    for name in [name for name in os.environ if name.startswith("FLEXDESK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FLEXDESK_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def test_the_first_chromium_of_the_search_path_is_taken(tmp_path: Path) -> None:
    edge = program(tmp_path / "bin" / "microsoft-edge")
    found = desktop.found_browser("linux", {"PATH": str(tmp_path / "bin")}, tmp_path)
    assert found == str(edge)
    chromium = program(tmp_path / "bin" / "chromium")
    assert desktop.found_browser("linux", {"PATH": str(tmp_path / "bin")}, tmp_path) == str(chromium)
    assert desktop.found_browser("linux", {"PATH": str(tmp_path / "none")}, tmp_path) is None


def test_browsers_are_found_where_other_systems_keep_them(tmp_path: Path) -> None:
    mac = program(tmp_path / "Applications" / "Google Chrome.app" / "Contents" / "MacOS" / "Google Chrome")
    assert desktop.found_browser("darwin", {"PATH": ""}, tmp_path) == str(mac)
    windows = program(tmp_path / "Programs" / "Microsoft" / "Edge" / "Application" / "msedge.exe")
    environ = {"PATH": "", "PROGRAMFILES(X86)": str(tmp_path / "Programs")}
    assert desktop.found_browser("win32", environ, tmp_path) == str(windows)


def test_the_window_has_a_profile_of_its_own_and_no_controls(tmp_path: Path) -> None:
    command = desktop.command_line("chromium", "http://127.0.0.1:4711", tmp_path / "browser")
    assert command[0] == "chromium"
    assert "--app=http://127.0.0.1:4711" in command
    assert f"--user-data-dir={tmp_path / 'browser'}" in command


def test_a_port_is_given_once_though_it_is_free_still(monkeypatch: pytest.MonkeyPatch) -> None:
    found = iter((50_001, 50_001, 50_002))
    probe = SimpleNamespace(bind=lambda _address: None, getsockname=lambda: ("127.0.0.1", next(found)))
    monkeypatch.setattr(free_ports.socket, "socket", lambda: nullcontext(probe))
    assert (free_ports.free_port(), free_ports.free_port()) == (50_001, 50_002)


def test_two_free_ports_of_this_machine_alone(environment: Path) -> None:
    given = Settings(data_dir=environment, host="0.0.0.0", origins=("desk.example:443",))
    settings = desktop.on_free_ports(given)
    assert settings.host == "127.0.0.1"
    assert settings.desks_port != settings.api_port
    assert 0 not in (settings.desks_port, settings.api_port)
    assert settings.websocket_origins[0] == f"127.0.0.1:{settings.desks_port}"


def test_a_browser_that_is_not_there_is_said_before_anything_is_served(
    environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert launch.main(["desktop", "--browser", str(environment / "none")]) == Exit.INVALID
    assert "There is no program" in capsys.readouterr().err
    assert not (environment / "data").exists()


def test_the_desks_answer_when_the_window_opens_and_end_with_it(environment: Path) -> None:
    told = environment / "told"
    browser = program(environment / "browser", STAND_IN.format(python=sys.executable, told=str(told)))
    ended = subprocess.run(
        [sys.executable, "launch.py", "desktop", "--browser", str(browser)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert ended.returncode == Exit.DONE, ended.stderr
    *words, status = told.read_text().splitlines()
    assert status == "200"
    assert f"--user-data-dir={environment / 'data' / 'browser'}" in words


def test_the_window_is_closed_when_the_server_is_stopped(environment: Path) -> None:
    open_still = program(environment / "browser", f"#!/bin/sh\necho $$ > {environment}/pid\nexec sleep 600\n")
    process = subprocess.Popen(
        [sys.executable, "launch.py", "desktop", "--browser", str(open_still)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 60
        while not (environment / "pid").exists():
            assert time.monotonic() < end, "the window was not opened"
            time.sleep(0.1)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == Exit.DONE
    finally:
        process.kill()
    window = int((environment / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(window, 0)


def test_without_such_a_browser_the_default_one_is_opened(
    environment: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []

    async def answered(_url: str) -> None:
        return

    monkeypatch.setattr(desktop, "_answered", answered)
    monkeypatch.setattr(desktop.webbrowser, "open", opened.append)
    settings = desktop.on_free_ports(Settings(data_dir=environment))

    async def shown() -> None:
        await asyncio.wait_for(desktop.show("http://127.0.0.1:1", browser=None, settings=settings), 0.3)

    with pytest.raises(TimeoutError):
        asyncio.run(shown())
    assert opened == ["http://127.0.0.1:1"]
    assert "Ctrl+C" in capsys.readouterr().out
