"""Events that nobody could be told of: why, and a button that tries them again."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.notifications import MOST_TRIES
from views.pages.books import show_fitted
from views.pages.context import PageContext
from views.pages.dso_parts import attempt, utc_on_hover, whole_on_hover
from views.pages.later import in_turn
from views.plots.book import Column
from views.state.common import count
from views.state.fmo_health import HealthRoom, letter_record
from views.widgets import Book, csv_button, empty_state, panel
from views.widgets.tables import Record

LETTERS = (
    Column("event", "Event", min_px=180),
    Column("at", "Recorded", "time", width_px=124),
    Column("at_utc", "Recorded, UTC"),
    Column("error", "What the last try said", min_px=260),
)


class LettersPart:
    """The book; without a chosen row the button sends all of them again."""

    def __init__(self, context: PageContext, room: HealthRoom) -> None:
        self._context, self._room = context, room
        self._chosen = ""
        self._book = Book(LETTERS, on_pick=self._on_pick)
        utc_on_hover(self._book, "at")
        whole_on_hover(self._book, "error")
        self._none = empty_state(
            "Everybody could be told of everything.",
            f"An event that fails {MOST_TRIES} times waits here for your word.",
        )
        self._again = pmu.Button(
            label="Send again", variant="outlined", size="small", on_click=in_turn(self._on_again), margin=4
        )
        tools = [pn.HSpacer(), csv_button("letters.csv", self._book.csv), self._again]
        self.view = panel("Letters that could not be sent", self._none, self._book.view, tools=tools)

    def draw(self) -> None:
        letters = self._room.view.dead_letters
        show_fitted(self._book, [letter_record(letter) for letter in letters], most_px=220)
        self._book.view.visible, self._none.visible = bool(letters), not letters
        self._label(self._book.mark("id", self._chosen))

    def _label(self, chosen: Record | None) -> None:
        n = len(self._room.view.dead_letters)
        self._again.disabled = n == 0
        self._again.label = "Send the chosen one again" if chosen else f"Send {count(n, 'letter')} again"

    def _on_pick(self, record: Record) -> None:
        self._chosen = record["id"]
        self._label(record)

    def _on_again(self, _event: Any) -> None:
        letters = [letter.id for letter in self._room.view.dead_letters]
        wanted = [self._chosen] if self._chosen in letters else letters
        self._chosen = ""
        words = f"{count(len(wanted), 'letter')} will be tried again."
        attempt(self._context, lambda: self._room.send_again(wanted), words)
        self._room.take(self._room.ask())
        self.draw()
