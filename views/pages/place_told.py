"""What the market place was told of one subscription: each consent, activation and report with its state."""

from __future__ import annotations

from typing import Any

import panel as pn

from app.queries.models.place import GetServiceHistory
from domain.errors import Refused
from domain.ids import SubscriptionId
from views.pages.books import show_fitted
from views.pages.context import PageContext
from views.pages.dso_parts import utc_on_hover, whole_on_hover
from views.plots.book import Column
from views.state.place_monitoring import told_records
from views.widgets import Book, csv_button, panel, text

MOST = 200
"""Of each kind; REST has more."""
COLUMNS = (
    Column("at", "Since", "time", width_px=140),
    Column("at_utc", "UTC"),
    Column("kind", "What", width_px=96),
    Column("name", "Id", min_px=150),
    Column("state", "State", "state", width_px=124),
    Column("detail", "Time or counts", min_px=230),
)


class Told:
    """A book that is filled with what was told of the subscription that is picked."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.book = Book(COLUMNS)
        utc_on_hover(self.book, "at")
        whole_on_hover(self.book, "name", "detail")
        self._none = text("Pick a service to see what was told of it.", "muted", margin=(0, 12, 12, 12))
        self.show("")

    def panel(self) -> Any:
        tools = [pn.HSpacer(), csv_button("told.csv", self.book.csv)]
        return panel("What was told of it", self._none, self.book.view, tools=tools)

    def show(self, subscription_id: str) -> None:
        """ "" for none; one that is not the reader's shows nothing."""
        records: list[dict[str, Any]] = []
        if subscription_id:
            query = GetServiceHistory(subscription_id=SubscriptionId(subscription_id), most=MOST)
            try:
                records = told_records(self._context.desk.ask(query))
            except Refused:
                records = []
        show_fitted(self.book, records, most_px=340)
        self.book.view.visible, self._none.visible = bool(records), not records
