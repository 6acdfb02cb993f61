"""What the market says near one element of the grid: offers and awards of its zone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.queries.models import GridMap
from domain.time import DeliveryDay
from domain.units import energy_mwh
from views.state import spans
from views.state.common import power_words
from views.state.dso_facts import MarketFacts
from views.state.dso_room import Element, zone_of


def bus_of(element: Element, grid: GridMap) -> str:
    """The bus itself, or a branch's far end."""
    if element.kind == "bus":
        return element.name
    return grid.bus_ids[int(grid.to_index[element.position])]


def offers_near(element: Element, grid: GridMap, facts: MarketFacts, day: DeliveryDay) -> list[dict[str, Any]]:
    """Lines of offers in the element's zone, the cheapest first; what was awarded of them once that is public."""
    zone = zone_of(element, grid)
    zone_of_bus = dict(zip(grid.bus_ids, grid.zone_of_bus, strict=True))
    assets = {asset.id: asset for asset in facts.assets}
    awarded = _awarded(facts)
    rows = []
    for row in facts.offers or ():
        offer = row.offer
        for line in offer.lines:
            asset = assets.get(line.asset_id)
            if asset is None or zone_of_bus.get(asset.bus) != zone:
                continue
            rows.append(
                {
                    "party": row.party.name,
                    "asset": asset.name,
                    "bus": asset.bus,
                    "power": power_words(offer.commodity),
                    "direction": offer.direction.value,
                    "span": spans.active_span(day, line.quantity_mw),
                    "peak": max(line.quantity_mw, default=0),
                    "price": max(offer.price_eur_per_mwh, default=0),
                    "awarded": awarded.get((offer.id, line.asset_id)) if facts.result else None,
                }
            )
    return sorted(rows, key=lambda row: (row["price"], row["asset"]))


def _awarded(facts: MarketFacts) -> Mapping[tuple[str, str], Any]:
    awards = facts.result.awards if facts.result else ()
    return {(r.award.offer_id, r.award.asset_id): energy_mwh(r.award.accepted_mw) for r in awards}
