"""A file with many lines goes to a platform: how many were taken, and which lines are bad and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.errors import Refused
from views.pages.dso_parts import whole_on_hover
from views.pages.later import Later, in_turn
from views.plots.book import Column
from views.state.files import MAX_FILE_BYTES
from views.state.platform_uploads import Report, report_of, report_of_refusal
from views.widgets import Book, csv_button, text

BAD_LINES = (
    Column("line", "Line", "count", width_px=90),
    Column("field", "Field", width_px=150),
    Column("what", "What is wrong and what to change", min_px=260),
    Column("code", "Code", width_px=130),
)


class BulkUpload:
    """Choose a file, send it, see what became of it.

    send : (the file, its name, whether the good lines are to be taken without the bad ones) -> what became of it
    extra : further choices, under the one on bad lines
    """

    def __init__(
        self,
        label: str,
        accept: str,
        send: Callable[[bytes, str, bool], Any],
        on_sent: Callable[[], None],
        *extra: Any,
    ) -> None:
        self._send, self._on_sent = send, on_sent
        self._sending: Later[Report] = Later(pause_ms=0)
        self.file = pmu.FileInput(
            label="Choose file", accept=accept, max_file_size=MAX_FILE_BYTES, variant="outlined", margin=(4, 12)
        )
        self.good_only = pmu.Checkbox(label="Take the good lines, leave out the bad ones", margin=(4, 12))
        self.button = pmu.Button(label=label, variant="contained", icon="upload", disabled=True, margin=(4, 12))
        self.bad = Book(BAD_LINES, height_px=200)
        whole_on_hover(self.bad, "what")
        self._list = csv_button("bad-lines.csv", self.bad.csv)
        self.said = text("", "muted", margin=(4, 12))
        self._show_bad(())
        self.file.param.watch(self._on_file, "value")
        self.button.on_click(in_turn(self._on_send))
        self.view = pn.Column(
            pn.Row(self.file, self.button, margin=0),
            self.good_only,
            *extra,
            pn.Row(self.said, self._list, sizing_mode="stretch_width", margin=0),
            self.bad.view,
            sizing_mode="stretch_width",
            margin=0,
        )

    def _say(self, words: str) -> None:
        self.said.object = text(words, "muted").object

    def _show_bad(self, lines: Any) -> None:
        self.bad.show(lines)
        self.bad.view.visible = self._list.visible = bool(lines)

    def _on_file(self, event: Any) -> None:
        self.button.disabled = not event.new
        self._show_bad(())
        if event.new:
            self._say(f"{self.file.filename}: {len(event.new) / 1024:,.0f} kB, not uploaded yet.")

    def _on_send(self, _event: Any) -> None:
        """Big files take seconds to read: in a thread, while all desks stay alive."""
        self.button.disabled = True
        self._say("Uploading …")
        content, name = self.file.value or b"", self.file.filename or ""
        good_only = bool(self.good_only.value)
        self._sending.soon(lambda: self._report(content, name, good_only), self._on_done)

    def _report(self, content: bytes, name: str, good_only: bool) -> Report:
        try:
            return report_of(self._send(content, name, good_only))
        except Refused as refused:
            return report_of_refusal(refused)

    def _on_done(self, report: Report) -> None:
        self.button.disabled = False
        self._say(report.words)
        self._show_bad(report.lines)
        if report.stored:
            self._on_sent()
