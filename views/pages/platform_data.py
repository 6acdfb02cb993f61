"""What a requester received: each series as a chart and a table, exported; gone at once when a consent ends."""

from __future__ import annotations

import io
from typing import Any

import panel as pn

from domain.parties import Role
from domain.platform.deliveries import ReceivedSeries
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext, Side
from views.pages.dso_parts import align_right, link_button, utc_on_hover, whole_on_hover
from views.pages.platform_readings import SeriesChart, csv_of
from views.pages.themes import Themes
from views.plots.book import Column
from views.state.platform_deliveries import (
    DeliveriesState,
    floats_of,
    labels_of,
    received,
    received_document,
    received_record,
    series_rows,
)
from views.widgets import Book, csv_button, empty_state, panel, text
from views.widgets.tables import Record

RECEIVED = (
    Column("name", "Series", min_px=200),
    Column("period", "Period", "time", width_px=150),
    Column("period_utc", "UTC"),
    Column("what", "Values of", min_px=240),
    Column("total", "Sum", width_px=140),
    Column("gaps", "Gaps", "count", width_px=70),
    Column("revision", "Revision", "count", width_px=90),
)
VALUES = (
    Column("local", "Local time", "time", width_px=110),
    Column("value", "Value", width_px=120),
    Column("unit", "", width_px=70),
    Column("start_utc", "UTC", min_px=150),
)
_HEAD = ("name", "start_utc", "value", "unit", "quantity", "time_step")


class DataPage:
    """Series above; the picked one as chart and table below."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = DeliveriesState()
        context.location.sync(self.state, {"series": "series"})
        self.themes = Themes(context.theme)
        self._series: tuple[ReceivedSeries, ...] = ()
        self._book = Book(RECEIVED, on_pick=self._on_pick)
        utc_on_hover(self._book, "period")
        whole_on_hover(self._book, "name", "what")
        align_right(self._book, "total")
        self._none = empty_state(
            "You may see no data now.",
            "Values come as soon as an agreement is in force and the customers agree; they go when one ends that.",
            link_button("Ask for data", "/platform/asks"),
        )
        self._chart = SeriesChart(self.themes, "Received")
        self._table = Book(VALUES)
        align_right(self._table, "value")
        self._words = text("", "muted", margin=(0, 12, 8, 12))
        self._all = csv_button("received.csv", self.csv)
        self._all_xml = csv_button("received.xml", self.xml, "XML")
        one = csv_button("series.csv", self.csv_of_picked), csv_button("series.xml", self.xml_of_picked, "XML")
        self._picked = pn.Column(
            panel("The series that is picked", self._chart.view, self._words),
            panel("Its values", self._table.view, tools=[pn.HSpacer(), *one]),
            sizing_mode="stretch_width",
            margin=0,
        )
        self.draw()
        context.live.subscribe(self._on_news, {news.PLATFORM, news.CLOCK})

    def main(self) -> list[Any]:
        tools = [pn.HSpacer(), self._all, self._all_xml]
        return [panel("Received data", self._none, self._book.view, tools=tools), self._picked]

    def draw(self) -> None:
        """Ask again and show; what may not be seen any more is on no part of the page."""
        self._series = received(self._context.desk)
        show_fitted(self._book, [received_record(each) for each in self._series], most_px=320)
        self._book.view.visible, self._none.visible = bool(self._series), not self._series
        self._all.disabled = self._all_xml.disabled = not self._series
        self._show_picked()

    @property
    def picked(self) -> ReceivedSeries | None:
        found = (each for each in self._series if each.id == self.state.series)
        return next(found, self._series[0] if self._series else None)

    def _show_picked(self) -> None:
        series = self.picked
        self._picked.visible = series is not None
        self._book.mark("id", series.id if series else "")
        if series is None:
            self._chart.clear()
            self._table.show([])
            self._words.object = ""
            return
        labels = labels_of(series)
        self._chart.show(labels, floats_of(series), series.quantity.unit)
        rows = [
            {**row, "local": label, "value": "gap" if row["value"] == "" else f"{row['value']:f}"}
            for row, label in zip(series_rows([series]), labels, strict=True)
        ]
        show_fitted(self._table, rows, most_px=300)
        self._words.object = text(f"{series.name}, revision {series.revision}.", "muted").object

    def csv(self) -> io.BytesIO:
        """All that may be seen at this moment: asked again, so that no page is older than a consent."""
        return csv_of(_HEAD, series_rows(received(self._context.desk)))

    def csv_of_picked(self) -> io.BytesIO:
        wanted = self.picked
        now = [each for each in received(self._context.desk) if wanted is not None and each.id == wanted.id]
        return csv_of(_HEAD, series_rows(now))

    def xml(self) -> io.BytesIO:
        """As `csv`, as a market document (IEC 62325)."""
        return io.BytesIO(received_document(self._context.desk).encode())

    def xml_of_picked(self) -> io.BytesIO:
        wanted = self.picked
        return io.BytesIO(received_document(self._context.desk, wanted.id if wanted else "").encode())

    def _on_pick(self, picked: Record) -> None:
        self.state.series = picked["id"]
        self._show_picked()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.draw()


def _build(context: PageContext) -> Content:
    page = DataPage(context)
    return Content(main=page.main(), owner=page, themed=(page.themes,))


PAGES = (
    Page(
        path="/platform/data",
        title="Received data",
        nav="Received data",
        roles=frozenset({Role.REQUESTER}),
        build=_build,
        side=Side.PLATFORM,
    ),
)
