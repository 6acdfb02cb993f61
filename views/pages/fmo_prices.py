"""The price room: d-LMP and Q-LMP of a session on the map and over the day, by bus and by part."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmu

from domain.parties import Role
from domain.time import DeliveryDay
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.later import in_turn
from views.pages.session_prices import PricesTab
from views.pages.themes import Themes
from views.plots.book import Column
from views.plots.step import step_state
from views.state.common import number, step_labels
from views.state.fmo_prices import PriceRoom
from views.state.session_prices import UNITS, Extreme, extremes, parts_of, prices_csv
from views.widgets import Book, KeyFigure, KeyFigures, csv_button, empty_state, panel

LINK = {key: key for key in ("id", "bus", "other", "commodity", "part", "step")}
EXTREMES = (
    Column("bus", "Bus", min_px=120),
    Column("at", "At", "time", width_px=64),
    Column("price", "Price", "price", width_px=96),
)
_NO_SESSION = ("There is no session yet.", "Plan one in the market overview; prices come with its result.")


class PriceRoomPage:
    """Choice of the session and key figures on top, the session's prices, and the dearest and cheapest buses."""

    def __init__(self, context: PageContext, room: PriceRoom) -> None:
        self._room = room
        self.themes = Themes(context.theme)
        self._figures = KeyFigures([])
        self._session = pmu.Select(label="Session", options=room.choices(), value=room.id, size="small", width=380)
        self._dear, self._cheap = (Book(EXTREMES, on_pick=self._on_pick) for _ in range(2))
        self._download = csv_button("prices.csv", self._csv)
        self._body = pn.Column(sizing_mode="stretch_width", margin=0)
        self._tab: PricesTab | None = None
        self._build()
        self._session.param.watch(in_turn(self._on_session), "value")
        room.param.watch(in_turn(self._on_choice), ["commodity", "part"])
        context.live.subscribe(self._on_news, {news.MARKET, news.GRID})

    def main(self) -> list[Any]:
        ends = [
            panel(title, book.view, tools=[pn.HSpacer(), csv_button(f"{name}.csv", book.csv)])
            for title, book, name in (
                ("Dearest buses and when", self._dear, "dearest-buses"),
                ("Cheapest buses and when", self._cheap, "cheapest-buses"),
            )
        ]
        self._ends = pn.Row(*ends, sizing_mode="stretch_width", margin=0)
        self._draw_ends()
        head = panel(
            "Price room",
            pn.Row(self._session, pn.HSpacer(), self._download, margin=(6, 12), sizing_mode="stretch_width"),
        )
        return [head, self._figures.view, self._body, self._ends]

    def _build(self) -> None:
        """The session's prices, drawn anew: another session has another grid."""
        if self._tab is not None:
            self.themes.drop(*self._tab.handles)
        room = self._room
        day = DeliveryDay(day=room.row.session.delivery_day)
        self._labels = step_labels(day)
        step = room.step if 0 <= room.step < day.n_steps else room.farthest_step()
        self._step = step_state(day.n_steps, step)
        self._tab = PricesTab(room, self._step, self.themes)
        self._body[:] = [self._tab.view]
        self._draw_figures()

    def _draw_figures(self) -> None:
        self._figures.show(_key_figures(self._room, self._labels))
        self._download.disabled = self._room.prices is None

    def _draw_ends(self) -> None:
        room = self._room
        parts = None if room.prices is None else parts_of(room.prices, room.commodity) or room.prices.p
        self._ends.visible = parts is not None and bool(room.prices.bus_ids)
        if not self._ends.visible:
            return
        for book, rows in zip(
            (self._dear, self._cheap), extremes(room.prices, getattr(parts, room.part)), strict=True
        ):
            show_fitted(book, [_record(row, self._labels) for row in rows], most_px=300)

    def _csv(self) -> io.BytesIO:
        prices = self._room.prices
        self._download.filename = f"prices-{self._room.id}.csv"
        return io.BytesIO(b"" if prices is None else prices_csv(prices, self._labels).encode("utf-8-sig"))

    def _on_pick(self, record: Any) -> None:
        """Look at the bus, at its dearest or cheapest quarter hour."""
        if record["bus"] in self._room.prices.bus_ids:
            self._tab.choose(record["bus"])
            self._step.step = self._labels.index(record["at"])

    def _on_session(self, event: Any) -> None:
        if not event.new or event.new == self._room.id:
            return
        self._room.param.update(id=event.new, step=-1)
        self._room.refresh()
        self._build()
        self._draw_ends()

    def _on_choice(self, *_events: Any) -> None:
        self._draw_figures()
        self._draw_ends()

    def _on_news(self, _topic: str, _value: object) -> None:
        self._room.refresh()
        self._session.options = self._room.choices()
        self._tab.draw()
        self._on_choice()


def _record(row: Extreme, labels: list[str]) -> dict[str, Any]:
    return {"bus": row.bus, "at": labels[row.step], "price": row.price}


def _key_figures(room: PriceRoom, labels: list[str]) -> list[KeyFigure]:
    """What the day's prices were, at the coupling point and at the ends."""
    prices = room.prices
    if prices is None or not prices.bus_ids:
        return [KeyFigure(name, "–") for name in ("Highest", "Lowest", "Mean over buses and time", "Largest part")]
    parts = parts_of(prices, room.commodity) or prices.p
    unit = UNITS["p" if parts is prices.p else "q"]
    (dear, *_), (cheap, *_) = extremes(prices, parts.total)
    reach = {name: float(np.abs(getattr(parts, name)).max()) for name in ("loss", "congestion", "voltage")}
    most = max(reach, key=lambda name: reach[name])
    return [
        KeyFigure("Highest", number(dear.price), unit, f"{dear.bus} at {labels[dear.step]}"),
        KeyFigure("Lowest", number(cheap.price), unit, f"{cheap.bus} at {labels[cheap.step]}"),
        KeyFigure("Mean over buses and time", number(float(parts.total.mean())), unit),
        KeyFigure(
            "Largest part beside energy", number(reach[most]), unit, most if reach[most] else "no limit binds"
        ),
    ]


def _build(context: PageContext) -> Content:
    room = PriceRoom(context.desk)
    context.location.sync(room, LINK)
    room.refresh()
    if room.row is None:
        overview = pmu.Button(label="Market overview", href="/fmo", variant="outlined")
        words = ("There is no such session.", "Choose one in the market overview.") if room.rows else _NO_SESSION
        return Content(main=[panel("Price room", empty_state(*words, overview))], owner=room)
    page = PriceRoomPage(context, room)
    return Content(main=page.main(), owner=page, themed=[page.themes])


PAGES = (Page(path="/fmo/prices", title="Price room", nav="Prices", roles=frozenset({Role.FMO}), build=_build),)
