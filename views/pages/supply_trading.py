"""The trading page of ESPs and aggregators: match standing requests, place offers of own assets."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import panel_material_ui as pmu

from app.queries.models import AssetDay, GetAssetDay, ListAssets, Side
from domain.commands import Command, SubmitOffer
from domain.errors import Refused, refuse
from domain.flexibility.assets import Direction
from domain.flexibility.market import OfferLine
from domain.ids import AssetId
from domain.units import Series
from views.pages.context import Content, PageContext
from views.pages.trading import content
from views.state.supply_composer import left_to_offer
from views.state.trading import Market


class SupplySide:
    """An offer comes from one confirmed asset of the session's region."""

    counter = Side.REQUEST
    verb = "Place an offer"
    rules: Mapping[str, str] = {"lines": "asset", "lines[0].quantity_mw": "quantity"}

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._left: Series | None = None
        self.asset = pmu.Select(label="Asset", options={}, size="small")
        self.fields: Mapping[str, Any] = {"asset": self.asset}

    def renew(self, market: Market, direction: Direction) -> None:
        """Own confirmed assets of the region, and what the chosen one has left."""
        own = [
            asset
            for asset in self._context.desk.ask(ListAssets())
            if asset.region_id == market.row.region.id and asset.may_offer
        ]
        names = {f"{asset.name} ({asset.kind.value}, {asset.bus})": str(asset.id) for asset in own}
        kept = self.asset.value if self.asset.value in names.values() else next(iter(names.values()), None)
        self.asset.param.update(options=names, value=kept)
        self._left = self._left_of(market, direction)

    def _left_of(self, market: Market, direction: Direction) -> Series | None:
        if not self.asset.value:
            return None
        query = GetAssetDay(asset_id=AssetId(self.asset.value), delivery_day=market.day.day)
        try:
            day: AssetDay = self._context.desk.ask(query)
        except Refused:  # placing says why; until then there is no bound to draw
            return None
        room, taken = (part.of(direction, market.commodity) for part in (day.headroom, day.offered))
        return left_to_offer(room, taken)

    def room(self) -> Series | None:
        return self._left

    def command(self, market: Market, direction: Direction, quantity: Series, price: Decimal) -> Command:
        if not self.asset.value:
            raise refuse(
                "missing", "lines", "You have no confirmed asset in this region; a DSO has to confirm one."
            )
        return SubmitOffer(
            session_id=market.row.session.id,
            direction=direction,
            lines=(OfferLine(asset_id=AssetId(self.asset.value), quantity_mw=quantity),),
            price_eur_per_mwh=(price,) * len(quantity),
            commodity=market.commodity,
        )


def build(context: PageContext) -> Content:
    return content(context, SupplySide(context))
