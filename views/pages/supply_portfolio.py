"""A supplier's desk: where its assets are, what is asked near them, its offers, and what was awarded."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import GetGrid, GridView
from domain.flexibility.commodity import Commodity
from domain.ids import OfferId, new_id
from domain.lifecycle import AssetState, OfferState
from domain.parties import Region
from domain.time import MARKET_ZONE, DeliveryDay
from views import news
from views.pages.context import Content, PageContext
from views.pages.dso_parts import attempt, choice, link_button, offer_choices, utc_on_hover
from views.pages.dso_scene import GridScene
from views.pages.later import in_turn
from views.pages.supply_books import AwardBook, OfferBook
from views.pages.supply_columns import ASSET_SHORT, REQUESTS
from views.pages.themes import Themes
from views.plots.assets_layer import AssetsLayer, assets_layer
from views.state.common import number, with_reactive
from views.state.dso_room import Element, RoomState, first_overlay
from views.state.spans import plural
from views.state.supply_calls import decline_of
from views.state.supply_facts import (
    PortfolioState,
    SupplyFacts,
    day_to_show,
    open_requests,
    portfolio_record,
    request_record,
    revenue_of_day,
    supply_facts,
    volumes,
)
from views.widgets import (
    Book,
    KeyFigure,
    KeyFigures,
    empty_state,
    panel,
    text,
)
from views.widgets.tables import Record


class PortfolioPage:
    """Map and requests at the left; offers, awards and assets at the right."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = PortfolioState()
        context.location.sync(self.state, {"region_id": "region", "request": "request", "offer": "offer"})
        self.themes = Themes(context.theme)
        self._strip = KeyFigures([])
        self._region = choice("Region", self._on_region)
        self._map = pn.Column(margin=0)
        self._scene: GridScene | None = None
        self._layer: AssetsLayer | None = None
        self._scene_of: object = None
        self._offers = OfferBook(context, self.state, self.refresh)
        self._awards = AwardBook(context, self.refresh)
        self._requests = Book(REQUESTS, height_px=176, on_pick=self._on_request)
        utc_on_hover(self._requests, "span", "deadline")
        self._no_requests = text("No open request in this region.", "muted", margin=(4, 12, 12, 12))
        self._answer = link_button("Answer", "/supply/compose", "outlined")
        self._answer.disabled = True
        self._none = pmu.Button(
            label="No flexibility", variant="text", disabled=True, on_click=in_turn(self._on_none), margin=(0, 8)
        )
        self._assets = Book(ASSET_SHORT, height_px=156)
        self._no_assets = empty_state(
            "You have no assets yet.",
            "Register a unit of a DSO's grid.",
            link_button("Register", "/supply/assets"),
        )
        self.facts: SupplyFacts = supply_facts(context.desk)
        self._draw()
        context.live.subscribe(self._on_news, {news.MARKET, news.GRID, news.ASSETS})

    def main(self) -> list[Any]:
        left = pn.Column(
            self._map,
            panel(
                "Open requests near your assets",
                self._no_requests,
                self._requests.view,
                tools=[pn.HSpacer(), self._none, self._answer],
            ),
            margin=0,
        )
        assets = panel(
            "Assets",
            self._no_assets,
            self._assets.view,
            tools=[pn.HSpacer(), link_button("Register or upload", "/supply/assets", "outlined")],
        )
        right = pn.Column(self._offers.view, self._awards.view, assets, sizing_mode="stretch_width", margin=0)
        left.styles, right.styles = {"flex": "43 1 0", "min-width": "0"}, {"flex": "57 1 0", "min-width": "0"}
        return [
            self._strip.view,
            pn.Row(left, right, margin=0),
            self._offers.dialog.view,
        ]

    def refresh(self) -> None:
        """Ask again and patch."""
        self.facts = supply_facts(self._context.desk)
        self._draw()

    def _draw(self) -> None:
        facts = self.facts
        self._strip.show(figures(facts))
        self._offers.show(facts)
        self._awards.show(facts)
        self._assets.show([portfolio_record(asset, facts) for asset in facts.assets])
        self._assets.view.height = 156 if facts.awards else 280
        self._assets.view.visible, self._no_assets.visible = bool(facts.assets), not facts.assets
        region = facts.region(self.state.region_id)
        if region is None:
            self._map[:] = [
                panel("Grid", empty_state("There is no region yet.", "The market operator sets them up."))
            ]
            return
        self.state.region_id = region.id
        offer_choices(self._region, {r.name: r.id for r in facts.regions}, region.id)
        self._draw_requests(region)
        self._draw_map(region)

    def _draw_requests(self, region: Region) -> None:
        records = [request_record(request, self.facts) for request in open_requests(self.facts, region.id)]
        records.sort(key=lambda record: -record["own"])
        self._requests.show(records)
        self._requests.view.visible, self._no_requests.visible = bool(records), not records
        self._offer_answer(self._requests.mark("request_id", self.state.request))

    def _draw_map(self, region: Region) -> None:
        facts = self.facts
        day = day_to_show(facts, region.id, facts.now.astimezone(MARKET_ZONE).date())
        view = self._context.desk.ask(GetGrid(region_id=region.id, delivery_day=day))
        if view is None or view.before is None:
            self._scene = self._scene_of = None
            words = "Its DSO has not uploaded network and schedules of the day yet."
            self._map[:] = [panel("Grid", empty_state(f"{region.name} cannot be drawn yet.", words, self._region))]
            return
        key = (day, view.grid.drawn)
        if self._scene is None or self._scene_of != key:
            self._build_map(view, DeliveryDay(day=day))
            self._scene_of = key
        else:
            self._scene.show(view.before, view.after)
        self._mark(region, view)

    def _build_map(self, view: GridView, day: DeliveryDay) -> None:
        if view.before is None:
            return
        if self._scene is not None and self._layer is not None:
            self.themes.drop(self._scene.map, self._scene.slider, self._layer)
        theme = self.themes.name
        self._scene = GridScene(
            view.grid,
            view.before,
            view.after,
            day,
            RoomState(overlay=first_overlay(view.before)),
            theme,
            _pick_nothing,
        )
        self._layer = assets_layer(self._scene.map, theme=theme)
        self.themes.add(self._scene.map, self._scene.slider, self._layer)
        self._map[:] = [self._scene.view(self._region)]

    def _mark(self, region: Region, view: GridView) -> None:
        position = {bus: k for k, bus in enumerate(view.grid.bus_ids)}
        names: dict[int, list[str]] = {}
        for asset in self.facts.assets:
            if asset.region_id == region.id and asset.bus in position and asset.state is not AssetState.REFUSED:
                names.setdefault(position[asset.bus], []).append(asset.name)
        asked = {position[b] for r in open_requests(self.facts, region.id) for b in r.buses if b in position}
        if self._layer is not None:
            self._layer.show([(at, ", ".join(found)) for at, found in sorted(names.items())], sorted(asked))

    def _on_request(self, record: Record) -> None:
        self.state.request = record["request_id"]
        self._offer_answer(record)

    def _offer_answer(self, record: Record | None) -> None:
        asked = "" if record is None else f"?request={record['request_id']}"
        self._answer.param.update(disabled=record is None, href=f"/supply/compose{asked}")
        self._none.disabled = record is None

    def _on_none(self, _event: Any) -> None:
        request = next((r for r in self.facts.requests if r.id == self.state.request), None)
        day = None if request is None else self.facts.day_of(request.session_id)
        if request is not None and day is not None:
            command = decline_of(request, day, OfferId(new_id("FO")))
            done = "The DSO is told that you have no flexibility there. Take it back among your offers."
            attempt(self._context, lambda: self._context.desk.do(command), done)
        self.refresh()

    def _on_region(self, event: Any) -> None:
        if event.new and event.new != self.state.region_id:
            self.state.region_id = event.new
            self._draw()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def _pick_nothing(_element: Element) -> None:
    """A supplier's map selects nothing: an element's day is the DSO's to see."""


