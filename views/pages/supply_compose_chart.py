"""The composer's day: the quantity as a chart to draw on, over a table to type in, and its sums."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import panel as pn

from app.queries.models import SessionRow
from domain.flexibility.commodity import Commodity
from domain.flexibility.rules import PAID_WORDS
from domain.time import DeliveryDay
from domain.units import Series
from views.pages.supply_steps import StepTable
from views.pages.themes import Themes
from views.plots.quantity import QuantityDay, QuantityPlot, quantity_plot
from views.state.common import floats, local, number, step_labels
from views.state.supply_desk import Bench
from views.widgets import KeyFigure, KeyFigures, figure_pane, panel, text

ZERO = Decimal(0)
HINT = "Drag across the chart to draw the quantity; what your other offers take is no longer left."


class DayChart:
    """Chart and table, empty until the first `fit`.

    on_drawn : told the quantity [n_step], MW, after it was drawn
    on_step : told the step and its MW after it was typed
    """

    def __init__(
        self, themes: Themes, on_drawn: Callable[[Any], None], on_step: Callable[[int, Decimal], None]
    ) -> None:
        self._themes, self._on_drawn, self._on_step = themes, on_drawn, on_step
        self._chart: QuantityPlot | None = None
        self._steps: StepTable | None = None
        self.view = pn.Column(sizing_mode="stretch_width", margin=0)

    def fit(self, day: DeliveryDay) -> bool:
        """Chart and table for a day of this length. True when they are new, and blank."""
        labels = step_labels(day)
        if self._chart is not None and list(self._chart.labels) == labels:
            return False
        if self._chart is not None:
            self._themes.drop(self._chart)
        blank = QuantityDay(quantity=np.zeros(day.n_steps))
        self._chart = quantity_plot(blank, labels, theme=self._themes.name, height_px=330)
        self._chart.on_drawn(self._on_drawn)
        self._themes.add(self._chart)
        self._steps = StepTable(day, self._on_step)
        hint = text(HINT, "muted", margin=(0, 12, 8, 12))
        self.view[:] = [
            panel("Offer over the day", figure_pane(self._chart.figure), hint),
            panel("Quarter hours", self._steps.view),
        ]
        return True

    def show(self, seen: Bench, quantity_mw: Series) -> None:
        """Draw another bench with the quantity on it."""
        if self._chart is None or self._steps is None:
            return
        self._chart.show(
            QuantityDay(
                quantity=floats(quantity_mw),
                room=floats(seen.room_mw),
                need=floats(seen.need_mw) if any(seen.need_mw) else None,
                reference=floats(seen.baseline_mw) if seen.commodity is Commodity.P else None,
                unit=seen.commodity.units.power,
            )
        )
        self._steps.show(seen.room_mw, seen.need_mw, quantity_mw)

    def show_quantity(self, seen: Bench, quantity_mw: Series) -> None:
        """Change the quantity alone, on the bench that is shown."""
        if self._chart is None or self._steps is None:
            return
        self._chart.show_quantity(floats(quantity_mw))
        self._steps.show(seen.room_mw, seen.need_mw, quantity_mw)


class OfferSums:
    """The key figures of the offer over the day."""

    def __init__(self) -> None:
        self._strip = KeyFigures([])
        self.view = self._strip.view

    def show(
        self,
        row: SessionRow | None,
        n_assets: int,
        commodity: Commodity,
        quantity_mw: Series,
        revenue_eur: Decimal | None,
    ) -> None:
        """A session or revenue that is not known is shown as a dash."""
        units = commodity.units
        peak = max(quantity_mw, default=ZERO)
        energy = sum(quantity_mw, ZERO) / 4
        revenue = "–" if revenue_eur is None else number(revenue_eur)
        paid = f"At your price; {PAID_WORDS[row.session.payment]}" if row else ""
        self._strip.show(
            [
                KeyFigure("Gate closes", local(row.session.gate_closes_at) if row else "–"),
                KeyFigure("Assets chosen", str(n_assets)),
                KeyFigure("Peak", number(peak, 3), units.power),
                KeyFigure("Energy", number(energy, 3), units.energy),
                KeyFigure("Revenue if fully accepted", revenue, "EUR", paid),
            ]
        )
