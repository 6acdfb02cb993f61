"""All regions of the day: on the map by the state of their sessions, and as a table with volumes and prices."""

from __future__ import annotations

from typing import Any

import panel as pn

from views.pages.books import show_fitted
from views.pages.themes import Themes
from views.plots.book import Column
from views.plots.regions_map import RegionShape, regions_map
from views.state.common import MISSING, number
from views.state.fmo_overview import Overview, RegionDay
from views.state.sessions import room_link
from views.widgets import Book, csv_button, empty_state, figure_pane, panel

REGIONS = (
    Column("region", "Region", min_px=130),
    Column("state", "Session", "state", width_px=116),
    Column("requested", "Requested, MWh", "mw", width_px=122),
    Column("offered", "Offered, MWh", "mw", width_px=110),
    Column("awarded", "Awarded, MWh", "mw", width_px=114),
    Column("needs", "Needs", "figure", width_px=66),
    Column("unmet", "Unmet", "figure", width_px=66),
    Column("price", "d-LMP, EUR/MWh", "figure", width_px=150),
)
_NO_GRID = ("No grid is known yet.", "DSOs upload their networks; the map then shows every region of the day.")


class RegionsPanel:
    """Map over table. A tap on a region opens its session."""

    def __init__(self, state: Overview, themes: Themes) -> None:
        self._state, self._themes = state, themes
        self._map = regions_map((), theme=themes.name)
        themes.add(self._map)
        self._table = Book(REGIONS)
        self._empty = empty_state(*_NO_GRID)
        self._chart = figure_pane(self._map.figure)
        self._place = pn.Column(self._empty, sizing_mode="stretch_width", margin=0)
        self._shown: list[RegionShape] = []
        self.view = panel(
            "Regions (a click on the map opens the session)",
            self._place,
            self._table.view,
            tools=[pn.HSpacer(), csv_button("regions.csv", self._table.csv)],
        )

    def draw(self) -> None:
        """The regions of the day shown."""
        shapes = [_shape(region, self._state.day) for region in self._state.regions if region.grid is not None]
        wanted = self._chart if shapes else self._empty
        if [_facts(shape) for shape in shapes] != [_facts(shape) for shape in self._shown]:
            self._shown = shapes
            self._map.show(shapes)
        if self._place[0] is not wanted:
            self._place[:] = [wanted]
        self._table.view.visible = bool(self._state.regions)
        show_fitted(self._table, [region_record(region) for region in self._state.regions], most_px=260)


def _facts(shape: RegionShape) -> tuple[object, ...]:
    return shape.name, shape.note, shape.state, shape.href, len(shape.lon_degree)


def _shape(region: RegionDay, day: str) -> RegionShape:
    grid, row = region.grid.grid, region.row
    asked = "" if row is None or not row.requested_mwh else f" of {number(row.requested_mwh)}"
    volumes = "" if row is None else f": {number(row.offered_mwh)}{asked} MWh offered"
    state = "" if row is None else row.session.state.value
    return RegionShape(
        name=region.region.name,
        note=f"{state or 'no session on this day'}{volumes}",
        state=state,
        href=f"/fmo?day={day}" if row is None else room_link(row.session),
        lon_degree=grid.lon,
        lat_degree=grid.lat,
        branch_from=[int(k) for k in grid.from_index],
        branch_to=[int(k) for k in grid.to_index],
    )


def region_record(region: RegionDay) -> dict[str, Any]:
    """One row; what is not known yet is a dash."""
    row, prices = region.row, region.price_range
    return {
        "region": region.region.name,
        "state": row.session.state.value if row else "no session",
        "requested": row.requested_mwh if row else None,
        "offered": row.offered_mwh if row else None,
        "awarded": row.awarded_mwh if row else None,
        "needs": MISSING if region.n_needs is None else str(region.n_needs),
        "unmet": MISSING if region.n_unmet is None else str(region.n_unmet),
        "price": MISSING if prices is None else f"{number(prices[0])} to {number(prices[1])}",
    }
