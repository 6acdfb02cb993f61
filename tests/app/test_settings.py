"""Settings from the environment, and the secret that is made on first use."""

from __future__ import annotations

import os
import stat
import threading
import tomllib
from pathlib import Path

import pytest

from app.settings import PREFIX, VERSION, Settings, SettingsError, load, unknown_variables


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FLEXDESK_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def test_defaults_keep_to_this_machine() -> None:
    settings = load()
    assert (settings.host, settings.desks_port, settings.api_port) == ("127.0.0.1", 5006, 8006)
    assert settings.demo is False
    assert settings.store_url.startswith("sqlite:////")
    assert settings.store_url.endswith("/var/flexdesk.db")


def test_values_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEXDESK_API_PORT", "9001")
    monkeypatch.setenv("FLEXDESK_ORIGINS", "desk.example:443, other.example")
    monkeypatch.setenv("FLEXDESK_DATABASE_URL", "postgresql+psycopg://u@h/d")
    settings = load()
    assert settings.api_port == 9001
    assert settings.websocket_origins == ("desk.example:443", "other.example")
    assert settings.store_url == "postgresql+psycopg://u@h/d"


def test_own_names_are_the_origins_by_default() -> None:
    assert load().websocket_origins == ("127.0.0.1:5006", "localhost:5006")
    assert Settings(host="::1").websocket_origins[0] == "[::1]:5006"


def test_every_problem_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEXDESK_DESKS_PORT", "70000")
    monkeypatch.setenv("FLEXDESK_HOST", "example.org")
    monkeypatch.setenv("FLEXDESK_DESK_PORT", "1")
    with pytest.raises(SettingsError) as raised:
        load()
    lines = str(raised.value).splitlines()
    assert [line.split()[0].rstrip(":") for line in lines] == [
        "FLEXDESK_DESK_PORT",
        "FLEXDESK_HOST",
        "FLEXDESK_DESKS_PORT",
    ]


def test_a_refused_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEXDESK_SECRET_KEY", "hunter2")
    with pytest.raises(SettingsError) as raised:
        load().secret()
    assert "hunter2" not in str(raised.value) + repr(load())


def test_two_listeners_need_two_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEXDESK_API_PORT", "5006")
    with pytest.raises(SettingsError, match="give two ports"):
        load()


def test_unknown_variables_are_found() -> None:
    environ = {"FLEXDESK_DEMO": "1", "FLEXDESK_DEMOO": "1", "PATH": "", "flexdesk_host": "127.0.0.1"}
    assert unknown_variables(environ) == ("FLEXDESK_DEMOO",)


def test_secret_is_made_once_for_the_owner_alone(in_folder: Path) -> None:
    secret = load().secret()
    assert len(secret) >= 32
    assert stat.S_IMODE((in_folder / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE(in_folder.stat().st_mode) == 0o700
    assert load().secret() == secret
    assert [path.name for path in in_folder.iterdir()] == ["secret"]


def test_first_starts_at_once_agree_on_one_secret(in_folder: Path) -> None:
    settings, seen, gate = load(), [], threading.Barrier(8)

    def start() -> None:
        gate.wait()
        seen.append(settings.secret())

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622])
def test_secret_open_to_others_is_refused(in_folder: Path, mode: int) -> None:
    load().secret()
    (in_folder / "secret").chmod(mode)
    with pytest.raises(SettingsError, match="chmod 600"):
        load().secret()


def test_short_or_empty_secret_file_is_refused(in_folder: Path) -> None:
    load().secret()
    (in_folder / "secret").write_text("")
    with pytest.raises(SettingsError, match="32 characters"):
        load().secret()


def test_given_secret_is_used_and_no_file_made(in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEXDESK_SECRET_KEY", "s" * 40)
    assert load().secret() == b"s" * 40
    assert not in_folder.exists()


def test_version_is_the_package_version() -> None:
    pyproject = Path(__file__).resolve().parents[2] / "pyproject.toml"
    assert tomllib.loads(pyproject.read_text())["project"]["version"] == VERSION
