"""The TSO's desk: requests and results below each coupling point, and what flows there before and after."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.parties import Role
from views import news
from views.pages import tso_locations, tso_requests
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import utc_on_hover
from views.pages.filling import Filling
from views.pages.later import in_turn
from views.plots.book import Column
from views.plots.day_series import Curve, DaySeriesPlot, day_series
from views.plots.step import on_settled, step_state
from views.state.common import number, step_labels
from views.state.tso_coupling import Coupling, day_records, signed, step_records, total_mwh, total_records
from views.widgets import Book, KeyFigure, KeyFigures, csv_button, empty_state, figure_pane, panel

LINK = {"day": "day", "region": "region", "step": "step"}
_NUMBERS = (
    ("requested_up", "Requested up"),
    ("requested_down", "Requested down"),
    ("awarded_up", "Awarded up"),
    ("awarded_down", "Awarded down"),
    ("before", "Import before"),
    ("after", "Import after"),
)


def _numbers(unit: str, width_px: int | None) -> tuple[Column, ...]:
    return tuple(
        Column(f"{key}_{unit.lower()}", f"{title}, {unit}", "mw", width_px=width_px) for key, title in _NUMBERS
    )


TOTALS = (
    Column("region", "Region", min_px=120),
    Column("bus", "Coupling point", min_px=120),
    Column("state", "Session", "state", width_px=112),
    *_numbers("MWh", 158),
)
DAY = (Column("at", "From", "time", width_px=64), Column("at_utc", "UTC"), *_numbers("MW", None))
_CHANGES = (
    Curve(key="requested", label="Requested, up positive", mark="bar", tone="normal"),
    Curve(key="awarded", label="Awarded, up positive", mark="line", tone="primary"),
)
_EXCHANGE = (
    Curve(key="before", label="Import from above, before", tone="text"),
    Curve(key="after", label="after", mark="dash", tone="primary"),
)


class CouplingPage:
    """Totals on top; the chosen region's day at the left, all its quarter hours at the right."""

    def __init__(self, context: PageContext, state: Coupling) -> None:
        self.state = state
        labels = step_labels(state.delivery_day)
        self._labels = labels
        self._step = step_state(len(labels), state.step)
        self._figures = KeyFigures([])
        self._totals = Book(TOTALS, on_pick=self._on_total)
        self._at = Book(_at_columns(state), height_px=250)
        self._day = Book(DAY, height_px=348)
        utc_on_hover(self._day, "at")
        self._changes = _chart(_CHANGES, labels, self._step, context.theme)
        self._exchange = _chart(_EXCHANGE, labels, self._step, context.theme)
        self._region = pmu.Select(label="Region", options={}, width=190, size="small", margin=0)
        self._when = pmu.Select(label="Quarter hour", options=labels, width=118, size="small", margin=0)
        self.draw()
        self._region.param.watch(in_turn(self._on_region), "value")
        self._when.param.watch(in_turn(self._on_when), "value")
        on_settled(self._step, self._on_step)

    @property
    def themed(self) -> list[DaySeriesPlot]:
        return [self._changes, self._exchange]

    def main(self) -> list[Any]:
        totals = panel(
            "Day by region and coupling point",
            self._totals.view,
            tools=[pn.HSpacer(), self._csv("day", self._totals)],
        )
        at_step = panel(
            "One quarter hour",
            self._at.view,
            tools=[pn.HSpacer(), self._when, self._csv("quarter-hour", self._at)],
        )
        charts = panel(
            "Requests, awards and exchange over the day",
            figure_pane(self._changes.figure),
            figure_pane(self._exchange.figure),
            tools=[pn.HSpacer(), self._region],
        )
        steps = panel("Every quarter hour", self._day.view, tools=[pn.HSpacer(), self._csv("steps", self._day)])
        middle = pn.Row(
            pn.Column(charts, sizing_mode="stretch_width", margin=0),
            pn.Column(at_step, width=480, margin=0),
            sizing_mode="stretch_width",
            margin=0,
        )
        return [self._figures.view, totals, middle, steps]

    def draw(self) -> None:
        """Everything shown, from the state."""
        state = self.state
        self._figures.show(_key_figures(state))
        show_fitted(self._totals, total_records(state.rows, state.sessions), most_px=240)
        self._region.param.update(
            options={row.region.name: row.region.id for row in state.rows}, value=state.region
        )
        self._draw_step()
        row = state.chosen
        if row is not None:
            self._day.show(day_records(row, state.delivery_day))
            self._changes.show(
                {
                    "requested": signed(row.requested_up_mw, row.requested_down_mw),
                    "awarded": signed(row.awarded_up_mw, row.awarded_down_mw),
                }
            )
            self._exchange.show({"before": row.p_before_mw, "after": row.p_after_mw})

    def _draw_step(self) -> None:
        self._when.value = self._labels[self.state.step]
        self._at.show(step_records(self.state.rows, self.state.step, dict(_NUMBERS)))

    def _csv(self, name: str, book: Book) -> Any:
        return csv_button(f"coupling-{name}-{self.state.day}.csv", book.csv)

    def _on_total(self, record: Any) -> None:
        named = [row.region.id for row in self.state.rows if row.region.name == record["region"]]
        if named:
            self._region.value = named[0]

    def _on_region(self, event: Any) -> None:
        self.state.region = event.new
        self.draw()

    def _on_when(self, event: Any) -> None:
        step = self._labels.index(event.new)
        self._step.update(step=step, settled=step)
        self._on_step(step)

    def _on_step(self, step: int) -> None:
        self.state.step = step
        self._draw_step()


