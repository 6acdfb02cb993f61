"""The BRP's balance: its imbalance per quarter hour, requests to buy against it, and what they got."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.commands import WithdrawRequest
from domain.errors import Refused
from domain.flexibility.assets import Direction
from domain.ids import RequestId
from domain.lifecycle import RequestState
from domain.parties import Role
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import attempt, day_options, offer_choices, utc_on_hover
from views.pages.filling import Filling
from views.pages.later import in_turn
from views.plots.book import Column
from views.plots.day_series import Curve, DaySeriesPlot, day_series
from views.state import brp_balance as balance
from views.state.brp_balance import AGAINST, EVEN, BalanceDay
from views.state.common import number, step_labels
from views.state.spans import by_field
from views.widgets import (
    Book,
    KeyFigure,
    KeyFigures,
    ProblemList,
    csv_button,
    empty_state,
    figure_pane,
    panel,
    text,
)
from views.widgets.forms import Problem

STEPS = (
    Column("at", "From", "time", width_px=64),
    Column("at_utc", "UTC"),
    Column("nominated_p_mw", "Nominated, MW", "mw", min_px=116),
    Column("injected_p_mw", "Injected, MW", "mw", min_px=106),
    Column("called_p_mw", "Called, MW", "mw", min_px=92),
    Column("bought_p_mw", "Bought, MW", "mw", min_px=96),
    Column("imbalance_p_mw", "Imbalance, MW", "mw", min_px=116),
    Column("price", "Balancing, EUR/MWh", "price", min_px=150),
    Column("value_eur", "Value, EUR", "money", min_px=90),
)
PURCHASES = (
    Column("state", "State", "state", width_px=116),
    Column("region", "Region", min_px=120),
    Column("name", "Name", min_px=130),
    Column("direction", "Direction", width_px=82),
    Column("span", "When", "time", min_px=140),
    Column("span_utc", "UTC"),
    Column("asked_mwh", "Asked, MWh", "mw", min_px=96),
    Column("cap", "Cap, EUR/MWh", "price", min_px=108),
    Column("bought_mwh", "Bought, MWh", "mw", min_px=104),
    Column("paid_eur", "Paid in session, EUR", "money", min_px=144),
)
_CURVES = (
    Curve(key="imbalance_p_mw", label="Imbalance, long positive", mark="bar", tone="primary"),
    Curve(key="called_p_mw", label="Called by others", tone="low"),
    Curve(key="bought_p_mw", label="Bought", tone="high"),
)
_FIELD = {"size": "small", "sizing_mode": "stretch_width", "margin": (5, 12)}
_SIDE_PX = 360
FIELDS = ("session_id", "direction", "quantity_mw", "price_cap_eur_per_mwh", "congestion_point", "last")


class BalancePage:
    """The day's imbalance at the left, the form at the right, own requests and quarter hours below."""

    def __init__(self, context: PageContext, state: BalanceDay, go_to: Callable[[str], None]) -> None:
        self._context, self.state = context, state
        labels = step_labels(state.delivery_day)
        self._figures = KeyFigures([])
        self._plot = day_series(_CURVES, labels, "MW", places=3, theme=context.theme, height_px=250)
        self._basis = text("", "muted", margin=(0, 12))
        self._steps = Book(STEPS, height_px=300)
        self._purchases = Book(PURCHASES, on_pick=self._on_pick)
        utc_on_hover(self._steps, "at")
        utc_on_hover(self._purchases, "span")
        self._none = empty_state("You have asked for nothing yet.", "Publish a request with the form above.")
        self._withdraw = pmu.Button(
            label="Withdraw the picked request",
            variant="outlined",
            size="small",
            disabled=True,
            on_click=in_turn(self._on_withdraw),
        )
        self._picked = ""
        self.form = _Form(context, state, labels)
        self._day = pmu.Select(label="Delivery day", options={}, width=170, size="small", margin=0)
        self._go_to = go_to
        self.draw()
        self._day.param.watch(in_turn(self._on_day), "value")

    @property
    def themed(self) -> list[DaySeriesPlot]:
        return [self._plot]

    def main(self) -> list[Any]:
        day = self.state.day
        form = panel("Ask for flexibility", self.form.view)
        form.param.update(sizing_mode="fixed", width=_SIDE_PX)
        left = pn.Column(
            panel(
                "Imbalance of your balance group",
                figure_pane(self._plot.figure),
                self._basis,
                tools=[pn.HSpacer(), self._day],
            ),
            panel(
                "Your requests and what they got",
                self._none,
                self._purchases.view,
                tools=[pn.HSpacer(), self._withdraw, csv_button("purchases.csv", self._purchases.csv)],
            ),
            sizing_mode="stretch_width",
            margin=0,
        )
        steps = panel(
            "Every quarter hour",
            self._steps.view,
            tools=[pn.HSpacer(), csv_button(f"balance-{day}.csv", self._steps.csv)],
        )
        return [self._figures.view, pn.Row(left, form, sizing_mode="stretch_width", margin=0), steps]

    def draw(self) -> None:
        """Everything shown, from the state."""
        state = self.state
        offer_choices(self._day, day_options([date.fromisoformat(day) for day in state.days]), state.day)
        self._figures.show(_figures(state))
        self._plot.show(balance.sums(state.rows, state.delivery_day.n_steps))
        self._basis.object = text(_basis(state), "muted").object
        self._steps.show(balance.step_records(state))
        show_fitted(self._purchases, [balance.purchase_record(row) for row in state.purchases], most_px=200)
        self._purchases.view.visible = bool(state.purchases)
        self._none.visible = not state.purchases
        self._withdraw.disabled = not self._open_request(self._picked)
        self.form.refresh()

    def _on_day(self, event: Any) -> None:
        if event.new and event.new != self.state.day:
            self._go_to(event.new)

    def _open_request(self, request_id: str) -> bool:
        requests = (row.request for row in self.state.purchases)
        return any(r.id == request_id and r.state is RequestState.PUBLISHED for r in requests)

    def _on_pick(self, record: Any) -> None:
        self._picked = record["id"]
        self._withdraw.disabled = not self._open_request(self._picked)

    def _on_withdraw(self, _event: Any) -> None:
        command = WithdrawRequest(request_id=RequestId(self._picked))
        attempt(self._context, lambda: self._context.desk.do(command), "The request is withdrawn.")
        self.state.refresh()
        self.draw()


