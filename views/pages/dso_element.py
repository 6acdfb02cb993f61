"""The chosen element: its day, the offers near it, its prices and their parts, and the day without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn

from app.queries.models import GridView, WhatIfView
from views.pages.context import PageContext
from views.pages.dso_drawing import no_prices, price_day
from views.pages.dso_outage import OutageTab
from views.pages.dso_parts import align_right
from views.pages.themes import Themes
from views.plots.book import Column
from views.plots.element_day import ElementDayPlot, element_day
from views.plots.models import ElementDay
from views.plots.price_parts import PricePartsPlot, price_parts
from views.plots.step import StepState
from views.state.common import step_labels
from views.state.dso_element import bus_of, offers_near
from views.state.dso_facts import MarketFacts, Place
from views.state.dso_room import Element, RoomState, awards_near, trace, zone_of
from views.widgets import Book, csv_button, figure_pane, panel, tabs, text

OFFERS = (
    Column("party", "Party", min_px=90),
    Column("asset", "Asset", min_px=110),
    Column("power", "Power", width_px=74),
    Column("direction", "Way", width_px=60),
    Column("peak", "Peak", "mw", width_px=70),
    Column("price", "EUR/MWh", "price", width_px=84),
    Column("awarded", "Awarded, MWh", "mw", width_px=106),
    Column("span", "From–to", width_px=98),
    Column("bus", "Bus", min_px=80),
)
SEALED = "The book is sealed until the gate closes; offers near this element are listed then."
NO_OFFERS = "No offer was made in this element's zone."
NO_PRICES = "Prices come with the published result."


class ElementPanel:
    """Lay out `view`; `show` follows element and market. One set of figures serves every element."""

    def __init__(
        self,
        context: PageContext,
        state: RoomState,
        themes: Themes,
        on_answer: Callable[[WhatIfView | None], None],
        on_need: Callable[[Any], None],
    ) -> None:
        self._themes = themes
        self.chart: ElementDayPlot | None = None
        self._prices: PricePartsPlot | None = None
        self._step: StepState | None = None
        self.near = text("", "muted", margin=(4, 12, 4, 12))
        self.offers = Book(OFFERS, height_px=230)
        align_right(self.offers)
        self._no_offers = text(SEALED, "muted", margin=(8, 12))
        self._no_prices = text(NO_PRICES, "muted", margin=(8, 12))
        self.outage = OutageTab(context, state, on_answer, on_need)
        self._day = pn.Column(sizing_mode="stretch_both", margin=0)
        self._priced = pn.Column(sizing_mode="stretch_width", margin=0)
        csv = csv_button("offers-near.csv", self.offers.csv)
        book = pn.Column(
            pn.Row(self._no_offers, pn.HSpacer(), csv, sizing_mode="stretch_width"),
            self.offers.view,
            sizing_mode="stretch_width",
            margin=0,
        )
        self.tabs = tabs(
            ("Day", self._day), ("Offers", book), ("Prices", self._priced), ("N-1", self.outage.view), fill=True
        )
        self.view = panel("Selected element", self.near, self.tabs, fill=True)

    def build(self, here: Place, view: GridView, facts: MarketFacts, element: Element, step: StepState) -> None:
        """New figures, for another network or day."""
        self._themes.drop(*(figure for figure in (self.chart, self._prices) if figure is not None))
        labels, theme = step_labels(here.delivery), self._themes.name
        self.chart = element_day(
            _element_day(element, here, view, facts), step, labels, theme=theme, height_px=262
        )
        self.chart.figure.sizing_mode = "stretch_both"
        self._prices, self._step = None, step
        self._themes.add(self.chart)
        self._day[:] = [figure_pane(self.chart.figure)]
        self._priced[:] = [self._no_prices]

    def show(self, here: Place, view: GridView, facts: MarketFacts, element: Element) -> None:
        """Another element, or news of the market."""
        if self.chart is None:
            return
        self.chart.show(_element_day(element, here, view, facts))
        words = f"Zone: {zone_of(element, view.grid)}"
        self.near.object = text(words + (". Bars: awards in the zone." if facts.result else ""), "muted").object
        rows = offers_near(element, view.grid, facts, here.delivery)
        self.offers.show(rows)
        self.offers.view.visible, self._no_offers.visible = bool(rows), not rows
        self._no_offers.object = text(SEALED if facts.offers is None else NO_OFFERS, "muted").object
        self._show_prices(here, bus_of(element, view.grid), facts)
        self.outage.show(here, element)

    def _show_prices(self, here: Place, bus: str, facts: MarketFacts) -> None:
        priced = price_day(bus, facts.prices)
        said = NO_PRICES if facts.prices is None else f"Bus {bus}" + ("" if priced else " has no price.")
        self._no_prices.object = text(said, "muted").object
        if self._prices is None and priced is not None and self._step is not None:
            labels, theme = step_labels(here.delivery), self._themes.name
            self._prices = price_parts(no_prices(here.delivery), labels, self._step, theme=theme, height_px=240)
            self._themes.add(self._prices)
            self._priced.append(figure_pane(self._prices.figure))
        if self._prices is not None:
            self._prices.figure.visible = priced is not None
            if priced is not None:
                self._prices.show(priced)


def _element_day(element: Element, here: Place, view: GridView, facts: MarketFacts) -> ElementDay:
    if view.before is None:
        raise ValueError("no state to look at")
    seen = trace(element, view.grid, view.before, view.after)
    awards = facts.result.awards if facts.result else ()
    return ElementDay(
        name=seen.name,
        quantity=seen.quantity,
        unit=seen.unit,
        value=seen.value,
        lower=seen.lower,
        upper=seen.upper,
        after=seen.after,
        award_p_mw=awards_near(element, view.grid, awards, here.delivery.n_steps),
    )
