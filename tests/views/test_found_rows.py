"""What is found by the search is chosen on the page that opens: for every request and offer of each role's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import panel as pn
import pytest
from opened import Silence

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "app" / "usecases"))

import world as w

from app.bridge import work
from app.bus import Bus
from app.desk import Desk
from app.persistence import open_store
from app.queries import HANDLERS
from app.queries.models import Hit, HitKind, Search
from domain.commands import PassGate
from domain.flexibility.grids import Job
from domain.flexibility.market import GateKind, MarketSession
from domain.flexibility.rules import ClearingMode
from domain.lifecycle import JobState
from views import app as desks_app
from views.pages.context import BoundDesk, PageContext
from views.state.finding import link
from views.widgets import Book

PAGES = {page.path: page for page in desks_app.PAGES}
ROWS = (HitKind.REQUEST, HitKind.OFFER)


@pytest.fixture
def market(tmp_path: Path) -> Iterator[tuple[w.World, MarketSession]]:
    """An open session with two requests and two rivals' offers, and one in which a balance party has asked."""
    wall, bus = w.Wall(), Bus()
    with open_store(f"sqlite:///{tmp_path / 'flexdesk.db'}", wall_clock=wall, on_commit=bus.publish) as store:
        store.migrate()
        w.seed(store, wall)
        world = w.World(store=store, desk=Desk(store.write, store.read, HANDLERS), wall=wall, bus=bus)
        world.grid()
        world.grid(w.R2, "dso2")
        run_all(world)
        first, second = world.asset("esp1", "PV-1"), world.asset("esp2", "PV-2")
        matched = world.do("fmo", w.plan(region_id=w.R2, clearing=ClearingMode.REQUESTS))
        session = world.session()
        world.do("system", PassGate(gate_id=world.gate(matched, GateKind.OPEN).id))
        for point in ("First", "Second"):
            world.request(session, congestion_point=point)
        world.do("brp1", w.ask(matched))
        for who, asset, quantity in (("esp1", first, "2"), ("esp2", second, "1"), ("esp1", first, "1")):
            world.offer(who, session, asset, quantity)
        yield world, session


def run_all(world: w.World) -> None:
    while queued := world.find(Job, state=JobState.QUEUED):
        world.run(queued[0], work.run)


def hits(world: w.World, who: str) -> list[tuple[Hit, str]]:
    """Requests and offers that are found, each with its page's link."""
    found = {
        hit.id: hit
        for text in ("FR-", "FO-")
        for hit in world.desk.query(w.WHO[who], Search(text=text, limit=50))
        if hit.kind in ROWS
    }
    return [(hit, link(hit, w.WHO[who].role) or "") for hit in found.values()]


def chosen(world: w.World, who: str, href: str, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What stands in the rows that are selected in the books of the page at the link."""
    books: list[Book] = []
    made = Book.__init__

    def noted(book: Book, *args: Any, **more: Any) -> None:
        books.append(book)
        made(book, *args, **more)

    parts = urlsplit(href)
    hub = Silence(dict(parse_qsl(parts.query)))
    desk = BoundDesk(world.desk, w.WHO[who])
    context = PageContext(desk=desk, live=hub, location=hub, notify=lambda _text, _kind: None)
    with monkeypatch.context() as patched:
        patched.setattr(Book, "__init__", noted)
        content = PAGES[parts.path].build(context)
    laid_out = {view for item in content.main for view in item.select(pn.widgets.Tabulator) if view.visible}
    shown = [book for book in books if book.view in laid_out]
    return {str(value) for book in shown for at in book.view.selection for value in book.records[at].values()}


EXPECTED = {"fmo": (3, 3), "dso1": (2, 0), "tso": (3, 0), "esp1": (3, 2), "agg1": (3, 0), "brp1": (1, 0)}
"""Requests and offers that each finds before the gate."""


@pytest.mark.parametrize("who", EXPECTED)
def test_what_is_found_before_the_gate_is_chosen_on_its_page(
    market: tuple[w.World, MarketSession], who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, _ = market
    found = hits(world, who)
    assert tuple(sum(hit.kind is kind for hit, _ in found) for kind in ROWS) == EXPECTED[who]
    for hit, href in found:
        assert hit.id in chosen(world, who, href, monkeypatch), href


@pytest.mark.parametrize("who", ["fmo", "dso1", "esp1", "esp2"])
def test_an_offer_that_is_found_after_publication_is_chosen_on_its_page(
    market: tuple[w.World, MarketSession], who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, session = market
    world.run(world.close(session), work.run)
    world.at(w.PUBLISHES)
    world.do("system", PassGate(gate_id=world.gate(session, GateKind.PUBLISH).id))
    offers = [(hit, href) for hit, href in hits(world, who) if hit.kind is HitKind.OFFER]
    assert len(offers) == {"esp1": 2, "esp2": 1}.get(who, 3)
    for hit, href in offers:
        assert hit.id in chosen(world, who, href, monkeypatch), href
