"""Points of delivery: which one each asset has, and the form that maps one to an asset."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.errors import Refused
from domain.flexibility.assets import FlexAsset
from domain.flexibility.metering import PodMapping
from views.pages.books import show_fitted
from views.pages.context import PageContext
from views.pages.later import in_turn
from views.plots.book import Column
from views.state.pods import NONE, map_command, pod_record, pod_words
from views.state.settlement import SettlementRoom
from views.state.spans import by_field
from views.widgets import Book, Problem, ProblemList, csv_button, empty_state, panel, text
from views.widgets.tables import Record

PODS = (
    Column("pod", "Point of delivery", min_px=180),
    Column("valid_from", "From delivery day", width_px=142),
    Column("name", "Asset", min_px=170),
    Column("owner", "Owner", min_px=150),
    Column("bus", "Bus", min_px=110),
    Column("forecast", "Forecast of the day", width_px=150),
)
CODE = "Code, such as an EIC"
_FIELDS = {field: field for field in ("pod_id", "valid_from")}


class PodForm:
    """Maps a point of delivery to the asset that was last shown; `on_done()` after it was."""

    def __init__(self, context: PageContext, on_done: Callable[[], None]) -> None:
        self._context, self._on_done = context, on_done
        self._asset: FlexAsset | None = None
        look: dict[str, Any] = {"size": "small", "margin": (6, 12), "sizing_mode": "stretch_width"}
        self._words = text("", margin=(4, 12))
        self.code = pmu.TextInput(label=CODE, max_length=40, **look)
        self.valid_from = pmu.DatePicker(label="From delivery day", **look)
        self._problems = ProblemList({"pod_id": self.code, "valid_from": self.valid_from})
        self.map = pmu.Button(
            label="Map", variant="outlined", disabled=True, on_click=in_turn(self._on_map), margin=(8, 12)
        )
        self.view = pn.Column(
            self._words,
            self._problems.beside("pod_id"),
            self._problems.beside("valid_from"),
            self._problems.view,
            self.map,
            sizing_mode="stretch_width",
            margin=0,
        )

    def show(self, asset: FlexAsset | None, mapping: PodMapping | None, day: date) -> None:
        """The asset and what it has; another asset empties the form, `day` is then suggested."""
        if asset is None or self._asset is None or asset.id != self._asset.id:
            self.code.value = ""
            self.valid_from.value = day
            self._problems.show([])
        self._asset = asset
        self.map.disabled = asset is None
        words = "Pick an asset in the table." if asset is None else pod_words(asset, mapping)
        self._words.object = text(words, "body" if asset else "muted").object

    def _on_map(self, _event: Any) -> None:
        asset = self._asset
        if asset is None:
            return
        try:
            command = map_command(asset, self.code.value, self.valid_from.value)
            self._context.desk.do(command)
        except Refused as refused:
            self._problems.show([Problem(*found) for found in by_field(refused.findings, _FIELDS)])
            return
        self._problems.show([])
        self.code.value = ""
        self._context.notify(f"{command.pod_id} stands for {asset.name}.", "success")
        self._on_done()


class PodsTab:
    """The region's assets at the left, the form at the right."""

    def __init__(self, context: PageContext, room: SettlementRoom, refresh: Callable[[], None]) -> None:
        self._room = room
        self._book = Book(PODS, on_pick=self._on_pick)
        self._none = empty_state(NONE, "Owners register their assets; a point of delivery is mapped to one.")
        self.form = PodForm(context, refresh)
        assets = panel(
            "Points of delivery of the region",
            self._none,
            self._book.view,
            tools=[pn.HSpacer(), csv_button("points-of-delivery.csv", self._book.csv)],
        )
        self.view = pn.Row(
            pn.Column(assets, sizing_mode="stretch_width", margin=0),
            pn.Column(panel("Map a point of delivery", self.form.view), width=340, margin=0),
            sizing_mode="stretch_width",
            margin=0,
        )

    def draw(self) -> None:
        """Everything shown, from the state."""
        facts = self._room.pods
        show_fitted(self._book, [pod_record(asset, facts) for asset in facts.assets], most_px=520)
        self._book.view.visible, self._none.visible = bool(facts.assets), not facts.assets
        chosen = facts.chosen(self._room.asset)
        self._book.mark("asset_id", chosen.id if chosen else "")
        self.form.show(chosen, facts.mappings.get(chosen.id) if chosen else None, facts.day)

    def _on_pick(self, record: Record) -> None:
        self._room.asset = record["asset_id"]
        self.draw()
