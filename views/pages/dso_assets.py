"""The FlexAssets in the DSO's grid: confirm or refuse them, and compare baselines with schedules."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import ListAssets, ListParties
from domain.commands import ConfirmAsset, RefuseAsset
from domain.errors import Refused
from domain.flexibility.assets import FlexAsset
from domain.lifecycle import AssetState
from views import news
from views.pages.asset_day import AssetDayChart
from views.pages.context import Content, PageContext
from views.pages.dso_day import DayChoice
from views.pages.dso_parts import attempt
from views.pages.later import in_turn
from views.pages.themes import Themes
from views.plots.book import Column
from views.state.dso_facts import Place
from views.state.dso_room import RoomState
from views.state.spans import by_field
from views.widgets import Book, KeyFigure, KeyFigures, ProblemList, csv_button, empty_state, panel, text
from views.widgets.forms import Problem

COLUMNS = (
    Column("state", "State", "state", width_px=124),
    Column("name", "Asset", min_px=170),
    Column("owner", "Owner", min_px=120),
    Column("kind", "Kind", width_px=80),
    Column("unit", "Unit", min_px=120),
    Column("bus", "Bus", min_px=110),
    Column("p_min_mw", "Least, MW", "mw", width_px=96),
    Column("p_max_mw", "Most, MW", "mw", width_px=96),
    Column("reason", "Reason", min_px=90),
)


def record(asset: FlexAsset, owners: dict[str, str]) -> dict[str, Any]:
    """An asset as a row."""
    return {
        "state": asset.state.value,
        "name": asset.name,
        "owner": owners.get(asset.owner_id, asset.owner_id),
        "kind": asset.kind.value,
        "unit": asset.unit_id,
        "bus": asset.bus,
        "p_min_mw": asset.p_min_mw,
        "p_max_mw": asset.p_max_mw,
        "reason": asset.reason,
        "id": asset.id,
    }


_ORDER = {AssetState.REGISTERED: 0, AssetState.CONFIRMED: 1, AssetState.REFUSED: 2}


class AssetsPage:
    """Those that wait for an answer come first."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = RoomState()
        self._where = DayChoice(context, self.state, ("region_id", "day"), self.refresh)
        self.themes = Themes(context.theme)
        self._assets: tuple[FlexAsset, ...] = ()
        self._picked: str | None = None
        self._here: Place | None = None
        self._strip = KeyFigures([])
        self._book = Book(COLUMNS, height_px=330, on_pick=self._on_pick)
        self._none = empty_state(
            "No asset is registered in your grid yet.", "Providers register them on their desks."
        )
        self._reason = pmu.TextInput(label="Reason of a refusal", size="small", max_length=200, margin=(4, 12))
        self._problems = ProblemList({"reason": self._reason})
        self._confirm = pmu.Button(
            label="Confirm", variant="contained", icon="check", disabled=True, on_click=in_turn(self._on_confirm)
        )
        self._refuse = pmu.Button(
            label="Refuse", variant="outlined", disabled=True, on_click=in_turn(self._on_refuse)
        )
        self._chosen = text("Pick an asset in the table.", "muted", margin=(4, 12))
        self._chart = AssetDayChart(context, self.themes)
        self.refresh()
        context.live.subscribe(self._on_news, {news.ASSETS, news.GRID})

    def main(self) -> list[Any]:
        tools = [pn.HSpacer(), self._where.region, self._where.day, csv_button("assets.csv", self._book.csv)]
        answer = pn.Column(
            self._chosen,
            self._problems.beside("reason"),
            self._problems.view,
            pn.Row(self._confirm, self._refuse, margin=(4, 12, 12, 12)),
            sizing_mode="stretch_width",
        )
        answer_panel = panel("Answer", answer)
        answer_panel.param.update(sizing_mode="fixed", width=360)
        chart = panel("Baseline against schedule", self._chart.view)
        return [
            self._where.lost,
            self._strip.view,
            panel("FlexAssets in your grid", self._none, self._book.view, tools=tools),
            pn.Row(chart, answer_panel, sizing_mode="stretch_width", margin=0),
        ]

    def refresh(self) -> None:
        door = self._context.desk
        self._here = here = self._where.find()
        if here is None:
            return
        owners = {party.id: party.name for party in door.ask(ListParties())}
        assets = door.ask(ListAssets(region_id=here.region.id))
        self._assets = tuple(sorted(assets, key=lambda a: (_ORDER[a.state], a.name)))
        self._book.show([record(asset, owners) for asset in self._assets])
        self._book.view.visible, self._none.visible = bool(self._assets), not self._assets
        self._strip.show(figures(self._assets))
        if self._asset() is None:
            self._picked = self._assets[0].id if self._assets else None
        self._show_picked()

    def _asset(self) -> FlexAsset | None:
        return next((asset for asset in self._assets if asset.id == self._picked), None)

    def _show_picked(self) -> None:
        asset = self._asset()
        self._confirm.disabled = asset is None or asset.state is AssetState.CONFIRMED
        self._refuse.disabled = asset is None or asset.state is AssetState.REFUSED
        if asset is not None and self._here is not None:
            self._chosen.object = text(f"{asset.name}: {asset.state.value}").object
            self._chart.show(asset, self._here.day)

    def _on_pick(self, row: Any) -> None:
        self._picked = row["id"]
        self._problems.show([])
        self._show_picked()

    def _on_confirm(self, _event: Any) -> None:
        asset = self._asset()
        if asset is not None:
            command = ConfirmAsset(asset_id=asset.id)
            attempt(self._context, lambda: self._context.desk.do(command), f"{asset.name} is confirmed.")
            self.refresh()

    def _on_refuse(self, _event: Any) -> None:
        asset = self._asset()
        if asset is None:
            return
        try:
            self._context.desk.do(RefuseAsset(asset_id=asset.id, reason=self._reason.value))
        except Refused as refused:
            self._problems.show([Problem(*found) for found in by_field(refused.findings, {"reason": "reason"})])
            return
        self._problems.show([])
        self._reason.value = ""
        self._context.notify(f"{asset.name} is refused.", "success")
        self.refresh()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def figures(assets: tuple[FlexAsset, ...]) -> list[KeyFigure]:
    """How many are in which state."""
    count = {state: sum(asset.state is state for asset in assets) for state in AssetState}
    waiting = count[AssetState.REGISTERED]
    return [
        KeyFigure("Waiting for your answer", str(waiting), "", "", "watch" if waiting else "normal"),
        KeyFigure("Confirmed", str(count[AssetState.CONFIRMED])),
        KeyFigure("Refused", str(count[AssetState.REFUSED])),
    ]


def build(context: PageContext) -> Content:
    page = AssetsPage(context)
    return Content(main=page.main(), owner=page, themed=(page.themes,))
