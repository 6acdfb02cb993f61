"""Own assets: register a unit of a DSO's grid, see whether it is confirmed, upload baselines and forecasts."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import panel as pn
import panel_material_ui as pmu
import param

from app.queries.models import GetAssetDay, ListForecasts, ListParties, ListPods
from domain.commands import UploadBaseline, UploadForecast, UploadPortfolio
from domain.errors import Refused
from domain.flexibility.assets import FlexAsset, SeriesKind
from domain.parties import Party
from domain.time import MARKET_ZONE, DeliveryDay
from domain.units import Series
from views import news
from views.pages.asset_day import AssetDayChart
from views.pages.context import Content, PageContext
from views.pages.dso_data import Upload
from views.pages.later import in_turn
from views.pages.supply_columns import ASSETS
from views.pages.supply_register import RegisterForm
from views.pages.themes import Themes
from views.state import portfolio_file
from views.state.pods import mappings_of
from views.state.supply_baseline import FORMAT, example, read
from views.state.supply_facts import SupplyFacts, asset_facts, asset_record, day_to_show
from views.widgets import Book, csv_button, empty_state, panel, text

ONE, ALL = "one", "all"
_CHOICE = {"size": "small", "width": 190, "margin": (4, 12)}


class AssetsState(param.Parameterized):
    """The asset and the day looked at."""

    asset_id = param.String(default="")
    day = param.String(default="")


class SupplyAssetsPage:
    """The book above; the picked asset's day and baseline at the left, registration at the right."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = AssetsState()
        context.location.sync(self.state, {"asset_id": "asset", "day": "day"})
        self.themes = Themes(context.theme)
        self.facts: SupplyFacts = asset_facts(context.desk)
        self._book = Book(ASSETS, height_px=236, on_pick=self._on_pick)
        self._none = empty_state("You have no assets yet.", "Register a unit of a DSO's grid in the form below.")
        self._chart = AssetDayChart(context, self.themes, height_px=220)
        self._day = pmu.DatePicker(label="Delivery day", size="small", width=170, margin=(0, 12))
        self._what = pmu.Select(
            label="What", options={"Baseline": SeriesKind.BASELINE, "Forecast": SeriesKind.FORECAST}, **_CHOICE
        )
        self._whose = pmu.Select(label="For", options={"The picked asset": ONE, "The portfolio": ALL}, **_CHOICE)
        self._format = text(FORMAT, "muted", margin=(0, 12))
        self._there = text("", "muted", margin=(0, 12))
        self._groups = text("", margin=(0, 12, 8, 12))
        self._upload = Upload("Upload", ".csv,text/csv,text/plain", self._send, self.refresh)
        self._example = pmu.FileDownload(
            callback=self._example_file,
            filename="example.csv",
            label="Schedule as example (CSV)",
            variant="outlined",
            embed=False,
            auto=True,
            margin=(4, 12),
        )
        self._register = RegisterForm(context, self._on_registered)
        self._draw()
        self._day.param.watch(in_turn(self._on_day), "value")
        self._whose.param.watch(in_turn(self._on_whose), "value")
        context.live.subscribe(self._on_news, {news.ASSETS, news.GRID, news.MARKET, news.SETTLEMENT})

    def main(self) -> list[Any]:
        book = panel(
            "Your FlexAssets",
            self._none,
            self._book.view,
            self._groups,
            tools=[pn.HSpacer(), csv_button("assets.csv", self._book.csv)],
        )
        day = panel(
            "Baselines and forecasts",
            self._chart.view,
            self._there,
            pn.Row(self._what, self._whose, margin=(8, 0, 0, 0)),
            self._format,
            self._upload.view(self._example),
            tools=[pn.HSpacer(), self._day],
        )
        register = panel("Register an asset", self._register.view)
        register.param.update(sizing_mode=None, width=400)
        return [book, pn.Row(day, register, sizing_mode="stretch_width", margin=0)]

    @property
    def asset(self) -> FlexAsset | None:
        assets = self.facts.assets
        return next((a for a in assets if a.id == self.state.asset_id), assets[0] if assets else None)

    @property
    def day(self) -> date:
        try:
            return date.fromisoformat(self.state.day)
        except ValueError:
            tomorrow = self.facts.now.astimezone(MARKET_ZONE).date() + timedelta(days=1)
            return day_to_show(self.facts, self.asset.region_id, tomorrow) if self.asset else tomorrow

    def refresh(self) -> None:
        """Ask again and patch."""
        self.facts = asset_facts(self._context.desk)
        self._register.refresh()
        self._draw()

    def _draw(self) -> None:
        facts = self.facts
        parties = {party.id: party for party in self._context.desk.ask(ListParties())}
        names = {id: party.name for id, party in parties.items()}
        pods = mappings_of(self._context.desk.ask(ListPods()), self.day)
        self._book.show([asset_record(asset, facts.region_names, names, pods) for asset in facts.assets])
        self._book.mark("id", self.asset.id if self.asset else "")
        self._groups.object = text(
            groups_words(parties.get(self._context.principal.party_id), facts, names)
        ).object
        self._there.object = text(self._forecast_words(), "muted").object
        self._book.view.visible, self._none.visible = bool(facts.assets), not facts.assets
        self._day.value = self.day
        self._upload.file.disabled = self._example.disabled = self.asset is None
        if self.asset is not None:
            self._chart.show(self.asset, self.day)

    def _forecast_words(self) -> str:
        """How many forecasts of the day there are, and whether the picked asset has one."""
        known = {one.asset_id for one in self._context.desk.ask(ListForecasts(delivery_day=self.day))}
        if not known:
            return "No forecast is uploaded for this day."
        own = "" if self.asset is None or self.asset.id not in known else f", {self.asset.name} among them"
        return f"Forecasts for this day: {len(known)} of {len(self.facts.assets)} assets{own}."

    def _send(self, content: bytes) -> None:
        day, kind = DeliveryDay(day=self.day), self._what.value
        if self._whose.value == ALL:
            series = portfolio_file.read(content, day, self.facts.assets)
            self._context.desk.do(UploadPortfolio(kind=kind, delivery_day=day.day, series=series))
        elif self.asset is not None:
            command = {SeriesKind.BASELINE: UploadBaseline, SeriesKind.FORECAST: UploadForecast}[kind]
            self._context.desk.do(command(asset_id=self.asset.id, delivery_day=day.day, p_mw=read(content, day)))

    def _example_file(self) -> io.BytesIO:
        """The DSO's schedule as a file of the chosen form: of the picked asset, or of all whose day is known."""
        if self.asset is None:
            return io.BytesIO()
        day = DeliveryDay(day=self.day)
        if self._whose.value == ALL:
            known = {asset.name: self._schedule(asset) for asset in self.facts.assets}
            series = {name: p_mw for name, p_mw in known.items() if p_mw}
            return io.BytesIO(portfolio_file.example(day, series).encode())
        p_mw = self._schedule(self.asset)
        return io.BytesIO((example(day, p_mw) if p_mw else "There are no schedules of this day yet.\n").encode())

    def _schedule(self, asset: FlexAsset) -> Series:
        try:
            return self._context.desk.ask(GetAssetDay(asset_id=asset.id, delivery_day=self.day)).schedule_p_mw
        except Refused:
            return ()

    def _on_whose(self, event: Any) -> None:
        words = portfolio_file.FORMAT if event.new == ALL else FORMAT
        self._format.object = text(words, "muted").object

    def _on_registered(self, asset: Any) -> None:
        if asset is not None:
            self.state.asset_id = asset.id
        self.refresh()

    def _on_pick(self, record: Any) -> None:
        self.state.asset_id = record["id"]
        self._draw()

    def _on_day(self, event: Any) -> None:
        if isinstance(event.new, date) and event.new != self.day:
            self.state.day = event.new.isoformat()
            self._draw()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def groups_words(party: Party | None, facts: SupplyFacts, names: Mapping[str, str]) -> str:
    """What an independent aggregator has to mind when it offers: one offer, one balance responsible party."""
    groups = sorted({names.get(a.brp_id, a.brp_id) if a.brp_id else "none named" for a in facts.assets})
    if party is None or not party.independent or len(groups) < 2:
        return ""
    return (
        f"Your assets belong to {len(groups)} balance responsible parties ({', '.join(groups)}). As an "
        "independent aggregator you offer assets of one of them in each offer; one that mixes them is refused."
    )


def build(context: PageContext) -> Content:
    page = SupplyAssetsPage(context)
    return Content(main=page.main(), owner=page, themed=(page.themes,))
