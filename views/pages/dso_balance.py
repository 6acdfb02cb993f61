"""Need against requested, offered and confirmed at each congestion point: a table, and the chosen one's day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import panel as pn

from app.queries.models import GridView, ProposedRequest
from views.pages.themes import Themes
from views.plots.book import Column
from views.plots.day_series import Curve, DaySeriesPlot, day_series
from views.state.common import step_labels
from views.state.dso_balance import Balance, balance_record, balances
from views.state.dso_facts import MarketFacts, Place
from views.widgets import Book, csv_button, figure_pane, panel, text

COLUMNS = (
    Column("zone", "Congestion point", min_px=126),
    Column("power", "Power", width_px=74),
    Column("direction", "Way", width_px=58),
    Column("needed", "Needed", "mw", width_px=80),
    Column("requested", "Requested", "mw", width_px=94),
    Column("offered", "Offered", "mw", width_px=80),
    Column("confirmed", "Confirmed", "mw", width_px=94),
)
CURVES = (
    Curve(key="offered", label="Offered", mark="bar", tone="normal"),
    Curve(key="confirmed", label="Confirmed", mark="bar", tone="primary"),
    Curve(key="needed", label="Needed", tone="text"),
    Curve(key="requested", label="Requested", mark="dash", tone="high"),
)
SEALED = "What is offered shows once the gate has closed, what is confirmed once the result is published."
NOTHING = "Nothing is needed, asked or offered on this day yet."


class BalancePanel:
    """Lay out `view`; it hides itself where there is nothing to compare."""

    def __init__(self, themes: Themes) -> None:
        self._themes = themes
        self._rows: list[Balance] = []
        self._key: Any = None
        self.chart: DaySeriesPlot | None = None
        self._chart_of: object = None
        self.book = Book(COLUMNS, height_px=180, on_pick=self._on_pick)
        self._words = text(SEALED, "muted", margin=(0, 12, 4, 12))
        self._side = pn.Column(sizing_mode="stretch_width", margin=0)
        table = pn.Column(self.book.view, self._words, sizing_mode="stretch_width", margin=0)
        table.styles = self._side.styles = {"flex": "1 1 0", "min-width": "0"}
        csv = csv_button("need-against-offered.csv", self.book.csv)
        self.view = panel(
            "Need against offered against confirmed, MWh|Mvarh",
            pn.Row(table, self._side, sizing_mode="stretch_width", margin=0),
            tools=[pn.HSpacer(), csv],
        )

    def show(
        self, here: Place, view: GridView | None, proposed: Sequence[ProposedRequest], facts: MarketFacts
    ) -> None:
        """What there is now, the same congestion point chosen."""
        self._rows = [] if view is None else balances(view.grid, proposed, facts, here.delivery.n_steps)
        self.view.visible = bool(self._rows)
        if not self._rows:
            return
        self.book.show([balance_record(row) for row in self._rows])
        self._words.visible = facts.offers is None or facts.result is None
        if self._chart_of != here.day:
            self._build(here)
        self._draw()

    def _build(self, here: Place) -> None:
        if self.chart is not None:
            self._themes.drop(self.chart)
        labels = step_labels(here.delivery)
        self.chart = day_series(CURVES, labels, "MW", places=3, theme=self._themes.name, height_px=200)
        self._themes.add(self.chart)
        self._side[:] = [figure_pane(self.chart.figure)]
        self._chart_of = here.day

    def _draw(self) -> None:
        chosen = next((row for row in self._rows if row.key == self._key), self._rows[0])
        if self.chart is None:
            return
        f = self.chart.figure
        f.yaxis.axis_label = f"{chosen.commodity.units.power} {chosen.direction.value}"
        f.title.text = chosen.zone
        names = ("needed", "requested", "offered", "confirmed")
        self.chart.show({name: getattr(chosen, name) for name in names})

    def _on_pick(self, record: Any) -> None:
        self._key = record["key"]
        self._draw()
