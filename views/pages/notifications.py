"""Everyone's notifications, newest first."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import ListNotifications
from domain.commands import MarkNotificationsRead
from domain.parties import PEOPLE, Role
from views import news
from views.pages.context import Content, Page, PageContext, Side
from views.pages.dso_parts import attempt
from views.pages.notes import notes_markup
from views.widgets import panel
from views.widgets.markup import html_pane

SHOWN = 200
_EMPTY = "Nothing yet. Here you are told what happens to your requests, offers, assets and sessions."


class NotificationsPage:
    """The list, and one button that marks all as read."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._list = html_pane("", margin=(0, 12, 8, 12))
        self._read = pmu.Button(label="Mark all as read", variant="outlined", on_click=self._on_read, margin=4)
        self.draw()
        context.live.subscribe(self._on_news, {news.NOTICES})

    def main(self) -> list[Any]:
        body = pn.Column(self._list, sizing_mode="stretch_width", max_width=1100, min_height=200, margin=0)
        return [panel("Notifications, newest first", body, tools=[pn.HSpacer(), self._read])]

    def draw(self) -> None:
        """The newest ones, asked again."""
        notes = self._context.desk.ask(ListNotifications(limit=SHOWN))
        self._list.object = notes_markup(notes, _EMPTY)
        self._read.disabled = all(note.read for note in notes)

    def _on_read(self, _event: object) -> None:
        if attempt(self._context, lambda: self._context.desk.do(MarkNotificationsRead()), "All are read."):
            self.draw()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.draw()


def _build(context: PageContext) -> Content:
    page = NotificationsPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/notifications",
        title="Notifications",
        nav="",
        roles=PEOPLE,
        build=_build,
    ),
    Page(
        path="/platform/notifications",
        title="Notifications of the platform",
        nav="Platform's news",
        roles=frozenset({Role.PROVIDER, Role.REQUESTER, Role.CUSTOMER}),
        build=_build,
        side=Side.PLATFORM,
    ),
)
