"""The desk of retailer and balance responsible party: production and load of their assets, prices, positions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.flexibility.market import PriceKind
from domain.parties import Role
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import day_options, offer_choices, utc_on_hover
from views.pages.filling import Filling
from views.pages.later import in_turn
from views.plots.book import Column
from views.plots.day_series import Curve, DaySeriesPlot, day_series
from views.state.common import floats, number, step_labels
from views.state.portfolio_day import (
    ALL,
    PortfolioDay,
    asset_records,
    kind_records,
    local_prices,
    position_value_eur,
    region_records,
    step_records,
    sums,
)
from views.state.spans import plural
from views.widgets import Book, KeyFigure, KeyFigures, csv_button, empty_state, figure_pane, panel

LINK = {"day": "day", "region": "region"}
REGIONS = (
    Column("region", "Region", min_px=110),
    Column("assets", "Assets", "count", width_px=80),
    Column("production_mwh", "Production, MWh", "mw", width_px=132),
    Column("load_mwh", "Load, MWh", "mw", width_px=104),
    Column("net_mwh", "Net, MWh", "mw", width_px=104),
    Column("awarded_mwh", "Awarded, MWh", "mw", width_px=122),
)
STEPS = (
    Column("at", "From", "time", width_px=64),
    Column("at_utc", "UTC"),
    Column("production_p_mw", "Production, MW", "mw", min_px=126),
    Column("load_p_mw", "Load, MW", "mw", min_px=84),
    Column("net_p_mw", "Net, MW", "mw", min_px=84),
    Column("awarded_p_mw", "Awarded, MW", "mw", min_px=100),
    Column("day_ahead", "Day-ahead, EUR/MWh", "price", min_px=158),
    Column("balancing", "Balancing, EUR/MWh", "price", min_px=158),
)
_ENERGY = (
    Column("production_mwh", "Production, MWh", "mw", width_px=132),
    Column("load_mwh", "Load, MWh", "mw", width_px=104),
    Column("awarded_mwh", "Awarded, MWh", "mw", width_px=122),
    Column("value_eur", "At day-ahead, EUR", "money", width_px=142),
)
KINDS = (Column("kind", "Kind", min_px=110), Column("assets", "Assets", "count", width_px=80), *_ENERGY)
ASSETS = (
    Column("name", "Asset", min_px=150),
    Column("kind", "Kind", min_px=104),
    Column("region", "Region", min_px=120),
    Column("unit", "Unit behind it", min_px=150),
    Column("bus", "Bus", min_px=110),
    Column("owner", "Registered by", min_px=120),
    *_ENERGY,
)
_POWER = (
    Curve(key="awarded_p_mw", label="Awarded, up positive", mark="bar", tone="primary"),
    Curve(key="production_p_mw", label="Production", tone="high"),
    Curve(key="load_p_mw", label="Load", tone="low"),
    Curve(key="net_with_awards_p_mw", label="Net with awards", mark="dash", tone="text"),
)
_PRICES = (
    Curve(key=PriceKind.DAY_AHEAD, label="Day-ahead", tone="text"),
    Curve(key=PriceKind.BALANCING, label="Balancing", tone="primary", mark="dash"),
    Curve(key="local_low", label="Local, lowest bus", tone="low"),
    Curve(key="local_high", label="Local, highest bus", tone="high"),
)


class PortfolioPage:
    """Key figures; the day's power and prices at the left, regions and quarter hours at the right."""

    def __init__(self, context: PageContext, state: PortfolioDay, go_to: Callable[[str], None]) -> None:
        self.state = state
        labels = step_labels(state.delivery_day)
        self._figures = KeyFigures([])
        self._power = day_series(_POWER, labels, "MW", places=3, theme=context.theme, height_px=330)
        self._prices = day_series(_PRICES, labels, "EUR/MWh", theme=context.theme, height_px=220)
        self._regions = Book(REGIONS)
        self._kinds = Book(KINDS)
        self._assets = Book(ASSETS)
        self._none = empty_state(
            "No asset is in your portfolio yet.", "Assets appear when their owners name your balance group."
        )
        self._steps = Book(STEPS, height_px=330)
        utc_on_hover(self._steps, "at")
        self._region = pmu.Select(label="Region", options={}, width=160, size="small", margin=0)
        self._day = pmu.Select(label="Delivery day", options={}, width=150, size="small", margin=0)
        self._go_to = go_to
        self.draw()
        self._day.param.watch(in_turn(self._on_day), "value")
        self._region.param.watch(in_turn(self._on_region), "value")

    @property
    def themed(self) -> list[DaySeriesPlot]:
        return [self._power, self._prices]

    def main(self) -> list[Any]:
        tools = [pn.HSpacer(), self._day, pn.Spacer(width=8), self._region]
        left = pn.Column(
            panel(
                "Production and load",
                figure_pane(self._power.figure),
                tools=tools,
            ),
            panel("Day-ahead, balancing and last published local prices", figure_pane(self._prices.figure)),
            sizing_mode="stretch_width",
            margin=0,
        )
        day = self.state.day
        right = pn.Column(
            panel(
                "Day by region",
                self._regions.view,
                tools=[pn.HSpacer(), csv_button(f"portfolio-regions-{day}.csv", self._regions.csv)],
            ),
            panel(
                "Day by kind",
                self._kinds.view,
                tools=[pn.HSpacer(), csv_button(f"kinds-{day}.csv", self._kinds.csv)],
            ),
            panel(
                "Every quarter hour",
                self._steps.view,
                tools=[pn.HSpacer(), csv_button(f"portfolio-{day}.csv", self._steps.csv)],
            ),
            width=812,
            margin=0,
        )
        assets = panel(
            "Assets and the units behind them",
            self._none,
            self._assets.view,
            tools=[pn.HSpacer(), csv_button(f"portfolio-assets-{day}.csv", self._assets.csv)],
        )
        return [self._figures.view, pn.Row(left, right, sizing_mode="stretch_width", margin=0), assets]

    def draw(self) -> None:
        """Everything shown, from the state."""
        state = self.state
        offer_choices(self._day, day_options([date.fromisoformat(day) for day in state.days]), state.day)
        self._figures.show(_key_figures(state))
        options = {"All regions": ALL, **{row.region.name: row.region.id for row in state.rows}}
        self._region.param.update(options=options, value=state.region)
        show_fitted(self._regions, region_records(state.rows), most_px=240)
        self._steps.show(step_records(state))
        self._power.show(sums(state.chosen, state.delivery_day.n_steps))
        wholesale = {str(series.kind): floats(series.price_eur_per_mwh) for series in state.prices}
        self._prices.show(wholesale | local_prices(state))
        show_fitted(self._kinds, kind_records(state), most_px=240)
        assets = asset_records(state)
        show_fitted(self._assets, assets, most_px=420)
        self._assets.view.visible, self._none.visible = bool(assets), not assets

    def _on_day(self, event: Any) -> None:
        if event.new and event.new != self.state.day:
            self._go_to(event.new)

    def _on_region(self, event: Any) -> None:
        self.state.region = event.new
        self.draw()


