"""Every page of every role, open as the product opens them, without a browser: figures are read from their parts.

The pages are the product's (`views.app.specs`), each in a document of its own, told by the product's hub. What the
browser would draw is not looked at; that a change reaches it is shown by the browser tests.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from types import SimpleNamespace
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmu
import world as w
from bokeh.document import Document
from bokeh.models import ColumnDataSource
from panel.custom import JSComponent
from panel.io.state import set_curdoc

from tests.views.opened import choose_every_tab
from views import app as desks_app
from views import news
from views.live import Hub
from views.pages.context import Side

ACCOUNTS = ("fmo", "dso1", "tso", "esp1", "agg1", "retailer1", "brp1", "customer1")
NO_FIGURE = {"speed"}
"""What the app bar holds beside figures."""
_FIGURE = re.compile(r'class="label"[^>]*>(.*?)</div>.*?class="value"[^>]*>(.*?)</div>', re.DOTALL)
_TITLE = re.compile(r'class="panel-title"[^>]*>(.*?)</h2>')
_TAG = re.compile(r"<[^>]*>")


class Ears(Hub):
    """The hub of one page, which knows what the page itself listens to, and not only the frame around it."""

    def __init__(self) -> None:
        super().__init__(SimpleNamespace(add_callback=lambda call, *given: call(*given)))  # type: ignore[arg-type]
        self.topics: set[str] = set()

    def subscribe(self, listener: Any, topics: Any, names: frozenset[str] = frozenset()) -> None:
        if not isinstance(listener.__self__, desks_app.Frame):
            self.topics |= topics
        super().subscribe(listener, topics, names)


@dataclass(eq=False)
class Sheet:
    """An open page with its own hub, and all that each of its figures has shown; "" while it was not there."""

    account: str
    path: str
    document: Document
    session: Any
    hub: Ears
    page: Any
    heard: bool = False
    tabs: set[int] = field(default_factory=set)
    shown: dict[str, set[str]] = field(default_factory=dict)

    def look(self) -> None:
        now, before = dict(figures(self.page)), bool(self.shown)
        for name, value in now.items():
            self.shown.setdefault(name, {""} if before else set()).add(value)


class Desks:
    """Opens pages over the desk and gives each its turns, on an event loop that only runs in `turn`."""

    def __init__(self, desk: Any, bus: Any) -> None:
        self.desk = desk
        self.loop = asyncio.new_event_loop()
        self.sheets: list[Sheet] = []
        bus.subscribe(news.teller(self))

    def publish(self, topic: str, value: object, audience: frozenset[str] | None) -> None:
        """To every page, whose hub decides who hears it."""
        for sheet in self.sheets:
            sheet.hub.publish(topic, value, audience)
            told = audience is None or audience & news.names_of(w.WHO[sheet.account])
            sheet.heard |= bool(told) and topic in sheet.hub.topics

    def open(self) -> list[Sheet]:
        """Every page of every role, in place of those that were open."""
        self.sheets = [
            self._opened(account, path)
            for account in ACCOUNTS
            for path, roles in ((page.path, page.roles) for page in desks_app.PAGES if page.side is Side.MARKET)
            if w.WHO[account].role in roles
        ]
        self.turn()
        self._all_tabs(self.sheets)
        self.turn()
        for sheet in self.sheets:
            sheet.look()
        return self.sheets

    def _all_tabs(self, sheets: list[Sheet]) -> bool:
        """Somebody looks at every tab that was not looked at; whether there was one."""
        new = False
        for sheet in sheets:
            parts = [*sheet.page.header, *sheet.page.main]
            tabs = {id(found) for part in parts if hasattr(part, "select") for found in part.select(pmu.Tabs)}
            if not tabs <= sheet.tabs:
                sheet.tabs, new = tabs, True
                with set_curdoc(sheet.document):
                    choose_every_tab(parts)
        return new

    def _opened(self, account: str, path: str) -> Sheet:
        hub = Ears()
        around = partial(desks_app._standing, self.desk, hub)
        specs = desks_app.specs(Side.MARKET, around, lambda _principal: None)
        spec = next(spec for spec in specs if spec.path == path)
        document = Document()
        session = SimpleNamespace(request=SimpleNamespace(arguments={}, headers={}, cookies={}), id="")
        document._session_context = lambda: session  # type: ignore[assignment]
        with set_curdoc(document):
            page = spec.factory(w.WHO[account])
        assert isinstance(page, pmu.Page), f"{path} could not be drawn for {account}"
        return Sheet(account, path, document, session, hub, page)

    def turn(self, *, look_for_late: bool = False) -> list[str]:
        """All that waits on any page, until nothing does.

        Answers, if asked to look for it, what an open page would show otherwise had it heard of all that happened:
        `account path figure`.
        """
        told = self._run(self.sheets)
        if self._all_tabs(told):  # a page that was filled anew has its tabs closed again
            told = [*told, *(sheet for sheet in self._run(told) if sheet not in told)]
        for sheet in told:
            sheet.look()
        unheard = [sheet for sheet in self.sheets if look_for_late and not sheet.heard]
        late = [figure for sheet in unheard for figure in self._late(sheet)]
        for sheet in self.sheets:
            sheet.heard = False
        return late

    def _late(self, sheet: Sheet) -> list[str]:
        """What changes on a page that was told of nothing if it is told of everything."""
        before = dict(figures(sheet.page))
        for topic in news.TOPICS:
            sheet.hub.publish(topic, None)
        self._run([sheet])
        after = dict(figures(sheet.page))
        return [f"{sheet.account} {sheet.path} {name}" for name in after if after[name] != before.get(name)]

    def _run(self, sheets: list[Sheet]) -> list[Sheet]:
        told: list[Sheet] = []
        self.loop.run_until_complete(self._turns(sheets, told))
        return told

    async def _turns(self, sheets: list[Sheet], told: list[Sheet]) -> None:
        while True:
            waiting = [
                (sheet, call)
                for sheet in sheets
                for call in sheet.document.session_callbacks
                if not hasattr(call, "period")
            ]
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            if not waiting and not tasks:
                return
            for sheet, call in waiting:
                with set_curdoc(sheet.document):
                    call.callback()
                if sheet not in told:
                    told.append(sheet)
            await asyncio.gather(*tasks)


def figures(page: Any) -> Iterator[tuple[str, str]]:
    """Name and value of each figure on a page: "panel: figure"; those of the same name are numbered."""
    seen: dict[str, int] = defaultdict(int)
    for title, part in _parts(page, ""):
        for figure, value in _figures_of(part):
            name = f"{title}: {figure}"
            seen[name] += 1
            yield (name if seen[name] == 1 else f"{name} ({seen[name]})"), value


def _parts(part: Any, title: str) -> Iterator[tuple[str, Any]]:
    """Everything on a page, with the title of the panel it is in."""
    inner = list(getattr(part, "objects", ()))
    if isinstance(part, pmu.Page):
        inner = [*part.header, *part.main]
    elif isinstance(part, pmu.Paper) and (head := _TITLE.search(str(getattr(inner[0][0], "object", "")))):
        title = unescape(head[1]).partition(":")[0]
    yield title, part
    for one in inner:
        yield from _parts(one, title)


def _figures_of(part: Any) -> Iterator[tuple[str, str]]:
    for kind, read in _READERS.items():
        if isinstance(part, kind):
            yield from read(part)


def _of_markup(pane: pn.pane.HTML) -> Iterator[tuple[str, str]]:
    markup = str(pane.object)
    for label, value in _FIGURE.findall(markup):
        yield f"figure {unescape(label)}", _words(value)
    if 'class="figure' not in markup and not _TITLE.search(markup):
        yield "text", _words(markup)


def _of_table(table: pn.widgets.Tabulator) -> Iterator[tuple[str, str]]:
    for column in table.value.columns:
        cells = [str(cell) for cell in table.value[column] if str(cell) not in ("", "nan")]
        yield f"column {column}", json.dumps(cells)


def _of_chart(pane: pn.pane.Bokeh) -> Iterator[tuple[str, str]]:
    f = pane.object
    parts = (*f.renderers, *f.center, *f.above, *f.below, *f.left, *f.right)
    sources = [getattr(part, "data_source", getattr(part, "source", None)) for part in parts]
    for source in dict.fromkeys(source for source in sources if isinstance(source, ColumnDataSource)):
        yield f"chart {','.join(sorted(source.data))}", _digest(source)


def _of_component(part: JSComponent) -> Iterator[tuple[str, str]]:
    for name in {"bar", "shown"} & set(part.param):
        shown = getattr(part, name)
        for key in shown.keys() - NO_FIGURE:
            yield f"{type(part).__name__} {key}", json.dumps(shown[key], default=str)


_READERS: Mapping[type[Any], Callable[[Any], Iterator[tuple[str, str]]]] = {
    pn.pane.HTML: _of_markup,
    pn.widgets.Tabulator: _of_table,
    pn.pane.Bokeh: _of_chart,
    JSComponent: _of_component,
}


def _words(markup: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", markup)).split())


NO_DATA = frozenset({"sent"})
"""Columns of a chart that count how often it was sent to be drawn on, by hand."""


def _digest(source: ColumnDataSource) -> str:
    plain = {
        name: np.asarray(values).tolist() if isinstance(values, np.ndarray) else list(values)
        for name, values in source.data.items()
        if name not in NO_DATA
    }
    return hashlib.sha256(json.dumps(plain, default=str).encode()).hexdigest()[:12]
