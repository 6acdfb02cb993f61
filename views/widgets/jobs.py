"""Long work on a page: its stage, a bar, and a way to stop it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Literal

import panel as pn
import panel_material_ui as pmu

from views.widgets.markup import html_pane, tag

JobState = Literal["waiting", "running", "done", "failed", "cancelled"]
_WORDS: dict[JobState, str] = {
    "waiting": "◔ Waiting",
    "running": "◑ Running",
    "done": "✓ Done",
    "failed": "▲ Failed",
    "cancelled": "– Cancelled",
}
_ENDED = ("done", "failed", "cancelled")


@dataclass(frozen=True, kw_only=True)
class JobModel:
    """A job as shown: `stage` in words, `progress` from 0 to 1 or None when unknown."""

    title: str
    state: JobState
    stage: str = ""
    progress: float | None = None


class JobBar:
    """Stage, bar and cancel button of one job; hidden without a job. Lay out `view`."""

    def __init__(self, on_cancel: Callable[[], None]) -> None:
        self._on_cancel = on_cancel
        self._words = html_pane("", align="center")
        self._bar = html_pane("", margin=(4, 0))
        self._cancel = pmu.Button(label="Cancel", variant="outlined", on_click=self._on_click, align="center")
        body = pn.Column(self._words, self._bar, sizing_mode="stretch_width")
        self.view = pn.Row(body, self._cancel, sizing_mode="stretch_width", visible=False, margin=(4, 12))

    def show(self, job: JobModel | None) -> None:
        """Show a job's progress; None hides the bar."""
        self.view.visible = job is not None
        if job is None:
            return
        stage = tag("span", escape(job.stage), class_="unit") if job.stage else ""
        words = f"{_WORDS[job.state]}: {escape(job.title)}"
        self._words.object = tag("div", f"{words} {stage}", class_=f"job {job.state}")
        ended = job.state in _ENDED
        done = 1.0 if job.state == "done" else job.progress
        known = {} if done is None and not ended else {"value": f"{done or 0.0:.2f}"}
        self._bar.object = tag("progress", "", **{"aria-label": f"{job.title}, progress", **known})
        self._cancel.visible = not ended
        self._cancel.disabled = False

    def _on_click(self, _event: object) -> None:
        self._cancel.disabled = True
        self._on_cancel()