def _at_columns(state: Coupling) -> list[Column]:
    """Quantities down, regions across: our own words for regions are their ids, names are typed by people."""
    regions = [Column(row.region.id, row.region.id, "mw", min_px=96) for row in state.rows]
    total = [Column("total", "All", "mw", min_px=96)] if len(regions) > 1 else []
    return [Column("quantity", "MW", min_px=130), *regions, *total]


def _chart(curves: tuple[Curve, ...], labels: list[str], step: Any, theme: str) -> DaySeriesPlot:
    return day_series(curves, labels, "MW", places=3, state=step, theme=theme, height_px=190)


def _key_figures(state: Coupling) -> list[KeyFigure]:
    def energy(label: str, key: str) -> KeyFigure:
        return KeyFigure(label, number(total_mwh(state.rows, key)), "MWh")

    return [
        KeyFigure("Regions", f"{len(state.rows)}", "", "below your grid"),
        energy("Requested up", "requested_up_mw"),
        energy("Requested down", "requested_down_mw"),
        energy("Awarded up", "awarded_up_mw"),
        energy("Awarded down", "awarded_down_mw"),
    ]


def _build(context: PageContext) -> Content:
    state = Coupling(context.desk)
    context.location.sync(state, LINK)

    def shape() -> tuple[str, ...] | None:
        """Columns are built for these regions, charts for this day."""
        return (state.day, *(row.region.id for row in state.rows)) if state.rows else None

    filling = Filling(
        context,
        {news.MARKET, news.GRID},
        refresh=state.refresh,
        shape=shape,
        build=lambda seen: CouplingPage(seen, state),
        empty=_empty,
    )
    return filling.content()


def _empty() -> Any:
    hint = "This page fills when the market operator plans a session."
    return panel("Coupling points", empty_state("No session is planned below your grid.", hint))


_TSO = frozenset({Role.TSO})

PAGES = (
    Page(path="/tso", title="Coupling points", nav="Coupling points", roles=_TSO, build=_build),
    Page(path="/tso/requests", title="Requests", nav="Requests", roles=_TSO, build=tso_requests.build),
    Page(path="/tso/locations", title="Locations", nav="Locations", roles=_TSO, build=tso_locations.build),
)
