"""Load the demo day into an empty database, or start it anew."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from app.cli.exits import Exit
from app.cli.opened import locked, opened
from app.cli.output import Progress, complain, say

if TYPE_CHECKING:
    from app.bootstrap import App
    from app.demo import DemoAccount
    from app.settings import Settings

FULL = "full"


def add_arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, act, summary in (
        ("load", _load, "load the demo day into an empty database"),
        ("reset", _reset, "throw away the demo's database and load the demo day anew"),
    ):
        action = actions.add_parser(name, help=summary, description=summary.capitalize() + ".")
        action.add_argument(
            "--scenario", default=FULL, metavar="NAME", help="full (the default), or without-esp1: some needs stay"
        )
        action.set_defaults(act=act)


def run(arguments: Namespace) -> Exit:
    """Do the one or the other."""
    from app.demo import SCENARIOS
    from app.settings import load

    if arguments.scenario not in SCENARIOS:
        complain(f"There is no scenario {arguments.scenario!r}; there are: {', '.join(SCENARIOS)}.")
        return Exit.INVALID
    settings = load()
    with locked(settings.data_dir):
        result: Exit = arguments.act(settings, arguments.scenario)
    return result


def load_if_empty(settings: Settings) -> None:
    """What `serve` does in the demo."""
    if _is_empty(settings):
        _load_fresh(settings, FULL)


def sign_ins(app: App, settings: Settings) -> tuple[DemoAccount, ...]:
    """The demo's accounts when they are to be shown: the setting is on and the database is a demo."""
    from app.demo import accounts

    return accounts() if settings.demo and _is_demo(app) else ()


def _load(settings: Settings, scenario: str) -> Exit:
    if not _is_empty(settings):
        complain("The database is not empty. To start a demo anew: launch.py demo reset")
        return Exit.INVALID
    return _load_fresh(settings, scenario)


def _reset(settings: Settings, scenario: str) -> Exit:
    if settings.sqlite_path is None:
        complain("Drop and create the PostgreSQL database with its own tools, then: launch.py demo load")
        return Exit.INVALID
    with opened(settings) as app:
        from app.demo import is_empty

        if not (_is_demo(app) or is_empty(app)):
            complain("This database is no demo; it is left as it is.")
            return Exit.INVALID
    return _load_fresh(settings, scenario)


def _is_empty(settings: Settings) -> bool:
    from app.demo import is_empty

    with opened(settings) as app:
        return is_empty(app)


def _is_demo(app: App) -> bool:
    """Only a demo's clock can be moved."""
    with app.read() as uow:
        return uow.clock().movable


def _load_fresh(settings: Settings, scenario: str) -> Exit:
    """Load the day; a SQLite database is exchanged for a whole one in the end."""
    if settings.sqlite_path is None:
        _put_in_place(_load_into(settings, scenario))
    else:
        _exchange(settings, settings.sqlite_path, scenario)
    say("The demo day is loaded.")
    return Exit.DONE


def _exchange(settings: Settings, path: Path, scenario: str) -> None:
    from app.bootstrap import backup

    draft, whole = (path.with_name(f"{path.name}.{state}") for state in ("draft", "whole"))
    _remove(draft, whole)
    platforms = _load_into(settings.at(draft), scenario)
    backup(settings.at(draft), whole)
    _remove(draft)
    _put_in_place(platforms)
    _remove(*(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm")))
    whole.replace(path)


def _load_into(settings: Settings, scenario: str) -> Path:
    """The folder of the demo's platforms, to be put in its place."""
    from app.cli.hosted import base_of
    from app.cli.platform import serving_of
    from app.demo import load
    from app.platform.hosting import FOLDER, DemoHosts

    platforms = settings.data_dir / f"{FOLDER}.draft"
    rmtree(platforms, ignore_errors=True)
    progress = Progress()
    hosts = DemoHosts(platforms, base_of(settings, settings.api_port or 1), serving_of(settings))
    with opened(settings) as app:
        load(app, settings.cache_dir, scenario, progress, hosts)
    progress.close()
    return platforms


def _put_in_place(draft: Path) -> None:
    """The platforms' databases; before the main one, so that a break between leaves a main one to be loaded."""
    folder = draft.with_suffix("")
    rmtree(folder, ignore_errors=True)
    draft.replace(folder)


def _remove(*paths: Path) -> None:
    """Database files with what SQLite keeps beside them."""
    for path in paths:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
