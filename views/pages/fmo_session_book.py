"""The session's book: requests, every offer, and the merit order of a quarter hour."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.time import DeliveryDay
from views.pages.books import show_fitted
from views.pages.dso_parts import utc_on_hover
from views.pages.merit import merit_of
from views.plots.book import Column
from views.plots.merit_order import merit_order
from views.plots.step import StepState, on_settled
from views.state.common import step_labels
from views.state.fmo_session import SessionRoom
from views.state.records import offer_record, request_record
from views.widgets import Book, csv_button, empty_state, figure_pane, panel

OFFERS = (
    Column("party", "Participant", min_px=110),
    Column("assets", "Assets", min_px=130),
    Column("power", "Power", width_px=76),
    Column("direction", "Direction", width_px=80),
    Column("peak_mw", "Peak, MW|Mvar", "mw", width_px=116),
    Column("energy_mwh", "Energy, MWh|Mvarh", "mw", width_px=142),
    Column("price", "EUR/MWh|Mvarh", "figure", width_px=128),
    Column("accepted_mwh", "Accepted, MWh|Mvarh", "mw", width_px=158),
    Column("at", "Submitted", "time", width_px=124),
    Column("at_utc", "Submitted, UTC"),
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


class BookTab:
    """Requests and the merit order on top, the whole offer book under them."""

    def __init__(self, room: SessionRoom, step: StepState, theme: str) -> None:
        self._room, self._step = room, step
        self._day = DeliveryDay(day=room.row.session.delivery_day)
        self._labels = step_labels(self._day)
        self._offers, self._requests = Book(OFFERS), Book(REQUESTS)
        utc_on_hover(self._offers, "at")
        utc_on_hover(self._requests, "deadline")
        self._nothing_asked = empty_state(
            "Nothing is asked for yet.", "DSOs publish requests until the gate closes."
        )
        self._merit = merit_order(self._order(), theme=theme, height_px=222)
        self._at = pmu.Select(
            label="Quarter hour", options=self._labels, width=118, size="small", margin=(6, 0, 0, 8)
        )
        self._commodity = pmu.RadioButtonGroup(
            options=[commodity.value for commodity in Commodity],
            value=room.power,
            size="small",
            margin=(6, 8),
        )
        self._direction = pmu.RadioButtonGroup(
            options={"Down": "down", "Up": "up"}, value=room.direction, size="small", margin=(6, 0)
        )
        self.draw()
        self._at.param.watch(self._on_at, "value")
        self._commodity.param.watch(self._on_commodity, "value")
        self._direction.param.watch(self._on_direction, "value")
        on_settled(step, self._on_step)

    @property
    def themed(self) -> list[Any]:
        return [self._merit]

    def view(self) -> pn.Column:
        requests = panel(
            "Requests",
            self._nothing_asked,
            self._requests.view,
            tools=[pn.HSpacer(), self._csv("requests", self._requests)],
        )
        merit = panel(
            "Merit order",
            figure_pane(self._merit.figure),
            tools=[pn.HSpacer(), self._commodity, self._direction, self._at],
        )
        offers = panel("Offer book", self._offers.view, tools=[pn.HSpacer(), self._csv("offers", self._offers)])
        top = pn.Row(
            pn.Column(requests, sizing_mode="stretch_width", margin=0),
            pn.Column(merit, width=462, margin=0),
            sizing_mode="stretch_width",
            margin=0,
        )
        return pn.Column(top, offers, sizing_mode="stretch_width", margin=0)

    def draw(self) -> None:
        """Everything shown, from the state."""
        room = self._room
        show_fitted(self._offers, [offer_record(row, room.assets) for row in room.offers], most_px=420)
        show_fitted(self._requests, [request_record(r, self._day) for r in room.requests], most_px=256)
        self._requests.view.visible, self._nothing_asked.visible = bool(room.requests), not room.requests
        self._merit.show(self._order())
        self._at.value = self._labels[self._step.step]

    def _order(self) -> Any:
        room = self._room
        awards = room.result.awards if room.result else ()
        kind = Commodity(room.power), Direction(room.direction)
        return merit_of(room.offers, room.requests, awards, *kind, self._step.step)

    def _csv(self, name: str, book: Book) -> Any:
        return csv_button(f"{name}-{self._room.id}.csv", book.csv)

    def _on_at(self, event: Any) -> None:
        step = self._labels.index(event.new)
        self._step.update(step=step, settled=step)
        self._on_step(step)

    def _on_step(self, step: int) -> None:
        self._room.step = step
        self._at.value = self._labels[step]
        self._merit.show(self._order())

    def _on_commodity(self, event: Any) -> None:
        self._room.power = event.new
        self._merit.show(self._order())

    def _on_direction(self, event: Any) -> None:
        self._room.direction = event.new
        self._merit.show(self._order())
