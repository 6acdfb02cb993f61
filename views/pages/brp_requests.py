"""The BRP's balance: its imbalance per quarter hour, requests to buy against it, and what they got."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.commands import WithdrawRequest
from domain.ids import RequestId
from domain.lifecycle import RequestState
from domain.parties import Role
from views import news
from views.pages.books import show_fitted
from views.pages.brp_request_form import RequestForm
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import attempt, day_options, offer_choices, utc_on_hover
from views.pages.filling import Filling
from views.pages.later import in_turn
from views.plots.book import Column
from views.plots.day_series import Curve, DaySeriesPlot, day_series
from views.state import brp_balance as balance
from views.state.brp_balance import BalanceDay
from views.state.common import number, step_labels
from views.widgets import (
    Book,
    KeyFigure,
    KeyFigures,
    csv_button,
    empty_state,
    figure_pane,
    panel,
    text,
)

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
_SIDE_PX = 360


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
        self.form = RequestForm(context, state, labels)
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
        form.param.update(sizing_mode=None, width=_SIDE_PX)
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
        self._purchases.mark("id", state.request)
        self._allow()
        self.form.refresh()

    def _on_day(self, event: Any) -> None:
        if event.new and event.new != self.state.day:
            self._go_to(event.new)

    def _allow(self) -> None:
        """The chosen request can be taken back while it stands."""
        requests = (row.request for row in self.state.purchases)
        self._withdraw.disabled = not any(
            r.id == self.state.request and r.state is RequestState.PUBLISHED for r in requests
        )

    def _on_pick(self, record: Any) -> None:
        self.state.request = record["id"]
        self._allow()

    def _on_withdraw(self, _event: Any) -> None:
        command = WithdrawRequest(request_id=RequestId(self.state.request))
        attempt(self._context, lambda: self._context.desk.do(command), "The request is withdrawn.")
        self.state.refresh()
        self.draw()


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
    context.location.sync(state, {"day": "day", "request": "request"})

    def go_to(day: str) -> None:
        state.day = day
        filling.again()

    filling = Filling(
        context,
        {news.MARKET, news.GRID, news.PRICES, news.ASSETS, news.SETTLEMENT},
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
