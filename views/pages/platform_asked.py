"""The consents of a provider's customers: who is asked by whom, what they said, and how long it stands."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.marketplace.words import ConsentState
from domain.parties import Role
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext, Side
from views.pages.dso_parts import utc_on_hover, whole_on_hover
from views.pages.later import in_turn
from views.pages.platform_links import ConsentLinks
from views.pages.platform_subscriptions import facts_list
from views.plots.book import Column
from views.state.platform_asked import AskedState, asked_facts, asked_lines, asked_record, state_of
from views.widgets import Book, csv_button, empty_state, panel, text
from views.widgets.markup import html_pane
from views.widgets.tables import Record

CONSENTS = (
    Column("state", "State", "state", width_px=140),
    Column("customer", "Customer", min_px=110),
    Column("requester", "Asked by", min_px=110),
    Column("service", "For", min_px=180),
    Column("points", "Points in force", width_px=120),
    Column("period", "Period", min_px=190),
    Column("period_utc", "UTC"),
    Column("asked", "Asked", "time", width_px=104),
    Column("asked_utc", "UTC"),
)
_SIDE_PX = 400
_STATES = {"all": "", **{state.value: state.value for state in ConsentState}}


class AskedPage:
    """The book at the left, the picked one at the right."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = AskedState()
        context.location.sync(self.state, {"consent": "consent", "state": "state"})
        self.filter = pmu.Select(
            label="State", options=_STATES, value=state_of(self.state), size="small", width=160, margin=(0, 6)
        )
        self.filter.param.watch(in_turn(self._on_filter), "value")
        self._book = Book(CONSENTS, on_pick=self._on_pick)
        utc_on_hover(self._book, "period", "asked")
        whole_on_hover(self._book, "customer", "requester", "service")
        self._none = empty_state(
            "There is no consent here.", "Customers are asked as soon as a requester asks for them."
        )
        self._words = text("", "muted", margin=(0, 12, 8, 12))
        self._lines = html_pane("", margin=(0, 4))
        self.links = ConsentLinks(context)
        self._picked = panel("The consent that is picked", self._lines, self.links.one)
        self.draw()
        context.live.subscribe(self._on_news, {news.PLATFORM, news.CLOCK})

    def main(self) -> list[Any]:
        tools = [pn.HSpacer(), self.filter, csv_button("consents.csv", self._book.csv)]
        book = panel("Consents of your customers", self._none, self._book.view, self._words, tools=tools)
        left = pn.Column(book, sizing_mode="stretch_width", margin=0)
        letters = panel("Links for letters", self.links.view)
        side = pn.Column(self._picked, letters, width=_SIDE_PX, margin=0)
        return [pn.Row(left, side, sizing_mode="stretch_width", margin=0), *self.links.dialogs]

    def draw(self) -> None:
        """Ask again and show."""
        facts = asked_facts(self._context.desk, self.state)
        show_fitted(self._book, [asked_record(view) for view in facts.views], most_px=640)
        self._book.view.visible, self._none.visible = bool(facts.views), not facts.views
        self._words.object = text(facts.words, "muted").object
        self.links.show(facts.views, facts.chosen)
        self._picked.visible = facts.chosen is not None
        self._book.mark("id", facts.chosen.consent.id if facts.chosen else "")
        if facts.chosen is not None:
            self._lines.object = facts_list(asked_lines(facts.chosen))

    def _on_filter(self, event: Any) -> None:
        self.state.state = event.new or ""
        self.draw()

    def _on_pick(self, picked: Record) -> None:
        self.state.consent = picked["id"]
        self.draw()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.draw()


def _build(context: PageContext) -> Content:
    page = AskedPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/platform/asked",
        title="Consents",
        nav="Consents",
        roles=frozenset({Role.PROVIDER}),
        build=_build,
        side=Side.PLATFORM,
    ),
)
