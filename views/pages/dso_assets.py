"""The FlexAssets in the DSO's grid: confirm, limit or refuse them; baselines against schedules; where they are."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import GetGrid, ListAssets, ListParties, ListPods, ListZones, ZoneRow
from domain.flexibility.assets import AssetKind, FlexAsset
from domain.flexibility.metering import PodMapping
from domain.ids import AssetId
from domain.lifecycle import AssetState
from views import news
from views.pages.asset_day import AssetDayChart
from views.pages.context import Content, PageContext
from views.pages.drawing import topology
from views.pages.dso_asset_answer import Answer
from views.pages.dso_day import DayChoice
from views.pages.dso_parts import whole_on_hover
from views.pages.later import in_turn
from views.pages.pods import PodForm
from views.pages.themes import Themes
from views.plots.book import Column
from views.plots.zonemap import ZoneMap, zonemap
from views.state.dso_assets import LINK, AssetsState, filtered, record
from views.state.dso_facts import Place
from views.state.dso_zones import degrees_of
from views.state.pods import mappings_of
from views.widgets import (
    Book,
    KeyFigure,
    KeyFigures,
    csv_button,
    empty_state,
    figure_pane,
    panel,
)

COLUMNS = (
    Column("state", "State", "state", width_px=184),
    Column("name", "Asset", min_px=150),
    Column("owner", "Owner", min_px=164),
    Column("kind", "Kind", width_px=80),
    Column("unit", "Unit", min_px=110),
    Column("bus", "Bus", min_px=110),
    Column("p_min_mw", "Least, MW", "mw", width_px=96),
    Column("p_max_mw", "Most, MW", "mw", width_px=96),
    Column("condition", "Condition", min_px=130),
    Column("reason", "Reason", min_px=100),
)
ALL = {"All": ""}
_MAP_PX = 330


class AssetsPage:
    """Those that wait for an answer come first; filters are kept in the address."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = AssetsState()
        self._where = DayChoice(context, self.state, ("region_id", "day"), self.refresh, by_region={"zone": ""})
        context.location.sync(self.state, LINK)
        self.themes = Themes(context.theme)
        self._all: tuple[FlexAsset, ...] = ()
        self._assets: tuple[FlexAsset, ...] = ()
        self._zones: tuple[ZoneRow, ...] = ()
        self._here: Place | None = None
        self.map: ZoneMap | None = None
        self._map_of: object = None
        self._strip = KeyFigures([])
        self._book = Book(COLUMNS, height_px=300, on_pick=self._on_pick)
        for column in ("owner", "condition", "reason"):
            whole_on_hover(self._book, column)
        self._none = empty_state(
            "No asset to show.", "Providers register them on their desks; or widen the filters."
        )
        self._filters = self._make_filters()
        self.answer = Answer(context, self.refresh)
        self.pod = PodForm(context, self.refresh)
        self._pods: dict[AssetId, PodMapping] = {}
        self._place = pn.Column(sizing_mode="stretch_width", margin=0)
        self._chart = AssetDayChart(context, self.themes)
        self.refresh()
        context.live.subscribe(self._on_news, {news.ASSETS, news.GRID, news.SETTLEMENT})

    def _make_filters(self) -> dict[str, Any]:
        states = ALL | {state.value: state.value for state in AssetState}
        kinds = ALL | {kind.value: kind.value for kind in AssetKind}
        look: dict[str, Any] = {"size": "small", "margin": (0, 6)}
        filters = {
            "state": pmu.Select(
                label="State", options=states, value=self._known("state", states), width=180, **look
            ),
            "kind": pmu.Select(label="Kind", options=kinds, value=self._known("kind", kinds), width=110, **look),
            "zone": pmu.Select(label="Zone", options=ALL, value="", width=140, **look),
            "bus": pmu.TextInput(label="Bus", value=self.state.bus, width=120, **look),
        }
        for key, widget in filters.items():
            widget.param.watch(in_turn(lambda event, key=key: self._on_filter(key, event.new)), "value")
        return filters

    def _known(self, key: str, options: dict[str, str]) -> str:
        """The address's filter, or all where it names none."""
        value = getattr(self.state, key)
        if value not in options.values():
            setattr(self.state, key, "")
        return str(getattr(self.state, key))

    def main(self) -> list[Any]:
        tools = [
            pn.HSpacer(),
            *self._filters.values(),
            self._where.region,
            self._where.day,
            csv_button("assets.csv", self._book.csv),
        ]
        left = pn.Column(
            panel("Baseline against schedule", self._chart.view),
            panel("Where it is", self._place),
            sizing_mode="stretch_width",
            margin=0,
        )
        right = pn.Column(
            panel("Answer", self.answer.view), panel("Point of delivery", self.pod.view), width=380, margin=0
        )
        return [
            self._where.lost,
            self._strip.view,
            panel("FlexAssets in your grid", self._none, self._book.view, tools=tools),
            pn.Row(left, right, sizing_mode="stretch_width", margin=0),
        ]

    def refresh(self) -> None:
        door = self._context.desk
        self._here = here = self._where.find()
        if here is None:
            return
        self._all = door.ask(ListAssets(region_id=here.region.id))
        self._zones = door.ask(ListZones(region_id=here.region.id))
        self._pods = mappings_of(door.ask(ListPods(region_id=here.region.id)), here.day)
        owners = {party.id: party.name for party in door.ask(ListParties())}
        zones = ALL | {row.zone.name: row.zone.id for row in self._zones}
        self._filters["zone"].param.update(options=zones, value=self._known("zone", zones))
        self._assets = filtered(self._all, self._zones, self.state)
        self._book.show([record(asset, owners) for asset in self._assets])
        self._book.view.visible, self._none.visible = bool(self._assets), not self._assets
        self._strip.show(figures(self._all))
        if self._asset() is None:
            self.state.asset = self._assets[0].id if self._assets else ""
        self._book.mark("id", self.state.asset)
        self._show_map(here)
        self._show_picked()

    def _show_map(self, here: Place) -> None:
        """Made once for each network; its marks follow."""
        view = self._context.desk.ask(GetGrid(region_id=here.region.id, delivery_day=here.day))
        key = None if view is None else view.grid.drawn
        if key == self._map_of:
            return
        if self.map is not None:
            self.themes.drop(self.map)
        self._map_of, self.map = key, None
        if view is not None:
            self.map = zonemap(topology(view.grid), theme=self.themes.name)
            self.themes.add(self.map)
            self.map.figure.update(sizing_mode="stretch_width", height=_MAP_PX)
            self._place[:] = [figure_pane(self.map.figure)]

    def _asset(self) -> FlexAsset | None:
        return next((asset for asset in self._assets if asset.id == self.state.asset), None)

    def _show_picked(self) -> None:
        asset = self._asset()
        self.answer.show(asset)
        if self._here is not None:
            self.pod.show(asset, self._pods.get(asset.id) if asset else None, self._here.day)
        if asset is not None and self._here is not None:
            self._chart.show(asset, self._here.day)
        self._mark()

    def _mark(self) -> None:
        if self.map is None:
            return
        index = {bus: position for position, bus in enumerate(self.map.grid.bus_name)}
        chosen = self._asset()
        self.map.show_assets([(index[a.bus], a.name) for a in self._assets if a.bus in index])
        self.map.ring([index[chosen.bus]] if chosen and chosen.bus in index else [])
        self.map.show_zones([(row.zone.name, degrees_of(row.zone.corners)) for row in self._zones])

    def _on_filter(self, key: str, value: Any) -> None:
        if (value or "") != getattr(self.state, key):
            setattr(self.state, key, value or "")
            self.refresh()

    def _on_pick(self, row: Any) -> None:
        self.state.asset = row["id"]
        self._show_picked()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def figures(assets: tuple[FlexAsset, ...]) -> list[KeyFigure]:
    """How many are in which state."""
    count = {state: sum(asset.state is state for asset in assets) for state in AssetState}
    waiting = count[AssetState.REGISTERED]
    return [
        KeyFigure("Waiting for your answer", str(waiting), "", "", "watch" if waiting else "normal"),
        KeyFigure("Confirmed", str(count[AssetState.CONFIRMED])),
        KeyFigure("Confirmed conditionally", str(count[AssetState.CONDITIONAL])),
        KeyFigure("Refused", str(count[AssetState.REFUSED])),
    ]


def build(context: PageContext) -> Content:
    page = AssetsPage(context)
    return Content(main=page.main(), owner=page, themed=(page.themes,))
