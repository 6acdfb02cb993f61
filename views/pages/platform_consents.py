"""The customer's page of consents in plain words and big type: who asks for what, who gets what, what is over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import panel as pn

from domain.commands import Command
from domain.parties import Role
from views import news
from views.pages.books import show_fitted
from views.pages.consent_cards import Card, Hands
from views.pages.context import Content, Page, PageContext, Side
from views.pages.dso_parts import utc_on_hover, whole_on_hover
from views.plots.book import Column
from views.state.consent_words import Known, history_line
from views.state.platform_consents import ConsentsState, OwnConsents, own_consents
from views.widgets import Book, ConfirmDialog, csv_button, panel
from views.widgets.markup import html_pane, tag

HISTORY = (
    Column("state", "What became of it", "state", width_px=170),
    Column("who", "Who asked", min_px=150),
    Column("what", "Which data", min_px=180),
    Column("period", "For", min_px=230),
    Column("period_utc", "UTC"),
    Column("asked", "Asked", "time", width_px=140),
    Column("asked_utc", "UTC"),
    Column("given", "Agreed", "time", width_px=140),
    Column("given_utc", "UTC"),
    Column("ended", "Ended", "time", width_px=140),
    Column("ended_utc", "UTC"),
)
NOTHING_ASKED = "Nobody asks for your data. You need to do nothing."
NOBODY_GETS = "Nobody gets your data."
NOTHING_OVER = "Nothing has ended yet."
MISSING = "The link names nothing that is asked of you. It may have been meant for somebody else."


class ConsentsPage:
    """Asks first, then what is in force, then the history. A card is made anew when its consent has changed."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = ConsentsState()
        context.location.sync(self.state, {"consent": "consent"})
        self.dialog = ConfirmDialog()
        self._hands = Hands(send=self._send, dialog=self.dialog)
        self.cards: dict[str, tuple[Known, Card]] = {}
        self._missing = html_pane(tag("p", MISSING, class_="plain"), margin=(8, 16), visible=False)
        self._asked, self._standing = (pn.Column(sizing_mode="stretch_width", margin=0) for _ in range(2))
        self._none = {
            text: html_pane(tag("p", text, class_="plain"), margin=(8, 16))
            for text in (NOTHING_ASKED, NOBODY_GETS, NOTHING_OVER)
        }
        self._history = Book(HISTORY)
        utc_on_hover(self._history, "period", "asked", "given", "ended")
        whole_on_hover(self._history, "who", "what")
        self.draw()
        context.live.subscribe(self._on_news, {news.PLATFORM, news.CLOCK})

    def main(self) -> list[Any]:
        export = csv_button("my-consents.csv", self._history.csv)
        return [
            self._missing,
            panel("You are asked", self._asked),
            panel("Who gets your data", self._standing),
            panel("What is over", self._none[NOTHING_OVER], self._history.view, tools=[pn.HSpacer(), export]),
            self.dialog.view,
        ]

    def draw(self) -> None:
        """Ask again and show."""
        own = own_consents(self._context.desk, self.state.consent)
        self._missing.visible = own.missing
        self.cards = {each.consent.id: self._card(each, own) for each in (*own.asked, *own.standing)}
        _fill(self._asked, [self.cards[each.consent.id][1].view for each in own.asked], self._none[NOTHING_ASKED])
        _fill(
            self._standing, [self.cards[each.consent.id][1].view for each in own.standing], self._none[NOBODY_GETS]
        )
        show_fitted(self._history, [history_line(each) for each in own.over], most_px=400)
        self._history.view.visible, self._none[NOTHING_OVER].visible = bool(own.over), not own.over

    def _card(self, known: Known, own: OwnConsents) -> tuple[Known, Card]:
        """What somebody has begun to choose stays as long as the consent is the same."""
        before = self.cards.get(known.consent.id)
        if before is not None and before[0] == known:
            return before
        return known, Card(known, own.pods, self._hands, chosen=known.consent.id == self.state.consent)

    def _send(self, command: Command, done: str) -> None:
        self._context.desk.do(command)
        self._context.notify(done, "success")
        self.draw()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.draw()


def _fill(place: pn.Column, views: Sequence[Any], none: Any) -> None:
    """Change the place only where it is another."""
    wanted = list(views) or [none]
    if list(place.objects) != wanted:
        place[:] = wanted


def _build(context: PageContext) -> Content:
    page = ConsentsPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/platform/consents",
        title="Who gets my data",
        nav="My data",
        roles=frozenset({Role.CUSTOMER}),
        build=_build,
        side=Side.PLATFORM,
    ),
)
