"""The market operator's desk: all sessions, the clock, prices and status reports."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.flexibility.market import MarketSession, PriceKind
from domain.parties import Role
from domain.time import DeliveryDay
from views import news
from views.pages.context import Content, Page, PageContext
from views.pages.fmo_controls import ClockControl, PriceUpload
from views.pages.fmo_plan import PlanPanel
from views.pages.fmo_regions import RegionsPanel
from views.pages.later import in_turn
from views.pages.notes import notes_markup
from views.pages.session_steps import session_steps
from views.pages.themes import Themes
from views.plots.day_series import Curve, DaySeriesPlot, day_series
from views.state.common import floats, number, step_labels
from views.state.fmo_overview import Overview, local_range, volumes
from views.state.sessions import room_link
from views.widgets import KeyFigure, KeyFigures, empty_state, figure_pane, panel, text
from views.widgets.markup import html_pane
from views.widgets.steps import StepRows

_CURVES = (
    Curve(key=PriceKind.DAY_AHEAD, label="Day-ahead", tone="text"),
    Curve(key=PriceKind.BALANCING, label="Balancing", tone="primary", mark="dash"),
    Curve(key="local_low", label="Local, lowest of all buses", tone="low"),
    Curve(key="local_high", label="Local, highest of all buses", tone="high"),
)
_UNPRICED = "No prices of this day yet. Upload a day's prices as CSV; local prices come with the first clearing."
_NO_REPORT = "No report yet. Running sessions report every full hour of market time."


class OverviewPage:
    """Sessions at the left with prices under them; clock and status reports at the right."""

    def __init__(self, context: PageContext) -> None:
        self.state = Overview(context.desk)
        context.location.sync(self.state, {"day": "day"})
        self.state.refresh()
        self._figures = KeyFigures([])
        self._rows = StepRows(sizing_mode="stretch_width")
        self._reports = html_pane("", margin=(0, 12, 8, 12))
        self._clock = ClockControl(context, self.state)
        self._upload = PriceUpload(context, self.state)
        self.themes = Themes(context.theme)
        self._chart: DaySeriesPlot | None = None
        self._charted = ""
        self._sessions = pn.Column(_no_session(), sizing_mode="stretch_width", margin=0)
        self._regions = RegionsPanel(self.state, self.themes)
        self._plan = PlanPanel(context, self._on_planned)
        self._unpriced = text(_UNPRICED, "body", margin=(4, 12), visible=False)
        self._prices = pn.Column(_no_prices(), sizing_mode="stretch_width", margin=0)
        self._day = pmu.Select(label="Delivery day", options=[], width=160, size="small", margin=0)
        self.draw()
        self._day.param.watch(in_turn(self._on_day), "value")
        context.live.subscribe(self._on_news, {news.MARKET, news.PRICES, news.CLOCK, news.NOTICES})

    def main(self) -> list[Any]:
        """Laid out for 1440 pixels and wider."""
        left = pn.Column(
            self._plan.view,
            panel("Sessions", self._sessions, tools=[pn.HSpacer(), self._plan.toggle, self._day]),
            self._regions.view,
            panel(
                "Day-ahead, balancing and local prices", self._prices, tools=[pn.HSpacer(), *self._upload.tools]
            ),
            sizing_mode="stretch_width",
            margin=0,
        )
        right = pn.Column(
            panel("Market clock", self._clock.view),
            panel(
                "Status reports",
                pn.Column(self._reports, max_height=520, min_height=120, scroll="y", sizing_mode="stretch_width"),
            ),
            width=420,
            margin=0,
        )
        return [self._figures.view, pn.Row(left, right, sizing_mode="stretch_width", margin=0)]

    def draw(self) -> None:
        """Everything shown, from the state."""
        state = self.state
        self._fit_day()
        self._figures.show(_key_figures(state))
        self._draw_clock()
        self._reports.object = notes_markup(state.reports, _NO_REPORT)
        self._day.param.update(options=list(state.days), value=state.day or None, visible=len(state.days) > 1)
        self._regions.draw()
        if self._chart is not None:
            is_priced = bool(state.prices or local_range(state))
            self._unpriced.visible, self._chart.figure.visible = not is_priced, is_priced
            self._chart.show(
                {series.kind: floats(series.price_eur_per_mwh) for series in state.prices} | local_range(state)
            )

    def _draw_clock(self) -> None:
        """What moves with the market's clock alone."""
        shell = self.state.shell()
        steps = [session_steps(row, href=room_link(row.session)) for row in self.state.sessions]
        self._rows.show(steps, shell.market_now, shell.clock.speed)
        self._clock.draw(shell)

    def _fit_day(self) -> None:
        """The rows and the chart of the day shown, or what to do where there is none."""
        day = self.state.day
        if day == self._charted:
            return
        self._charted = day
        if self._chart is not None:
            self.themes.drop(self._chart)
        self._chart = _chart(self.state, self.themes.name) if day else None
        if self._chart is None:
            self._sessions[:], self._prices[:] = [_no_session()], [_no_prices()]
            return
        self.themes.add(self._chart)
        self._sessions[:] = [self._rows]
        self._prices[:] = [self._upload.problems.view, self._unpriced, figure_pane(self._chart.figure)]

    def _on_planned(self, session: MarketSession) -> None:
        """Look at the new session's day."""
        self.state.day = session.delivery_day.isoformat()
        self._on_news(news.MARKET, None)

    def _on_day(self, event: Any) -> None:
        self.state.day = event.new or ""
        self._on_news(news.MARKET, None)

    def _on_news(self, topic: str, _value: object) -> None:
        if topic == news.CLOCK:
            self._draw_clock()
            return
        self.state.refresh()
        self.draw()


def _chart(state: Overview, theme: str) -> DaySeriesPlot:
    labels = step_labels(DeliveryDay(day=state.delivery_day))
    return day_series(_CURVES, labels, "EUR/MWh", theme=theme, height_px=420)


def _no_session() -> Any:
    return empty_state("No session is planned yet.", "Plan a session: choose region, day and times.")


def _no_prices() -> Any:
    return empty_state("No prices.", "Prices are shown for the delivery day of a session.")


def _key_figures(state: Overview) -> list[KeyFigure]:
    sums = volumes(state.sessions)
    return [
        KeyFigure("Sessions in trading", f"{sums['trading']}", f"of {sums['sessions']}"),
        KeyFigure("Requests", f"{sums['requests']}"),
        KeyFigure("Requested", number(sums["requested_mwh"]), "MWh"),
        KeyFigure("Offers", f"{sums['offers']}"),
        KeyFigure("Offered", number(sums["offered_mwh"]), "MWh"),
        KeyFigure("Awarded", number(sums["awarded_mwh"]), "MWh"),
    ]


def _build(context: PageContext) -> Content:
    page = OverviewPage(context)
    return Content(main=page.main(), owner=page, themed=(page.themes,))


PAGES = (Page(path="/fmo", title="Market overview", nav="Market", roles=frozenset({Role.FMO}), build=_build),)
