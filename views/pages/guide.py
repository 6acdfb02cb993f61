"""The presenter's panel: plays the market day in chapters on the live system, in type for a projector."""

from __future__ import annotations

from typing import Any

from domain.errors import Refused
from domain.parties import Role
from views import news
from views.pages.context import Content, Page, PageContext
from views.state.common import sentence
from views.state.guide import Guide, shown
from views.widgets import empty_state, panel
from views.widgets.chapters import ChapterStage

LINK = {"chapter": "chapter"}


class GuidePage:
    """One component draws it all; it is shown again with all news of chapters, sessions and the clock."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = Guide(context.desk)
        context.location.sync(self.state, LINK)
        self.state.refresh()
        self.stage = ChapterStage(shown=shown(self.state), sizing_mode="stretch_width", margin=0)
        self.stage.param.watch(self._on_chosen, "chosen")
        self.stage.param.watch(self._on_played, "played")
        context.live.subscribe(self._on_news, {news.GUIDE, news.MARKET, news.CLOCK})

    def draw(self) -> None:
        """Asked again, and shown."""
        self.state.refresh()
        self.stage.shown = shown(self.state)

    def _on_chosen(self, event: Any) -> None:
        if event.new:
            self.state.chapter = event.new
            self.stage.chosen = ""
            self.draw()

    def _on_played(self, event: Any) -> None:
        if not event.new:
            return
        self.stage.played = ""
        try:
            self.state.play(event.new)
        except Refused as refused:
            self._context.notify(sentence(refused), "warning")
        self.draw()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.draw()


def _build(context: PageContext) -> Content:
    page = GuidePage(context)
    if page.state.view.demo:
        return Content(main=[page.stage], owner=page)
    hint = "Chapters are played in a demo. To load one into an empty database: launch.py demo load"
    return Content(main=[panel("Guided demo", empty_state("This market is no demo.", hint))], owner=page)


PAGES = (Page(path="/guide", title="Guided demo", nav="Guide", roles=frozenset({Role.FMO}), build=_build),)
