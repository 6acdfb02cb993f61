"""Prognoses and baselines of the DSOs' locations, exchange and prices at coupling points, and results of calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.flexibility.market import PriceKind
from domain.units import energy_mwh
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, PageContext
from views.pages.dso_parts import utc_on_hover
from views.pages.filling import Filling
from views.pages.later import in_turn
from views.plots.book import Column
from views.plots.day_series import Curve, DaySeriesPlot, day_series
from views.state.common import number, step_labels
from views.state.tso_locations import (
    H_PER_STEP,
    Locations,
    call_curves,
    call_records,
    coupling_records,
    peak_difference_mw,
    place_records,
    plan_curves,
)
from views.widgets import Book, KeyFigure, KeyFigures, csv_button, empty_state, figure_pane, panel, text

LINK = {key: key for key in ("day", "region", "place")}
_PLANS = (
    Curve(key="production", label="Production", tone="high"),
    Curve(key="load", label="Load, negative", tone="low"),
    Curve(key="schedule", label="Balance as scheduled", tone="text"),
    Curve(key="baseline", label="Balance by owners' baselines", mark="dash", tone="primary"),
)
_EXCHANGE = (
    Curve(key="before", label="Import from above, before", tone="text"),
    Curve(key="after", label="after", mark="dash", tone="primary"),
)
_PRICES = (
    Curve(key="total", label="Nodal price at the coupling bus, after", tone="primary"),
    Curve(key="day_ahead", label="Day-ahead", tone="text"),
    Curve(key="balancing", label="Balancing", mark="dash", tone="normal"),
)
_CALLS = (
    Curve(key="requested", label="Requested, up positive", mark="bar", tone="normal"),
    Curve(key="awarded", label="Awarded", tone="text"),
    Curve(key="acknowledged", label="Acknowledged", mark="dash", tone="primary"),
    Curve(key="refused", label="Refused", mark="dash", tone="high"),
)
PLACES = (
    Column("place", "Location", min_px=190),
    Column("n_buses", "Buses", "count", width_px=62),
    Column("production_mwh", "Production", "mw", width_px=92),
    Column("load_mwh", "Load", "mw", width_px=78),
    Column("schedule_mwh", "Scheduled", "mw", width_px=88),
    Column("baseline_mwh", "Baselines", "mw", width_px=86),
    Column("difference_mwh", "Difference", "mw", width_px=88),
)
STEPS = (
    Column("at", "From", "time", width_px=64),
    Column("at_utc", "UTC"),
    Column("before_mw", "Import before, MW", "mw"),
    Column("after_mw", "Import after, MW", "mw"),
    Column("day_ahead_price", "Day-ahead, EUR/MWh", "price"),
    Column("balancing_price", "Balancing, EUR/MWh", "price"),
    Column("total_price", "Nodal, EUR/MWh", "price"),
    Column("energy_price", "Energy part", "price"),
    Column("loss_price", "Loss part", "price"),
    Column("congestion_price", "Congestion part", "price"),
    Column("voltage_price", "Voltage part", "price"),
)
CALLS = (
    Column("region", "Region", min_px=120),
    Column("bus", "Coupling point", min_px=106),
    Column("direction", "Direction", width_px=78),
    Column("requested_mwh", "Requested", "mw", width_px=86),
    Column("awarded_mwh", "Awarded", "mw", width_px=78),
    Column("acknowledged_mwh", "Acknowledged", "mw", width_px=108),
    Column("refused_mwh", "Refused", "mw", width_px=74),
    Column("waiting_mwh", "Not answered", "mw", width_px=104),
)
_NO_PRICES = "Nodal prices follow with the published result of a session that prices buses."


class LocationsPage:
    """Plans on top, exchange and prices in the middle, results of calls below."""

    def __init__(self, context: PageContext, state: Locations, refresh: Callable[[], None]) -> None:
        self.state, self._refresh = state, refresh
        labels = step_labels(state.delivery_day)

        def chart(curves: tuple[Curve, ...], unit: str, places: int = 3) -> DaySeriesPlot:
            return day_series(curves, labels, unit, places=places, theme=context.theme, height_px=210)

        self._plans, self._exchange = chart(_PLANS, "MW"), chart(_EXCHANGE, "MW")
        self._prices, self._calls = chart(_PRICES, "EUR/MWh", 2), chart(_CALLS, "MW")
        small: dict[str, Any] = {"size": "small", "margin": (0, 6)}
        self._day = pmu.Select(label="Day", options=list(state.days), width=140, **small)
        self._region = pmu.Select(label="Region", options={}, width=170, **small)
        self._where = pmu.Select(label="Location", options={}, width=210, **small)
        self._figures = KeyFigures([])
        self._places = Book(PLACES, on_pick=self._on_place)
        self._steps, self._sums = Book(STEPS, height_px=300), Book(CALLS)
        utc_on_hover(self._steps, "at")
        self._no_plan = text("The day has no schedules yet.", "muted", margin=(4, 12))
        self._no_calls = text("Calls follow with the published result.", "muted", margin=(0, 12))
        self._no_prices = text(_NO_PRICES, "muted", margin=(0, 12, 8, 12))
        self.draw()
        for key, widget in (("day", self._day), ("region", self._region), ("place", self._where)):
            widget.param.watch(in_turn(lambda event, key=key: self._on_choice(key, event.new)), "value")

    @property
    def themed(self) -> list[DaySeriesPlot]:
        return [self._plans, self._exchange, self._prices, self._calls]

    def main(self) -> list[Any]:
        plans = panel(
            "Prognoses and baselines",
            self._no_plan,
            figure_pane(self._plans.figure),
            tools=[pn.HSpacer(), self._where],
        )
        places = panel(
            "Locations, MWh of the day",
            self._places.view,
            tools=[pn.HSpacer(), self._csv("locations", self._places)],
        )
        exchange = panel("Exchange at the coupling point", figure_pane(self._exchange.figure))
        prices = panel("Prices at the coupling point", figure_pane(self._prices.figure), self._no_prices)
        steps = panel(
            "Exchange and prices by quarter hour",
            self._steps.view,
            tools=[pn.HSpacer(), self._csv("coupling-prices", self._steps)],
        )
        calls = panel("Calls over the day", self._no_calls, figure_pane(self._calls.figure))
        sums = panel(
            "Balancing results by region, MWh",
            self._sums.view,
            tools=[pn.HSpacer(), self._csv("calls", self._sums)],
        )
        return [
            pn.Row(self._region, self._day, margin=(14, 4, 0, 0)),
            self._figures.view,
            _beside(plans, places),
            _beside(exchange, prices),
            steps,
            _beside(calls, sums),
        ]

    def draw(self) -> None:
        """Everything shown, from the state."""
        state = self.state
        self._day.param.update(options=list(state.days), value=state.day)
        regions = {row.region.name: row.region.id for row in state.sessions.values()}
        self._region.param.update(options=regions, value=state.region)
        self._where.param.update(options=state.places, value=state.place)
        day = state.locations
        self._no_plan.visible = day is None
        self._plans.show({} if day is None else plan_curves(day, state.buses_of(state.place)))
        show_fitted(self._places, place_records(state), most_px=240)
        row, parts = state.coupling_row, state.price_parts()
        self._exchange.show({} if row is None else {"before": row.p_before_mw, "after": row.p_after_mw})
        wholesale = {kind.value: state.wholesale.get(kind) for kind in PriceKind}
        self._prices.show({"total": parts.get("total"), **wholesale})
        self._no_prices.visible = not parts
        self._prices.figure.visible = bool(parts or any(series is not None for series in wholesale.values()))
        self._steps.show(coupling_records(state))
        chosen = next((call for call in state.calls if call.region.id == state.region), None)
        self._calls.show({} if chosen is None else call_curves(chosen))
        self._no_calls.visible = chosen is None or not any((*chosen.up.awarded_mw, *chosen.down.awarded_mw))
        show_fitted(self._sums, call_records(state.calls), most_px=240)
        self._figures.show(figures(state))

    def _csv(self, name: str, book: Book) -> Any:
        return csv_button(f"{name}-{self.state.day}.csv", book.csv)

    def _on_place(self, record: Any) -> None:
        self._where.value = record["key"]

    def _on_choice(self, key: str, value: Any) -> None:
        if value is not None and value != getattr(self.state, key):
            setattr(self.state, key, value)
            self._refresh()


def _beside(left: Any, right: Any) -> pn.Row:
    columns = [pn.Column(part, sizing_mode="stretch_width", margin=0) for part in (left, right)]
    for column in columns:
        column.styles = {"flex": "1 1 0", "min-width": "0"}
    return pn.Row(*columns, sizing_mode="stretch_width", margin=0)


def figures(state: Locations) -> list[KeyFigure]:
    """The chosen region's day: plans, baselines, exchange and answered calls."""
    day, row = state.locations, state.coupling_row
    shown = "–" if day is None else str(day.n_baselines)
    of = "" if day is None else f"of {day.n_assets} assets"
    difference = None if day is None else peak_difference_mw(day)
    before = None if row is None or row.p_before_mw is None else float(row.p_before_mw.sum()) * H_PER_STEP
    after = None if row is None or row.p_after_mw is None else float(row.p_after_mw.sum()) * H_PER_STEP
    call = next((call for call in state.calls if call.region.id == state.region), None)
    acknowledged = (
        None if call is None else energy_mwh(call.up.acknowledged_mw) + energy_mwh(call.down.acknowledged_mw)
    )
    refused = None if call is None else energy_mwh(call.up.refused_mw) + energy_mwh(call.down.refused_mw)
    return [
        KeyFigure("Region", state.row.region.name, "", state.row.session.state.value),
        KeyFigure("Baselines", shown, "", of),
        KeyFigure("Baselines off schedule, at most", number(difference, 3), "MW"),
        KeyFigure("Import before", number(before), "MWh"),
        KeyFigure("Import after", number(after), "MWh", "" if after is not None else "After publication"),
        KeyFigure("Calls acknowledged", number(acknowledged), "MWh", f"{number(refused)} MWh refused"),
    ]


def build(context: PageContext) -> Content:
    state = Locations(context.desk)
    context.location.sync(state, LINK)
    filling = Filling(
        context,
        {news.MARKET, news.GRID, news.ASSETS, news.PRICES},
        refresh=state.refresh,
        shape=lambda: state.day or None,
        build=lambda seen: LocationsPage(seen, state, lambda: filling.again()),
        empty=_empty,
    )
    return filling.content()


def _empty() -> Any:
    hint = "This page fills when the market operator plans a session."
    return panel("Locations", empty_state("No session is planned below your grid.", hint))
