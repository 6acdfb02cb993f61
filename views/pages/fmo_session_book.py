"""The session's book: requests, every offer, and the merit order of a quarter hour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmu

from app.queries.models import AwardRow, Relief
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.time import DeliveryDay
from views.pages.books import show_fitted
from views.pages.dso_parts import utc_on_hover, whole_on_hover
from views.pages.fmo_session_depth import DepthPart
from views.pages.later import Later, in_turn
from views.pages.merit import merit_of
from views.pages.merit_relief import limit_words, limits_at, merit_by_relief
from views.pages.themes import Themes
from views.plots.book import Column
from views.plots.merit_order import merit_order
from views.plots.models import MeritOrder
from views.plots.step import StepState, on_settled
from views.state.common import count, step_labels
from views.state.fmo_session import SessionRoom
from views.state.records import offer_record, request_record
from views.widgets import Book, csv_button, empty_state, figure_pane, panel, text, toggles
from views.widgets.tables import Record

OFFERS = (
    Column("party", "Participant", min_px=124),
    Column("assets", "Assets", min_px=140),
    Column("power", "Power", width_px=72),
    Column("direction", "Direction", width_px=80),
    Column("peak_mw", "Peak, MW|Mvar", "mw", width_px=116),
    Column("energy_mwh", "Energy, MWh|Mvarh", "mw", width_px=142),
    Column("price", "EUR/MWh|Mvarh", "figure", width_px=128),
    Column("accepted_mwh", "Accepted", "mw", width_px=88),
    Column("at", "Submitted", "time", width_px=124),
    Column("at_utc", "Submitted, UTC"),
    Column("call_until", "DSO calls until", "time", width_px=124),
    Column("call_until_utc", "DSO calls until, UTC"),
    Column("state", "State", "state", width_px=136),
    Column("id", "Offer", width_px=92),
)
REQUESTS = (
    Column("point", "Congestion point", min_px=140),
    Column("power", "Power", width_px=74),
    Column("direction", "Direction", width_px=78),
    Column("hours", "Hours", width_px=96),
    Column("peak_mw", "Peak", "mw", width_px=70),
    Column("energy_mwh", "Energy", "mw", width_px=80),
    Column("cap", "Cap, EUR", "price", width_px=86),
    Column("unmet_mwh", "Unmet", "mw", width_px=76),
    Column("deadline", "Deadline", "time", width_px=116),
    Column("deadline_utc", "Deadline, UTC"),
    Column("state", "State", "state", width_px=96),
)

_HOW = (
    "Price divided by the effect on the limit. The effect is the exact first derivative of the limit's quantity "
    "to a change at the asset's bus, at the AC state of the schedules: per MWh of apparent power beyond the "
    "rating, or per 0.001 pu of voltage and hour."
)
_DOES = ("does", "do")
_NOT_YET = ("Nothing is asked for yet.", "DSOs publish requests until the gate closes.")
_NOTHING = ("Nothing was asked for.", "Without requests the clearing cures what the schedules violate.")


class BookTab:
    """Requests and the merit order on top, the whole offer book under them."""

    def __init__(self, room: SessionRoom, step: StepState, themes: Themes) -> None:
        self._room, self._step = room, step
        self._linked = room.offer  # comes first: it may be far down in a long book
        self._depth = DepthPart(room, step, themes)
        self._day = DeliveryDay(day=room.row.session.delivery_day)
        self._labels = step_labels(self._day)
        self._offers, self._requests = (
            Book(OFFERS, on_pick=self._on_offer),
            Book(REQUESTS, on_pick=self._on_request),
        )
        utc_on_hover(self._offers, "at")
        utc_on_hover(self._offers, "call_until")
        utc_on_hover(self._requests, "deadline")
        whole_on_hover(self._offers, "party", "assets")
        self._nothing_asked = pn.Column(sizing_mode="stretch_width", margin=0)
        self._said: object = None
        self._merit = merit_order(self._order(), theme=themes.name, height_px=222)
        themes.add(self._merit)
        self._by = toggles(
            "Order",
            options={"By price": "price", "By cost of relief": "relief"},
            value=room.by,
            size="small",
            margin=(6, 8),
        )
        self._limit = pmu.Select(label="Limit to relieve", options={}, size="small", width=420, margin=(8, 12))
        self._how = text("", "muted", margin=(0, 12, 8, 12))
        self._relief: Relief | str = ""
        self._later: Later[Relief | str] = Later(0)
        self._at = pmu.Select(
            label="Quarter hour", options=self._labels, width=118, size="small", margin=(6, 0, 0, 8)
        )
        self._commodity = toggles(
            "Power",
            options=[commodity.value for commodity in Commodity],
            value=room.power,
            size="small",
            margin=(6, 8),
        )
        self._direction = toggles(
            "Direction", options={"Down": "down", "Up": "up"}, value=room.direction, size="small", margin=(6, 0)
        )
        self.draw()
        self._at.param.watch(self._on_at, "value")
        self._commodity.param.watch(self._on_commodity, "value")
        self._direction.param.watch(self._on_direction, "value")
        self._by.param.watch(in_turn(self._on_by), "value")
        self._limit.param.watch(in_turn(self._on_limit), "value")
        on_settled(step, self._on_step)

    def view(self) -> pn.Column:
        requests = panel(
            "Requests",
            self._nothing_asked,
            self._requests.view,
            tools=[pn.HSpacer(), self._csv("requests", self._requests)],
        )
        merit = panel(
            "Merit order",
            self._by,
            self._limit,
            figure_pane(self._merit.figure),
            self._how,
            tools=[pn.HSpacer(), self._commodity, self._direction, self._at],
        )
        offers = panel("Offer book", self._offers.view, tools=[pn.HSpacer(), self._csv("offers", self._offers)])
        top = pn.Row(
            pn.Column(requests, sizing_mode="stretch_width", margin=0),
            pn.Column(merit, width=462, margin=0),
            sizing_mode="stretch_width",
            margin=0,
        )
        return pn.Column(top, self._depth.view, offers, sizing_mode="stretch_width", margin=0)

    def draw(self) -> None:
        """Everything shown, from the state."""
        room = self._room
        offers = sorted(room.offers, key=lambda row: row.offer.id != self._linked)
        show_fitted(self._offers, [offer_record(row, room.assets) for row in offers], most_px=420)
        show_fitted(self._requests, [request_record(r, self._day) for r in room.requests], most_px=256)
        self._offers.mark("offer_id", room.offer)
        self._requests.mark("request_id", room.request)
        self._requests.view.visible, self._nothing_asked.visible = bool(room.requests), not room.requests
        words = _NOT_YET if room.can_set_rules() else _NOTHING
        if words is not self._said:
            self._said, self._nothing_asked[:] = words, [empty_state(*words)]
        self._draw_merit()
        self._depth.draw()
        self._at.value = self._labels[self._step.step]
        if room.by == "relief":
            self._ask_relief()

    def _order(self) -> MeritOrder:
        room = self._room
        kind = Commodity(room.power), Direction(room.direction)
        return merit_of(room.offers, room.requests, self._awards, *kind, self._step.step)

    @property
    def _awards(self) -> Sequence[AwardRow]:
        return self._room.result.awards if self._room.result else ()

    def _draw_merit(self) -> None:
        """By price, or by the cost of relief of a limit that the schedules pass in this quarter hour."""
        by_relief = self._room.by == "relief"
        self._limit.visible = self._how.visible = by_relief
        if not by_relief:
            self._merit.show(self._order())
            return
        if isinstance(self._relief, str):
            self._limit.visible = False
            self._tell(self._relief or "The effects on the limits are being computed…", self._nothing())
            return
        limits = limits_at(self._relief, self._step.step)
        if not limits:
            self._limit.visible = False
            self._tell(
                "The schedules pass no limit in this quarter hour: there is nothing to relieve.", self._nothing()
            )
            return
        chosen = next((entry for entry in limits if entry[1].element == self._room.limit), limits[0])
        options = {limit_words(limit): limit.element for _, limit in limits}
        self._limit.param.update(options=options, value=chosen[1].element)
        kind = Commodity(self._room.power), Direction(self._room.direction)
        order, n_without = merit_by_relief(self._room.offers, self._awards, self._relief, chosen[0], *kind)
        rest = (
            f" {count(n_without, 'offered line')} of this direction {_DOES[n_without != 1]} not relieve it."
            if n_without
            else ""
        )
        self._tell(_HOW + rest, order)

    def _tell(self, words: str, order: MeritOrder) -> None:
        self._how.object = text(words, "muted").object
        self._merit.show(order)

    def _nothing(self) -> MeritOrder:
        units = Commodity(self._room.power).units
        return MeritOrder(
            name=(), p_mw=np.zeros(0), price_eur_per_mwh=np.zeros(0), power_unit=units.power, price_unit="EUR"
        )

    def _ask_relief(self) -> None:
        self._later.soon(self._room.ask_relief, self._take_relief)

    def _take_relief(self, relief: Relief | str) -> None:
        self._relief = relief
        self._draw_merit()

    def _csv(self, name: str, book: Book) -> Any:
        return csv_button(f"{name}-{self._room.id}.csv", book.csv)

    def _on_offer(self, record: Record) -> None:
        self._room.offer = record["offer_id"]

    def _on_request(self, record: Record) -> None:
        self._room.request = record["request_id"]

    def _on_at(self, event: Any) -> None:
        step = self._labels.index(event.new)
        self._step.update(step=step, settled=step)
        self._on_step(step)

    def _on_step(self, step: int) -> None:
        self._room.step = step
        self._at.value = self._labels[step]
        self._draw_merit()

    def _on_commodity(self, event: Any) -> None:
        self._room.power = event.new
        self._draw_merit()
        self._depth.draw()

    def _on_direction(self, event: Any) -> None:
        self._room.direction = event.new
        self._draw_merit()
        self._depth.draw()

    def _on_by(self, event: Any) -> None:
        self._room.by = event.new
        self._draw_merit()
        if event.new == "relief":
            self._ask_relief()

    def _on_limit(self, event: Any) -> None:
        if event.new and event.new != self._room.limit:
            self._room.limit = event.new
            self._draw_merit()
