"""The values of one point of delivery as a chart and a file, over a day or a month."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.marketplace.words import Quantity, TimeStep
from domain.platform.pods import Pod
from domain.time import market_day
from views.pages.context import PageContext
from views.pages.later import in_turn
from views.pages.themes import Themes
from views.plots.day_series import Curve, DaySeriesPlot, day_series
from views.spreadsheets import csv_safe
from views.state.platform_values import QUANTITIES, STEPS, Readings, readings, rows_of
from views.widgets import csv_button, figure_pane, panel, text

_HEAD = ("start_utc", "local", "value", "unit")


class SeriesChart:
    """A chart of values that may be gaps, made anew only when its steps change."""

    def __init__(self, themes: Themes, label: str = "Metered") -> None:
        self._themes, self._label = themes, label
        self.chart: DaySeriesPlot | None = None
        self._unit = ""
        self.view = pn.Column(sizing_mode="stretch_width", margin=0)

    def show(self, labels: Sequence[str], values: Any, unit: str) -> None:
        """[n] values at [n] labels; nothing for none."""
        self.view.visible = len(labels) > 0
        if not len(labels):
            return
        if self.chart is None or list(self.chart.labels) != list(labels) or unit != self._unit:
            if self.chart is not None:
                self._themes.drop(self.chart)
            curve = Curve(key="value", label=self._label, mark="bar", tone="primary")
            self.chart = day_series((curve,), list(labels), unit, places=3, theme=self._themes.name, height_px=220)
            self._unit = unit
            self._themes.add(self.chart)
            self.view[:] = [figure_pane(self.chart.figure)]
        self.chart.show({"value": values})

    def clear(self) -> None:
        """Nothing of what was drawn stays, in the browser neither."""
        self.view.visible = False
        if self.chart is not None:
            self._themes.drop(self.chart)
        self.chart, self.view[:] = None, []


class ReadingsPanel:
    """`view` is shown for a picked point of delivery; `day` as of the page's address."""

    def __init__(self, context: PageContext, themes: Themes, day: str) -> None:
        self._context = context
        self._pod: Pod | None = None
        self._found: Readings | None = None
        look: dict[str, Any] = {"size": "small", "margin": (0, 6)}
        self.quantity = pmu.Select(
            label="Quantity", options=QUANTITIES, value=Quantity.CONSUMPTION, width=140, **look
        )
        self.step = pmu.Select(label="Values for", options=STEPS, value=TimeStep.MINUTES_15, width=160, **look)
        self.day = pmu.DatePicker(label="Day", value=_day(day, context), width=160, **look)
        self._plot = SeriesChart(themes)
        self._words = text("", "muted", margin=(0, 12, 8, 12))
        self._export = csv_button("values.csv", self.csv)
        for widget in (self.quantity, self.step, self.day):
            widget.param.watch(in_turn(lambda _event: self.draw()), "value")
        self.view = panel(
            "Its values",
            self._plot.view,
            self._words,
            tools=[pn.HSpacer(), self.quantity, self.step, self.day, self._export],
        )

    def show(self, pod: Pod | None) -> None:
        """Of this one; hidden without one."""
        self._pod = pod
        self.view.visible = pod is not None
        self.draw()

    def draw(self) -> None:
        """Ask again and show."""
        if self._pod is None or self.day.value is None:
            return
        self._found = found = readings(
            self._context.desk, self._pod, self.day.value, self.quantity.value, self.step.value
        )
        there = any(value is not None for value in found.values)
        self._plot.show(found.labels if there else (), found.floats, found.quantity.unit)
        self._words.object = text(f"{self._pod.id}: {found.words}", "muted").object
        self._export.disabled = not there

    def csv(self) -> io.BytesIO:
        """What is shown, as a file."""
        return csv_of(_HEAD, rows_of(self._found) if self._found else [])


def csv_of(head: Sequence[str], rows: Sequence[dict[str, Any]]) -> io.BytesIO:
    """UTF-8 with byte order mark, safe to open in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([csv_safe(row[name]) for name in head] for row in rows)
    return io.BytesIO(out.getvalue().encode("utf-8-sig"))


def _day(named: str, context: PageContext) -> date:
    """The address's, else the last one that is over."""
    try:
        return date.fromisoformat(named)
    except ValueError:
        return market_day(context.market_now()) - timedelta(days=1)
