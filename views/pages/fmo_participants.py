"""Who takes part, and what the market computes: parties with their roles, and all jobs."""

from __future__ import annotations

from typing import Any

import panel as pn

from app.queries.models import ListJobs, ListParties, ListRegions
from domain.parties import Party, Role
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext
from views.plots.book import Column
from views.state.records import job_record
from views.widgets import Book, csv_button, panel

PARTIES = (
    Column("name", "Participant", min_px=196),
    Column("role", "Role", width_px=90),
    Column("note", "Remark", min_px=180),
    Column("active", "Active", width_px=64),
    Column("id", "Id", width_px=84),
)
JOBS = (
    Column("at", "Submitted", "time", width_px=138),
    Column("kind", "Work", width_px=82),
    Column("region", "Region", min_px=130),
    Column("day", "Day", "time", width_px=96),
    Column("state", "State", "state", width_px=112),
    Column("progress", "Done, %", "percent", width_px=82),
    Column("stage", "Stage or error", min_px=130),
)


class ParticipantsPage:
    """Parties at the left, jobs at the right."""

    def __init__(self, context: PageContext) -> None:
        self._desk = context.desk
        self._parties, self._jobs = Book(PARTIES), Book(JOBS)
        self.draw()
        context.live.subscribe(self._on_news, {news.JOBS, news.MARKET, news.GRID})

    def main(self) -> list[Any]:
        parties = panel(
            "Participants and roles",
            self._parties.view,
            tools=[pn.HSpacer(), csv_button("participants.csv", self._parties.csv)],
        )
        jobs = panel(
            "Jobs, newest first", self._jobs.view, tools=[pn.HSpacer(), csv_button("jobs.csv", self._jobs.csv)]
        )
        return [
            pn.Row(
                pn.Column(parties, width=640, margin=0),
                pn.Column(jobs, sizing_mode="stretch_width", margin=0),
                sizing_mode="stretch_width",
                margin=0,
            )
        ]

    def draw(self) -> None:
        """Everything shown, asked again."""
        parties = {party.id: party for party in self._desk.ask(ListParties())}
        regions = {region.id: region.name for region in self._desk.ask(ListRegions())}
        records = [_party_record(party, parties) for party in parties.values()]
        show_fitted(self._parties, records, most_px=740)
        jobs = self._desk.ask(ListJobs(limit=200))
        show_fitted(self._jobs, [job_record(job, parties, regions) for job in jobs], most_px=740)

    def _on_news(self, _topic: str, _value: object) -> None:
        self.draw()


def _party_record(party: Party, parties: dict[Any, Party]) -> dict[str, Any]:
    remarks = ["independent" if party.independent else ""]
    if party.brp_id in parties:
        remarks.append(f"balance group of {parties[party.brp_id].name}")
    return {
        "name": party.name,
        "role": party.role.value.upper() if len(party.role.value) == 3 else party.role.value.capitalize(),
        "note": ", ".join(filter(None, remarks)),
        "active": "yes" if party.active else "no",
        "id": party.id,
    }


def _build(context: PageContext) -> Content:
    page = ParticipantsPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/fmo/participants",
        title="Participants and jobs",
        nav="Participants",
        roles=frozenset({Role.FMO}),
        build=_build,
    ),
)
