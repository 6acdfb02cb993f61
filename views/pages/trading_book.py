"""A continuous session's book on a page: the day as a strip, the ladder of one quarter hour, the last trades."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import panel as pn

from app.queries.models import DepthView, Side
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.time import DeliveryDay
from views.pages.dso_parts import utc_on_hover
from views.pages.themes import Themes
from views.plots.book import Column
from views.plots.depth import BookDay, BookStrip, Level, book_strip, ladder
from views.plots.step import StepState, on_settled, step_state
from views.state.common import step_labels
from views.state.spans import span
from views.state.trading import best_of, levels_at, trade_record
from views.widgets import Book, figure_pane, text

TRADES = (
    Column("at", "Traded", "time", width_px=74),
    Column("span", "For", width_px=96),
    Column("quantity", "Quantity", "mw", width_px=76),
    Column("price", "Price", "price", width_px=62),
    Column("own", "You", min_px=64),
    Column("at_utc", "UTC"),
)
NO_TRADES = "No trade yet. The first pair of orders whose prices meet, and that the grid carries, becomes one."
NOBODY = "Nobody stands in this quarter hour."


class TradingBook:
    """Give it what the desk answers with `show`; lay out `strip`, `ladder` and `trades`.

    on_step : told the step when the hand rests; on_pick : told the level that was clicked. Pages that only look
    leave `on_pick` out.
    """

    def __init__(
        self,
        themes: Themes,
        on_step: Callable[[int], None] | None = None,
        on_pick: Callable[[Level], None] | None = None,
        *,
        ladder_px: int = 262,
    ) -> None:
        self._themes, self._on_step = themes, on_step
        self._strip: BookStrip | None = None
        self._steps: StepState | None = None
        self._shown: tuple[DepthView, Direction, DeliveryDay] | None = None
        self.step = 0
        self.strip = pn.Column(sizing_mode="stretch_width", margin=0)
        self._ladder = ladder((), theme=themes.name, height_px=ladder_px)
        themes.add(self._ladder)
        if on_pick is not None:
            self._ladder.on_pick(on_pick)
        self._nobody = text(NOBODY, "muted", margin=(0, 12), visible=False)
        self.ladder = pn.Column(
            figure_pane(self._ladder.figure), self._nobody, sizing_mode="stretch_width", margin=0
        )
        self.book = Book(TRADES, height_px=176)
        utc_on_hover(self.book, "at")
        self._no_trades = text(NO_TRADES, "muted", margin=(4, 12, 12, 12))
        self.units = text("", "muted", align="center", margin=(0, 12))
        self.trades = pn.Column(self._no_trades, self.book.view, sizing_mode="stretch_width", margin=0)

    def show(self, depth: DepthView, direction: Direction, step: int) -> None:
        """Draw the book of one direction, with the ladder at a step."""
        day = DeliveryDay(day=depth.delivery_day)
        self._shown = (depth, direction, day)
        self._fit(day, step)
        self._draw_strip()
        self.go_to(step)
        units = depth.commodity.units
        self.units.object = text(f"{units.power}, {units.price}", "muted").object
        records = [trade_record(trade, day) for trade in depth.trades if trade.direction is direction]
        self.book.show(records)
        self.book.view.visible, self._no_trades.visible = bool(records), not records

    def go_to(self, step: int) -> None:
        """Show the ladder of another step; the cursor follows."""
        if self._shown is None or self._steps is None:
            return
        depth, direction, _ = self._shown
        self.step = step
        if self._steps.step != step:
            self._steps.update(step=step, settled=step)
        levels = [
            Level(
                side=level.side.value,
                price=float(level.price_eur_per_mwh),
                quantity=float(level.quantity_mw),
                own=float(level.own_mw),
            )
            for level in levels_at(depth, direction, step)
        ]
        units = depth.commodity.units
        self._ladder.show(levels, units.power, units.price)
        self._nobody.visible = not levels

    @property
    def hour(self) -> str:
        """The quarter hour of the ladder in words."""
        return "" if self._shown is None else span(self._shown[2], self.step, self.step)

    def _fit(self, day: DeliveryDay, step: int) -> None:
        """A strip for a day of this length, once."""
        labels = step_labels(day)
        if self._strip is not None and list(self._strip.labels) == labels:
            return
        if self._strip is not None:
            self._themes.drop(self._strip)
        blank = np.full(day.n_steps, np.nan)
        book = BookDay(offer_price=blank, offer_mw=blank, request_price=blank, request_mw=blank)
        self._steps = step_state(day.n_steps, step)
        on_settled(self._steps, self._on_settled)
        self._strip = book_strip(book, labels, self._steps, theme=self._themes.name)
        self._themes.add(self._strip)
        self.strip[:] = [figure_pane(self._strip.figure)]

    def _draw_strip(self) -> None:
        if self._shown is None or self._strip is None:
            return
        depth, direction, day = self._shown
        offers, asked = (best_of(depth, side, direction, day.n_steps) for side in (Side.OFFER, Side.REQUEST))
        units = Commodity(depth.commodity).units
        self._strip.show(
            BookDay(
                offer_price=offers.price,
                offer_mw=offers.quantity,
                request_price=asked.price,
                request_mw=asked.quantity,
                unit=units.power,
                price_unit=units.price,
            )
        )

    def _on_settled(self, step: int) -> None:
        if step != self.step:
            self.go_to(step)
            if self._on_step is not None:
                self._on_step(step)
