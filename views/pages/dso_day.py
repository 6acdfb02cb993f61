"""Region and day of a DSO's page: kept in the address, chosen in the head of a panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import panel_material_ui as pmu

from views.pages.context import PageContext
from views.pages.dso_parts import choice, day_options, offer_choices
from views.state.dso_facts import Place, place
from views.state.dso_room import LINK, RoomState
from views.widgets import empty_state, panel

NO_REGION = ("Your party has no grid region.", "Ask the market operator to assign one.")


class DayChoice:
    """Finds the region and day that a page is about; lay out `region` and `day` where they are chosen.

    keys : parameters of `state` that the page's address holds
    moved : told after another region or day was chosen
    by_region, by_day : parameters of `state` that another region or day sets back
    picker : instead of the select of days with a session, for pages on any day
    """

    def __init__(
        self,
        context: PageContext,
        state: RoomState,
        keys: tuple[str, ...],
        moved: Callable[[], None],
        *,
        by_region: Mapping[str, Any] | None = None,
        by_day: Mapping[str, Any] | None = None,
        picker: pmu.DatePicker | None = None,
    ) -> None:
        self._context, self._state, self._moved = context, state, moved
        self._set_back = {"region_id": dict(by_region or {}), "day": dict(by_day or {})}
        context.location.sync(state, {key: LINK[key] for key in keys})
        self.region = choice("Region", lambda event: self._on_chosen("region_id", event.new))
        self.day = choice("Day", lambda event: self._on_chosen("day", event.new)) if picker is None else picker
        if picker is not None:
            picker.param.watch(lambda event: self._on_chosen("day", event.new), "value")
        self._picks = picker is not None
        self.lost = panel("Grid region", empty_state(*NO_REGION))

    def find(self) -> Place | None:
        """Ask again; address and choices follow. None for a DSO without a region, which `lost` then says."""
        here = place(self._context.desk, self._state.region_id, self._state.day)
        self.lost.visible = here is None
        if here is None:
            return None
        self._state.param.update(region_id=here.region.id, day=here.day.isoformat())
        offer_choices(self.region, {region.name: region.id for region in here.regions}, here.region.id)
        if self._picks:
            self.day.value = here.day
        else:
            offer_choices(self.day, day_options(here.days), here.day.isoformat())
        return here

    def _on_chosen(self, key: str, value: Any) -> None:
        """A region's id, a day, or a day's ISO text; what is shown already changes nothing."""
        if value and str(value) != getattr(self._state, key):
            self._state.param.update(**{key: str(value)}, **self._set_back[key])
            self._moved()
