"""An asset's day: the DSO's schedule, the owner's baseline, and the reach between them."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import panel as pn

from app.queries.models import AssetDay, GetAssetDay, ListForecasts
from domain.errors import Refused
from domain.flexibility.assets import FlexAsset
from domain.time import DeliveryDay
from domain.units import Series
from views.pages.context import PageContext
from views.pages.themes import Themes
from views.plots.day_series import Curve, DaySeriesPlot, day_series
from views.state.common import floats, sentence, step_labels
from views.widgets import figure_pane, text

CURVES = (
    Curve(key="highest", label="Highest reachable", mark="dash", tone="normal"),
    Curve(key="lowest", label="Lowest reachable", mark="dash", tone="normal"),
    Curve(key="schedule", label="DSO's schedule", tone="text"),
    Curve(key="baseline", label="Owner's baseline", tone="primary"),
    Curve(key="forecast", label="Owner's forecast", mark="dash", tone="high"),
)


def series_of(day: AssetDay, forecast_p_mw: Series = ()) -> dict[str, Any]:
    """The curves [n_steps], MW, up positive. What is reachable is seen from the baseline where there is one."""
    schedule = floats(day.schedule_p_mw)
    baseline = None if day.baseline is None else floats(day.baseline.p_mw)
    around = schedule if baseline is None else baseline
    return {
        "schedule": schedule,
        "baseline": baseline,
        "forecast": floats(forecast_p_mw) if forecast_p_mw else None,
        "highest": around + floats(day.headroom.up_mw),
        "lowest": around - floats(day.headroom.down_mw),
    }


def largest_difference_mw(day: AssetDay) -> float | None:
    """Between baseline and schedule; None without a baseline."""
    if day.baseline is None:
        return None
    return float(np.abs(floats(day.baseline.p_mw) - floats(day.schedule_p_mw)).max())


class AssetDayChart:
    """One chart for whichever asset is picked; a day of another length gets a chart of its own."""

    def __init__(self, context: PageContext, themes: Themes, height_px: int = 260) -> None:
        self._desk, self._themes, self._height = context.desk, themes, height_px
        self._plot: DaySeriesPlot | None = None
        self._words = text("Pick an asset in the table.", "muted", margin=(4, 12))
        self._place = pn.Column(sizing_mode="stretch_width", margin=0)
        self.view = pn.Column(self._words, self._place, sizing_mode="stretch_width", margin=0)

    def show(self, asset: FlexAsset, day: date) -> None:
        """Draw the asset's day, or say why there is none."""
        try:
            seen = self._desk.ask(GetAssetDay(asset_id=asset.id, delivery_day=day))
        except Refused as refused:
            self._say(f"{asset.name}: {sentence(refused)}")
            self._place.visible = False
            return
        forecasts = self._desk.ask(ListForecasts(delivery_day=day))
        series = series_of(seen, next((one.p_mw for one in forecasts if one.asset_id == asset.id), ()))
        labels = step_labels(DeliveryDay(day=day))
        if self._plot is None or list(self._plot.labels) != labels:
            if self._plot is not None:
                self._themes.drop(self._plot)
            self._plot = day_series(CURVES, labels, "MW", places=3, height_px=self._height)
            self._themes.add(self._plot)
            self._place[:] = [figure_pane(self._plot.figure)]
        self._plot.show(series)
        self._place.visible = True
        self._say(_words(asset, seen))

    def _say(self, words: str) -> None:
        self._words.object = text(words, "muted").object


def _words(asset: FlexAsset, day: AssetDay) -> str:
    difference = largest_difference_mw(day)
    if difference is None:
        return f"{asset.name}: no baseline uploaded, the DSO's schedule counts."
    return f"{asset.name}: baseline and schedule differ by at most {difference:.3f} MW."
