"""Two clearings side by side: the market's own, those tried by other rules, those of other days and regions."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmu

from app.queries.models import ClearingDay, Comparison
from domain.parties import Role
from domain.time import DeliveryDay
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import attempt, job_model
from views.pages.fmo_compare_try import TryForm
from views.pages.fmo_session_grid import Side
from views.pages.later import Later, in_turn
from views.pages.themes import Themes
from views.plots.book import Column
from views.plots.pair_bars import PairBarsPlot, Pairs, pair_bars
from views.plots.step import StepState, step_state
from views.state.fmo_compare import Compare, clearing_words, figure_record, of_group
from views.widgets import Book, JobBar, ProblemList, csv_button, empty_state, figure_pane, panel, text, toggles
from views.widgets.forms import Problem

LINK = {key: key for key in ("left", "right", "session", "overlay")}
FIGURES = (
    Column("group", "", width_px=76),
    Column("label", "Figure", min_px=150),
    Column("left", "Left", "figure", width_px=116),
    Column("right", "Right", "figure", width_px=116),
    Column("difference", "Right − left", "figure", width_px=116),
    Column("unit", "Unit", width_px=92),
)
PAYMENTS = (
    Column("party", "Participant", min_px=150),
    Column("left", "Left, EUR", "money", width_px=116),
    Column("right", "Right, EUR", "money", width_px=116),
    Column("difference", "Right − left, EUR", "money", width_px=132),
)
_NOTHING = ("There is nothing to compare yet.", "Close a session's gate, or try rules on a book as it stands.")
_NO_MAP = ("There is no map.", "It is drawn when this side has a result.")


class ComparePage:
    """The choice of both sides and the form for a try on top; figures, bars, payments and maps under them."""

    def __init__(self, context: PageContext, state: Compare) -> None:
        self._context, self._state = context, state
        self._later: Later[Any] = Later(0)
        self.themes = Themes(context.theme)
        self._sides = {name: self._select(name) for name in ("left", "right")}
        self._swap = pmu.Button(label="Swap sides", variant="outlined", on_click=self._on_swap, margin=(8, 8))
        self._job = JobBar(self._on_cancel)
        self._try = TryForm(context, state, self.refresh)
        self._notes = ProblemList({})
        self._figures, self._payments = Book(FIGURES), Book(PAYMENTS)
        empty = Pairs(name=(), left=np.zeros(0), right=np.zeros(0), unit="")
        self._money: PairBarsPlot = pair_bars(empty, "Left", "Right", theme=context.theme)
        self._volumes: PairBarsPlot = pair_bars(empty, "Left", "Right", theme=context.theme)
        self.themes.add(self._money, self._volumes)
        self._overlay = toggles(
            "What the map shows",
            options={"Voltage": "voltage", "Loading": "loading"},
            value=state.overlay,
            size="small",
            margin=(4, 12),
        )
        self._linked = text("", "muted", margin=(8, 12))
        self._maps = pn.Row(sizing_mode="stretch_width", margin=0)
        self._drawn: tuple[str, str] | None = None
        self._views: tuple[Side, ...] = ()
        self._days: tuple[ClearingDay | None, ...] = ()
        self._empty = panel("Compare two clearings", empty_state(*_NOTHING))
        self._body = self._layout()
        self._chooser = panel(
            "Compare two clearings",
            pn.Row(
                self._sides["left"], self._sides["right"], self._swap, margin=(6, 4), sizing_mode="stretch_width"
            ),
            self._notes.view,
        )
        self.draw()
        for select in self._sides.values():
            select.param.watch(in_turn(self._on_side), "value")
        self._overlay.param.watch(in_turn(self._on_overlay), "value")
        context.live.subscribe(self._on_news, {news.JOBS, news.MARKET, news.PRICES})

    def main(self) -> list[Any]:
        return [self._chooser, self._try.view, self._job.view, self._empty, self._body]

    def draw(self) -> None:
        """Choices, job, and both sides."""
        state = self._state
        choices = state.choices()
        for name, select in self._sides.items():
            select.param.update(options=choices, value=getattr(state, name) or None, visible=bool(choices))
        self._swap.visible = len(choices) > 1
        self._chooser.visible = bool(choices)
        self._try.draw()
        running = state.running
        title = "" if running is None else f"Trying {running.rules.words()}"
        self._job.show(job_model(running.job, title) if running else None)
        self._empty.visible, self._body.visible = not choices, bool(choices)
        if choices and (state.left, state.right) != self._drawn:
            self._drawn = (state.left, state.right)
            self._later.soon(lambda: (state.compared(), state.days()), self._show)

    def _select(self, name: str) -> pmu.Select:
        return pmu.Select(
            label=name.capitalize(), options={}, size="small", sizing_mode="stretch_width", margin=(6, 8)
        )

    def _layout(self) -> pn.Column:
        figures = panel(
            "Figures", self._figures.view, tools=[pn.HSpacer(), csv_button("comparison.csv", self._figures.csv)]
        )
        payments = panel(
            "Payments by participant (gets +, pays −)",
            self._payments.view,
            figure_pane(self._money.figure),
            tools=[pn.HSpacer(), csv_button("payments-compared.csv", self._payments.csv)],
        )
        volumes = panel("Accepted volume by commodity and direction", figure_pane(self._volumes.figure))
        right = pn.Column(payments, volumes, sizing_mode="stretch_width", margin=0)
        top = pn.Row(
            pn.Column(figures, sizing_mode="stretch_width", margin=0), right, sizing_mode="stretch_width", margin=0
        )
        for side in top:
            side.styles = {"flex": "1 1 0", "min-width": "0"}
        tools = pn.Row(self._overlay, self._linked, margin=0)
        return pn.Column(top, tools, self._maps, sizing_mode="stretch_width", margin=0)

    def _show(self, found: tuple[Comparison | str, tuple[ClearingDay | None, ClearingDay | None]]) -> None:
        comparison, days = found
        if isinstance(comparison, str):
            self._notes.show([Problem("", comparison)])
            return
        self._notes.show([Problem("", note) for note in comparison.notes])
        show_fitted(self._figures, [figure_record(figure) for figure in comparison.figures], most_px=800)
        records = [
            {"party": row.name, "left": row.left_eur, "right": row.right_eur, "difference": row.difference_eur}
            for row in comparison.payments
        ]
        show_fitted(self._payments, records, most_px=280)
        self._show_bars(comparison)
        self._days = days
        self._draw_maps()

    def _show_bars(self, comparison: Comparison) -> None:
        left, right = ("Left", "Right")
        rows = comparison.payments
        self._money.show(
            Pairs(
                name=[f"{row.name} ({row.party_id})" if _twice(row.name, rows) else row.name for row in rows],
                left=np.array([float(row.left_eur or 0) for row in rows]),
                right=np.array([float(row.right_eur or 0) for row in rows]),
                unit="EUR",
            ),
            left,
            right,
        )
        volumes = of_group(comparison.figures, "volume")
        self._volumes.show(
            Pairs(
                name=[f"{figure.label}, {figure.unit}" for figure in volumes],
                left=np.array([float(figure.left or 0) for figure in volumes]),
                right=np.array([float(figure.right or 0) for figure in volumes]),
                unit="MWh or Mvarh",
            ),
            left,
            right,
        )

    def _draw_maps(self) -> None:
        """Both grids after their clearing, under one time where both days have as many quarter hours."""
        for view in self._views:
            self.themes.drop(*view.handles)
        steps = self._steps()
        views = []
        for name, day, step in zip(("Left", "Right"), self._days, steps, strict=True):
            words = f"{name}: {clearing_words(day.row)}" if day else name
            view = Side(words, _NO_MAP)
            if day is not None and step is not None:
                shown = day.after if day.after is not None else day.before
                view.draw(day.grid, shown, day.row.delivery_day, self._state.overlay, step, self.themes)
            views.append(view)
        self._views = tuple(views)
        self._maps[:] = [view.view for view in views]

    def _steps(self) -> tuple[StepState | None, ...]:
        counts = [None if day is None else DeliveryDay(day=day.row.delivery_day).n_steps for day in self._days]
        linked = len({n for n in counts if n is not None}) <= 1
        words = (
            "Both maps move with one time." if linked else "The days differ in length: each map has its own time."
        )
        self._linked.object = text(words, "muted").object
        if linked:
            shared = step_state(next((n for n in counts if n), 96), 48)
            return (shared, shared)
        return tuple(None if n is None else step_state(n, n // 2) for n in counts)

    def refresh(self) -> None:
        """Ask again and draw."""
        self._state.refresh()
        self.draw()

    def _on_side(self, event: Any) -> None:
        name = next(name for name, select in self._sides.items() if select is event.obj)
        if event.new and event.new != getattr(self._state, name):
            setattr(self._state, name, event.new)
            self.draw()

    def _on_swap(self, _event: object) -> None:
        self._state.param.update(left=self._state.right, right=self._state.left)
        self.draw()

    def _on_overlay(self, event: Any) -> None:
        self._state.overlay = event.new
        for view, day in zip(self._views, self._days, strict=True):
            if view.handles and day is not None:
                shown = day.after if day.after is not None else day.before
                view.draw(day.grid, shown, day.row.delivery_day, event.new, None, self.themes)

    def _on_cancel(self) -> None:
        attempt(self._context, self._state.cancel, "The try is cancelled.")

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def _twice(name: str, rows: Any) -> bool:
    return sum(row.name == name for row in rows) > 1


def _build(context: PageContext) -> Content:
    state = Compare(context.desk)
    context.location.sync(state, LINK)
    state.refresh()
    page = ComparePage(context, state)
    return Content(main=page.main(), owner=page, themed=[page.themes])


PAGES = (
    Page(path="/fmo/compare", title="Compare clearings", nav="Compare", roles=frozenset({Role.FMO}), build=_build),
)
