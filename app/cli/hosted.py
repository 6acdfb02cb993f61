"""The demo's platforms beside the server: opened, told where it listens, stopped with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.bootstrap import App
    from app.platform.hosting import Hosting
    from app.settings import Settings


@contextmanager
def hosting(app: App, settings: Settings, port: int) -> Iterator[Hosting | None]:
    """The platforms of the demo, at work; None outside of a demo."""
    from app.cli.platform import serving_of
    from app.platform.hosting import FOLDER, Hosting

    with app.read() as uow:
        is_demo = uow.clock().movable
    if not (settings.demo and is_demo):
        yield None
        return
    how = serving_of(settings, api_url=base_of(settings, port), pages_url=settings.pages_url)
    hosted = Hosting(settings.data_dir / FOLDER, how, app.read)
    try:
        hosted.move(app.store, base_of(settings, port))
        app.bus.subscribe(hosted.on_events)
        hosted.start()
        try:
            yield hosted
        finally:
            hosted.stop()
    finally:
        hosted.close()


def base_of(settings: Settings, port: int) -> str:
    """Where this machine reaches the REST listener."""
    host = ip_address(settings.host)
    if host.is_unspecified:
        host = ip_address("::1" if host.version == 6 else "127.0.0.1")
    return f"{settings.scheme}://{f'[{host}]' if host.version == 6 else host}:{port}"
