"""Migrate the database to this version's tables, back it up or verify its audit trail while it is in use."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.cli import operators, trails
from app.cli.exits import Exit
from app.cli.opened import locked, opened
from app.cli.output import complain, say


def add_arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    migrate = actions.add_parser("migrate", help="bring the database to this version's tables")
    migrate.set_defaults(act=_migrate)
    backup = actions.add_parser(
        "backup", help="copy a SQLite database into a new file, readable by its owner only"
    )
    backup.add_argument("file", type=Path, metavar="FILE", help="the new file; an existing one is kept")
    backup.set_defaults(act=_backup)
    verify = actions.add_parser("verify", help="check that no row of the audit trail was changed or removed")
    verify.set_defaults(act=_verify)
    trails.add_to(actions)
    operators.add_to(actions)


def run(arguments: Namespace) -> Exit:
    """Do what was asked for."""
    result: Exit = arguments.act(arguments)
    return result


def _migrate(_arguments: Namespace) -> Exit:
    from app.settings import load

    settings = load()
    with locked(settings.data_dir), opened(settings):
        pass
    say("The database is at this version.")
    return Exit.DONE


def _backup(arguments: Namespace) -> Exit:
    from app.bootstrap import backup
    from app.settings import load

    settings = load()
    if settings.sqlite_path is None:
        complain("A PostgreSQL database is backed up with its own tools: pg_dump.")
        return Exit.INVALID
    if not settings.sqlite_path.is_file():
        complain("There is no database yet.")
        return Exit.INVALID
    if arguments.file.exists():
        complain(f"{arguments.file} is there already; a backup does not write over it.")
        return Exit.INVALID
    backup(settings, arguments.file)
    say(f"{arguments.file}: the whole database. Restore it by putting it in the place of the database file.")
    return Exit.DONE


def _verify(_arguments: Namespace) -> Exit:
    from app.bootstrap import verify_audit
    from app.settings import load

    settings = load()
    if settings.sqlite_path is not None and not settings.sqlite_path.is_file():
        complain("There is no database yet.")
        return Exit.INVALID
    broken = verify_audit(settings)
    if broken is not None:
        complain(f"The audit trail is broken: row {broken} was changed, removed or put in.")
        return Exit.DIFFERS
    say("The audit trail holds.")
    return Exit.DONE
