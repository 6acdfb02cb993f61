"""The catalogue: offers searched by filters and words, looked at in full, compared side by side."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models.place import CompareServices, SearchServices, ServiceOfferRow
from domain.errors import Refused
from domain.parties import Role
from views import news
from views.pages.books import picked_or_first, show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import whole_on_hover
from views.pages.later import in_turn
from views.pages.place_detail import OfferDetail
from views.plots.book import Column
from views.state.place_offers import MOST_COMPARED, offer_record, search_of
from views.state.place_pick import CatalogueFilter
from views.state.place_words import ENVIRONMENTS, LEVELS, QUANTITIES, STEPS, TYPES, capital
from views.state.spans import by_field
from views.widgets import (
    Book,
    Comparison,
    KeyFigure,
    KeyFigures,
    ProblemList,
    csv_button,
    empty_state,
    panel,
    text,
)
from views.widgets.forms import Problem

OFFERS = (
    Column("compared", "", width_px=32, min_px=32),
    Column("title", "Offer", min_px=212),
    Column("provider", "Provider", min_px=110),
    Column("type", "Type", width_px=122),
    Column("quantity", "Quantity", min_px=150),
    Column("step", "Time step", min_px=84),
    Column("countries", "Countries", min_px=76),
    Column("consent", "Consent", width_px=92),
    Column("price_eur", "EUR a month", "figure", width_px=104),
)
LINK = {
    "text": "q",
    "service_type": "type",
    "environment": "environment",
    "quantity": "quantity",
    "time_step": "step",
    "aggregation_level": "level",
    "country": "country",
    "consent": "consent",
    "flow": "delivery",
    "most_eur": "price",
    "offer_id": "offer",
    "compared": "compare",
}
_SIDE_PX = 400
_SMALL: dict[str, Any] = {"size": "small", "margin": (4, 6)}
_FLOW = {"Any": "", "Near real time": "yes", "Historical": "no"}
_CONSENT = {"Any": "", "Mandatory": "yes", "Not needed": "no"}


def _any(options: dict[str, str]) -> dict[str, str]:
    return {"Any": "", **options}


class CataloguePage:
    """Filters on top, offers at the left, the picked one at the right, the comparison below."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = CatalogueFilter()
        context.location.sync(self.state, LINK)
        self._rows: dict[str, ServiceOfferRow] = {}
        self._strip = KeyFigures([])
        self.fields: dict[str, Any] = {
            "text": pmu.TextInput(label="Words", width=210, max_length=200, **_SMALL),
            "service_type": pmu.Select(label="Service type", options=_any(TYPES), width=200, **_SMALL),
            "environment": pmu.Select(label="Environment", options=_any(ENVIRONMENTS), width=130, **_SMALL),
            "quantity": pmu.Select(label="Quantity", options=_any(QUANTITIES), width=150, **_SMALL),
            "time_step": pmu.Select(label="Time step", options=_any(STEPS), width=110, **_SMALL),
            "aggregation_level": pmu.Select(label="Aggregation", options=_any(LEVELS), width=130, **_SMALL),
            "country": pmu.TextInput(label="Country", width=100, max_length=2, **_SMALL),
            "consent": pmu.Select(label="Consent", options=_CONSENT, width=120, **_SMALL),
            "flow": pmu.Select(label="Delivery", options=_FLOW, width=150, **_SMALL),
            "most_eur": pmu.TextInput(label="Most EUR a month", width=160, max_length=12, **_SMALL),
        }
        self.problems = ProblemList(self.fields)
        for name, field in self.fields.items():
            value = getattr(self.state, name)
            if not isinstance(field, pmu.Select) or value in field.options.values():
                field.value = value
            field.param.watch(in_turn(lambda event, name=name: self._on_filter(name, event.new)), "value")
        self._book = Book(OFFERS, height_px=430, on_pick=self._on_pick)
        whole_on_hover(self._book, "title", "provider", "quantity", "countries")
        self._none = empty_state("No offer fits.", "Take a filter away, or ask all providers by a request.")
        self.clear = _small("Clear filters", self._on_clear)
        self.detail = OfferDetail(self._on_compare, may_ask=context.principal.role is Role.REQUESTER)
        self._comparison = Comparison()
        self._to_compare = text(
            f"Add offers to the comparison at the right, two to {MOST_COMPARED}.", "muted", margin=(0, 12, 8, 12)
        )
        self.empty = _small("Clear the comparison", self._on_empty)
        self.refresh()
        context.live.subscribe(self._on_news, {news.CATALOGUE, news.PLAYERS})

    def main(self) -> list[Any]:
        filters = [self.problems.beside(name) for name in self.fields]
        for beside, field in zip(filters, self.fields.values(), strict=True):
            beside.param.update(sizing_mode=None, width=field.width + 12)
        catalogue = panel(
            "Catalogue",
            pn.FlexBox(*filters, gap="0px", margin=(4, 6)),
            self.problems.view,
            self._none,
            self._book.view,
            tools=[pn.HSpacer(), self.clear, csv_button("catalogue.csv", self._book.csv)],
        )
        comparison = panel(
            "Comparison",
            self._to_compare,
            self._comparison.view,
            tools=[pn.HSpacer(), self.empty],
        )
        side = pn.Column(panel("Offer", self.detail.view), width=_SIDE_PX, margin=0)
        left = pn.Column(catalogue, comparison, sizing_mode="stretch_width", margin=0)
        return [self._strip.view, pn.Row(left, side, sizing_mode="stretch_width", margin=0)]

    @property
    def compared(self) -> list[str]:
        return [one for one in self.state.compared.split(",") if one]

    def refresh(self) -> None:
        """Ask again and patch."""
        try:
            rows = self._context.desk.ask(search_of(self.state))
            self.problems.show([])
        except Refused as refused:
            rows = ()
            rules = {name: name for name in self.fields}
            self.problems.show([Problem(*found) for found in by_field(refused.findings, rules)])
        self._rows = {row.offer.id: row for row in rows}
        show_fitted(self._book, [offer_record(row, row.offer.id in self.compared) for row in rows], most_px=430)
        self._book.view.visible, self._none.visible = bool(rows), not rows
        everything = self._context.desk.ask(SearchServices())
        self._strip.show(figures(rows, everything))
        self._show_comparison(everything)
        self.state.offer_id = picked_or_first(self.state.offer_id, self._rows)
        self._show_picked()

    def _show_comparison(self, everything: tuple[ServiceOfferRow, ...]) -> None:
        """Of those that can still be had; a link may name others."""
        there = {row.offer.id for row in everything}
        ids = [one for one in self.compared if one in there][:MOST_COMPARED]
        self.empty.visible = bool(ids)
        self._to_compare.visible = len(ids) < 2
        if len(ids) < 2:
            self._comparison.show([], [])
            return
        found = self._context.desk.ask(CompareServices(offer_ids=tuple(ids)))  # type: ignore[arg-type]
        lines = [(line.name, [capital(value) for value in line.values], line.differs) for line in found.lines]
        self._comparison.show([row.offer.title for row in found.offers], lines)

    def _show_picked(self) -> None:
        self._book.mark("id", self.state.offer_id)
        row = self._rows.get(self.state.offer_id)
        full = len(self.compared) >= MOST_COMPARED
        self.detail.show(row, compared=self.state.offer_id in self.compared, full=full)

    def _on_filter(self, name: str, value: Any) -> None:
        if (value or "") != getattr(self.state, name):
            setattr(self.state, name, value or "")
            self.refresh()

    def _on_clear(self, _event: Any) -> None:
        self.state.param.update(**dict.fromkeys(self.fields, ""))
        for field in self.fields.values():
            field.value = ""
        self.refresh()

    def _on_pick(self, record: Any) -> None:
        self.state.offer_id = record["id"]
        self._show_picked()

    def _on_compare(self, offer_id: str) -> None:
        """In or out."""
        now = self.compared
        now = [one for one in now if one != offer_id] if offer_id in now else [*now, offer_id]
        self.state.compared = ",".join(now[:MOST_COMPARED])
        self.refresh()

    def _on_empty(self, _event: Any) -> None:
        self.state.compared = ""
        self.refresh()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def figures(rows: Any, everything: Any) -> list[KeyFigure]:
    """How much there is, and how much of it fits."""
    return [
        KeyFigure("Offers that fit", str(len(rows)), "", f"of {len(everything)}"),
        KeyFigure("Providers", str(len({row.offer.provider_id for row in rows}))),
        KeyFigure("Countries", str(len({country for row in rows for country in row.countries}))),
        KeyFigure("Regulated", str(sum(row.offer.environment.value == "regulated" for row in rows))),
        KeyFigure("Unregulated", str(sum(row.offer.environment.value == "unregulated" for row in rows))),
    ]


def _small(label: str, on_click: Any) -> pmu.Button:
    return pmu.Button(label=label, variant="outlined", size="small", margin=(0, 4), on_click=in_turn(on_click))


def _build(context: PageContext) -> Content:
    page = CataloguePage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/requester",
        title="Catalogue",
        nav="Catalogue",
        roles=frozenset({Role.REQUESTER, Role.PLACE_OPERATOR}),
        build=_build,
    ),
)
