"""Every figure on every page moves when its input is changed over REST: all desks stay open through a market day.

The pages are the product's, over the real desk and database; news reach them as the product tells them. A figure
is a key figure, a table, a chart or a row of sessions; each that appears must have shown two different things by the
end of the day, or stand in `STEADY` with the reason.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import numpy as np
import pandas as pd
import panel as pn
import pytest
import world as w
from bokeh.models import ColumnDataSource

from app.bridge import work
from app.outbox import Dispatcher
from domain.commands import ApplyJob, StartJob
from domain.flexibility.grids import Job
from domain.lifecycle import JobState
from domain.parties import SYSTEM
from views import app as desks_app
from views import news
from views.pages.context import BoundDesk, Content, Page, PageContext
from views.widgets.steps import StepRows

ACCOUNTS = ("fmo", "dso1", "tso", "esp1", "agg1", "retailer1", "brp1", "customer1")
DAY = "2016-07-25"
_FIGURE = re.compile(r'class="label"[^>]*>(.*?)</div>.*?class="value"[^>]*>(.*?)</div>', re.DOTALL)

STEADY: Mapping[tuple[str, str], str] = {}
"""(page, figure) -> why it cannot move in one day."""


@dataclass
class Sheet:
    """An open page: its content, and all that each of its figures has shown."""

    account: str
    page: Page
    content: Content
    shown: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def look(self) -> None:
        for name, value in figures(self.content):
            self.shown[name].add(value)


@dataclass
class Ear:
    """The hub of one page: hears what is for everybody and for its own names."""

    names: frozenset[str]
    listeners: list[tuple[Callable[[str, Any], None], frozenset[str]]] = field(default_factory=list)

    def subscribe(self, listener: Callable[[str, Any], None], topics: set[str] | frozenset[str]) -> None:
        self.listeners.append((listener, frozenset(topics)))

    def sync(self, _state: Any, _keys: Mapping[str, str]) -> None: ...


@dataclass
class Hub:
    """Publishes at once to the open pages, as `views.live.Hub` does a tick later."""

    ears: list[Ear] = field(default_factory=list)

    def publish(self, topic: str, value: object, audience: frozenset[str] | None) -> None:
        for ear in self.ears:
            if audience is None or audience & ear.names:
                for listener, topics in ear.listeners:
                    if topic in topics:
                        listener(topic, value)


def figures(content: Content) -> Iterator[tuple[str, str]]:
    """Name and value of each figure on a page."""
    seen: dict[str, int] = defaultdict(int)
    for item in content.main:
        for pane in item.select() if hasattr(item, "select") else ():
            for name, value in _figures_of(pane):
                seen[name] += 1
                yield (name if seen[name] == 1 else f"{name} ({seen[name]})"), value


def _figures_of(pane: Any) -> Iterator[tuple[str, str]]:
    if isinstance(pane, pn.pane.HTML) and 'class="figure' in str(pane.object):
        for label, value in _FIGURE.findall(str(pane.object)):
            yield f"figure: {unescape(label)}", value
    elif isinstance(pane, pn.widgets.Tabulator):
        yield f"table: {', '.join(map(str, pane.value.columns[:4]))}", pd.DataFrame(pane.value).to_csv()
    elif isinstance(pane, pn.pane.Bokeh):
        sources = list(pane.object.select({"type": ColumnDataSource}))
        columns = sorted({name for source in sources for name in source.data})
        yield f"chart: {', '.join(columns[:6])}", _digest(sources)
    elif isinstance(pane, StepRows):
        yield "sessions", json.dumps(pane.shown["sessions"], default=str)


def _digest(sources: list[Any]) -> str:
    digest = hashlib.sha256()
    for source in sorted(sources, key=lambda source: sorted(source.data)):
        for name in sorted(source.data):
            digest.update(f"{name}{[_plain(value) for value in source.data[name]]}".encode())
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    return np.asarray(value).tolist() if isinstance(value, list | np.ndarray) else value


def open_pages(api: Any, hub: Hub) -> list[Sheet]:
    """Every page of every role."""
    return [
        _opened(api, hub, account, page)
        for account in ACCOUNTS
        for page in desks_app.PAGES
        if w.WHO[account].role in page.roles
    ]


def _opened(api: Any, hub: Hub, account: str, page: Page) -> Sheet:
    ear = Ear(news.names_of(w.WHO[account]))
    hub.ears.append(ear)
    desk = BoundDesk(api.world.desk, w.WHO[account])
    context = PageContext(desk=desk, live=ear, location=ear, notify=lambda _text, _kind: None)
    return Sheet(account, page, page.build(context))


def run_jobs(api: Any) -> None:
    """What waits, done as the worker does it; then everybody is told."""
    while queued := api.world.find(Job, state=JobState.QUEUED):
        job = queued[0]
        api.world.desk.execute(SYSTEM, StartJob(job_id=job.id))
        result = work.run(job.kind, job.inputs, lambda _stage, _share: None)
        api.world.desk.execute(SYSTEM, ApplyJob(job_id=job.id, succeeded=True, result=result))
    Dispatcher(api.world.store.dispatch, api.world.bus.publish).run()


def taken(answer: Any) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


def document(api: Any, path: str, text: str, media_type: str) -> None:
    taken(api.raw(path, text, "dso1", method="PUT", **{"content-type": media_type}))


def prices(first: int) -> dict[str, Any]:
    return {"price_eur_per_mwh": [first + step % 7 for step in range(96)], "source": f"exchange {first}"}


def day(api: Any) -> Iterator[str]:
    """A market day over REST, a step at a time; yields what was done."""
    document(api, "/regions/R1/network", w.network(), "application/json")
    document(api, f"/regions/R1/schedules/{DAY}", w.schedule(pv_mw=3.0), "text/csv")
    yield "grid"
    for kind, first in (("day_ahead", 40), ("balancing", 60)):
        taken(api.put(f"/prices/{kind}/{DAY}", prices(first), who="fmo"))
    yield "prices"
    assets = [
        taken(api.post("/assets", _asset(unit), who=who)) for unit, who in (("PV-1", "esp1"), ("LD-2", "agg1"))
    ]
    yield "assets"
    for asset in assets:
        taken(api.raw(f"/assets/{asset['id']}/confirm", b"", "dso1"))
    taken(api.put(f"/assets/{assets[0]['id']}/baselines/{DAY}", {"p_mw": [0] * 44 + [3] * 12 + [0] * 40}))
    yield "confirmed"
    document(api, f"/regions/R1/schedules/{DAY}", w.schedule(), "text/csv")
    yield "schedules"
    session = taken(api.post("/sessions", _session(), who="fmo"))
    yield "planned"
    _pass(api, session, "open")
    yield "opened"
    for quantity in (0.4, 0.9):
        taken(api.post("/requests", _request(session, quantity), who="dso1"))
        yield "requested"
    for quantity, price in (("0.3", 40), ("0.5", 55)):
        taken(api.post("/offers", _offer(session, assets[0], quantity, price)))
        yield "offered"
    taken(api.put("/clock", {"action": "run", "speed": 2}, who="fmo"))
    taken(api.put("/clock", {"action": "pause"}, who="fmo"))
    yield "clock"
    _pass(api, session, "close")
    yield "closed"
    _pass(api, session, "publish")
    yield "published"
    for called in taken(api.get("/activations"))["items"]:
        taken(api.raw(f"/activations/{called['activation']['id']}/acknowledge", b"", "esp1"))
    yield "acknowledged"
    taken(api.put(f"/prices/day_ahead/{DAY}", prices(20), who="fmo"))
    yield "prices again"


def _asset(unit: str) -> dict[str, Any]:
    kind, p_min_mw, p_max_mw = {"PV-1": ("pv", 0, 4), "LD-2": ("load", "-0.5", 0)}[unit]
    return {
        "region_id": "R1",
        "unit_id": unit,
        "name": f"Asset {unit}",
        "kind": kind,
        "p_min_mw": p_min_mw,
        "p_max_mw": p_max_mw,
        "brp_id": "brp1",
    }


def _session() -> dict[str, Any]:
    return {
        "region_id": "R1",
        "delivery_day": DAY,
        "opens_at": "2016-07-24T09:00:00+02:00",
        "gate_closes_at": "2016-07-24T12:00:00+02:00",
        "publishes_at": "2016-07-24T12:15:00+02:00",
        "payment": "nodal",
    }


def _request(session: Any, quantity: float) -> dict[str, Any]:
    return {
        "session_id": session["id"],
        "congestion_point": "End of the line",
        "buses": ["3"],
        "direction": "down",
        "quantity_mw": _at_noon(quantity),
        "price_cap_eur_per_mwh": 150,
        "deadline": "2016-07-24T12:00:00+02:00",
    }


def _offer(session: Any, asset: Any, quantity: str, price: int) -> dict[str, Any]:
    return {
        "session_id": session["id"],
        "direction": "down",
        "lines": [{"asset_id": asset["id"], "quantity_mw": _at_noon(quantity)}],
        "price_eur_per_mwh": [price] * 96,
    }


def _at_noon(quantity: Any) -> list[Any]:
    return [quantity if 44 <= step < 56 else 0 for step in range(96)]


def _pass(api: Any, session: Any, kind: str) -> None:
    gates = taken(api.get(f"/sessions/{session['id']}", who="fmo"))["gates"]
    gate = next(gate for gate in gates if gate["kind"] == kind)
    taken(api.post("/clock/gate", {"gate_id": gate["id"]}, who="fmo"))
    taken(api.raw(f"/gates/{gate['id']}/pass", b"", "fmo"))


@pytest.fixture
def sheets(api: Any) -> list[Sheet]:
    """All pages after the day."""
    hub = Hub()
    api.world.bus.subscribe(news.teller(hub))
    open_sheets = open_pages(api, hub)
    for _done in day(api):
        run_jobs(api)
        for sheet in open_sheets:
            sheet.look()
    return open_sheets


def test_every_figure_on_every_page_moves(sheets: list[Sheet]) -> None:
    stuck = {
        (sheet.page.path, f"{sheet.account} {name}")
        for sheet in sheets
        for name, values in sheet.shown.items()
        if len(values) == 1 and (sheet.page.path, name) not in STEADY
    }
    assert not stuck, "\n" + "\n".join(sorted(f"{path}: {name}" for path, name in stuck))
    figureless = {sheet.page.path for sheet in sheets} - {sheet.page.path for sheet in sheets if sheet.shown}
    assert not figureless
