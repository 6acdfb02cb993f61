"""Trading in continuous sessions: the anonymous book, an order form, own orders, the last trades."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import OrderRow, SessionRow, Side
from domain.commands import Command, WithdrawOffer, WithdrawRequest
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.ids import OfferId, RequestId
from views import news
from views.pages.context import Content, PageContext
from views.pages.dso_parts import align_right, attempt, offer_choices, utc_on_hover
from views.pages.later import Later, in_turn
from views.pages.themes import Themes
from views.pages.trading_book import TradingBook
from views.pages.trading_form import FORM_PX, OrderForm
from views.pages.trading_side import TradingSide
from views.plots.book import Column
from views.plots.depth import Level
from views.shell import Key
from views.state.trading import (
    LINK,
    Market,
    TradingState,
    figures,
    first_step,
    market,
    order_record,
    session_label,
    trading_sessions,
    why_lines,
)
from views.widgets import Book, ConfirmDialog, KeyFigure, KeyFigures, csv_button, empty_state, panel, text, toggles
from views.widgets.markup import html_pane, tag

ORDERS = (
    Column("state", "State", "state", width_px=132),
    Column("way", "Way", width_px=64),
    Column("span", "From–to", width_px=106),
    Column("peak", "Peak, MW|Mvar", "mw", min_px=116),
    Column("matched", "Matched, MWh|Mvarh", "mw", min_px=156),
    Column("left", "Left, MWh|Mvarh", "mw", min_px=130),
    Column("price", "EUR/MWh|Mvarh", min_px=120),
    Column("place", "Place", min_px=84),
    *(Column(f"{key}_utc", "UTC") for key in ("span",)),
)
KEYS = (Key("Enter", "Place the order, in its quantity or price"),)
PAUSE_MS = 20
STAGES = {
    "first": "waiting for the matching to be ready",
    "waiting": "waiting to be matched",
    "matching": "being matched",
}
NO_SESSION = (
    "No continuous session is open.",
    "The market operator plans one on its market page: clearing continuous, paid nodal prices.",
)
_WITHDRAW: Mapping[Side, Callable[[str], Command]] = {
    Side.OFFER: lambda id: WithdrawOffer(offer_id=OfferId(id)),
    Side.REQUEST: lambda id: WithdrawRequest(request_id=RequestId(id)),
}


class TradingPage:
    """Strip, book and form, own orders and trades of one session; `side` knows what the role places."""

    def __init__(self, context: PageContext, side: TradingSide) -> None:
        self._context, self._side = context, side
        self.state = TradingState()
        context.location.sync(self.state, LINK)
        self.themes = Themes(context.theme)
        self.market: Market | None = None
        self._drawing = False
        self._later: Later[tuple[tuple[SessionRow, ...], Market | None]] = Later(PAUSE_MS)
        self._figures = KeyFigures([])
        self.book = TradingBook(self.themes, self._on_step, self._on_level)
        self.form = OrderForm(side, self.themes, self._place)
        self.orders = OwnOrders(context, self.refresh)
        self.session = pmu.Select(label="Session", options={}, size="small", width=270, margin=(0, 8))
        self.power = toggles(
            "Power", options=["P", "Q"], value=self.state.power, size="small", width=88, margin=(0, 8)
        )
        self.direction = toggles(
            "Direction", options=["down", "up"], value=self.state.direction, size="small", width=124, margin=(0, 8)
        )
        self.power.param.watch(self._on_chosen, "value")
        self.direction.param.watch(self._on_chosen, "value")
        self.session.param.watch(self._on_session, "value")
        self._stage = html_pane("", align="center", width=230, sizing_mode=None)
        self._hour = text("", "muted", align="center", margin=(0, 12))
        self._page = pn.Column(sizing_mode="stretch_width", margin=0)
        self._laid_out = self._lay_out()
        self._draw(*self._ask())
        # A matching that is queued tells of an order before it is matched.
        context.live.subscribe(self._on_news, {news.TRADING, news.MARKET, news.JOBS})

    def main(self) -> list[Any]:
        return [self._page, self.orders.dialog.view]

    def _lay_out(self) -> list[Any]:
        tools = [self._stage, pn.HSpacer(), self.power, self.direction, self.session]
        book = panel("Book over the day", self.book.strip, tools=tools)
        ladder = panel("Standing", self.book.ladder, tools=[self._hour])
        ladder.param.update(sizing_mode=None, width=400)
        chart = panel("Your order over the day", self.form.chart)
        hour = pn.Row(ladder, chart, sizing_mode="stretch_width", margin=0)
        left = pn.Column(book, hour, self.orders.view, sizing_mode="stretch_width", margin=0)
        csv = csv_button("trades.csv", self.book.book.csv)
        trades = panel("Last trades", self.book.trades, tools=[self.book.units, pn.HSpacer(), csv])
        right = pn.Column(self.form.form, trades, width=FORM_PX + 8, sizing_mode=None, margin=0)
        return [self._figures.view, pn.Row(left, right, sizing_mode="stretch_width", margin=0)]

    # -- asking and drawing -------------------------------------------------------------------------------------

    @property
    def way(self) -> Direction:
        return Direction(self.state.direction)

    def refresh(self) -> None:
        """Ask again, off the event loop; then draw."""
        self._later.soon(self._ask, lambda answer: self._draw(*answer))

    def _ask(self) -> tuple[tuple[SessionRow, ...], Market | None]:
        door = self._context.desk
        rows = trading_sessions(door)
        row = next((r for r in rows if r.session.id == self.state.session_id), next(iter(rows), None))
        return rows, None if row is None else market(door, row, Commodity(self.state.power))

    def _draw(self, rows: tuple[SessionRow, ...], seen: Market | None) -> None:
        self.market = seen
        if seen is None:
            self._page[:] = [panel("Trading", empty_state(*NO_SESSION))]
            return
        self._drawing = True
        self.state.session_id = seen.row.session.id
        options = {session_label(row): row.session.id for row in rows}
        offer_choices(self.session, options, seen.row.session.id)
        self.session.visible = True
        if not 0 <= self.state.step < seen.day.n_steps:
            self.state.step = first_step(seen.depth, self.way)
        self._drawing = False
        if self._page.objects != self._laid_out:
            self._page[:] = self._laid_out
        self.book.show(seen.depth, self.way, self.state.step)
        self.form.show(seen, self.way, self.state.step)
        self.orders.show(seen)
        self._say(seen)

    def _say(self, seen: Market) -> None:
        shown = figures(seen, self.way, self.state.step)
        self._figures.show([KeyFigure(name, value, unit, note) for name, (value, unit, note) in shown.items()])
        self._hour.object = text(self.book.hour, "muted").object
        stage = seen.depth.stage
        if stage == "waiting" and seen.depth.matched_at is None:
            stage = "first"
        words = f"◑ Orders are {STAGES.get(stage, stage)}" if stage else ""
        style = "muted"
        if seen.depth.error:
            words, style = f"▲ Not matched: {seen.depth.error}", "body"
        self._stage.object = tag("p", escape(words), class_=f"text {style}", role="status")

    # -- what happens -------------------------------------------------------------------------------------------

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()

    def _on_step(self, step: int) -> None:
        self.state.step = step
        self.form.go_to(step)
        if self.market is not None:
            self._say(self.market)

    def _on_level(self, level: Level) -> None:
        """A click on the other side's level fills the order that matches it."""
        if level.side == self._side.counter.value:
            self.form.take_level(Decimal(repr(level.price)).quantize(Decimal("0.01")))

    def _on_chosen(self, _event: Any) -> None:
        self.state.param.update(power=self.power.value, direction=self.direction.value)
        self.refresh()

    def _on_session(self, event: Any) -> None:
        if not self._drawing and event.new and event.new != self.state.session_id:
            self.state.param.update(session_id=event.new, step=-1)
            self.refresh()

    def _place(self, command: Command) -> None:
        """Raises `Refused`."""
        self._context.desk.do(command)
        self._context.notify("The order is in the book.", "success")
        self.refresh()


