"""Parts that several pages of DSO and suppliers share: local times with UTC on hover, jobs, choices, refusals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import panel_material_ui as pmu
from bokeh.models import HTMLTemplateFormatter

from domain.errors import Refused
from domain.flexibility.grids import Job
from domain.lifecycle import JobState
from views.pages.context import PageContext
from views.state.common import sentence
from views.widgets import Book, JobModel
from views.widgets.jobs import JobState as ShownState

_SHOWN: dict[JobState, ShownState] = {
    JobState.QUEUED: "waiting",
    JobState.RUNNING: "running",
    JobState.DONE: "done",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
}


def job_model(job: Job | None, title: str) -> JobModel | None:
    """A job as the job bar shows it."""
    if job is None:
        return None
    progress = job.progress if job.state is JobState.RUNNING else None
    return JobModel(title=title, state=_SHOWN[job.state], stage=job.stage, progress=progress)


def utc_on_hover(book: Book, *columns: str) -> None:
    """Show the field `<column>_utc` of each record when the hand rests on a local time; both escaped (`<%-`)."""
    for column in columns:
        template = f'<span title="<%- {column}_utc %>"><%- value %></span>'
        book.view.formatters = {**book.view.formatters, column: HTMLTemplateFormatter(template=template)}
    book.view.hidden_columns = [*book.view.hidden_columns, *(f"{column}_utc" for column in columns)]


def whole_on_hover(book: Book, *columns: str) -> None:
    """Show long texts in full when the hand rests on them; escaped (`<%-`)."""
    whole = '<span title="<%- value %>"><%- value %></span>'
    shown = {column: HTMLTemplateFormatter(template=whole) for column in columns}
    book.view.formatters = {**book.view.formatters, **shown}


def template(book: Book, column: str, markup: str, *, needs: str) -> None:
    """Draw a column by a template that also reads the field `needs`; values go in by `<%-`, which escapes."""
    book.view.formatters = {**book.view.formatters, column: HTMLTemplateFormatter(template=markup)}
    book.view.hidden_columns = [*book.view.hidden_columns, needs]


def align_right(book: Book, *columns: str) -> None:
    """Text columns that hold a figure with its unit."""
    sides = dict.fromkeys(columns, "right")
    book.view.text_align = {**book.view.text_align, **sides}
    book.view.header_align = {**book.view.header_align, **sides}


def choice(label: str, on_change: Callable[[Any], None], width: int = 170) -> pmu.Select:
    """A small select for the head of a panel."""
    select = pmu.Select(label=label, options={}, size="small", width=width, margin=(0, 8), visible=False)
    select.param.watch(on_change, "value")
    return select


def offer_choices(select: pmu.Select, options: dict[str, Any], value: Any) -> None:
    """Set options and value; a select without a choice is hidden."""
    select.param.update(options=options, value=value, visible=len(options) > 1)


def day_options(days: Sequence[date]) -> dict[str, str]:
    return {f"{day:%a %d %b %Y}": day.isoformat() for day in days}


def attempt(context: PageContext, action: Callable[[], Any], done: str) -> bool:
    """Do it and say so; a refusal without a field of its own on the page is told as a passing note."""
    try:
        action()
    except Refused as refused:
        context.notify(sentence(refused), "error")
        return False
    context.notify(done, "success")
    return True


def link_button(label: str, href: str, variant: str = "contained", icon: str = "") -> pmu.Button:
    return pmu.Button(label=label, href=href, target="_self", variant=variant, icon=icon or None, margin=(0, 8))
