"""The DSO's grid zones, drawn or entered, and its congested regions."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import CongestedRow, GridView, ListCongestedRegions, ListZones, ZoneRow
from domain.commands import ChangeZone, DefineZone, RemoveZone
from domain.errors import Refused
from domain.ids import ZoneId
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, PageContext
from views.pages.drawing import topology
from views.pages.dso_congested import CongestedPart
from views.pages.dso_day import DayChoice
from views.pages.dso_parts import attempt, link_button
from views.pages.later import in_turn
from views.pages.themes import Themes
from views.plots.book import Column
from views.plots.zonemap import ZoneMap, zonemap
from views.state.dso_facts import Place, grid_view
from views.state.dso_zones import ZonesState, corners_from, degrees_of, read_corners, text_of, zone_record
from views.state.spans import by_field
from views.widgets import (
    Book,
    ConfirmDialog,
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
    Column("name", "Zone", min_px=140),
    Column("n_buses", "Buses", "count", width_px=72),
    Column("n_corners", "Corners", "count", width_px=80),
    Column("buses", "Which", min_px=120),
    Column("corners", "Corners, lon lat", min_px=120),
)
HOW = "Click adds a corner, drag moves it, click a corner and press Backspace to remove it."
_WIDE: dict[str, Any] = {"size": "small", "margin": (4, 12), "sizing_mode": "stretch_width"}
_FIELDS = {"name": "name", "corners": "corners"}


class ZonesPage:
    """The map at the left, the zone that is drawn or changed at the right; both lists below."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = ZonesState()
        self._where = DayChoice(context, self.state, ("region_id",), self.refresh, by_region={"zone": ""})
        context.location.sync(self.state, {"zone": "zone"})
        self.themes = Themes(context.theme)
        self.map: ZoneMap | None = None
        self._map_of: object = None
        self._here: Place | None = None
        self._zones: tuple[ZoneRow, ...] = ()
        self._points: tuple[CongestedRow, ...] = ()
        self._loaded: str | None = None
        self._strip = KeyFigures([])
        self._dialog = ConfirmDialog()
        self._place = pn.Column(margin=0)
        self._name = pmu.TextInput(label="Name of the zone", max_length=80, **_WIDE)
        self._corners = pmu.TextAreaInput(label="Corners in degrees: lon, lat on each line", rows=8, **_WIDE)
        self._corners.param.watch(in_turn(self._on_corners), "value")
        self._problems = ProblemList({"name": self._name, "corners": self._corners})
        self._save = pmu.Button(label="Save new zone", variant="contained", on_click=in_turn(self._on_save))
        self._new = pmu.Button(label="Start anew", variant="outlined", on_click=in_turn(self._on_new))
        self._remove = pmu.Button(
            label="Remove zone", variant="outlined", disabled=True, on_click=in_turn(self._on_remove)
        )
        self._take_away = in_turn(self._remove_now)
        self._book = Book(COLUMNS, height_px=120, on_pick=self._on_pick)
        self._none = text(
            "No zone yet: draw one on the map, or enter its corners.", "muted", margin=(4, 12, 12, 12)
        )
        self.congested = CongestedPart(context, self.refresh)
        self.refresh()
        context.live.subscribe(self._on_news, {news.GRID})

    def main(self) -> list[Any]:
        zones_csv = csv_button("zones.csv", self._book.csv)
        form = pn.Column(
            text(HOW, "muted", margin=(4, 12)),
            self._problems.beside("name"),
            self._problems.beside("corners"),
            self._problems.view,
            pn.Row(self._save, self._new, self._remove, margin=(4, 12, 12, 12)),
            sizing_mode="stretch_width",
        )
        edit = panel("Draw or enter a zone", form)
        chart = panel("Grid and zones", self._place, tools=[pn.HSpacer(), self._where.region], fill=True)
        zones = panel("Zones", self._none, self._book.view, tools=[pn.HSpacer(), zones_csv])
        left = pn.Column(chart, margin=0)
        right = pn.Column(edit, zones, sizing_mode="stretch_width", margin=0)
        left.styles, right.styles = {"flex": "56 1 0", "min-width": "0"}, {"flex": "44 1 0", "min-width": "0"}
        return [
            self._where.lost,
            self._strip.view,
            pn.Row(left, right, margin=0),
            *self.congested.main(),
            self._dialog.view,
        ]

    def refresh(self) -> None:
        """Ask again; what is being drawn or written stays."""
        door = self._context.desk
        self._here = here = self._where.find()
        if here is None:
            return
        self._zones = door.ask(ListZones(region_id=here.region.id))
        self._points = door.ask(ListCongestedRegions(region_id=here.region.id, all_states=True))
        self._show_map(grid_view(door, here))
        show_fitted(self._book, [zone_record(row) for row in self._zones], most_px=200)
        self._book.view.visible, self._none.visible = bool(self._zones), not self._zones
        self.congested.show(here.region.id, self._zones, self._points)
        self._strip.show(self._figures(here))
        self._load()
        self._draw()

    def _show_map(self, view: GridView | None) -> None:
        key = None if view is None else view.grid.drawn
        if key is not None and key == self._map_of:
            return
        if self.map is not None:
            self.themes.drop(self.map)
        self._map_of, self.map = key, None
        if view is None:
            data = link_button("Go to data", "/dso/data", icon="upload")
            self._place[:] = [empty_state("The network is not there yet.", "Zones are drawn on its map.", data)]
            return
        self.map = zonemap(topology(view.grid), drawing=True, theme=self.themes.name)
        self.themes.add(self.map)
        self.map.on_draft(self._on_drawn)
        self._place[:] = [figure_pane(self.map.figure)]

    def _draw(self) -> None:
        chosen = self._chosen()
        if self.map is None:
            return
        self.map.show_zones(
            [(row.zone.name, degrees_of(row.zone.corners)) for row in self._zones],
            chosen.zone.name if chosen else "",
        )
        index = {name: position for position, name in enumerate(self.map.grid.bus_name)}
        buses = {bus for row in self._points if row.point.active for bus in row.buses}
        self.map.ring(sorted(index[bus] for bus in buses if bus in index))

    def _figures(self, here: Place) -> list[KeyFigure]:
        standing = [row for row in self._points if row.point.active]
        covered = {bus for row in self._zones for bus in row.buses}
        n_buses = len(self.map.grid.bus_name) if self.map else 0
        return [
            KeyFigure("Region", here.region.name),
            KeyFigure("Zones", str(len(self._zones))),
            KeyFigure("Buses in zones", str(len(covered)), "", f"of {n_buses}"),
            KeyFigure("Congested regions", str(len(standing)), "", f"{len(self._points) - len(standing)} closed"),
        ]

    def _chosen(self) -> ZoneRow | None:
        return next((row for row in self._zones if row.zone.id == self.state.zone), None)

    def _load(self) -> None:
        """The chosen zone into the form, once; a zone that is gone makes room for a new one."""
        row = self._chosen()
        if row is None:
            self.state.zone = ""
        if self._loaded == self.state.zone:
            return
        self._loaded = self.state.zone
        self._problems.show([])
        self._name.value = row.zone.name if row else ""
        self._corners.value = text_of(row.zone.corners) if row else ""
        self._save.label = "Save changes" if row else "Save new zone"
        self._remove.disabled = row is None

    def _on_drawn(self) -> None:
        """Corners from the mouse into the text; the text that says the same already stays as it is written."""
        if self.map is not None and (drawn := corners_from(self.map.draft_corners())) != self._written():
            self._corners.value = text_of(drawn)

    def _on_corners(self, _event: Any) -> None:
        """Corners from the text onto the map, as far as they can be read."""
        if self.map is not None and self._written() != corners_from(self.map.draft_corners()):
            self.map.set_draft(degrees_of(self._written()))

    def _written(self) -> tuple[Any, ...]:
        corners, _ = read_corners(self._corners.value)
        return corners_from(degrees_of([c for c in corners if c.lon.is_finite() and c.lat.is_finite()]))

    def _on_pick(self, record: Any) -> None:
        self.state.zone = record["id"]
        self._load()
        self._draw()

    def _on_new(self, _event: Any) -> None:
        self.state.zone, self._loaded = "", None
        self._load()
        self._draw()

    def _on_save(self, _event: Any) -> None:
        if self._here is None:
            return
        corners, unread = read_corners(self._corners.value)
        name, chosen = self._name.value, self._chosen()
        try:
            if unread:
                raise Refused(unread)
            if chosen is None:
                self._context.desk.do(DefineZone(region_id=self._here.region.id, name=name, corners=corners))
            else:
                self._context.desk.do(ChangeZone(zone_id=chosen.zone.id, name=name, corners=corners))
        except Refused as refused:
            self._problems.show([Problem(*found) for found in by_field(refused.findings, _FIELDS)])
            return
        self._context.notify(f"The zone {name.strip()} is saved.", "success")
        self.state.zone, self._loaded = "", None
        self.refresh()

    def _on_remove(self, _event: Any) -> None:
        row = self._chosen()
        if row is not None:
            consequence = f"The zone {row.zone.name} leaves the map. The grid itself stays as it is."
            self._dialog.ask("Remove this zone?", consequence, "Remove zone", self._take_away)

    def _remove_now(self) -> None:
        command = RemoveZone(zone_id=ZoneId(self.state.zone))
        attempt(self._context, lambda: self._context.desk.do(command), "The zone is removed.")
        self.refresh()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def build(context: PageContext) -> Content:
    page = ZonesPage(context)
    return Content(main=page.main(), owner=page, themed=(page.themes,))
