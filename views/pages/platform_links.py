"""Links for the letters to customers who are asked: one to be copied, or those of all who are asked as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models.platform import ConsentView
from domain.commands.platform import MakeConsentLinks
from domain.ids import ConsentId
from domain.marketplace.words import ConsentState
from views.pages.context import PageContext
from views.pages.dso_parts import attempt
from views.pages.later import in_turn
from views.spreadsheets import csv_safe
from views.state.platform_asked import link_records
from views.widgets import ConfirmDialog, ShownOnce, csv_button, text

HEAD = ("customer", "asked by", "consent", "link", "until (UTC)")
_ENDS = "A link that was made before for the same ask works no more."
_WORDS = (
    "A letter's link leads the customer to the sign-in and to this ask. It is shown this once, works for 14 days "
    "and opens nothing by itself."
)


class ConsentLinks:
    """Buttons for what is shown; links are forgotten with the page."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._asked: Sequence[ConsentView] = ()
        self._chosen: ConsentView | None = None
        self.made: list[dict[str, str]] = []
        self.once, self.dialog = ShownOnce(), ConfirmDialog()
        look: dict[str, Any] = {"variant": "outlined", "size": "small", "margin": (4, 12, 8, 12)}
        self.one = pmu.Button(label="Link for the letter", on_click=in_turn(self._on_one), **look)
        self.all = pmu.Button(label="Links for all who are asked", on_click=in_turn(self._on_all), **look)
        self._words = text("", "muted", margin=(0, 12))
        self.file = csv_button("consent-links.csv", self.csv)
        self.view = pn.Column(self.all, self._words, self.file, sizing_mode="stretch_width", margin=0)
        self.dialogs = (self.once.view, self.dialog.view)
        self._show_made()

    def show(self, views: Sequence[ConsentView], chosen: ConsentView | None) -> None:
        """What is listed now, and what is picked."""
        self._asked = [view for view in views if view.consent.state is ConsentState.ASKED]
        self._chosen = chosen
        self.one.visible = chosen is not None and chosen.consent.state is ConsentState.ASKED
        self.all.disabled = not self._asked

    def csv(self) -> io.BytesIO:
        """The links that were made last (UTF-8 with byte order mark), safe to open in a spreadsheet."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(HEAD)
        writer.writerows([csv_safe(value) for value in record.values()] for record in self.made)
        return io.BytesIO(out.getvalue().encode("utf-8-sig"))

    def _on_one(self, _event: Any) -> None:
        if self._chosen is not None and (links := self._make([self._chosen])):
            self.once.show(f"Link for {links[0]['customer']}", f"{_WORDS} {_ENDS}", links[0]["link"])

    def _on_all(self, _event: Any) -> None:
        consequence = f"Each of the {len(self._asked):,} customers' asks that are listed gets a link. {_ENDS}"
        self.dialog.ask("Make links for all who are asked?", consequence, "Make links", self._make_all)

    def _make_all(self) -> None:
        self.made = self._make(self._asked)
        self._show_made()

    def _make(self, views: Sequence[ConsentView]) -> list[dict[str, str]]:
        """Links of these, none where that was refused."""
        made: list[Any] = []
        ids = tuple(ConsentId(view.consent.id) for view in views)
        done = "1 link was made." if len(ids) == 1 else f"{len(ids):,} links were made."
        attempt(
            self._context,
            lambda: made.extend(self._context.desk.do(MakeConsentLinks(consent_ids=ids))),
            done,
        )
        return link_records(made, views, self._context.address)

    def _show_made(self) -> None:
        words = f"{len(self.made):,} links, each for one customer. They are in the file and nowhere else."
        self._words.object = text(words, "muted").object
        self._words.visible = self.file.visible = bool(self.made)
