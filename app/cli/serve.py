"""Serve the desks and the REST interface until interrupted.

Brings the database to this version, loads the demo day into an empty one when FLEXDESK_DEMO is on, then prints
the addresses.
"""

from __future__ import annotations

import asyncio
import gc
import socket
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.cli.demo import load_if_empty, sign_ins
from app.cli.edge import guarded_edge, is_loopback
from app.cli.exits import Exit
from app.cli.hosted import hosting
from app.cli.listening import AddressTakenError, bound, log_to_stderr, rest_server, stop_signal, taken
from app.cli.opened import locked, opened
from app.cli.output import complain, say

if TYPE_CHECKING:
    from ssl import SSLContext

    from app.bootstrap import App
    from app.demo import DemoAccount
    from app.oidc import Configuration
    from app.platform.hosting import Hosting
    from app.settings import Settings

Beside = Callable[[str], Coroutine[Any, Any, None]]
"""What runs beside the server, given the address of its desks; the server ends with it."""


def add_arguments(parser: ArgumentParser) -> None:
    """All is settings."""
    parser.epilog = "Everything else is a setting; see docs/settings.md."


def run(_arguments: Namespace) -> Exit:
    """Serve until SIGINT or SIGTERM."""
    from app.settings import load

    return serve(load())


def serve(settings: Settings, beside: Beside | None = None) -> Exit:
    """Serve until SIGINT, SIGTERM, or the end of what runs `beside` it."""
    from app.oidc import configured

    settings.secret()
    tls, provider = guarded_edge(settings), configured(settings)
    log_to_stderr(settings.log_level)
    try:
        with bound(settings.host, settings.desks_port):
            pass
        with bound(settings.host, settings.api_port) as api_socket, locked(settings.data_dir):
            if settings.demo:
                load_if_empty(settings)
            port = api_socket.getsockname()[1]
            with opened(settings) as app, hosting(app, settings, port) as hosted:
                return asyncio.run(_serve(app, settings, api_socket, tls, provider, hosted, beside))
    except AddressTakenError as error:
        complain(str(error))
        return Exit.IN_USE


async def _serve(
    app: App,
    settings: Settings,
    api_socket: socket.socket,
    tls: SSLContext | None,
    provider: Configuration | None,
    hosted: Hosting | None = None,
    beside: Beside | None = None,
) -> Exit:
    """Both listeners and the scheduler on this loop, until a signal comes or one of them ends."""
    from app.bootstrap import utc_now
    from app.demo.conductor import Conductor
    from app.oidc import SingleSignOn
    from app.scheduler import Scheduler
    from views.app import build_desks
    from views.signin import DemoAccount as Shown

    asyncio.get_running_loop().set_exception_handler(_unless_page_left)
    stopped = stop_signal()
    accounts = sign_ins(app, settings)
    shown = [Shown(account=account.account, password=account.password, who=account.name) for account in accounts]
    try:
        desks = build_desks(
            app,
            settings,
            shown,
            tls=tls,
            provider=SingleSignOn(provider, app.joining, utc_now) if provider else None,
            platforms=hosted,
        )
    except OSError as error:
        raise taken(settings.host, settings.desks_port, error) from None
    app.pulse.count_pages(lambda: desks.document_count)
    # All pages stand still in a full collection: it need not look through what is loaded for good, and
    # `views.garbage` knows when it is time for one.
    gc.freeze()
    gc.set_threshold(10_000, 10, 1_000_000)
    scheduler = Scheduler(
        desk=app.desk,
        read=app.read,
        dispatcher=app.dispatcher,
        jobs=app.jobs,
        poll_seconds=settings.poll_seconds,
        on_beat=app.pulse.beat,
    )
    app.pulse.expect_every(settings.poll_seconds)
    api = _api_server(app, settings, tls, hosted)
    api_task = asyncio.create_task(api.serve(sockets=[api_socket]))
    waiting = asyncio.create_task(stopped.wait())
    conductor = Conductor(app.desk, app.read, players=hosted)
    app.bus.subscribe(conductor.on_events)
    ends: set[asyncio.Task[Any]] = {api_task, waiting}
    try:
        scheduler.start()
        app.courier.start()
        conductor.start()
        app.trials.start()
        desks.start()
        _announce(settings, accounts, desks.port, api_socket.getsockname()[1])
        if beside is not None:
            ends.add(asyncio.create_task(beside(f"{settings.scheme}://{settings.url_host}:{desks.port}")))
        done, _pending = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in ends - {api_task}:
            task.cancel()
        desks.stop()
        api.should_exit = True
        await asyncio.gather(*ends, return_exceptions=True)
        await asyncio.to_thread(conductor.stop)
        await asyncio.to_thread(app.courier.stop)
        await asyncio.to_thread(scheduler.stop)
    return Exit.FAULT if api_task in done else Exit.DONE


def _unless_page_left(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A page that is closed while an update is on its way is no fault to be logged."""
    from tornado.iostream import StreamClosedError
    from tornado.websocket import WebSocketClosedError

    if not isinstance(context.get("exception"), WebSocketClosedError | StreamClosedError):
        loop.default_exception_handler(context)


def _api_server(app: App, settings: Settings, tls: SSLContext | None, hosted: Hosting | None) -> Any:
    from app.platform.hosting import Front
    from app.readiness import Readiness
    from app.rest import build_asgi
    from app.rest.access import Services
    from app.rest.edges.rates import Rates
    from app.rest.issuer import Issuer

    def market_now() -> datetime:
        with app.read() as uow:
            return uow.market

    services = Services(
        desk=app.desk,
        auth=app.auth,
        applying=app.applying,
        market_now=market_now,
        max_body_bytes=settings.max_body_bytes,
        issuer=Issuer(settings.secret()),
        bus=app.bus,
        repeats=app.repeats,
        missing=Readiness(app.store, app.pulse, settings.data_dir),
        fingerprint_key=settings.secret(),
        rates=Rates(settings.rate_per_minute),
        plain_allowed=settings.plain_answers,
    )
    main = build_asgi(services)
    return rest_server(Front(main, hosted.asgi()) if hosted else main, settings, tls)


def _announce(settings: Settings, accounts: tuple[DemoAccount, ...], desks_port: int, api_port: int) -> None:
    here = f"{settings.scheme}://{settings.url_host}"
    say(f"Desks  {here}:{desks_port}")
    say(f"REST   {here}:{api_port}/api/v1 (described in /api/v1/openapi.json)")
    if settings.proxy:
        say(f"Behind the proxy at {', '.join(settings.proxy)}, which does TLS.")
    if accounts:
        say("Demo sign-ins (password demo- and the name): " + ", ".join(a.account for a in accounts))
        if not is_loopback(settings.host):
            complain("The demo's passwords are public, and the desks can be reached from other machines.")
    say("Stop with Ctrl+C.")