_LIVE = (OfferState.SUBMITTED, OfferState.LOCKED)


def figures(facts: SupplyFacts) -> list[KeyFigure]:
    """The strip at the top."""
    confirmed = [a for a in facts.assets if a.may_offer]
    standing = [row for row in facts.offers if row.offer.state in _LIVE]
    accepted, offered = volumes(facts.offers)["accepted"], volumes(standing)["offered"]
    day, paid = revenue_of_day(facts)
    n_requests = sum(len(open_requests(facts, region.id)) for region in facts.regions)
    n_answers = sum(
        row.activation is not None and row.activation.state.value == "requested" for row in facts.awards
    )
    return [
        KeyFigure("Confirmed assets", str(len(confirmed)), "", f"of {len(facts.assets)} registered"),
        KeyFigure("Open requests", str(n_requests), "", f"in {plural(len(facts.regions), 'region')}"),
        KeyFigure(
            "Standing offers",
            number(offered[Commodity.P]),
            "MWh",
            with_reactive(plural(len(standing), "offer"), offered[Commodity.Q]),
        ),
        KeyFigure(
            "Accepted",
            number(accepted[Commodity.P]),
            "MWh",
            with_reactive("In published sessions", accepted[Commodity.Q]),
        ),
        KeyFigure(
            "Revenue of the day", number(paid) if day else "–", "EUR", f"Cleared for {day:%d %b}" if day else ""
        ),
        KeyFigure("Activations to answer", str(n_answers), "", "", "watch" if n_answers else "normal"),
    ]


def build(context: PageContext) -> Content:
    page = PortfolioPage(context)
    return Content(main=page.main(), owner=page, themed=(page.themes,))
