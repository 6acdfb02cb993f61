"""Subscriptions of a company's registration as the market place told its platform: who, what, on which terms."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn

from app.queries.models.platform import ListSubscriptions, SubscriptionView
from domain.parties import Role
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext, Side
from views.pages.dso_parts import utc_on_hover, whole_on_hover
from views.plots.book import Column
from views.state.platform_subscriptions import SubscriptionsState, chosen, facts, record, service_record
from views.widgets import Book, csv_button, empty_state, panel
from views.widgets.markup import html_pane, tag
from views.widgets.tables import Record

SUBSCRIPTIONS = (
    Column("state", "State", "state", width_px=124),
    Column("peer", "Other side", min_px=150),
    Column("services", "Services", min_px=200),
    Column("environment", "Environment", width_px=120),
    Column("starts", "From", "time", width_px=110),
    Column("starts_utc", "UTC"),
    Column("ends", "To", "time", width_px=110),
    Column("ends_utc", "UTC"),
)
SERVICES = (
    Column("what", "Service", min_px=200),
    Column("type", "Type", min_px=190),
    Column("quantity", "Quantity", min_px=150),
    Column("step", "Values for", width_px=120),
    Column("level", "Of", min_px=120),
    Column("consent", "Consent", width_px=110),
    Column("where", "Where", min_px=100),
)
_SIDE_PX = 400


def facts_list(lines: list[tuple[str, str]]) -> str:
    """Pairs of words as a list; all text is escaped."""
    return tag("dl", "".join(tag("dt", escape(a)) + tag("dd", escape(b)) for a, b in lines), class_="facts")


class SubscriptionsPage:
    """The book and the picked one's services at the left, its terms at the right."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = SubscriptionsState()
        context.location.sync(self.state, {"subscription": "subscription"})
        self._views: tuple[SubscriptionView, ...] = ()
        self._book = Book(SUBSCRIPTIONS, on_pick=self._on_pick)
        self._services = Book(SERVICES)
        utc_on_hover(self._book, "starts", "ends")
        whole_on_hover(self._book, "peer", "services")
        whole_on_hover(self._services, "what", "where")
        self._none = empty_state(
            "The market place has told of no subscription yet.",
            "Both platforms are told at once when an offer on the EU Market Place is accepted.",
        )
        self._facts = html_pane("", margin=(0, 4))
        self._rest = panel("Services of this subscription", self._services.view)
        self._terms = pn.Column(panel("What is agreed", self._facts), width=_SIDE_PX, margin=0)
        self.draw()
        context.live.subscribe(self._on_news, {news.PLATFORM, news.CLOCK})

    def main(self) -> list[Any]:
        book = panel(
            "Subscriptions",
            self._none,
            self._book.view,
            tools=[pn.HSpacer(), csv_button("subscriptions.csv", self._book.csv)],
        )
        left = pn.Column(book, self._rest, sizing_mode="stretch_width", margin=0)
        return [pn.Row(left, self._terms, sizing_mode="stretch_width", margin=0)]

    def draw(self) -> None:
        """Ask again and show."""
        self._views = self._context.desk.ask(ListSubscriptions())
        show_fitted(self._book, [record(view) for view in self._views], most_px=420)
        self._book.view.visible, self._none.visible = bool(self._views), not self._views
        self._show_chosen()

    def _show_chosen(self) -> None:
        view = chosen(self._views, self.state.subscription)
        if view is not None:
            self._book.mark("id", view.content.id)
            show_fitted(self._services, [service_record(each) for each in view.content.descriptions], most_px=300)
            self._facts.object = facts_list(facts(view))
        self._rest.visible = self._terms.visible = view is not None

    def _on_pick(self, picked: Record) -> None:
        self.state.subscription = picked["id"]
        self._show_chosen()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.draw()


def _build(context: PageContext) -> Content:
    page = SubscriptionsPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/platform/subscriptions",
        title="Subscriptions",
        nav="Subscriptions",
        roles=frozenset({Role.PROVIDER, Role.REQUESTER}),
        build=_build,
        side=Side.PLATFORM,
    ),
)
