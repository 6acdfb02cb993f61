"""A company's platform on the EU Market Place: found it, connect it to the market place, serve it.

Its database, its secret and its lock are in the data folder; all else is settings.
"""

from __future__ import annotations

import asyncio
import socket
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli import connecting
from app.cli.edge import guarded_edge
from app.cli.exits import Exit
from app.cli.listening import AddressTakenError, bound, log_to_stderr, rest_server, stop_signal, taken
from app.cli.opened import locked
from app.cli.output import complain, say

if TYPE_CHECKING:
    from ssl import SSLContext

    from app.platform.bootstrap import Platform
    from app.settings import Settings
    from domain.platform.company import Registration


_UNFOUNDED = "There is no company here yet: launch.py platform init"


def add_arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    init = actions.add_parser("init", help="make a company's platform in an empty data folder")
    init.add_argument("--company", required=True, metavar="NAME", help="the company's name")
    init.add_argument("--country", required=True, metavar="CC", help="its country's two letters, such as IT")
    init.add_argument(
        "--registration",
        action="append",
        required=True,
        metavar="ID=ROLE",
        help="an own registration: its id on the market place and its role there, such as "
        "regulated-data-provider; may be given several times",
    )
    init.add_argument(
        "--staff",
        action="append",
        default=[],
        metavar="ACCOUNT=ID",
        help="a person who signs in for a registration; the one-time password is printed once",
    )
    init.set_defaults(act=_init)
    connect = actions.add_parser("connect", help="exchange keys with the market place")
    connecting.add_arguments(connect)
    connect.set_defaults(act=_connect)
    serve = actions.add_parser("serve", help="serve the platform's interfaces until interrupted")
    serve.add_argument("--desks", action="store_true", help="serve its pages, too, at the desks' port")
    serve.set_defaults(act=_serve)
    migrate = actions.add_parser("migrate", help="bring the platform's database to this version's tables")
    migrate.set_defaults(act=_migrate)
    backup = actions.add_parser("backup", help="copy a SQLite database into a new file, also while it is in use")
    backup.add_argument("file", type=Path, metavar="FILE", help="the new file; an existing one is kept")
    backup.set_defaults(act=_backup)
    verify = actions.add_parser("verify", help="check that no row of the platform's audit trail was changed")
    verify.set_defaults(act=_verify)


def run(arguments: Namespace) -> Exit:
    """Do what was asked for."""
    from app.settings import load

    result: Exit = arguments.act(load(), arguments)
    return result


@contextmanager
def opened(settings: Settings) -> Iterator[Platform]:
    """The platform on the data folder's database, migrated; closed at the end."""
    from app.platform.bootstrap import build
    from app.settings import make_data_dir

    make_data_dir(settings.data_dir)
    platform = build(
        store_url(settings),
        policy=_policy(settings),
        secret=settings.secret,
        calls_local=settings.calls_local,
        poll_seconds=settings.poll_seconds,
        address=settings.api_url,
    )
    try:
        yield platform
    finally:
        platform.close()


def store_url(settings: Settings) -> str:
    """Where the platform's database is: as set, or a file in the data folder."""
    return settings.database_url or f"sqlite:///{settings.data_dir.absolute() / 'platform.db'}"


def _policy(settings: Settings) -> Any:
    from datetime import timedelta

    from app.auth import Policy

    return Policy(
        bearer_lifetime=timedelta(hours=settings.token_hours),
        access_lifetime=timedelta(minutes=settings.access_minutes),
        refresh_lifetime=timedelta(days=settings.refresh_days),
    )


def _init(settings: Settings, arguments: Namespace) -> Exit:
    from domain.commands.platform import AddStaff, FoundPlatform
    from domain.ids import PartyId
    from domain.parties.access import one_time_password

    registrations = [_registration(text, arguments.company) for text in arguments.registration]
    staff = [text.partition("=") for text in arguments.staff]
    if not all(registrations) or not all(account and id for account, _, id in staff):
        complain("A registration is ID=ROLE, with a role of: " + ", ".join(_roles()) + "; staff is ACCOUNT=ID.")
        return Exit.INVALID
    strangers = {id for _, _, id in staff} - {each.id for each in registrations if each}
    if strangers:
        complain("The company has no such registration: " + ", ".join(sorted(strangers)))
        return Exit.INVALID
    settings.secret()
    with locked(settings.data_dir), opened(settings) as platform:
        found = FoundPlatform(
            company=arguments.company,
            country=arguments.country,
            registrations=tuple(each for each in registrations if each),
        )
        platform.execute(found)
        for account, _, registration_id in staff:
            password = one_time_password()
            platform.execute(
                AddStaff(registration_id=PartyId(registration_id), account=account, password=password)
            )
            say(f"{account}: one-time password {password}, to be changed within three days")
    say(f"The platform of {arguments.company} is founded.")
    return Exit.DONE


def _registration(text: str, company: str) -> Registration | None:
    from domain.ids import PartyId
    from domain.platform.company import Registration

    id, _, role = text.partition("=")
    player_role = _roles().get(role)
    if not id or player_role is None:
        return None
    return Registration(id=PartyId(id), name=company, player_role=player_role)