class OwnOrders:
    """Own orders; of the picked one why it stands, and its rest can be withdrawn."""

    def __init__(self, context: PageContext, refresh: Callable[[], None]) -> None:
        self._context, self._refresh = context, refresh
        self._orders: dict[str, tuple[OrderRow, Market]] = {}
        self._picked = ""
        self._book = Book(ORDERS, height_px=160, on_pick=self._on_pick)
        utc_on_hover(self._book, "span")
        align_right(self._book, "price")
        self._none = text("You have no orders in this session yet.", "muted", margin=(4, 12, 12, 12))
        self._why = html_pane("", margin=(0, 12, 8, 12))
        self.dialog = ConfirmDialog()
        self._withdraw = pmu.Button(
            label="Withdraw the rest",
            variant="outlined",
            disabled=True,
            on_click=in_turn(self._on_withdraw),
            margin=(0, 8),
        )
        csv = csv_button("orders.csv", self._book.csv)
        self.view = panel(
            "Own orders", self._none, self._book.view, self._why, tools=[pn.HSpacer(), csv, self._withdraw]
        )

    def show(self, seen: Market) -> None:
        """These orders; what is picked stays picked."""
        records = [order_record(order, seen.day) for order in seen.orders]
        self._orders = {order.id: (order, seen) for order in seen.orders}
        self._book.show(records)
        self._book.view.visible, self._none.visible = bool(records), not records
        self._say()

    def _say(self) -> None:
        order, seen = self._orders.get(self._picked, (None, None))
        self._withdraw.disabled = order is None or order.withdrawn_at is not None or not any(order.left_mw)
        if order is None or seen is None:
            hint = "Pick an order to read why its rest stands, and to withdraw it." if self._orders else ""
            self._why.object = tag("p", escape(hint), class_="text muted")
            return
        lines = why_lines(order, seen.day) or ["Nothing of it stands."]
        self._why.object = "".join(tag("p", escape(line), class_="text body") for line in lines)

    def _on_pick(self, record: Any) -> None:
        self._picked = record["order_id"]
        self._say()

    def _on_withdraw(self, _event: Any) -> None:
        if self._picked in self._orders:
            words = "What was matched stays and is settled. What is left leaves the book."
            self.dialog.ask(
                "Withdraw the rest of this order?", words, "Withdraw the rest", in_turn(self._withdraw_now)
            )

    def _withdraw_now(self, *_event: Any) -> None:
        found = self._orders.get(self._picked)
        if found is not None:
            command = _WITHDRAW[found[0].side](found[0].id)
            attempt(self._context, lambda: self._context.desk.do(command), "The rest is withdrawn.")
        self._refresh()


def content(context: PageContext, side: TradingSide) -> Content:
    page = TradingPage(context, side)
    return Content(main=page.main(), owner=page, themed=(page.themes,), keys=KEYS)
