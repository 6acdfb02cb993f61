"""The energy service of a platform: flexibility that is offered, acquired, called up and delivered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import panel as pn

from domain.parties import Role
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext, Side
from views.pages.dso_parts import utc_on_hover, whole_on_hover
from views.pages.platform_energy_forms import AnswerForm, CallForm, ChosenOffer, OfferForm
from views.pages.themes import Themes
from views.plots.book import Column
from views.plots.day_series import Curve, DaySeriesPlot, day_series
from views.state.common import step_labels
from views.state.platform_energy import (
    EnergyFacts,
    EnergyState,
    acquisition_record,
    call_up_record,
    curves_of,
    energy_facts,
    kw,
    offer_record,
)
from views.widgets import Book, KeyFigure, KeyFigures, csv_button, empty_state, figure_pane, panel
from views.widgets.tables import Record

OFFERS = (
    Column("state", "State", "state", width_px=98),
    Column("area", "Area", min_px=76),
    Column("span", "Delivery", "time", width_px=176),
    Column("span_utc", "UTC"),
    Column("direction", "Sense", width_px=66),
    Column("energy_kwh", "Energy, kWh", "mw", width_px=106),
    Column("price", "EUR/MWh", "price", width_px=88),
    Column("acquired_kw", "Acquired, kW", "mw", width_px=116),
    Column("until", "Until", "time", width_px=90),
    Column("until_utc", "UTC"),
    Column("provider", "Provider", min_px=100),
    Column("from", "Made from", min_px=96),
)
ACQUISITIONS = (
    Column("state", "Answer", "state", width_px=100),
    Column("power_kw", "Power, kW", "mw", width_px=100),
    Column("peer", "Other side", min_px=120),
    Column("area", "Area", min_px=80),
    Column("span", "Delivery", "time", width_px=176),
    Column("span_utc", "UTC"),
    Column("asked", "Asked", "time", width_px=90),
    Column("asked_utc", "UTC"),
    Column("reason", "Reason", min_px=110),
    Column("offer", "Offer", width_px=92),
)
CALL_UPS = (
    Column("state", "State", "state", width_px=126),
    Column("power_kw", "Power, kW", "mw", width_px=100),
    Column("energy_kwh", "Energy, kWh", "mw", width_px=106),
    Column("worth_eur", "Worth, EUR", "money", width_px=102),
    Column("peer", "Other side", min_px=120),
    Column("span", "Delivery", "time", width_px=176),
    Column("span_utc", "UTC"),
    Column("reason", "Reason", min_px=110),
)
CURVES = (
    Curve(key="offered", label="Offered", mark="bar", tone="primary"),
    Curve(key="acquired", label="Acquired", mark="dash", tone="text"),
    Curve(key="called", label="Called up", tone="high"),
)
_SIDE_PX = 360
_NONE = {
    Role.PROVIDER: (
        "You offer no flexibility yet.",
        "Fill in the form: all who have activated your energy service see it.",
    ),
    Role.REQUESTER: (
        "No flexibility is offered to you yet.",
        "Subscribe to an energy service on the EU Market Place and activate it; offers then come here.",
    ),
}


class EnergyPage:
    """Three books and the chart of the chosen offer at the left, what can be done at the right."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = EnergyState()
        context.location.sync(self.state, {name: name for name in ("flexibility", "acquisition", "call_up")})
        self.themes = Themes(context.theme)
        self._is_provider = context.principal.role is Role.PROVIDER
        self._offers = Book(OFFERS, on_pick=lambda picked: self._on_pick("flexibility", picked))
        self._acquired = Book(ACQUISITIONS, on_pick=lambda picked: self._on_pick("acquisition", picked))
        self._called = Book(CALL_UPS, on_pick=lambda picked: self._on_pick("call_up", picked))
        utc_on_hover(self._offers, "span", "until")
        utc_on_hover(self._acquired, "span", "asked")
        utc_on_hover(self._called, "span")
        whole_on_hover(self._offers, "area", "provider", "from")
        whole_on_hover(self._acquired, "peer", "reason", "area")
        whole_on_hover(self._called, "peer", "reason")
        self._none = empty_state(*_NONE[context.principal.role])
        self._no_acquired = empty_state("Nothing was acquired yet.", "")
        self._no_called = empty_state("Nothing was called up yet.", "")
        self._strip = KeyFigures([])
        self._chart: DaySeriesPlot | None = None
        self._drawn = pn.Column(sizing_mode="stretch_width", margin=0)
        self._chart_panel = panel("Power of the chosen offer", self._drawn)
        self._chosen = ChosenOffer(context, self._done, provider=self._is_provider)
        self._form = OfferForm(context, self._done) if self._is_provider else None
        self._last = AnswerForm(context, self._done) if self._is_provider else CallForm(context, self._done)
        self.draw()
        context.live.subscribe(self._on_news, {news.PLATFORM, news.CLOCK})

    def main(self) -> list[Any]:
        csv = [pn.HSpacer(), csv_button("flexibility.csv", self._offers.csv)]
        left = pn.Column(
            panel("Offers of flexibility", self._none, self._offers.view, tools=csv),
            self._chart_panel,
            panel("Acquired", self._no_acquired, self._acquired.view),
            panel("Called up", self._no_called, self._called.view),
            sizing_mode="stretch_width",
            margin=0,
        )
        forms = [panel("Offer flexibility", self._form.view)] if self._form else []
        what = ("Chosen offer", "Chosen call-up") if self._is_provider else ("Acquire", "Call up")
        right = pn.Column(
            *forms,
            panel(what[0], self._chosen.view),
            panel(what[1], self._last.view),
            width=_SIDE_PX,
            margin=0,
        )
        return [self._strip.view, pn.Row(left, right, sizing_mode="stretch_width", margin=0)]

    def draw(self) -> None:
        """Ask again and show."""
        facts = energy_facts(self._context.desk)
        self._strip.show(figures(facts))
        show_fitted(self._offers, [offer_record(row) for row in facts.offers], most_px=260)
        show_fitted(self._acquired, [acquisition_record(row) for row in facts.acquisitions], most_px=220)
        show_fitted(self._called, [call_up_record(row) for row in facts.call_ups], most_px=220)
        for book, none in (
            (self._offers, self._none),
            (self._acquired, self._no_acquired),
            (self._called, self._no_called),
        ):
            book.view.visible = bool(book.records)
            none.visible = not book.records
        self._show_chosen(facts)

    def _show_chosen(self, facts: EnergyFacts) -> None:
        offer = facts.offer(self.state.flexibility)
        self._chosen.show(offer)
        self._chart_panel.visible = offer is not None
        if offer is not None:
            self._offers.mark("id", offer.flexibility.id)
            self._draw_chart(offer.flexibility, facts)
        self._acquired.mark("id", self.state.acquisition)
        self._called.mark("id", self.state.call_up)
        if isinstance(self._last, AnswerForm):
            self._last.show(facts.call_up(self.state.call_up))
        else:
            self._last.show(facts.acquisition(self.state.acquisition))

    def _draw_chart(self, offer: Any, facts: EnergyFacts) -> None:
        day, curves = curves_of(offer, facts.acquisitions, facts.call_ups)
        labels = step_labels(day)
        if self._chart is None or list(self._chart.labels) != labels:
            if self._chart is not None:
                self.themes.drop(self._chart)
            self._chart = day_series(CURVES, labels, "kW", places=3, theme=self.themes.name)
            self.themes.add(self._chart)
            self._drawn[:] = [figure_pane(self._chart.figure)]
        self._chart.show(curves)

    def _on_pick(self, name: str, picked: Record) -> None:
        setattr(self.state, name, picked["id"])
        self.draw()

    def _done(self, said: str) -> None:
        self._context.notify(said, "success")
        self.draw()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.draw()


def figures(facts: EnergyFacts) -> list[KeyFigure]:
    """What is open, acquired and waits."""
    is_open = [row for row in facts.offers if row.flexibility.state.value == "open"]
    answered = (row.acquisition for row in facts.acquisitions if row.acquisition.status)
    acquired = sum((one.power_mw for one in answered), start=Decimal(0))
    waiting = facts.waiting
    return [
        KeyFigure("Open offers", str(len(is_open)), "", f"of {len(facts.offers)}", "normal"),
        KeyFigure("Acquired", kw(acquired), "kW", f"in {len(facts.acquisitions)} acquisitions", "normal"),
        KeyFigure("Call-ups", str(len(facts.call_ups)), "", "", "normal"),
        KeyFigure("Waiting for an answer", str(waiting), "", "", "watch" if waiting else "normal"),
    ]


def _build(context: PageContext) -> Content:
    page = EnergyPage(context)
    return Content(main=page.main(), owner=page, themed=(page.themes,))


PAGES = (
    Page(
        path="/platform/energy",
        title="Flexibility",
        nav="Flexibility",
        roles=frozenset({Role.PROVIDER, Role.REQUESTER}),
        build=_build,
        side=Side.PLATFORM,
    ),
)