def _roles() -> dict[str, Any]:
    from domain.marketplace.words import PlayerRole

    return {role.value.replace(" ", "-"): role for role in PlayerRole}


def _connect(settings: Settings, arguments: Namespace) -> Exit:
    settings.secret()
    with locked(settings.data_dir), opened(settings) as platform:
        if not _is_founded(platform):
            complain(_UNFOUNDED)
            return Exit.INVALID
        return connecting.connect(platform, settings, arguments)


def _serve(settings: Settings, arguments: Namespace) -> Exit:
    settings.secret()
    tls = guarded_edge(settings)
    log_to_stderr(settings.log_level)
    try:
        with (
            bound(settings.host, settings.api_port) as listening,
            locked(settings.data_dir),
            opened(settings) as platform,
        ):
            if not _is_founded(platform):
                complain(_UNFOUNDED)
                return Exit.INVALID
            return asyncio.run(_run(platform, settings, listening, tls, desks=arguments.desks))
    except AddressTakenError as error:
        complain(str(error))
        return Exit.IN_USE


def _is_founded(platform: Platform) -> bool:
    from domain.platform.company import Company

    with platform.read() as uow:
        return bool(uow.find(Company))


async def _run(
    platform: Platform, settings: Settings, listening: socket.socket, tls: SSLContext | None, *, desks: bool
) -> Exit:
    """The listener, the pages if they are wanted, and the scheduler, until a signal comes or the listener ends."""
    from app.platform.serving import Running, asgi_of
    from app.vitals import Pulse

    stopped = stop_signal()
    pulse = Pulse(platform.store, platform.wall_clock)
    how = serving_of(settings, pages_url=settings.pages_url if desks else "")
    running = Running(platform, how, pulse)
    pages = _pages(platform, settings, tls) if desks else None
    server = rest_server(asgi_of(platform, how, pulse), settings, tls)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    waiting = asyncio.create_task(stopped.wait())
    try:
        running.start()
        port = listening.getsockname()[1]
        say(f"Platform  {settings.scheme}://{settings.url_host}:{port}/own/v1 (and /eu-mp/v1, /b2b/v1, /b2c/v1)")
        if pages is not None:
            pages.start()
            say(f"Desks     {settings.scheme}://{settings.url_host}:{pages.port}/")
        say("Stop with Ctrl+C.")
        done, _ = await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        if pages is not None:
            pages.stop()
        server.should_exit = True
        await asyncio.gather(serving, waiting, return_exceptions=True)
        await asyncio.to_thread(running.stop)
    return Exit.FAULT if serving in done else Exit.DONE


def _pages(platform: Platform, settings: Settings, tls: SSLContext | None) -> Any:
    """The platform's pages, not started. Raises `AddressTakenError`."""
    from views.app import build_platform_desks

    try:
        return build_platform_desks(platform, settings, tls=tls)
    except OSError as error:
        raise taken(settings.host, settings.desks_port, error) from None


def serving_of(settings: Settings, *, api_url: str = "", pages_url: str = "") -> Any:
    """How a platform is served under these settings, and where it and its pages are reached."""
    from app.platform.serving import Serving

    return Serving(
        secret=settings.secret(),
        data_dir=settings.data_dir,
        poll_seconds=settings.poll_seconds,
        max_body_bytes=settings.max_body_bytes,
        rate_per_minute=settings.rate_per_minute,
        plain_answers=settings.plain_answers,
        api_url=api_url,
        pages_url=pages_url,
    )


def _migrate(settings: Settings, _arguments: Namespace) -> Exit:
    with locked(settings.data_dir), opened(settings):
        pass
    say("The platform's database is at this version.")
    return Exit.DONE


def _backup(settings: Settings, arguments: Namespace) -> Exit:
    from app.platform.bootstrap import backup

    url = store_url(settings)
    if not url.startswith("sqlite"):
        complain("A PostgreSQL database is backed up with its own tools: pg_dump.")
        return Exit.INVALID
    if not _is_there(url):
        return Exit.INVALID
    if arguments.file.exists():
        complain(f"{arguments.file} is there already; a backup does not write over it.")
        return Exit.INVALID
    backup(url, arguments.file)
    say(f"{arguments.file}: the platform's whole database.")
    return Exit.DONE


def _verify(settings: Settings, _arguments: Namespace) -> Exit:
    from app.platform.bootstrap import verify_audit

    url = store_url(settings)
    if not _is_there(url):
        return Exit.INVALID
    broken = verify_audit(url)
    if broken is not None:
        complain(f"The audit trail is broken: row {broken} was changed, removed or put in.")
        return Exit.DIFFERS
    say("The audit trail holds.")
    return Exit.DONE


def _is_there(url: str) -> bool:
    there = not url.startswith("sqlite") or Path(url.removeprefix("sqlite:///")).is_file()
    if not there:
        complain("There is no platform yet.")
    return there
