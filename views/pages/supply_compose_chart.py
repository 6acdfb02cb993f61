"""The composer's day: quantity and price as charts to draw on, over a table to type in, and the offer's sums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import Any

import numpy as np
import panel as pn

from app.queries.models import OfferTrial, SessionRow
from domain.flexibility.commodity import Commodity
from domain.flexibility.rules import PAID_WORDS
from domain.time import DeliveryDay
from domain.units import Series
from views.pages.supply_steps import StepTable
from views.pages.themes import Themes
from views.plots.hand import new_hand
from views.plots.offer import OfferDay, OfferPlot, PriceDay
from views.plots.offer_charts import offer_plot
from views.plots.step import on_settled, step_state
from views.state.common import floats, local, number, step_labels
from views.state.supply_desk import Bench, GoingPrices
from views.widgets import KeyFigure, KeyFigures, figure_pane, panel, text
from views.widgets.markup import tag

ZERO = Decimal(0)
HINT = (
    "Drag across to draw, drag a top to move it. Or click a quarter hour and use the arrow keys: "
    "← → choose another, ↑ ↓ change it, with Shift in bigger steps."
)
_SIGN = {"up": 1, "down": -1}


def announced(words: str, style: str = "body") -> str:
    """Markup of a line that is read out when it changes."""
    return tag("p", escape(words), class_=f"text {style}", role="status")


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """Who is told what is done on the charts: settled series [n_steps], a typed cell, that a drag begins or has
    ended."""

    quantity: Callable[[Any], None]
    price: Callable[[Any], None]
    step: Callable[[int, Decimal], None]
    drawing: Callable[[bool], None]


class DayChart:
    """Charts and table, empty until the first `fit`. `tools`: what stands under the charts."""

    def __init__(self, themes: Themes, drawn: Drawn, tools: Any) -> None:
        self._themes, self._drawn, self._tools = themes, drawn, tools
        self._chart: OfferPlot | None = None
        self._steps: StepTable | None = None
        self._seen: Bench | None = None
        self._quantity: Series = ()
        self._price: Series = ()
        self._going: GoingPrices | None = None
        self._chosen = text("", "muted", margin=(0, 12, 4, 12))
        self.view = pn.Column(sizing_mode="stretch_width", margin=0)

    def fit(self, day: DeliveryDay) -> bool:
        """Charts and table for a day of this length. True when they are new, and blank."""
        labels = step_labels(day)
        if self._chart is not None and list(self._chart.labels) == labels:
            return False
        if self._chart is not None:
            self._themes.drop(self._chart)
        state = step_state(day.n_steps, step=day.n_steps // 2)
        on_settled(state, lambda _step: self._say())
        self._going = None
        self._chart = chart = offer_plot(labels, state, new_hand(), theme=self._themes.name)
        chart.on_drawn(self._drawn.quantity, self._drawn.price)
        chart.on_drawing(self._drawn.drawing)
        self._themes.add(chart)
        self._steps = StepTable(day, self._drawn.step)
        self.view[:] = [
            panel(
                "Offer over the day",
                figure_pane(chart.quantity),
                figure_pane(chart.price),
                self._chosen,
                self._tools,
                text(HINT, "muted", margin=(0, 12, 8, 12)),
            ),
            panel("Quarter hours", self._steps.view),
        ]
        return True

    def show(self, seen: Bench, quantity_mw: Series) -> None:
        """Draw another bench with the quantity on it."""
        if self._chart is None or self._steps is None:
            return
        self._seen, self._quantity = seen, quantity_mw
        active = seen.commodity is Commodity.P
        base = floats(seen.baseline_mw) if active else np.zeros(seen.day.n_steps)
        unit = seen.commodity.units.power
        self._chart.show(
            OfferDay(
                base=base,
                low=base - floats(seen.down_mw),
                high=base + floats(seen.up_mw),
                most=floats(seen.room_mw),
                need=floats(seen.need_mw),
                sign=_SIGN[seen.direction.value],
                unit=unit,
                axis=f"Injection, {unit}" if active else f"Change, {unit}",
            ),
            floats(quantity_mw),
        )
        self._steps.show(seen.room_mw, seen.need_mw, quantity_mw)
        self._say()

    def show_quantity(self, quantity_mw: Series, *, drawn: bool = False) -> None:
        """Change the quantity alone, on the bench that is shown. What was drawn is in the chart: sending it back
        could undo what the hand has drawn since."""
        if self._chart is None or self._steps is None or self._seen is None:
            return
        self._quantity = quantity_mw
        if not drawn:
            self._chart.show_quantity(floats(quantity_mw))
        self._steps.show(self._seen.room_mw, self._seen.need_mw, quantity_mw)
        self._say()

    def take_price(self, price: Series) -> None:
        """A price that was drawn: it is in the chart, as a quantity that was drawn is."""
        self._price = price

    def show_price(self, price: Series, going: GoingPrices, *, one: bool) -> None:
        """Draw the price beside the going ones; what the chart has already is not sent to it again."""
        if self._chart is None or self._seen is None:
            return
        known = price == self._price and going is self._going
        self._price, self._going = price, going
        cap = None if self._seen.cap is None else float(self._seen.cap)
        unit = self._seen.commodity.units.price
        day = PriceDay(local=going.local, day_ahead=going.day_ahead, unit=unit, one=one, cap=cap)
        (self._chart.fit_price if known else self._chart.show_price)(floats(price), day)
        self._say()

    def show_award(self, trial: OfferTrial | None) -> None:
        """Outline what is expected to be accepted; nothing while it is not known."""
        if self._chart is None:
            return
        known = trial is not None and trial.offers and self._seen is not None
        self._chart.show_award(floats(trial.offers[0].accepted_mw) if trial is not None and known else None)

    def _say(self) -> None:
        """The chosen quarter hour in words, for who cannot see the chart."""
        if self._chart is None or self._seen is None or not self._quantity:
            return
        k, units = self._chart.state.settled, self._seen.commodity.units
        at = f"{self._seen.day.label(k)}: {number(self._quantity[k], 3)} of {number(self._seen.room_mw[k], 3)}"
        price = f", {number(self._price[k])} {units.price}" if self._price else ""
        self._chosen.object = announced(f"{at} {units.power}{price}", "muted")


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
        trial: OfferTrial | None = None,
    ) -> None:
        """A session, revenue or expectation that is not known is shown as a dash."""
        units = commodity.units
        peak = max(quantity_mw, default=ZERO)
        energy = sum(quantity_mw, ZERO) / 4
        known = trial is not None and bool(trial.offers)
        awarded = sum(trial.offers[0].accepted_mw, ZERO) / 4 if trial is not None and known else None
        paid = f"At your price; {PAID_WORDS[row.session.payment]}" if row else ""
        alone = "Dry clearing without rivals"
        self._strip.show(
            [
                KeyFigure("Gate closes", local(row.session.gate_closes_at) if row else "–"),
                KeyFigure("Assets chosen", str(n_assets)),
                KeyFigure("Peak", number(peak, 3), units.power),
                KeyFigure("Energy", number(energy, 3), units.energy),
                KeyFigure("Revenue if fully accepted", number(revenue_eur), "EUR", paid),
                KeyFigure("Expected award", number(awarded, 3), units.energy, alone),
                KeyFigure("Expected revenue", number(trial.revenue_eur if trial else None), "EUR", alone),
            ]
        )
