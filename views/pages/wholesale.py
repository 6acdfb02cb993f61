"""Day-ahead and balancing prices beside the local ones, for everybody; the market operator uploads them here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import panel as pn

from domain.parties import PEOPLE, PLACE, Role
from views import news
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import choice, day_options, offer_choices, utc_on_hover
from views.pages.filling import Filling
from views.pages.fmo_controls import PriceUpload
from views.plots.book import Column
from views.plots.price_bands import PriceBands, price_bands
from views.state.common import step_labels
from views.state.wholesale_day import (
    WORDS,
    WholesaleDay,
    bands,
    local_words,
    span_words,
    step_records,
    wholesale,
)
from views.widgets import Book, KeyFigure, KeyFigures, csv_button, figure_pane, panel, text

LINK = {"day": "day"}
_NOTHING = (
    "No prices of this day are there yet. Day-ahead and balancing prices come from the market operator, "
    "local prices from published results."
)
_LOCAL = "A local price is the nodal price of active power: energy, losses, congestion and voltage at that bus."


class WholesalePage:
    """Key figures, then the day's chart over its table. `on_day(iso)` when another day is chosen."""

    def __init__(self, context: PageContext, state: WholesaleDay, on_day: Callable[[str], None]) -> None:
        self.state, self._on_day = state, on_day
        self._figures = KeyFigures([])
        lines = {kind.value: words for kind, words in WORDS.items()}
        names = {row.region.id: f"{row.region.name}, {self._whose()}" for row in state.local}
        self._chart = price_bands(lines, names, step_labels(state.steps), theme=context.theme)
        self._book = Book(_columns(state), height_px=440)
        utc_on_hover(self._book, "at")
        self._hint = text(_NOTHING, "muted", margin=(0, 12, 8, 12))
        self._day = choice("Delivery day", self._on_choice, width=190)
        is_operator = context.principal.role is Role.FMO
        self._upload = PriceUpload(context, state) if is_operator else None
        self.draw()

    @property
    def themed(self) -> list[PriceBands]:
        return [self._chart]

    def main(self) -> list[Any]:
        tools = [] if self._upload is None else self._upload.tools
        problems = [] if self._upload is None else [self._upload.problems.view]
        chart = panel(
            "Wholesale and local prices",
            *problems,
            self._hint,
            figure_pane(self._chart.figure),
            text(_LOCAL, "muted", margin=(0, 12, 8, 12)),
            tools=[pn.HSpacer(), *tools, self._day],
        )
        table = panel(
            "Every quarter hour, EUR/MWh",
            self._book.view,
            tools=[pn.HSpacer(), csv_button(f"prices-{self.state.day}.csv", self._book.csv)],
        )
        return [self._figures.view, chart, table]

    def draw(self) -> None:
        """Everything shown, from the state."""
        state = self.state
        lines, local = wholesale(state), bands(state)
        self._figures.show(_key_figures(state))
        self._hint.visible = not (lines or local)
        self._chart.show(lines, local)
        self._book.show(step_records(state))
        offer_choices(self._day, day_options([date.fromisoformat(day) for day in state.days]), state.day)

    def _whose(self) -> str:
        return "at own buses" if self.state.own_buses else "all buses"

    def _on_choice(self, event: Any) -> None:
        if event.new and event.new != self.state.day:
            self._on_day(event.new)


def _columns(state: WholesaleDay) -> list[Column]:
    market = [Column(kind.value, words, "price", min_px=110) for kind, words in WORDS.items()]
    local = [
        Column(f"{side} {row.region.id}", f"{row.region.name}, {words}", "price", min_px=150)
        for row in state.local
        for side, words in (("low", "lowest"), ("high", "highest"))
    ]
    return [Column("at", "From", "time", width_px=72), Column("at_utc", "UTC"), *market, *local]


def _key_figures(state: WholesaleDay) -> list[KeyFigure]:
    lines = wholesale(state)
    sources = {series.kind: series.source for series in state.prices}
    market = [
        KeyFigure(words, span_words(lines.get(kind)), "EUR/MWh", sources.get(kind, "not uploaded yet"))
        for kind, words in WORDS.items()
    ]
    local = [(row.region.name, *local_words(state, row)) for row in state.local]
    return [*market, *(KeyFigure(f"{name}, local", span, "EUR/MWh", note) for name, span, note in local)]


def _build(context: PageContext) -> Content:
    state = WholesaleDay(context.desk, context.principal)
    context.location.sync(state, LINK)

    def go_to(day: str) -> None:
        state.day = day
        filling.again()

    filling = Filling(
        context,
        {news.PRICES, news.MARKET, news.ASSETS},
        refresh=state.refresh,
        shape=lambda: (state.day, tuple(row.region.id for row in state.local)),
        build=lambda seen: WholesalePage(seen, state, go_to),
        empty=lambda: pn.Column(margin=0),
    )
    return filling.content()


_ROLES = PEOPLE - PLACE - {Role.CUSTOMER}

PAGES = (Page(path="/wholesale", title="Wholesale prices", nav="Wholesale", roles=_ROLES, build=_build),)
