"""The services of an offer or of a request, typed one by one: a book above, the picked one's fields below."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.marketplace.offers import LONGEST_SHORT, LONGEST_TEXT, LONGEST_USAGE, MOST_DESCRIPTIONS
from domain.marketplace.services import ServiceTerms
from domain.marketplace.words import AggregationLevel, AggregationMethod, ServiceType
from views.pages.books import show_fitted
from views.pages.dso_parts import whole_on_hover
from views.pages.later import in_turn
from views.plots.book import Column
from views.state.place_drafts import (
    TERMS_FIELD_OF,
    DescriptionDraft,
    TermsDraft,
    draft_record,
    terms_draft,
    terms_of,
)
from views.state.place_words import LEVELS, METHODS, QUANTITIES, STEPS
from views.widgets import Book, ProblemList, text
from views.widgets.forms import Problem

DRAFTS = (
    Column("n", "No.", width_px=46),
    Column("what", "Service", min_px=180),
    Column("quantity", "Quantity", min_px=130),
    Column("step", "Time step", width_px=96),
    Column("places", "Places", min_px=110),
)
_FIELD: Mapping[str, Any] = {"size": "small", "sizing_mode": "stretch_width", "margin": (5, 12)}


class DescriptionEditor:
    """Lay out `view`. `on_change` is called when a draft was changed, added or removed by hand."""

    def __init__(self, on_change: Callable[[], None] = lambda: None) -> None:
        self._on_change = on_change
        self._type = ServiceType.INDIVIDUAL_DATA
        self._drafts: list[DescriptionDraft] = [DescriptionDraft()]
        self._picked = 0
        self._found: dict[int, list[tuple[str, str]]] = {}
        self._showing = False
        self._book = Book(DRAFTS, on_pick=self._on_pick)
        whole_on_hover(self._book, "what", "places")
        self._which = text("", margin=(4, 12))
        self.fields: dict[str, Any] = {
            "short_description": pmu.TextInput(label="Short description", max_length=LONGEST_SHORT, **_FIELD),
            "usage_details": pmu.TextAreaInput(
                label="Usage details: what the user needs (optional)", rows=2, max_length=LONGEST_USAGE, **_FIELD
            ),
            "aggregation_level": pmu.Select(label="Aggregation level", options=LEVELS, **_FIELD),
            "aggregation_method": pmu.Select(label="Aggregation method", options=METHODS, **_FIELD),
            "quantity": pmu.Select(label="Quantity", options=QUANTITIES, **_FIELD),
            "first_day": pmu.DatePicker(label="First day covered (optional)", **_FIELD),
            "last_day": pmu.DatePicker(label="Last day covered (optional)", **_FIELD),
            "places": pmu.TextInput(label="Places, such as DE/Berlin, FR (optional)", max_length=1000, **_FIELD),
            "time_step": pmu.Select(label="Time step", options=STEPS, **_FIELD),
            "consent_mandatory": pmu.Checkbox(label="Customer's consent is mandatory", margin=(5, 12)),
            "near_real_time": pmu.Checkbox(label="Near real time", margin=(5, 12)),
        }
        self.problems = ProblemList(self.fields)
        self.add = _small("Add another service", self._on_add)
        self.remove = _small("Remove this one", self._on_remove)
        for name in self.fields:
            self.fields[name].param.watch(self._on_field, "value")
        beside = self.problems.beside
        self._aggregation = side_by_side(beside("aggregation_level"), beside("aggregation_method"))
        self.view = pn.Column(
            self._book.view,
            pn.Row(self._which, self.add, self.remove, sizing_mode="stretch_width", margin=0),
            beside("short_description"),
            beside("usage_details"),
            side_by_side(beside("quantity"), beside("time_step"), beside("places")),
            self._aggregation,
            side_by_side(beside("first_day"), beside("last_day")),
            side_by_side(beside("consent_mandatory"), beside("near_real_time")),
            self.problems.view,
            sizing_mode="stretch_width",
            margin=0,
        )
        self.set_type(self._type)

    @property
    def drafts(self) -> tuple[DescriptionDraft, ...]:
        """What is typed now, all of the type of the whole."""
        return tuple(replace(draft, service_type=self._type.value) for draft in self._drafts)

    def set_type(self, service_type: ServiceType) -> None:
        """Only aggregated data have a level and a method."""
        self._type = service_type
        aggregated = service_type is ServiceType.AGGREGATED_DATA
        self._aggregation.visible = aggregated
        level = AggregationLevel.CITY if aggregated else AggregationLevel.NONE
        method = AggregationMethod.SUM if aggregated else AggregationMethod.NONE
        self._drafts = [
            draft
            if (draft.aggregation_level != AggregationLevel.NONE) is aggregated
            else replace(draft, aggregation_level=level.value, aggregation_method=method.value)
            for draft in self._drafts
        ]
        self._draw()

    def show(self, drafts: Sequence[DescriptionDraft]) -> None:
        """Start with these; the first is picked."""
        self._drafts, self._picked, self._found = list(drafts) or [DescriptionDraft()], 0, {}
        self._draw()

    def find(self, found: Mapping[int, list[tuple[str, str]]]) -> None:
        """Show what is wrong, by draft; the first that has something is picked."""
        self._found = dict(found)
        if self._found and self._picked not in self._found:
            self._picked = min(min(self._found), len(self._drafts) - 1)
        self._draw()

    def _draw(self) -> None:
        n = len(self._drafts)
        self._showing = True
        for name in self.fields:
            value = getattr(self._drafts[self._picked], name)
            if self.fields[name].value != value:
                self.fields[name].value = value
        self._showing = False
        self._draw_book()
        self.add.disabled, self.remove.disabled = n >= MOST_DESCRIPTIONS, n == 1
        self._which.object = text(f"Service {self._picked + 1} of {n}").object
        self.problems.show([Problem(*found) for found in self._found.get(self._picked, ())])

    def _draw_book(self) -> None:
        show_fitted(self._book, [draft_record(i, one) for i, one in enumerate(self._drafts)], most_px=200)
        self._book.mark("id", str(self._picked))
        self._book.view.visible = len(self._drafts) > 1

    def _on_field(self, event: Any) -> None:
        if self._showing:
            return
        name = next(name for name in self.fields if self.fields[name] is event.obj)
        self._drafts[self._picked] = replace(self._drafts[self._picked], **{name: event.new})
        if len(self._drafts) > 1:
            self._draw_book()
        self._on_change()

    def _on_pick(self, record: Any) -> None:
        self._picked = int(record["id"])
        self._draw()

    def _on_add(self, _event: Any) -> None:
        self._drafts.append(replace(self._drafts[self._picked], id="", short_description=""))
        self._picked = len(self._drafts) - 1
        self._draw()
        self._on_change()

    def _on_remove(self, _event: Any) -> None:
        del self._drafts[self._picked]
        self._found, self._picked = {}, max(0, self._picked - 1)
        self._draw()
        self._on_change()


class TermsForm:
    """Price and promises."""

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {
            "price_eur": pmu.TextInput(label="Price, EUR a month", max_length=20, **_FIELD),
            "max_delay_minutes": pmu.TextInput(label="Delay at most, minutes", max_length=12, **_FIELD),
            "share_percent": pmu.TextInput(label="In time at least, % of deliveries", max_length=12, **_FIELD),
            "interim_hours": pmu.TextInput(label="Reports every, hours", max_length=12, **_FIELD),
            "conditions": pmu.TextAreaInput(
                label="Conditions (optional)", rows=2, max_length=LONGEST_TEXT, **_FIELD
            ),
        }
        self.problems = ProblemList(self.fields)
        beside = self.problems.beside
        self.view = pn.Column(
            side_by_side(beside("price_eur"), beside("max_delay_minutes")),
            side_by_side(beside("share_percent"), beside("interim_hours")),
            beside("conditions"),
            sizing_mode="stretch_width",
            margin=0,
        )
        self.show(ServiceTerms())

    @property
    def draft(self) -> TermsDraft:
        return TermsDraft(**{name: field.value for name, field in self.fields.items()})

    def terms(self, within: str = "terms") -> ServiceTerms:
        """What is typed. Raises `Refused` with fields under `within`."""
        return terms_of(self.draft, within)

    def show(self, terms: ServiceTerms) -> None:
        draft = terms_draft(terms)
        for name, field in self.fields.items():
            field.value = getattr(draft, name)
        self.problems.show([])


def terms_rules(within: str = "terms") -> dict[str, str]:
    """A terms' finding to the form's field, for `by_draft` and `by_field`; the form's names have no prefix."""
    return {f"{within}.{name}": field for name, field in TERMS_FIELD_OF.items()}


def side_by_side(*parts: Any) -> pn.Row:
    """Fields side by side, equally wide."""
    for part in parts:
        part.styles = {"flex": "1 1 0", "min-width": "0"}
    return pn.Row(*parts, sizing_mode="stretch_width", margin=0)


def _small(label: str, on_click: Any) -> pmu.Button:
    return pmu.Button(
        label=label, variant="outlined", size="small", margin=(4, 4), on_click=in_turn(on_click), align="center"
    )
