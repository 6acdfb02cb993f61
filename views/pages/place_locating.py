"""Who holds the data of my customers: a list of PoDs or places, and the providers that serve each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.errors import Refused
from domain.marketplace.words import Environment
from domain.parties import Role
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import whole_on_hover
from views.pages.later import Later, in_turn
from views.plots.book import Column
from views.state.files import MAX_FILE_BYTES, file_text
from views.state.place_locating import (
    FORM,
    REQUEST_PATH,
    Answered,
    answer_record,
    locate,
    provider_records,
    read_lines,
    request_path,
)
from views.state.place_words import ENVIRONMENTS
from views.state.spans import by_field
from views.widgets import Book, KeyFigure, KeyFigures, ProblemList, csv_button, empty_state, panel, text, toggles
from views.widgets.forms import Problem

ANSWERS = (
    Column("n", "Line", "count", width_px=64),
    Column("asked", "Asked for", min_px=220),
    Column("outcome", "Found", "state", width_px=110),
    Column("providers", "Providers", min_px=200),
    Column("by", "By", min_px=110),
)
PROVIDERS = (
    Column("name", "Provider", min_px=190),
    Column("role", "Role", min_px=180),
    Column("n", "Lines served", "count", width_px=112),
    Column("alone", "Alone", "count", width_px=76),
)
OUTCOMES = {"All": "", "None found": "none", "One": "one", "Several": "several"}
_SIDE_PX = 420


class LocatingPage:
    """The list at the left, what was found at the right; it is kept nowhere."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._answers: Sequence[Answered] = ()
        self._looked_in = Environment.REGULATED.value
        self._asking: Later[tuple[Sequence[Answered], Refused | None]] = Later(pause_ms=0)
        self._strip = KeyFigures(figures(()))
        self.list = pmu.TextAreaInput(
            label="PoDs or places",
            rows=14,
            max_length=2_000_000,
            size="small",
            sizing_mode="stretch_width",
            margin=(5, 12),
        )
        self.environment = pmu.Select(
            label="Where to look",
            options={**{f"{name} environment": value for name, value in ENVIRONMENTS.items()}, "Both": ""},
            value=Environment.REGULATED.value,
            size="small",
            sizing_mode="stretch_width",
            margin=(5, 12),
        )
        self.file = pmu.FileInput(
            label="Fill from a file (CSV)",
            accept=".csv,.txt,text/csv,text/plain",
            max_file_size=MAX_FILE_BYTES,
            variant="outlined",
            margin=(4, 12),
        )
        self.problems = ProblemList({"list": self.list})
        self.find = pmu.Button(
            label="Find the providers",
            variant="contained",
            icon="travel_explore",
            on_click=in_turn(self._on_find),
            margin=(4, 12),
        )
        self.ask = pmu.Button(
            label="Ask the providers that were found",
            variant="contained",
            size="small",
            icon="campaign",
            href=REQUEST_PATH,
            target="_self",
            visible=False,
        )
        self.which = toggles("What was found", options=OUTCOMES, value="", size="small", margin=(0, 8))
        self._none = empty_state(
            "Nothing has been looked for yet.",
            "Fill in your customers' PoDs or postcodes at the left. The list is kept nowhere.",
        )
        self._book = Book(ANSWERS, rows="remote", height_px=430, page_size=100)
        self._providers = Book(PROVIDERS)
        whole_on_hover(self._book, "asked", "providers")
        self.file.param.watch(in_turn(self._on_file), "value")
        self.which.param.watch(in_turn(self._on_which), "value")
        self._draw()

    def main(self) -> list[Any]:
        asked = panel(
            "Customers to locate",
            self.problems.beside("list"),
            text(FORM, "muted", margin=(0, 12)),
            self.environment,
            self.problems.view,
            pn.Row(self.file, self.find, margin=(0, 0, 8, 0)),
        )
        found = panel(
            "Found line by line",
            self._none,
            self._book.view,
            tools=[pn.HSpacer(), self.which, csv_button("localisation.csv", self._book.csv)],
        )
        providers = panel("Providers", self._providers.view, tools=[pn.HSpacer(), self.ask])
        both = pn.Row(
            pn.Column(asked, width=_SIDE_PX, margin=0),
            pn.Column(providers, found, sizing_mode="stretch_width", margin=0),
            sizing_mode="stretch_width",
            margin=0,
        )
        return [self._strip.view, both]

    def _on_file(self, event: Any) -> None:
        if not event.new:
            return
        try:
            self.list.value = file_text(event.new)
            self.problems.show([])
        except Refused as refused:
            self.problems.show([Problem("list", finding.sentence) for finding in refused.findings])

    def _on_find(self, _event: Any) -> None:
        self.find.disabled = True
        typed, environment = self.list.value or "", self.environment.value
        self._looked_in = environment
        self._asking.soon(lambda: self._found(typed, environment), self._on_found)

    def _found(self, typed: str, environment: str) -> tuple[Sequence[Answered], Refused | None]:
        try:
            lines = read_lines(typed)
            return locate(self._context.desk, lines, Environment(environment) if environment else None), None
        except Refused as refused:
            return (), refused

    def _on_found(self, found: tuple[Sequence[Answered], Refused | None]) -> None:
        self._answers, refused = found
        findings = refused.findings if refused is not None else ()
        self.problems.show([Problem(*one) for one in by_field(findings, {"list": "list"})])
        self.find.disabled = False
        self._draw()

    def _draw(self) -> None:
        shown = [one for one in self._answers if self.which.value in ("", one.outcome)]
        self._strip.show(figures(self._answers))
        self._book.show([answer_record(one) for one in shown])
        self._book.view.visible = self.which.visible = bool(self._answers)
        self._none.visible = not self._answers
        records = provider_records(self._answers)
        show_fitted(self._providers, records, most_px=260)
        self.ask.visible = bool(records)
        self.ask.href = request_path(records, self._looked_in)

    def _on_which(self, _event: Any) -> None:
        self._draw()


def figures(answers: Sequence[Answered]) -> list[KeyFigure]:
    """How many lines nobody, one or several providers serve."""
    n = {outcome: sum(one.outcome == outcome for one in answers) for outcome in ("none", "one", "several")}
    return [
        KeyFigure("Lines", f"{len(answers):,}"),
        KeyFigure("One provider", f"{n['one']:,}"),
        KeyFigure("Several providers", f"{n['several']:,}", "", "choose one"),
        KeyFigure("Not located", f"{n['none']:,}", "", "", "watch" if n["none"] else "normal"),
        KeyFigure("Providers found", str(len({m.registration_id for one in answers for m in one.matches}))),
    ]


def _build(context: PageContext) -> Content:
    page = LocatingPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/requester/localisation",
        title="Localisation",
        nav="Localisation",
        roles=frozenset({Role.REQUESTER}),
        build=_build,
    ),
)
