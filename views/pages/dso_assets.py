"""The FlexAssets in the DSO's grid: confirm, limit or refuse them; baselines against schedules; where they are."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import GetGrid, ListAssets, ListParties, ListZones, ZoneRow
from domain.commands import ConfirmAsset, ConfirmConditionally, RefuseAsset
from domain.errors import Refused
from domain.flexibility.assets import AssetKind, FlexAsset
from domain.lifecycle import AssetState
from views import news
from views.pages.asset_day import AssetDayChart
from views.pages.context import Content, PageContext
from views.pages.drawing import topology
from views.pages.dso_day import DayChoice
from views.pages.dso_parts import attempt, whole_on_hover
from views.pages.later import in_turn
from views.pages.themes import Themes
from views.plots.book import Column
from views.plots.zonemap import ZoneMap, zonemap
from views.state.dso_assets import LINK, AssetsState, filtered, hour_options, read_condition, record
from views.state.dso_facts import Place
from views.state.dso_zones import degrees_of
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

COLUMNS = (
    Column("state", "State", "state", width_px=184),
    Column("name", "Asset", min_px=150),
    Column("owner", "Owner", min_px=110),
    Column("kind", "Kind", width_px=80),
    Column("unit", "Unit", min_px=110),
    Column("bus", "Bus", min_px=110),
    Column("p_min_mw", "Least, MW", "mw", width_px=96),
    Column("p_max_mw", "Most, MW", "mw", width_px=96),
    Column("condition", "Condition", min_px=130),
    Column("reason", "Reason", min_px=100),
)
ALL = {"All": ""}
_FIELDS = {"most_up_mw": "up", "most_down_mw": "down", "to_hour": "to", "from_hour": "to", "reason": "reason"}
_MAP = {"height": "330px"}


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
        for column in ("condition", "reason"):
            whole_on_hover(self._book, column)
        self._none = empty_state(
            "No asset to show.", "Providers register them on their desks; or widen the filters."
        )
        self._filters = self._make_filters()
        self._make_answer()
        self._place = pn.Column(sizing_mode="stretch_width", margin=0)
        self._chart = AssetDayChart(context, self.themes)
        self.refresh()
        context.live.subscribe(self._on_news, {news.ASSETS, news.GRID})

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

    def _make_answer(self) -> None:
        small: dict[str, Any] = {"size": "small", "margin": (4, 12), "sizing_mode": "stretch_width"}
        self._up = pmu.TextInput(label="At most up, MW (empty: no limit)", **small)
        self._down = pmu.TextInput(label="At most down, MW (empty: no limit)", **small)
        self._from = pmu.Select(label="From", options=hour_options(False), value=0, **small)
        self._to = pmu.Select(label="Until", options=hour_options(True), value=24, **small)
        self._reason = pmu.TextInput(label="Reason of a refusal or condition", max_length=400, **small)
        fields = {"up": self._up, "down": self._down, "to": self._to, "reason": self._reason}
        self._problems = ProblemList(fields)
        self._confirm = pmu.Button(
            label="Confirm", variant="contained", icon="check", disabled=True, on_click=in_turn(self._on_confirm)
        )
        self._limit = pmu.Button(
            label="Confirm conditionally", variant="outlined", disabled=True, on_click=in_turn(self._on_limit)
        )
        self._refuse = pmu.Button(
            label="Refuse", variant="outlined", disabled=True, on_click=in_turn(self._on_refuse)
        )
        self._chosen = text("Pick an asset in the table.", "muted", margin=(4, 12))

    def main(self) -> list[Any]:
        tools = [
            pn.HSpacer(),
            *self._filters.values(),
            self._where.region,
            self._where.day,
            csv_button("assets.csv", self._book.csv),
        ]
        answer = pn.Column(
            self._chosen,
            pn.Row(self._confirm, margin=(4, 12)),
            self._problems.beside("reason"),
            self._problems.view,
            pn.Row(self._refuse, margin=(4, 12)),
            text("A condition limits what may be offered:", "muted", margin=(4, 12)),
            self._problems.beside("up"),
            self._problems.beside("down"),
            pn.Row(
                pn.Column(self._from, width=186, margin=0),
                pn.Column(self._problems.beside("to"), width=186, margin=0),
            ),
            pn.Row(self._limit, margin=(4, 12, 12, 12)),
            sizing_mode="stretch_width",
        )
        answer_panel = panel("Answer", answer)
        answer_panel.param.update(sizing_mode="fixed", width=380)
        left = pn.Column(
            panel("Baseline against schedule", self._chart.view),
            panel("Where it is", self._place),
            sizing_mode="stretch_width",
            margin=0,
        )
        return [
            self._where.lost,
            self._strip.view,
            panel("FlexAssets in your grid", self._none, self._book.view, tools=tools),
            pn.Row(left, answer_panel, sizing_mode="stretch_width", margin=0),
        ]

    def refresh(self) -> None:
        door = self._context.desk
        self._here = here = self._where.find()
        if here is None:
            return
        self._all = door.ask(ListAssets(region_id=here.region.id))
        self._zones = door.ask(ListZones(region_id=here.region.id))
        owners = {party.id: party.name for party in door.ask(ListParties())}
        zones = ALL | {row.zone.name: row.zone.id for row in self._zones}
        self._filters["zone"].param.update(options=zones, value=self._known("zone", zones))
        self._assets = filtered(self._all, self._zones, self.state)
        self._book.show([record(asset, owners) for asset in self._assets])
        self._book.view.visible, self._none.visible = bool(self._assets), not self._assets
        self._strip.show(figures(self._all))
        if self._asset() is None:
            self.state.asset = self._assets[0].id if self._assets else ""
        self._show_map(here)
        self._show_picked()

    def _show_map(self, here: Place) -> None:
        """Made once for each network; its marks follow."""
        view = self._context.desk.ask(GetGrid(region_id=here.region.id, delivery_day=here.day))
        key = None if view is None else (view.grid.region_id, view.network_uploaded_at)
        if key == self._map_of:
            return
        if self.map is not None:
            self.themes.drop(self.map)
        self._map_of, self.map = key, None
        if view is not None:
            self.map = zonemap(topology(view.grid), theme=self.themes.name)
            self.themes.add(self.map)
            self._place[:] = [figure_pane(self.map.figure, sizing_mode="stretch_width", styles=_MAP)]

    def _asset(self) -> FlexAsset | None:
        return next((asset for asset in self._assets if asset.id == self.state.asset), None)

    def _show_picked(self) -> None:
        asset = self._asset()
        self._confirm.disabled = asset is None or asset.state is AssetState.CONFIRMED
        self._refuse.disabled = asset is None or asset.state is AssetState.REFUSED
        self._limit.disabled = asset is None
        if asset is None:
            self._chosen.object = text("Pick an asset in the table.", "muted").object
        elif self._here is not None:
            limit = f", {asset.condition.words()}" if asset.condition else ""
            self._chosen.object = text(f"{asset.name}: {asset.state.value}{limit}").object
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
        self._problems.show([])
        self._show_picked()

    def _on_confirm(self, _event: Any) -> None:
        asset = self._asset()
        if asset is not None:
            command = ConfirmAsset(asset_id=asset.id)
            attempt(self._context, lambda: self._context.desk.do(command), f"{asset.name} is confirmed.")
            self.refresh()

    def _on_limit(self, _event: Any) -> None:
        asset = self._asset()
        if asset is None:
            return
        condition, unread = read_condition(self._up.value, self._down.value, self._from.value, self._to.value)
        command = ConfirmConditionally(asset_id=asset.id, condition=condition, reason=self._reason.value)
        try:
            if unread:
                raise Refused(unread)
            self._context.desk.do(command)
        except Refused as refused:
            self._say(refused)
            return
        self._done(f"{asset.name} is confirmed: {condition.words()}.")

    def _on_refuse(self, _event: Any) -> None:
        asset = self._asset()
        if asset is None:
            return
        try:
            self._context.desk.do(RefuseAsset(asset_id=asset.id, reason=self._reason.value))
        except Refused as refused:
            self._say(refused)
            return
        self._done(f"{asset.name} is refused.")

    def _say(self, refused: Refused) -> None:
        self._problems.show([Problem(*found) for found in by_field(refused.findings, _FIELDS)])

    def _done(self, words: str) -> None:
        self._problems.show([])
        for field in (self._reason, self._up, self._down):
            field.value = ""
        self._from.value, self._to.value = 0, 24
        self._context.notify(words, "success")
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
        KeyFigure("Confirmed conditionally", str(count[AssetState.CONDITIONAL])),
        KeyFigure("Refused", str(count[AssetState.REFUSED])),
    ]


def build(context: PageContext) -> Content:
    page = AssetsPage(context)
    return Content(main=page.main(), owner=page, themed=(page.themes,))
