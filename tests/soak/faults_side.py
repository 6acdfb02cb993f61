"""One side of the fault run as a process of its own: the market place or a platform, with its REST interface and
its courier, on a transport clock that is kept in a file.

python -m tests.soak.faults_side place|platform FOLDER PORT
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from app.persistence import Store
from app.transport.client import Client, Patience
from app.transport.courier import Courier
from domain.commands import Command
from domain.parties import SYSTEM
from tests.soak.faults_clock import FileClock

PATIENCE = Patience(connect=1.0, read=1.5, total=3.0)
POLL_S = 0.1
SECRET = "the secret of the fault run, which is no secret"


def main(side: str, folder: Path, port: int) -> None:
    """Serve until the process is killed."""
    clock = FileClock(folder / "clock.json")
    store, execute, asgi = {"place": _place, "platform": _platform}[side](folder, clock)
    courier = Courier(
        book=store,
        read=store.read,
        execute=execute,
        wall=clock,
        client=lambda: Client(local=True, patience=PATIENCE),
        poll_seconds=POLL_S,
    )
    courier.start()
    config = uvicorn.Config(
        asgi, host="127.0.0.1", port=port, log_level="warning", access_log=False, lifespan="off"
    )
    uvicorn.Server(config).run()
    courier.stop()


def database(folder: Path, side: str) -> str:
    return f"sqlite:///{folder}/{side}.db"


def _place(folder: Path, clock: FileClock) -> tuple[Store, object, object]:
    from app import bootstrap
    from app.rest import build_asgi
    from app.rest.access import Services
    from app.rest.edges.rates import Rates
    from app.rest.issuer import Issuer
    from app.settings import Settings

    settings = Settings(data_dir=folder, database_url=database(folder, "place"), secret_key=SECRET)
    app = bootstrap.build(settings, wall_clock=clock)
    services = Services(
        desk=app.desk,
        auth=app.auth,
        applying=app.applying,
        market_now=lambda: datetime.now(UTC),
        max_body_bytes=settings.max_body_bytes,
        issuer=Issuer(settings.secret()),
        bus=app.bus,
        repeats=app.repeats,
        missing=tuple,
        fingerprint_key=settings.secret(),
        rates=Rates(10_000_000),
    )

    def execute(command: Command) -> object:
        return app.desk.execute(SYSTEM, command)

    return app.store, execute, build_asgi(services)


def _platform(folder: Path, clock: FileClock) -> tuple[Store, object, object]:
    from app.platform.bootstrap import build
    from app.platform.serving import Serving, asgi_of

    platform = build(database(folder, "platform"), wall_clock=clock, secret=SECRET.encode)
    how = Serving(secret=SECRET.encode(), data_dir=folder, rate_per_minute=10_000_000)
    return platform.store, platform.execute, asgi_of(platform, how)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