def _key_figures(state: PortfolioDay) -> list[KeyFigure]:
    total = region_records(state.rows)[-1]
    prices = {series.kind: series.price_eur_per_mwh for series in state.prices}
    means = [
        KeyFigure(f"{name} price, mean", number(_mean(prices.get(kind))), "EUR/MWh")
        for name, kind in (("Day-ahead", PriceKind.DAY_AHEAD), ("Balancing", PriceKind.BALANCING))
    ]
    return [
        KeyFigure("Assets", f"{total['assets']}", "", f"in {plural(len(state.rows), 'region')}"),
        KeyFigure("Production", number(total["production_mwh"]), "MWh"),
        KeyFigure("Load", number(total["load_mwh"]), "MWh"),
        KeyFigure("Position at day-ahead", number(position_value_eur(state)), "EUR", "scheduled, net"),
        KeyFigure("Awarded, net up", number(total["awarded_mwh"]), "MWh", "from publication on"),
        *means,
    ]


def _mean(prices: Any) -> Any:
    return sum(prices) / len(prices) if prices else None


def _build(context: PageContext) -> Content:
    state = PortfolioDay(context.desk)
    context.location.sync(state, LINK)

    def go_to(day: str) -> None:
        state.day = day
        filling.again()

    filling = Filling(
        context,
        {news.MARKET, news.GRID, news.PRICES, news.ASSETS},
        refresh=state.refresh,
        shape=lambda: state.day if state.rows else None,
        build=lambda seen: PortfolioPage(seen, state, go_to),
        empty=_empty,
    )
    return filling.content()


def _empty() -> Any:
    hint = "It appears when a session is planned and assets name you as responsible."
    return panel("Portfolio", empty_state("There is no day to show.", hint))


PAGES = (
    Page(
        path="/portfolio",
        title="Portfolio",
        nav="Portfolio",
        roles=frozenset({Role.RETAILER, Role.BRP}),
        build=_build,
    ),
)
