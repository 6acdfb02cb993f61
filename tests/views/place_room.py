"""A market place on a real store, and pages opened on it; everything that was done reaches them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "app" / "usecases"))
sys.path.insert(0, str(Path(__file__).parents[1] / "app" / "place"))

import placed as placed
from world import WHO, Wall, World, seed

from app.bus import Bus
from app.desk import Desk
from app.persistence import open_store
from app.queries import HANDLERS
from domain.marketplace.registrations import Registration
from tests.views.opened import Silence
from views import news
from views.pages.context import BoundDesk, PageContext
from views.widgets import Book

HOSTILE = "<b>Bold</b><script>window.__ran=1</script>"
OPERATOR = placed.OPERATOR


def seeded_place(folder: Path) -> Path:
    """A database with the small world in it, to be copied."""
    wall = Wall()
    with open_store(f"sqlite:///{folder / 'seeded.db'}", wall_clock=wall) as store:
        store.migrate()
        seed(store, wall)
        store.backup(folder / "copy.db")
    return folder / "copy.db"


@contextmanager
def place_room(seeded: Path, folder: Path) -> Iterator[World]:
    wall, bus = Wall(), Bus()
    path = shutil.copy(seeded, folder / "flexdesk.db")
    with open_store(f"sqlite:///{path}", wall_clock=wall, on_commit=bus.publish) as store:
        yield World(store=store, desk=Desk(store.write, store.read, HANDLERS), wall=wall, bus=bus)


class Seat:
    """One open page's surroundings; every committed event that its principal may hear of reaches it."""

    def __init__(self, world: World, who: str, **query: Any) -> None:
        self.hub, self.said = Silence(query), []
        self.heard: list[str] = []
        self.context = PageContext(
            desk=BoundDesk(world.desk, WHO[who]),
            live=self.hub,
            location=self.hub,
            notify=lambda text, kind: self.said.append((kind, text)),
        )
        world.bus.subscribe(news.teller(self))

    def publish(self, topic: str, _value: object, audience: frozenset[str] | None) -> None:
        if audience is None or audience & news.names_of(self.context.principal):
            self.heard.append(topic)
            self.hub.tell(topic)


def provider(world: World, name: str = "North Grid", **changes: Any) -> Registration:
    """A certified provider of metering data, which has said where it serves."""
    (one,) = placed.certified(world, name, **changes)
    world.do(one.id, placed.GERMANY)
    return one


def beside(form: Any, field: str) -> str:
    """What is said at a field of a form."""
    return str(form.problems._beside[field].object)


def column(book: Book, key: str) -> list[Any]:
    return [record[key] for record in book.records]
