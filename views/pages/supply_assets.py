"""Own assets: register a unit of a DSO's grid, see whether it is confirmed, upload its baseline."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import panel as pn
import panel_material_ui as pmu
import param

from app.queries.models import GetAssetDay
from domain.commands import UploadBaseline
from domain.errors import Refused
from domain.flexibility.assets import FlexAsset
from domain.time import MARKET_ZONE, DeliveryDay
from views import news
from views.pages.asset_day import AssetDayChart
from views.pages.context import Content, PageContext
from views.pages.dso_data import Upload
from views.pages.supply_columns import ASSETS
from views.pages.supply_register import RegisterForm
from views.pages.themes import Themes
from views.state.supply_baseline import FORMAT, example, read
from views.state.supply_facts import SupplyFacts, asset_record, day_to_show, supply_facts
from views.widgets import Book, csv_button, empty_state, panel, text


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
        self.facts: SupplyFacts = supply_facts(context.desk)
        self._book = Book(ASSETS, height_px=236, on_pick=self._on_pick)
        self._none = empty_state("You have no assets yet.", "Register a unit of a DSO's grid in the form below.")
        self._chart = AssetDayChart(context, self.themes, height_px=220)
        self._day = pmu.DatePicker(label="Delivery day", size="small", width=170, margin=(0, 12))
        self._upload = Upload("Upload baseline", ".csv,text/csv,text/plain", self._send, self.refresh)
        self._example = pmu.FileDownload(
            callback=self._example_file,
            filename="baseline.csv",
            label="Schedule as example (CSV)",
            variant="outlined",
            embed=False,
            auto=True,
            margin=(4, 12),
        )
        self._register = RegisterForm(context, self._on_registered)
        self._draw()
        self._day.param.watch(self._on_day, "value")
        context.live.subscribe(self._on_news, {news.ASSETS, news.GRID, news.MARKET})

    def main(self) -> list[Any]:
        book = panel(
            "Your FlexAssets",
            self._none,
            self._book.view,
            tools=[pn.HSpacer(), csv_button("assets.csv", self._book.csv)],
        )
        day = panel(
            "Baseline",
            self._chart.view,
            text(FORMAT, "muted", margin=(0, 12)),
            self._upload.view(self._example),
            tools=[pn.HSpacer(), self._day],
        )
        register = panel("Register an asset", self._register.view)
        register.param.update(sizing_mode="fixed", width=400)
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
        self.facts = supply_facts(self._context.desk)
        self._register.refresh()
        self._draw()

    def _draw(self) -> None:
        facts = self.facts
        self._book.show([asset_record(asset, facts.region_names) for asset in facts.assets])
        self._book.view.visible, self._none.visible = bool(facts.assets), not facts.assets
        self._day.value = self.day
        self._upload.file.disabled = self._example.disabled = self.asset is None
        if self.asset is not None:
            self._chart.show(self.asset, self.day)

    def _send(self, content: bytes) -> None:
        if self.asset is None:
            return
        p_mw = read(content, DeliveryDay(day=self.day))
        self._context.desk.do(UploadBaseline(asset_id=self.asset.id, delivery_day=self.day, p_mw=p_mw))

    def _example_file(self) -> io.BytesIO:
        if self.asset is None:
            return io.BytesIO()
        try:
            seen = self._context.desk.ask(GetAssetDay(asset_id=self.asset.id, delivery_day=self.day))
        except Refused as refused:
            return io.BytesIO(str(refused).encode())
        return io.BytesIO(example(DeliveryDay(day=self.day), seen.schedule_p_mw).encode())

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


def build(context: PageContext) -> Content:
    page = SupplyAssetsPage(context)
    return Content(main=page.main(), owner=page, themed=(page.themes,))
