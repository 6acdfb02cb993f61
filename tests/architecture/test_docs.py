"""The documents name every route, event, refusal code, setting, command and exit code, and no other."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app.cli.exits import MEANINGS, Exit
from app.rest import MARKET
from app.rest.problems import HTTP_CODES, STATUS
from app.settings import PREFIX, Settings
from domain import events
from domain.errors import CODES
from launch import COMMANDS, build_parser

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def first_cells(name: str) -> list[str]:
    """What stands in backquotes in the first column of a document's tables."""
    return re.findall(r"^\| `([^`]+)` \|", text(name), re.MULTILINE)


def routes() -> set[str]:
    paths = MARKET.description["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def test_rest_names_every_route_and_no_other() -> None:
    named = first_cells("rest.md")
    assert len(named) == len(set(named))
    assert set(named) == routes()


def test_events_name_every_event_with_its_fields() -> None:
    bases = (events.Event, events.place.PlaceEvent, events.platform.PlatformEvent)
    there = {
        name: kind
        for module in (events, events.place, events.platform)
        for name, kind in vars(module).items()
        if isinstance(kind, type) and issubclass(kind, events.Event) and kind not in bases
    }
    assert sorted(first_cells("events.md")) == sorted(there)
    for name, kind in there.items():
        listed = ", ".join(f"`{field.name}`" for field in fields(kind))
        assert f"| `{name}` | {listed} |" in text("events.md")


def test_refusals_name_every_code_with_its_meaning() -> None:
    meanings = {
        code: f"{entry.meaning} ({entry.kind.value.replace('_', ' ')}, {STATUS[entry.kind]})"
        for code, entry in CODES.items()
    } | {code: f"{entry.meaning} ({entry.status})" for code, entry in HTTP_CODES.items()}
    described = dict(re.findall(r"^### (\w+)\n\n(.+)$", text("refusals.md"), re.MULTILINE))
    assert described == meanings


def test_settings_name_every_setting_with_default_and_meaning() -> None:
    rows = [
        f"| `{PREFIX}{name.upper()}` | {_shown(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    assert re.findall(rf"^\| `{PREFIX}.*$", text("settings.md"), re.MULTILINE) == rows


def _shown(default: Any) -> str:
    if isinstance(default, SecretStr) or default in ("", ()):
        return "(empty)"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def documents() -> list[Path]:
    everywhere = [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "Makefile", ROOT / ".ci" / "run"]
    return sorted(path for path in everywhere if path.is_file())


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_document_names_a_setting_that_is_not_there(path: Path) -> None:
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8")))
    assert named <= set(Settings.variables())


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    if path.suffix != ".md":
        return
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    for target in targets:
        if "://" not in target:
            assert (path.parent / target).exists(), target


def commands(
    parser: argparse.ArgumentParser, words: tuple[str, ...] = ("launch.py",)
) -> Iterator[tuple[str, Any]]:
    """Every command that can be run, with its parser."""
    inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not inner:
        yield " ".join(words), parser
    for action in inner:
        for name, sub in action.choices.items():
            yield from commands(sub, (*words, name))


def test_cli_names_every_command_and_no_other() -> None:
    assert sorted(first_cells("cli.md")) == sorted(name for name, _ in commands(build_parser()))
    assert {name.split()[1] for name in first_cells("cli.md")} == set(COMMANDS)


@pytest.mark.parametrize(("name", "parser"), list(commands(build_parser())), ids=lambda value: str(value)[:30])
def test_cli_names_every_option(name: str, parser: argparse.ArgumentParser) -> None:
    (row,) = re.findall(rf"^\| `{name}` \| (.+) \|$", text("cli.md"), re.MULTILINE)
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        assert action.help, f"{name}: {action.dest} has no help"
        shown = action.option_strings[0] if action.option_strings else str(action.metavar).split(" ")[0]
        assert shown in row, f"{name}: {shown}"


def test_cli_names_every_exit_code() -> None:
    assert set(MEANINGS) == set(Exit)
    listed = re.findall(r"^\| (\d+) \| (.+) \|$", text("cli.md"), re.MULTILINE)
    assert listed == [(str(int(code)), meaning) for code, meaning in MEANINGS.items()]