class _Form:
    """A request: session, direction, quantity, price cap."""

    def __init__(self, context: PageContext, state: BalanceDay, labels: list[str]) -> None:
        self._context, self._state = context, state
        starts = {label: step for step, label in enumerate(labels)}
        ends = {end: step for step, end in enumerate([*labels[1:], "24:00"])}
        self.session = pmu.Select(label="Session", options={}, **_FIELD)
        self.direction = pmu.Select(
            label="I need", options={"More injection (up)": "up", "Less injection (down)": "down"}, **_FIELD
        )
        self.shape = pmu.Select(
            label="Quantity", options={"Even": EVEN, "What closes my imbalance": AGAINST}, **_FIELD
        )
        self.first = pmu.Select(label="From", options=starts, value=len(labels) // 2, **_FIELD)
        self.last = pmu.Select(label="Until", options=ends, value=len(labels) // 2 + 3, **_FIELD)
        self.p_mw = pmu.TextInput(label="MW", value="0.1", **_FIELD)
        self.cap = pmu.TextInput(label="Price cap, EUR/MWh", value="", **_FIELD)
        self.name = pmu.TextInput(label="Name", value="Balance", max_length=80, **_FIELD)
        self.problems = ProblemList(
            {
                "session_id": self.session,
                "direction": self.direction,
                "quantity_mw": self.p_mw,
                "price_cap_eur_per_mwh": self.cap,
                "congestion_point": self.name,
                "last": self.last,
            }
        )
        self.button = pmu.Button(
            label="Publish the request", variant="contained", icon="send", on_click=in_turn(self._on_publish)
        )
        self._closed = empty_state(
            "No session takes your requests.",
            "The market operator plans sessions cleared by requests or continuously; on the network only the DSO "
            "buys.",
        )
        beside = self.problems.beside
        self._even = pn.Column(
            pn.Row(self.first, beside("last"), sizing_mode="stretch_width", margin=0), sizing_mode="stretch_width"
        )
        self._fields = pn.Column(
            beside("session_id"),
            beside("direction"),
            self.shape,
            self._even,
            beside("quantity_mw"),
            beside("price_cap_eur_per_mwh"),
            beside("congestion_point"),
            self.problems.view,
            pn.Row(self.button, margin=(4, 12, 12, 12)),
            sizing_mode="stretch_width",
            margin=0,
        )
        self.view = pn.Column(self._closed, self._fields, sizing_mode="stretch_width", margin=0)
        self.shape.param.watch(self._on_shape, "value")

    def refresh(self) -> None:
        options = self._state.buying
        kept = self.session.value if self.session.value in options.values() else next(iter(options.values()), None)
        self.session.param.update(options=options, value=kept)
        self._fields.visible, self._closed.visible = bool(options), not options

    def _on_shape(self, event: Any) -> None:
        self._even.visible = self.p_mw.visible = event.new == EVEN

    def _on_publish(self, _event: Any) -> None:
        direction = Direction(self.direction.value)
        try:
            quantity = balance.quantity(
                self._state, self.shape.value, direction, self.first.value, self.last.value, self.p_mw.value
            )
            command = balance.command(
                self._state, self.session.value or "", direction, quantity, self.cap.value, self.name.value
            )
            self._context.desk.do(command)
        except Refused as refused:
            rules = {field: field for field in FIELDS}
            self.problems.show([Problem(*found) for found in by_field(refused.findings, rules)])
            return
        self.problems.show([])
        self._context.notify("The request is published to everybody who may offer.", "success")


def _figures(state: BalanceDay) -> list[KeyFigure]:
    own = balance.imbalance(state)
    long_mwh = sum((v for v in own if v > 0), balance.ZERO) / 4
    short_mwh = -sum((v for v in own if v < 0), balance.ZERO) / 4
    prices = state.balancing
    worth = balance.value_eur(own, prices) if prices and own else None
    bought = sum((abs(v) for row in state.rows for v in row.bought_p_mw), balance.ZERO) / 4
    standing = sum(row.request.state is RequestState.PUBLISHED for row in state.purchases)
    return [
        KeyFigure("Long", number(long_mwh, 3), "MWh"),
        KeyFigure("Short", number(short_mwh, 3), "MWh", "", "watch" if short_mwh else "normal"),
        KeyFigure("At the balancing price", number(worth), "EUR", "received, or paid below zero"),
        KeyFigure("Bought", number(bought, 3), "MWh", "from publication on"),
        KeyFigure("Requests standing", str(standing)),
    ]


def _basis(state: BalanceDay) -> str:
    n, metered, forecast = (
        sum(getattr(row, key) for row in state.rows) for key in ("n_assets", "n_metered", "n_forecast")
    )
    return (
        f"{n} assets: {metered} metered, {forecast} by forecast, {n - metered - forecast} as nominated. "
        "Imbalance is injected less nominated, less what your own assets deliver to you, plus what you bought."
    )


def _build(context: PageContext) -> Content:
    state = BalanceDay(context.desk)
    context.location.sync(state, {"day": "day"})

    def go_to(day: str) -> None:
        state.day = day
        filling.again()

    filling = Filling(
        context,
        {news.MARKET, news.GRID, news.PRICES, news.ASSETS},
        refresh=state.refresh,
        shape=lambda: state.day or None,
        build=lambda seen: BalancePage(seen, state, go_to),
        empty=_empty,
    )
    return filling.content()


def _empty() -> Any:
    return panel("Balance", empty_state("There is no day to show.", "It appears when a session is planned."))


PAGES = (
    Page(
        path="/brp/requests",
        title="Balance and requests",
        nav="Balance",
        roles=frozenset({Role.BRP}),
        build=_build,
    ),
)
