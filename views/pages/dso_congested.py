"""The congested regions of a DSO: a list, and a form that registers one more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import CongestedRow, ZoneRow
from domain.commands import CloseCongestedRegion, RegisterCongestedRegion
from domain.errors import Refused
from domain.ids import CongestedRegionId, RegionId, ZoneId
from views.pages.books import show_fitted
from views.pages.context import PageContext
from views.pages.dso_parts import attempt, utc_on_hover
from views.pages.later import in_turn
from views.plots.book import Column
from views.state.dso_zones import congested_record, read_elements
from views.state.spans import by_field
from views.widgets import Book, ProblemList, csv_button, panel, text
from views.widgets.forms import Problem

COLUMNS = (
    Column("state", "State", "state", width_px=112),
    Column("name", "Congested region", min_px=150),
    Column("zone", "Zone", min_px=110),
    Column("elements", "Buses and branches", min_px=130),
    Column("n_buses", "Buses", "count", width_px=72),
    Column("note", "Note", min_px=130),
    Column("at", "Registered", "time", width_px=110),
    Column("at_utc", "UTC"),
)
_WIDE: dict[str, Any] = {"size": "small", "margin": (4, 12), "sizing_mode": "stretch_width"}
_NO_ZONE = {"No zone": ""}
_FIELDS = {"name": "name", "zone_id": "zone", "elements": "elements", "note": "note"}


class CongestedPart:
    """`changed()` is called after something was registered or closed."""

    def __init__(self, context: PageContext, changed: Callable[[], None]) -> None:
        self._context, self._changed = context, changed
        self._region_id = RegionId("")
        self._rows: Sequence[CongestedRow] = ()
        self._picked = ""
        self.name = pmu.TextInput(label="Name of the congested region", max_length=80, **_WIDE)
        self.zone = pmu.Select(label="Zone", options=_NO_ZONE, value="", **_WIDE)
        self.elements = pmu.TextInput(label="Buses or branches, by commas", **_WIDE)
        self.note = pmu.TextInput(label="Note", max_length=400, **_WIDE)
        fields = {"name": self.name, "zone": self.zone, "elements": self.elements, "note": self.note}
        self._problems = ProblemList(fields)
        self._register = pmu.Button(
            label="Register congested region", variant="contained", on_click=in_turn(self._on_register)
        )
        self._close = pmu.Button(
            label="Close", variant="outlined", disabled=True, on_click=in_turn(self._on_close), margin=(0, 8)
        )
        self._book = Book(COLUMNS, height_px=120, on_pick=self._on_pick)
        utc_on_hover(self._book, "at")
        self._none = text("No congested region is registered.", "muted", margin=(4, 12, 12, 12))

    def main(self) -> list[Any]:
        form = pn.Column(
            *(self._problems.beside(field) for field in ("name", "zone", "elements", "note")),
            self._problems.view,
            pn.Row(self._register, margin=(4, 12, 12, 12)),
            sizing_mode="stretch_width",
        )
        form_panel = panel("Register a congested region", form)
        form_panel.param.update(sizing_mode=None, width=380)
        tools = [pn.HSpacer(), csv_button("congested-regions.csv", self._book.csv), self._close]
        listed = panel(
            "Congested regions: choices when requests are made", self._none, self._book.view, tools=tools
        )
        return [pn.Row(listed, form_panel, sizing_mode="stretch_width", margin=0)]

    def show(self, region_id: RegionId, zones: Sequence[ZoneRow], rows: Sequence[CongestedRow]) -> None:
        """Show these; what is written in the form stays."""
        self._region_id, self._rows = region_id, rows
        options = _NO_ZONE | {row.zone.name: row.zone.id for row in zones}
        kept = self.zone.value if self.zone.value in options.values() else ""
        self.zone.param.update(options=options, value=kept)
        show_fitted(self._book, [congested_record(row) for row in rows], most_px=260)
        self._book.view.visible, self._none.visible = bool(rows), not rows
        self._close.disabled = not any(row.point.id == self._picked and row.point.active for row in rows)

    def _on_pick(self, record: Any) -> None:
        self._picked = record["id"]
        self._close.disabled = record["state"] == "closed"

    def _on_register(self, _event: Any) -> None:
        command = RegisterCongestedRegion(
            region_id=self._region_id,
            name=self.name.value,
            zone_id=ZoneId(self.zone.value) if self.zone.value else None,
            elements=read_elements(self.elements.value),
            note=self.note.value,
        )
        try:
            self._context.desk.do(command)
        except Refused as refused:
            self._problems.show([Problem(*found) for found in by_field(refused.findings, _FIELDS)])
            return
        self._problems.show([])
        for widget in (self.name, self.zone, self.elements, self.note):
            widget.value = ""
        self._context.notify("The congested region is registered.", "success")
        self._changed()

    def _on_close(self, _event: Any) -> None:
        command = CloseCongestedRegion(congested_region_id=CongestedRegionId(self._picked))
        attempt(self._context, lambda: self._context.desk.do(command), "The congested region is closed.")
        self._changed()
