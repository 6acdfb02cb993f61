"""What the market place says of itself (MKP-DES, MKP-ADD): everybody reads it, its operator writes it."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models.place import GetPlacePage
from domain.commands.place import EditPlacePage
from domain.marketplace.place import LONGEST_PART, PARTS, PlacePage
from domain.parties import PLACE, Role
from views import news
from views.pages.context import Content, Page, PageContext
from views.pages.later import in_turn
from views.pages.place_decisions import carry_out
from views.state.common import MISSING
from views.widgets import FactList, ProblemList, panel

WORDS = {
    "purpose": "Purpose",
    "stakeholders": "Stakeholders and community",
    "legal_information": "Legal information",
    "usage_condition": "Usage conditions",
    "contact_details": "Contact",
    "help": "Help",
}


class AboutPage:
    """The page as all see it; for the operator its texts as fields beside it."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._facts = FactList()
        self._typed: PlacePage | None = None
        self.editor = PlaceEditor(context) if context.principal.role is Role.PLACE_OPERATOR else None
        self.refresh()
        context.live.subscribe(self._on_news, {news.PLAYERS})

    def main(self) -> list[Any]:
        seen = panel("The EU Market Place", self._facts.view)
        if self.editor is None:
            return [seen]
        edit = panel("Edit", self.editor.view)
        for part in (seen, edit):
            part.styles = {"flex": "1 1 0", "min-width": "0"}
        return [pn.Row(seen, edit, sizing_mode="stretch_width", margin=0)]

    def refresh(self) -> None:
        page = self._context.desk.ask(GetPlacePage())
        self._facts.show(about_facts(page))
        if self.editor is not None and page != self._typed:
            self._typed = page
            self.editor.show(page)

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def about_facts(page: PlacePage) -> list[tuple[str, str]]:
    texts = [(words, getattr(page, part) or MISSING) for part, words in WORDS.items()]
    return [*texts, ("Addresses", "\n".join(page.addresses) or MISSING)]


class PlaceEditor:
    """The operator's fields."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        wide: dict[str, Any] = {"size": "small", "sizing_mode": "stretch_width", "margin": (5, 12)}
        self.fields: dict[str, Any] = {
            part: pmu.TextAreaInput(label=WORDS[part], rows=3, max_length=LONGEST_PART, **wide) for part in WORDS
        }
        self.fields["addresses"] = pmu.TextAreaInput(
            label="Addresses of the market place's platforms, one on each line", rows=2, **wide
        )
        self.problems = ProblemList(self.fields)
        self.save = pmu.Button(
            label="Publish the page", variant="contained", on_click=in_turn(self._on_save), margin=(4, 12, 12, 12)
        )
        beside = [self.problems.beside(name) for name in self.fields]
        self.view = pn.Column(*beside, self.problems.view, self.save, sizing_mode="stretch_width", margin=0)

    def show(self, page: PlacePage) -> None:
        for part in PARTS:
            self.fields[part].value = getattr(page, part)
        self.fields["addresses"].value = "\n".join(page.addresses)

    def _on_save(self, _event: Any) -> None:
        typed = {part: self.fields[part].value or "" for part in PARTS}
        lines = (self.fields["addresses"].value or "").splitlines()
        command = EditPlacePage(**typed, addresses=tuple(line.strip() for line in lines if line.strip()))
        if carry_out(self._context, command, self.problems, {name: name for name in self.fields}):
            self._context.notify("The page is published.", "success")


def _build(context: PageContext) -> Content:
    page = AboutPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (Page(path="/place/about", title="The market place", nav="About", roles=PLACE, build=_build),)
