"""The provider's points of delivery on its platform: find, register, change, upload many."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.commands.platform import UploadPods
from domain.errors import refuse
from domain.parties import Role
from domain.platform.pods import ZONES
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext, Side
from views.pages.dso_parts import whole_on_hover
from views.pages.later import in_turn
from views.pages.platform_pod_form import PodForm
from views.pages.platform_readings import ReadingsPanel
from views.pages.platform_upload import BulkUpload
from views.pages.themes import Themes
from views.plots.book import Column
from views.state.files import file_text
from views.state.platform_pods import PodsState, pod_record, pods_facts, shown_words
from views.widgets import Book, csv_button, empty_state, panel, text
from views.widgets.tables import Record

PODS = (
    Column("pod", "Point of delivery", min_px=200),
    Column("street", "Street", min_px=150),
    Column("place", "Place", min_px=150),
    Column("country", "Country", width_px=84),
    Column("customer", "Customer", min_px=120),
)
_SIDE_PX = 420
_HEAD = (
    "The first line is pod_id,country,postcode,city,street and, if wanted, customer_id. A bad line keeps all of "
    "the file out, or only itself when you ask for that. Files of more than 12 MB go over the platform's own "
    "interface."
)


_VALUE_FILES = ".csv,.jsonl,.ndjson,text/csv"
_VALUES = (
    "CSV with pod_id,quantity,time_step,start,value and further values behind, or JSON lines. A line is taken as "
    "a whole or not at all."
)


class PodsPage:
    """The book at the left; form and upload at the right."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = PodsState()
        context.location.sync(self.state, {"pod": "pod", "country": "country", "city": "city", "day": "day"})
        self.themes = Themes(context.theme)
        look: dict[str, Any] = {"size": "small", "margin": (0, 6)}
        self.code = pmu.TextInput(label="Find by code", width=180, **look)
        countries = {"all": "", **{code: code for code in sorted(ZONES)}}
        known = self.state.country if self.state.country in ZONES else ""
        self.country = pmu.Select(label="Country", options=countries, value=known, width=100, **look)
        self.city = pmu.TextInput(label="City", value=self.state.city, width=140, **look)
        for widget, react in (
            (self.code, self._on_code),
            (self.country, self._on_search),
            (self.city, self._on_search),
        ):
            widget.param.watch(in_turn(react), "value")
        self._book = Book(PODS, on_pick=self._on_pick)
        whole_on_hover(self._book, "pod", "street", "place", "customer")
        self._none = empty_state(
            "There is no point of delivery here.", "Register one at the right, or upload a file with many."
        )
        self._words = text("", "muted", margin=(0, 12, 8, 12))
        self.form = PodForm(context, self._choose)
        self.upload = BulkUpload("Upload points of delivery", ".csv,text/csv", self._send, self.draw)
        self.correct = pmu.Checkbox(label="Values that differ take the place of stored ones", margin=(4, 12))
        self.values = BulkUpload("Upload values", _VALUE_FILES, self._send_values, self.draw, self.correct)
        self.readings = ReadingsPanel(context, self.themes, self.state.day)
        self.draw()
        context.live.subscribe(self._on_news, {news.PLATFORM})

    def main(self) -> list[Any]:
        book = panel(
            "Points of delivery",
            self._none,
            self._book.view,
            self._words,
            tools=[
                pn.HSpacer(),
                self.code,
                self.country,
                self.city,
                csv_button("points-of-delivery.csv", self._book.csv),
            ],
        )
        left = pn.Column(book, self.readings.view, sizing_mode="stretch_width", margin=0)
        right = pn.Column(
            panel("One point of delivery", self.form.view),
            panel("Many at once", text(_HEAD, "muted", margin=(4, 12)), self.upload.view),
            panel("Values", text(_VALUES, "muted", margin=(4, 12)), self.values.view),
            width=_SIDE_PX,
            margin=0,
        )
        return [pn.Row(left, right, sizing_mode="stretch_width", margin=0)]

    def draw(self) -> None:
        """Ask again and show."""
        facts = pods_facts(self._context.desk, self.state)
        show_fitted(self._book, [pod_record(pod) for pod in facts.pods], most_px=420 if facts.chosen else 640)
        self._book.view.visible, self._none.visible = bool(facts.pods), not facts.pods
        self._words.object = text(shown_words(facts) if facts.pods else "", "muted").object
        self._book.mark("pod", facts.chosen.id if facts.chosen else "")
        self.form.show(facts.chosen)
        self.readings.show(facts.chosen)

    def _send(self, content: bytes, _name: str, good_only: bool) -> Any:
        return self._context.desk.do(UploadPods(document=file_text(content), good_only=good_only))

    def _send_values(self, content: bytes, name: str, good_only: bool) -> Any:
        if self._context.uploads is None:
            raise refuse("not_permitted", "", "Values are taken by a platform only.")
        if not content:
            raise refuse("missing", "file", "Choose a file first.")
        form = "jsonl" if name.lower().endswith((".jsonl", ".ndjson")) else "csv"
        return self._context.uploads(content, form, good_only=good_only, correct=bool(self.correct.value))

    def _choose(self, pod_id: str) -> None:
        self.state.pod = pod_id
        self.draw()

    def _on_pick(self, record: Record) -> None:
        self._choose(record["pod"])

    def _on_code(self, event: Any) -> None:
        self._choose((event.new or "").strip())
        if event.new and self._book.view.selection == [] and self.form.fields["pod_id"].value != event.new.strip():
            self._context.notify("There is no point of delivery with this code.", "warning")

    def _on_search(self, _event: Any) -> None:
        self.state.country, self.state.city = self.country.value or "", self.city.value or ""
        self.draw()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.draw()


def _build(context: PageContext) -> Content:
    page = PodsPage(context)
    return Content(main=page.main(), owner=page, themed=(page.themes,))


PAGES = (
    Page(
        path="/platform/pods",
        title="Points of delivery",
        nav="Points of delivery",
        roles=frozenset({Role.PROVIDER}),
        build=_build,
        side=Side.PLATFORM,
    ),
)
