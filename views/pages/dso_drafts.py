"""The drafts of requests as an editable table, with the chosen one's quarter hours as a chart to draw on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import panel as pn
import panel_material_ui as pmu

from app.queries.models import CongestedRow
from domain.errors import Refused
from domain.time import DeliveryDay
from views.pages.later import in_turn
from views.plots.book import Column, tabulator_options
from views.plots.quantity import QuantityDay, quantity_plot
from views.state.common import floats, power_words, sentence, step_labels
from views.state.dso_drafts import Draft, in_regions, parse_decimal, regions_for, scaled, with_quantity
from views.state.spans import active_span
from views.widgets import ProblemList, figure_pane, panel, text
from views.widgets.forms import Problem
from views.widgets.markup import CSS

COLUMNS = (
    Column("include", "Publish", width_px=80),
    Column("point", "Congestion point", min_px=180),
    Column("power", "Power", width_px=90),
    Column("direction", "Direction", width_px=96),
    Column("span", "From–to", width_px=124),
    Column("peak", "Peak, MW|Mvar", "mw", width_px=130),
    Column("energy", "Energy, MWh|Mvarh", "mw", width_px=154),
    Column("price_cap", "Price cap, EUR/MWh|Mvarh ✎", width_px=212),
    Column("deadline", "Deadline, local ✎", width_px=164),
    Column("n_buses", "Buses", "count", width_px=70, min_px=40),
)
_TICK = "include"
_EDITORS = {c.key: None for c in COLUMNS} | {
    _TICK: {"type": "tickCross"},
    "price_cap": {"type": "input"},
    "deadline": {"type": "input"},
}
_NAMES = ("Request", "Room", "Least change that cures", "Baseline")


class DraftTable:
    """Holds the drafts; every edit replaces one. `on_change` is told after each."""

    def __init__(self, day: DeliveryDay, theme: Any, on_change: Callable[[], None]) -> None:
        self.drafts: list[Draft] = []
        self._chosen = 0
        self._regions: Sequence[CongestedRow] = ()
        self._day, self._on_change = day, on_change
        blank = QuantityDay(quantity=np.zeros(day.n_steps))
        self.chart = quantity_plot(blank, step_labels(day), names=_NAMES, theme=theme, height_px=190)
        self.chart.on_drawn(self._on_drawn)
        options = tabulator_options(COLUMNS)
        options["formatters"] = options["formatters"] | {
            _TICK: {"type": "tickCross", "tickElement": "☑", "crossElement": "☐"}
        }
        sides = {"price_cap": "right", _TICK: "center"}
        options["text_align"] |= sides
        options["header_align"] |= sides
        self.table = pn.widgets.Tabulator(
            self._frame(),
            show_index=False,
            selectable=1,
            sortable=False,
            editors=_EDITORS,
            layout="fit_columns",
            theme="simple",
            height=150,
            sizing_mode="stretch_width",
            stylesheets=[CSS],
            margin=(0, 8, 8, 8),
            **options,
        )
        self.table.on_edit(self._on_edit)
        self.table.on_click(self._on_click)
        self._title = text("", "muted", align="center", margin=(0, 12))
        self._point = pmu.Select(label="Congestion point", options={}, size="small", width=310, margin=(0, 12))
        self._point.param.watch(self._on_point, "value")
        self._percent = pmu.TextInput(
            label="Share of the proposal, %", value="100", size="small", width=180, margin=0
        )
        scale = pmu.Button(label="Apply", variant="outlined", on_click=in_turn(self._on_scale), margin=(0, 8))
        self._problems = ProblemList({"percent": self._percent})
        share = pn.Column(self._problems.beside("percent"), width=190, margin=0)
        self.quantity = panel(
            "Quantity per quarter hour",
            figure_pane(self.chart.figure),
            tools=[self._title, self._point, share, scale],
        )

    def show(self, drafts: Sequence[Draft], regions: Sequence[CongestedRow] | None = None) -> None:
        """Show these drafts, the same one chosen where it is still there.

        regions : the congested regions to choose from; None leaves those that are there
        """
        self._regions = self._regions if regions is None else regions
        self.drafts = in_regions(drafts, self._regions)
        self._chosen = min(self._chosen, max(0, len(self.drafts) - 1))
        self._draw()

    def _frame(self) -> pd.DataFrame:
        rows = [
            {
                "include": d.include,
                "point": d.congestion_point,
                "power": power_words(d.commodity),
                "direction": d.direction.value,
                "span": active_span(self._day, d.quantity_mw),
                "peak": float(d.peak_mw),
                "energy": float(d.energy_mwh),
                "price_cap": d.price_cap,
                "deadline": d.deadline,
                "n_buses": len(d.asked_buses),
            }
            for d in self.drafts
        ]
        return pd.DataFrame(rows, columns=[c.key for c in COLUMNS])

    def _draw(self) -> None:
        self.table.height = 42 + 31 * min(6, max(2, len(self.drafts)))
        self.table.value = self._frame()
        self.quantity.visible = bool(self.drafts)
        if not self.drafts:
            return
        draft = self.drafts[self._chosen]
        words = f"{draft.words}. Drag across the chart to draw another quantity."
        self._title.object = text(words, "muted").object
        self._offer_points(draft)
        self.chart.show(
            QuantityDay(
                quantity=floats(draft.quantity_mw),
                need=floats(draft.proposed_mw),
                unit=draft.commodity.units.power,
            )
        )

    def _offer_points(self, draft: Draft) -> None:
        """The need's zone, and the congested regions on it; without any there is nothing to choose."""
        regions = {_sized(row.point.name, row.buses): row.point.id for row in regions_for(draft, self._regions)}
        zone = {_sized(draft.zone, draft.buses): ""}
        self._point.param.update(
            options=zone | regions, value=draft.region.point.id if draft.region else "", disabled=not regions
        )

    def _on_point(self, event: Any) -> None:
        draft = self.drafts[self._chosen] if self.drafts else None
        if draft is None or event.new == (draft.region.point.id if draft.region else ""):
            return
        region = next((row for row in self._regions if row.point.id == event.new), None)
        self._replace(self._chosen, replace(draft, region=region))

    def _replace(self, index: int, draft: Draft) -> None:
        self.drafts[index] = draft
        self._draw()
        self._on_change()

    def _on_click(self, event: Any) -> None:
        if 0 <= event.row < len(self.drafts) and event.row != self._chosen:
            self._chosen = event.row
            self._draw()

    def _on_edit(self, event: Any) -> None:
        if not 0 <= event.row < len(self.drafts) or event.column not in (_TICK, "price_cap", "deadline"):
            return
        value = bool(event.value) if event.column == _TICK else str(event.value)
        self._replace(event.row, replace(self.drafts[event.row], **{event.column: value}))

    def _on_drawn(self, quantity: Any) -> None:
        if self.drafts:
            self._replace(self._chosen, with_quantity(self.drafts[self._chosen], quantity))

    def _on_scale(self, _event: Any) -> None:
        if not self.drafts:
            return
        try:
            percent = parse_decimal(self._percent.value, "percent", "a percentage")
        except Refused as refused:
            self._problems.show([Problem("percent", sentence(refused))])
            return
        if not 0 <= percent <= 1000:
            self._problems.show([Problem("percent", "Between 0 and 1000 %.")])
            return
        self._problems.show([])
        self._replace(self._chosen, scaled(self.drafts[self._chosen], percent))


def _sized(name: str, buses: Sequence[str]) -> str:
    return f"{name} ({'1 bus' if len(buses) == 1 else f'{len(buses)} buses'})"
