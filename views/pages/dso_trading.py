"""A DSO's trading page: match standing offers, place orders of its own at its buses."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import panel_material_ui as pmu

from app.queries.models import GetGrid, GridMap, Side
from domain.commands import Command, PublishRequest
from domain.errors import refuse
from domain.flexibility.assets import Direction
from domain.units import Series
from views.pages.context import Content, PageContext
from views.pages.trading import content
from views.state.trading import Market

COUPLING = "Coupling point"


class DsoSide:
    """A request is served at the buses of a zone, at some of them, or at the coupling point."""

    counter = Side.OFFER
    verb = "Place a request"
    rules: Mapping[str, str] = {"buses": "buses", "congestion_point": "place"}

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._places: dict[str, tuple[str, ...]] = {}
        self._of = ""
        self.place = pmu.Select(label="Served at", options=[], size="small")
        self.buses = pmu.TextInput(
            label="Only these buses, with commas between", size="small", placeholder="all of the place"
        )
        self.fields: Mapping[str, Any] = {"place": self.place, "buses": self.buses}

    def renew(self, market: Market, _direction: Direction) -> None:
        """The zones of the session's region."""
        region = market.row.region.id
        if self._of == region:
            return
        view = self._context.desk.ask(GetGrid(region_id=region, delivery_day=market.day.day))
        self._places = {} if view is None else places_of(view.grid)
        self._of = region if self._places else ""
        names = list(self._places)
        self.place.param.update(options=names, value=next(iter(names), None))

    def room(self) -> Series | None:
        """A request has no bound but the market's own."""
        return None

    def command(self, market: Market, direction: Direction, quantity: Series, price: Decimal) -> Command:
        place = str(self.place.value or "")
        if place not in self._places:
            raise refuse(
                "missing", "congestion_point", "Choose where it is served; the network has to be uploaded."
            )
        only = tuple(name.strip() for name in self.buses.value.split(",") if name.strip())
        return PublishRequest(
            session_id=market.row.session.id,
            congestion_point=place,
            buses=only or self._places[place],
            direction=direction,
            quantity_mw=quantity,
            price_cap_eur_per_mwh=price,
            deadline=market.row.session.gate_closes_at,
            commodity=market.commodity,
        )


def places_of(grid: GridMap) -> dict[str, tuple[str, ...]]:
    """The coupling point first: the grid above takes the change; then the buses of each zone."""
    zones: dict[str, list[str]] = {}
    for bus, zone in zip(grid.bus_ids, grid.zone_of_bus, strict=True):
        zones.setdefault(zone or "Grid", []).append(bus)
    return {COUPLING: (grid.coupling_bus,)} | {zone: tuple(buses) for zone, buses in zones.items()}


def build(context: PageContext) -> Content:
    return content(context, DsoSide(context))
