"""The order that is being made: quarter hours, quantity, price, and what is the side's own; drawn or typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import Side
from domain.commands import Command
from domain.errors import Finding, Refused, refuse
from domain.flexibility.assets import Direction
from domain.units import Series, energy_mwh
from views.pages.later import in_turn
from views.pages.themes import Themes
from views.pages.trading_chart import OrderChart
from views.pages.trading_side import TradingSide
from views.state.common import number, step_labels
from views.state.dso_drafts import parse_decimal
from views.state.spans import by_field, span
from views.state.supply_composer import in_watts
from views.state.trading import Market, level_options, levels_at, only_in
from views.widgets import Problem, ProblemList, panel, text

ZERO = Decimal(0)
NOT_CHOSEN = ""
FORM_PX, FIELD_PX = 380, 184
CLOSED = "The session is not open; orders are placed while it is."


class OrderForm:
    """Lay out `form` and `chart`. `place(command)` carries it out and raises `Refused`."""

    def __init__(self, side: TradingSide, themes: Themes, place: Callable[[Command], None]) -> None:
        self._side, self._place = side, place
        self._market: Market | None = None
        self._direction, self._step = Direction.DOWN, 0
        self._quiet = False
        self._chart = OrderChart(side.counter, themes, self._on_drawn)
        self.chart = self._chart.view
        self.quantity: Series = ()
        whom = "offer" if side.counter is Side.OFFER else "request"
        self.take = pmu.Select(label=f"Match a standing {whom}", options={}, size="small")
        self.first = pmu.Select(label="From", options={}, size="small")
        self.last = pmu.Select(label="To", options={}, size="small")
        self.amount = pmu.TextInput(label="Quantity, MW", size="small", placeholder="0.250")
        self.price = pmu.TextInput(label="Price, EUR/MWh", size="small", placeholder="45.00")
        self.submit = pmu.Button(
            label=side.verb,
            variant="contained",
            disabled=True,
            on_click=in_turn(self._on_place),
            margin=(4, 12, 12, 12),
        )
        self._verdict = text("", "muted", margin=(4, 12))
        fields = {"span": self.last, "quantity": self.amount, "price": self.price, **side.fields}
        self._problems = ProblemList(fields)
        for widget in (self.take, self.first, self.last, self.amount, self.price, *side.fields.values()):
            widget.param.update(sizing_mode="stretch_width", min_width=0, margin=(6, 12))
        self.form = self._laid_out()
        for widget in (self.first, self.last, self.amount):
            widget.param.watch(self._meant(self._on_typed), "value")
        self.price.param.watch(self._meant(self._on_priced), "value")
        self.take.param.watch(self._meant(self._on_taken), "value")
        for entry in (self.amount, self.price):
            entry.param.watch(self._on_enter, "enter_pressed")
        for widget in side.fields.values():
            widget.param.watch(self._meant(self._on_own), "value")

    def _meant(self, handler: Callable[[Any], None]) -> Callable[[Any], None]:
        """A handler for what a person changes, in its turn; changes that the form makes itself are passed over."""
        run = in_turn(handler)

        def changed(event: Any) -> None:
            if not self._quiet:
                run(event)

        return changed

    def _laid_out(self) -> Any:
        beside = self._problems.beside
        form = panel(
            "Place an order",
            self.take,
            _in_a_row(pn.Column(self.first, sizing_mode="stretch_width", margin=0), beside("span")),
            _in_a_row(beside("quantity"), beside("price")),
            *(beside(name) for name in self._side.fields),
            self._problems.view,
            self._verdict,
            self.submit,
        )
        form.param.update(sizing_mode=None, width=FORM_PX)
        return form

    # -- the market has changed ---------------------------------------------------------------------------------

    def show(self, market: Market, direction: Direction, step: int) -> None:
        """The book, direction or step has changed; what was entered stays."""
        fresh = (
            self._market is None or len(self.quantity) != market.day.n_steps or self._direction is not direction
        )
        self._market, self._direction, self._step = market, direction, step
        units = market.commodity.units
        with _Quiet(self):
            self.amount.label, self.price.label = f"Quantity, {units.power}", f"Price, {units.price}"
            self._fit(market)
            if fresh:
                self.quantity = (ZERO,) * market.day.n_steps
            self._side.renew(market, direction)
            self._offer_levels()
        self._draw()
        self._say()

    def go_to(self, step: int) -> None:
        """Another quarter hour is looked at: an order that is not begun goes there."""
        self._step = step
        with _Quiet(self):
            self._offer_levels()
            if not any(self.quantity):
                self.first.value = self.last.value = step
        self._say()

    def take_level(self, price: Decimal) -> None:
        """Fill in what matches a level: this quarter hour, its price, and as much of it as there is room for."""
        level = next((one for one in self._levels() if one.price_eur_per_mwh == price), None)
        if level is None:
            return
        room = self._side.room()
        most = level.quantity_mw if room is None else min(level.quantity_mw, room[self._step])
        with _Quiet(self):
            self.first.value = self.last.value = self._step
            self.amount.value, self.price.value = _plain(most), _plain(price)
            self.take.value = str(price)
        self._set(only_in(self._step, self._step, most, len(self.quantity)))

    def clear(self) -> None:
        """Begin another order."""
        with _Quiet(self):
            self.amount.value, self.take.value = "", NOT_CHOSEN
        self._set((ZERO,) * len(self.quantity))

    # -- drawing ------------------------------------------------------------------------------------------------

    def _fit(self, market: Market) -> None:
        """A day of another length has other quarter hours to choose."""
        labels = step_labels(market.day)
        if self._chart.fit(labels):
            ends = [*labels[1:], "24:00"]
            self.first.param.update(options={label: k for k, label in enumerate(labels)}, value=self._step)
            self.last.param.update(options={label: k for k, label in enumerate(ends)}, value=self._step)

    def _levels(self) -> Sequence[Any]:
        if self._market is None:
            return ()
        return levels_at(self._market.depth, self._direction, self._step, self._side.counter)

    def _offer_levels(self) -> None:
        if self._market is None:
            return
        options = level_options(self._levels(), self._market.commodity)
        hour = span(self._market.day, self._step, self._step)
        none = f"none at {hour}" if not options else f"choose at {hour}"
        kept = self.take.value if self.take.value in options.values() else NOT_CHOSEN
        self.take.param.update(options={none: NOT_CHOSEN, **options}, value=kept)

    def _draw(self) -> None:
        if self._market is not None:
            self._chart.show(self._market, self._direction, self._side.room(), self.quantity)

    def _set(self, quantity: Series) -> None:
        self.quantity = quantity
        self._chart.show_quantity(quantity)
        self._say()

    # -- what is said -------------------------------------------------------------------------------------------

    def _say(self) -> None:
        """What the button would do now."""
        market = self._market
        if market is None:
            return
        units = market.commodity.units
        if not market.is_open:
            self._ready(CLOSED, self._side.verb, can=False)
        elif not any(self.quantity):
            self._ready("Give a quantity and a price, or choose a level of the book.", self._side.verb, can=False)
        else:
            energy = number(energy_mwh(self.quantity), 3)
            label = f"{self._side.verb}: {energy} {units.energy} {self._direction.value}"
            price = f" at {self.price.value.strip()}" if self.price.value.strip() else ""
            self._ready(
                "It is matched at once where prices meet and the grid carries it.", label + price, can=True
            )

    def _ready(self, words: str, label: str, *, can: bool) -> None:
        self._verdict.object = text(words, "muted").object
        self.submit.label, self.submit.disabled = label, not can

    def problems(self, findings: Sequence[Finding]) -> None:
        """Show findings beside the fields that they are about."""
        rules = {"quantity_mw": "quantity", "price": "price", "span": "span", **self._side.rules}
        self._problems.show([Problem(field, said) for field, said in dict.fromkeys(by_field(findings, rules))][:6])

    # -- what happens -------------------------------------------------------------------------------------------

    def _on_typed(self, _event: Any) -> None:
        if self._market is None or not self.amount.value.strip():
            return
        try:
            self._set(self._typed())
            self.problems([])
        except Refused as refused:
            self.problems(refused.findings)

    def _typed(self) -> Series:
        """The quantity as the fields say. Raises `Refused`."""
        value = parse_decimal(self.amount.value, "quantity_mw", "a quantity")
        first, last = int(self.first.value), int(self.last.value)
        if last < first:
            raise refuse("out_of_range", "span", "The end is before the start.")
        return only_in(first, last, value, len(self.quantity))

    def _on_priced(self, _event: Any) -> None:
        self._say()

    def _on_own(self, _event: Any) -> None:
        if self._market is not None:
            with _Quiet(self):
                self._side.renew(self._market, self._direction)
            self._draw()

    def _on_taken(self, event: Any) -> None:
        if event.new:
            self.take_level(Decimal(event.new))

    def _on_drawn(self, quantity: Any) -> None:
        with _Quiet(self):
            self.amount.value, self.take.value = "", NOT_CHOSEN
        self._set(in_watts(quantity))

    def _on_enter(self, event: Any) -> None:
        """The key comes before the text it confirms."""
        event.obj.value = event.obj.value_input or event.obj.value
        self.submit_now()

    def submit_now(self) -> None:
        """Place it; the same as the button."""
        in_turn(self._on_place)()

    def _on_place(self, *_event: Any) -> None:
        """Once: after it was placed nothing is left to place, however often the button is pressed."""
        if self._market is None or not self._market.is_open or not any(self.quantity):
            return
        try:
            price = parse_decimal(self.price.value, "price", "a price")
            self._place(self._side.command(self._market, self._direction, self.quantity, price))
        except Refused as refused:
            self.problems(refused.findings)
            return
        self.problems([])
        self.clear()


def _in_a_row(*parts: pn.Column) -> pn.Row:
    """Equally wide, side by side."""
    for part in parts:
        part.param.update(width=FIELD_PX, sizing_mode=None)
    return pn.Row(*parts, margin=0)


class _Quiet:
    """Within it, changes of the form's own fields are not a person's."""

    def __init__(self, form: OrderForm) -> None:
        self._form, self._before = form, form._quiet

    def __enter__(self) -> None:
        self._form._quiet = True

    def __exit__(self, *_: object) -> None:
        self._form._quiet = self._before


def _plain(value: Decimal) -> str:
    """Digits and no more: `0.25`, `45`."""
    return format(value.normalize(), "f")
