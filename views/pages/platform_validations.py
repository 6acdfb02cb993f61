"""Technical validations of both sides: what was asked, what is allowed of it, and what forbids the rest."""

from __future__ import annotations

from typing import Any

import panel as pn

from domain.marketplace.words import PlatformRole
from domain.parties import Role
from domain.platform.validations import TechnicalValidation, ValidationState
from views import news
from views.pages import platform_validation_ask, platform_validation_files
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext, Side
from views.pages.dso_parts import align_right, link_button, utc_on_hover, whole_on_hover
from views.pages.platform_subscriptions import facts_list
from views.pages.themes import Themes
from views.plots.book import Column
from views.plots.day_series import Curve, DaySeriesPlot, day_series
from views.state.common import local, step_labels
from views.state.platform_validations import (
    ValidationsFacts,
    ValidationsState,
    area_words,
    binding_words,
    curve_of,
    limit_words,
    record,
    share_words,
    validations_facts,
    waits,
)
from views.widgets import Book, KeyFigure, KeyFigures, csv_button, empty_state, figure_pane, panel
from views.widgets.markup import html_pane
from views.widgets.tables import Record

VALIDATIONS = (
    Column("state", "State", "state", width_px=118),
    Column("share", "Allowed", width_px=96),
    Column("span", "Exchange", "time", width_px=184),
    Column("span_utc", "UTC"),
    Column("peak", "Largest", width_px=112),
    Column("area", "Load area", min_px=110),
    Column("peer", "Other side", min_px=120),
    Column("asked", "Asked", "time", width_px=120),
    Column("asked_utc", "UTC"),
)
CURVES = (
    Curve(key="allowed", label="Allowed", mark="bar", tone="primary"),
    Curve(key="proposed", label="Proposed", tone="text"),
)
_ASK = ("Ask a DSO", "/platform/validations/ask")
_FILES = ("Network and schedules", "/platform/validations/files")
_NEXT = {
    Role.REQUESTER: (*_ASK, "Ask a DSO how much of an exchange its network bears: draw the power, name the area."),
    Role.PROVIDER: (
        *_FILES,
        "Players ask; the platform answers by itself as soon as network and schedules are here.",
    ),
}


class ValidationsPage:
    """The book above; the picked one's answer and curve below."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = ValidationsState()
        context.location.sync(self.state, {"validation": "validation"})
        self.themes = Themes(context.theme)
        self._book = Book(VALIDATIONS, on_pick=self._on_pick)
        utc_on_hover(self._book, "span", "asked")
        whole_on_hover(self._book, "area", "peer")
        align_right(self._book, "share", "peak")
        label, path, words = _NEXT[context.principal.role]
        self._none = empty_state("No technical validation yet.", words, link_button(label, path))
        self._strip = KeyFigures([])
        self._facts = html_pane("", margin=(0, 4))
        self._chart: DaySeriesPlot | None = None
        self._drawn = pn.Column(sizing_mode="stretch_width", margin=0)
        self._answer = pn.Column(
            self._strip.view,
            panel("Proposed and allowed power", self._drawn),
            panel("Question and answer", self._facts),
            sizing_mode="stretch_width",
            margin=0,
        )
        self._more = link_button(label, path, "outlined")
        self.draw()
        context.live.subscribe(self._on_news, {news.PLATFORM})

    def main(self) -> list[Any]:
        tools = [pn.HSpacer(), self._more, csv_button("technical-validations.csv", self._book.csv)]
        return [panel("Technical validations", self._none, self._book.view, tools=tools), self._answer]

    def draw(self) -> None:
        """Ask again and show."""
        facts = validations_facts(self._context.desk, self.state.validation)
        show_fitted(self._book, [record(each, facts.peer(each)) for each in facts.validations], most_px=300)
        self._book.view.visible, self._none.visible = bool(facts.validations), not facts.validations
        self._answer.visible = facts.chosen is not None
        if facts.chosen is not None:
            self._book.mark("id", facts.chosen.id)
            self._show(facts.chosen, facts)

    def _show(self, chosen: TechnicalValidation, facts: ValidationsFacts) -> None:
        self._strip.show(figures(chosen))
        day, proposed, allowed = curve_of(chosen)
        labels = step_labels(day)
        if self._chart is None or list(self._chart.labels) != labels:
            if self._chart is not None:
                self.themes.drop(self._chart)
            self._chart = day_series(CURVES, labels, "MW", places=3, theme=self.themes.name)
            self.themes.add(self._chart)
            self._drawn[:] = [figure_pane(self._chart.figure)]
        self._chart.show({"proposed": proposed, "allowed": allowed})
        self._facts.object = facts_list(lines(chosen, facts.peer(chosen)))

    def _on_pick(self, picked: Record) -> None:
        self.state.validation = picked["id"]
        self.draw()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.draw()


def figures(validation: TechnicalValidation) -> list[KeyFigure]:
    """Shares as a whole, and as each operator's limits allow."""
    response = validation.response
    if response is None:
        words = "is being worked out" if waits(validation) else "No answer"
        severity = "alarm" if validation.state is ValidationState.FAILED else "normal"
        return [KeyFigure("Allowed of the proposed power", "–", "", words, severity)]
    bound = response.share < 1
    shares = (response.share, response.dso_share, response.tso_share)
    names = ("Allowed of the proposed power", "The DSO's limits allow", "The TSO's limits allow")
    return [
        KeyFigure(name, share_words(share).removesuffix(" %"), "%", "", "watch" if bound and at == 0 else "normal")
        for at, (name, share) in enumerate(zip(names, shares, strict=True))
    ]


def lines(validation: TechnicalValidation, peer: str) -> list[tuple[str, str]]:
    """Question and answer as (what, words)."""
    request, response = validation.request, validation.response
    ours = validation.side is PlatformRole.REQUESTER
    told = [
        ("Asked by" if not ours else "DSO", peer),
        ("Subscription", validation.subscription_id),
        ("Request", request.id),
        ("Load area", area_words(request.load_area)),
        ("Asked", local(validation.asked_at, "%d %b %Y %H:%M:%S")),
        ("Answered", local(validation.answered_at, "%d %b %Y %H:%M:%S") if validation.answered_at else "not yet"),
    ]
    if response is not None:
        told.append(("Binding", binding_words(response)))
        for who, binding in (("DSO", response.dso_binding), ("TSO", response.tso_binding)):
            if binding is not None and binding != response.binding:
                told.append((f"{who}'s own limit", limit_words(binding)))
    told += [("No answer, as", refusal.sentence) for refusal in validation.refusals]
    return told


def _build(context: PageContext) -> Content:
    page = ValidationsPage(context)
    return Content(main=page.main(), owner=page, themed=(page.themes,))


PAGES = (
    Page(
        path="/platform/validations",
        title="Technical validations",
        nav="Technical validation",
        roles=frozenset({Role.PROVIDER, Role.REQUESTER}),
        build=_build,
        side=Side.PLATFORM,
    ),
    *platform_validation_ask.PAGES,
    *platform_validation_files.PAGES,
)
