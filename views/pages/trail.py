"""Who did what when, on the market place and on platforms, with the signed export as a file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmu
import param

from app.queries.models.place import ExportPlaceTrail, ListPlaceTrail
from app.queries.models.platform import ExportTrail, ListTrail
from domain.paging import Slice, falling
from domain.parties import PLACE, Role
from domain.trail import TrailLine
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext, Side
from views.pages.dso_parts import utc_on_hover, whole_on_hover
from views.pages.later import Later, in_turn
from views.plots.book import Column
from views.state.trails import body_facts, trail_record
from views.widgets import Book, FactList, csv_button, empty_state, panel, text

AT_ONCE = 200
COLUMNS = (
    Column("n", "Row", "count", width_px=76),
    Column("at", "When", "time", width_px=168),
    Column("at_utc", "UTC"),
    Column("role", "Who", width_px=150),
    Column("party", "Party", min_px=130),
    Column("account", "Account", min_px=120),
    Column("act", "What", min_px=190),
    Column("said", "Said in it", min_px=400),
)
_SMALL: dict[str, Any] = {"variant": "outlined", "size": "small", "margin": (0, 4)}


class TrailPick(param.Parameterized):
    row = param.String(default="")


class TrailPage:
    """The newest rows; older ones on demand. Rows are read and exports are signed beside the page's loop."""

    def __init__(self, context: PageContext, listing: Any, exporting: Any) -> None:
        self._context, self._listing, self._exporting = context, listing, exporting
        self.state = TrailPick()
        context.location.sync(self.state, {"row": "row"})
        self._lines: list[TrailLine] = []
        self._reading: Later[Sequence[TrailLine]] = Later(pause_ms=0)
        self._signing: Later[str] = Later(pause_ms=0)
        self._signed = ""
        self._book = Book(COLUMNS, on_pick=self._on_pick)
        utc_on_hover(self._book, "at")
        whole_on_hover(self._book, "party", "account", "act", "said")
        self._none = empty_state(
            "Nothing was done yet.", "What you and others do on your subscriptions appears here."
        )
        self._pick = text("Pick a row to read its fields.", "muted", margin=(4, 12, 12, 12))
        self._facts = FactList()
        self.again = pmu.Button(label="Refresh", on_click=in_turn(self._on_again), **_SMALL)
        self.older = pmu.Button(label="Older rows", on_click=in_turn(self._on_older), **_SMALL)
        self.sign = pmu.Button(label="Sign an export", on_click=in_turn(self._on_sign), **_SMALL)
        self.file = pmu.FileDownload(
            callback=lambda: io.BytesIO(self._signed.encode()),
            filename="trail.jsonl",
            label="Signed export (JSON lines)",
            variant="contained",
            size="small",
            embed=False,
            auto=True,
            visible=False,
        )
        self._read(None)

    def main(self) -> list[Any]:
        csv = csv_button("trail.csv", self._book.csv)
        tools = [pn.HSpacer(), self.again, self.older, self.sign, self.file, csv]
        return [
            panel("Trail", self._none, self._book.view, tools=tools),
            panel("What was said in it", self._pick, self._facts.view),
        ]

    def _read(self, before: int | None) -> None:
        part = Slice(order=falling("sequence"), limit=AT_ONCE, after=None if before is None else (before,))
        kept = [] if before is None else self._lines
        ask, query = self._context.desk.ask, self._listing(part=part)
        self._reading.soon(lambda: ask(query), lambda lines: self._on_read(kept, lines))

    def _on_read(self, kept: list[TrailLine], lines: Sequence[TrailLine]) -> None:
        self._lines = [*kept, *lines]
        self.older.disabled = len(lines) < AT_ONCE
        show_fitted(self._book, [trail_record(line) for line in self._lines], most_px=520)
        self._book.view.visible, self._none.visible = bool(self._lines), not self._lines
        self._show_picked()

    def _show_picked(self) -> None:
        self._book.mark("id", self.state.row)
        picked = next((line for line in self._lines if str(line.sequence) == self.state.row), None)
        facts = [] if picked is None else body_facts(picked)
        self._facts.show(facts)
        self._pick.visible = not facts

    def _on_pick(self, record: Any) -> None:
        self.state.row = record["id"]
        self._show_picked()

    def _on_again(self, _event: Any) -> None:
        self._read(None)

    def _on_older(self, _event: Any) -> None:
        if self._lines:
            self._read(self._lines[-1].sequence)

    def _on_sign(self, _event: Any) -> None:
        self.sign.disabled = True
        ask = self._context.desk.ask
        self._signing.soon(lambda: ask(self._exporting()), self._on_signed)

    def _on_signed(self, signed: str) -> None:
        self._signed, self.file.visible, self.sign.disabled = signed, True, False
        self._context.notify("The export is signed. Its check needs no database.", "success")


def _build_place(context: PageContext) -> Content:
    page = TrailPage(context, ListPlaceTrail, ExportPlaceTrail)
    return Content(main=page.main(), owner=page)


def _build_platform(context: PageContext) -> Content:
    page = TrailPage(context, ListTrail, ExportTrail)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(path="/place/trail", title="Trail", nav="Trail", roles=PLACE, build=_build_place),
    Page(
        path="/platform/trail",
        title="Trail of the platform",
        nav="Platform trail",
        roles=frozenset({Role.PROVIDER, Role.REQUESTER, Role.CUSTOMER}),
        build=_build_platform,
        side=Side.PLATFORM,
    ),
)
