"""The BRP's form: what it asks for against its imbalance."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.errors import Refused
from domain.flexibility.assets import Direction
from views.pages.context import PageContext
from views.pages.later import in_turn
from views.state import brp_balance as balance
from views.state.brp_balance import AGAINST, EVEN, BalanceDay
from views.state.spans import by_field
from views.widgets import ProblemList, empty_state
from views.widgets.forms import Problem

_FIELD = {"size": "small", "sizing_mode": "stretch_width", "margin": (5, 12)}
FIELDS = ("session_id", "direction", "quantity_mw", "price_cap_eur_per_mwh", "congestion_point", "last")


class RequestForm:
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
