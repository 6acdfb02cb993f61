"""The chart on which the quantity of an order is drawn, over what stands on the other side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import panel as pn

from app.queries.models import Side
from domain.flexibility.assets import Direction
from domain.units import Series
from views.pages.themes import Themes
from views.plots.quantity import QuantityDay, QuantityPlot, quantity_plot
from views.state.common import floats
from views.state.trading import Market, standing
from views.widgets import figure_pane, text

HINT = "Drag across the chart to draw a quantity for each quarter hour, or type one for a span."


class OrderChart:
    """One figure for days of one length. `on_drawn(quantity)` when a person has drawn."""

    def __init__(self, counter: Side, themes: Themes, on_drawn: Callable[[Any], None]) -> None:
        self._counter, self._themes, self._on_drawn = counter, themes, on_drawn
        self._plot: QuantityPlot | None = None
        self.view = pn.Column(sizing_mode="stretch_width", margin=0)

    def fit(self, labels: Sequence[str]) -> bool:
        """A figure for these quarter hours; whether it is a new one."""
        if self._plot is not None and list(self._plot.labels) == labels:
            return False
        if self._plot is not None:
            self._themes.drop(self._plot)
        blank = QuantityDay(quantity=np.zeros(len(labels)))
        counter = "Offers standing" if self._counter is Side.OFFER else "Requests standing"
        names = ("Your order", "Left to offer", counter, "")
        self._plot = quantity_plot(blank, labels, names=names, theme=self._themes.name, height_px=226)
        self._plot.on_drawn(self._on_drawn)
        self._themes.add(self._plot)
        self.view[:] = [figure_pane(self._plot.figure), text(HINT, "muted", margin=(0, 12, 8, 12))]
        return True

    def show(self, market: Market, direction: Direction, room: Series | None, quantity: Series) -> None:
        """The order, what it may be at most, and what stands against it."""
        if self._plot is None:
            return
        need = standing(market.depth, self._counter, direction, market.day.n_steps)
        self._plot.show(
            QuantityDay(
                quantity=floats(quantity),
                room=None if room is None else floats(room),
                need=floats(need) if any(need) else None,
                unit=market.commodity.units.power,
            )
        )

    def show_quantity(self, quantity: Series) -> None:
        if self._plot is not None:
            self._plot.show_quantity(floats(quantity))
