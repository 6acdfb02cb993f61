"""The DSO's files: network and schedules in, findings beside them, the computation of the needs, files out."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import ExampleFiles, GetFiles, GridView, ListUnits, UnitRow
from domain.commands import CancelJob, UploadNetwork, UploadSchedules
from domain.errors import Refused
from views import news
from views.pages.context import Content, PageContext
from views.pages.dso_day import DayChoice
from views.pages.dso_parts import attempt, job_model, link_button
from views.pages.later import Later, in_turn
from views.plots.book import Column, state_text
from views.state.common import local, utc
from views.state.dso_facts import Place, grid_view
from views.state.dso_room import RoomState
from views.state.files import MAX_FILE_BYTES, file_text
from views.state.spans import located
from views.widgets import Book, JobBar, KeyFigure, KeyFigures, empty_state, panel, text

FINDING_COLUMNS = (
    Column("where", "Where", min_px=180, width_px=300),
    Column("what", "What is wrong and what to change", min_px=300),
    Column("code", "Code", width_px=150),
)
UNIT_COLUMNS = (
    Column("unit", "Unit", min_px=180),
    Column("bus", "Bus", min_px=140),
    Column("kind", "Kind", min_px=90),
    Column("type", "Type", min_px=90),
    Column("p_max_mw", "Most, MW", "mw", min_px=90),
    Column("s_max_mva", "Rating, MVA", "mw", min_px=100),
    Column("asset", "FlexAsset", min_px=160),
    Column("state", "State", min_px=110),
)
_NETWORK = (
    "A flexdesk.grid/1 document: buses, branches, coupling and units. A new file replaces the network; "
    "the needs of coming days are computed again."
)
_SCHEDULES = "One row per unit and quantity (p_mw, q_mvar), one column per quarter hour headed by its UTC start."


def unit_record(unit: UnitRow) -> dict[str, Any]:
    """A unit of the network as a row, with the asset registered behind it."""
    return {
        "unit": unit.unit_id,
        "bus": unit.bus,
        "kind": unit.kind,
        "type": unit.type,
        "p_max_mw": unit.p_max_mw,
        "s_max_mva": unit.s_max_mva,
        "asset": unit.asset.name if unit.asset else "–",
        "state": state_text(unit.asset.state.value) if unit.asset else "–",
    }


class Upload:
    """Choose a file, send it, see what is wrong with it."""

    def __init__(
        self, label: str, accept: str, send: Callable[[bytes], None], on_sent: Callable[[], None]
    ) -> None:
        self._send, self._on_sent = send, on_sent
        self._sending: Later[Refused | None] = Later(pause_ms=0)
        self.file = pmu.FileInput(
            label="Choose file", accept=accept, max_file_size=MAX_FILE_BYTES, variant="outlined", margin=(4, 12)
        )
        self.button = pmu.Button(label=label, variant="contained", icon="upload", disabled=True, margin=(4, 12))
        self.findings = Book(FINDING_COLUMNS, height_px=180)
        self.findings.view.visible = False
        self.said = text("", "muted", margin=(4, 12))
        self.file.param.watch(self._on_file, "value")
        self.button.on_click(in_turn(self._on_send))

    def view(self, *extra: Any) -> pn.Column:
        return pn.Column(
            pn.Row(self.file, *extra, self.button, margin=0),
            self.said,
            self.findings.view,
            sizing_mode="stretch_width",
        )

    def say(self, words: str) -> None:
        self.said.object = text(words, "muted").object

    def _on_file(self, event: Any) -> None:
        self.button.disabled = not event.new
        self.findings.view.visible = False
        if event.new:
            self.say(f"{self.file.filename}: {len(event.new) / 1024:,.0f} kB, not uploaded yet.")

    def _on_send(self, _event: Any) -> None:
        """Big files take seconds to read: in a thread, while all desks stay alive."""
        self.button.disabled = True
        self.say("Uploading …")
        content = self.file.value or b""
        self._sending.soon(lambda: self._refusal(content), self._on_done)

    def _refusal(self, content: bytes) -> Refused | None:
        try:
            self._send(content)
        except Refused as refused:
            return refused
        return None

    def _on_done(self, refused: Refused | None) -> None:
        self.findings.view.visible = refused is not None
        if refused is None:
            self.say("Uploaded.")
            self._on_sent()
            return
        rows = located(refused)
        self.findings.show(rows)
        self.say(f"Nothing was stored. {len(rows)} finding{'' if len(rows) == 1 else 's'}:")


class DataPage:
    """Network and schedules beside each other, the job above, the stored files at the end of each panel."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = RoomState()
        picker = pmu.DatePicker(label="Delivery day", size="small", width=170, margin=(0, 12))
        self._where = DayChoice(context, self.state, ("region_id", "day"), self.refresh, picker=picker)
        self._here: Place | None = None
        self._view: GridView | None = None
        self._strip = KeyFigures([])
        self._job = JobBar(in_turn(self._on_cancel))
        self._network = Upload("Upload network", ".json,application/json", self._send_network, self.refresh)
        self._schedules = Upload("Upload schedules", ".csv,text/csv", self._send_schedules, self.refresh)
        self._units = Book(UNIT_COLUMNS, height_px=330, rows="remote", page_size=8)
        self._stored = pn.Column(sizing_mode="stretch_width", margin=0)
        self._network_file = self._download("network_json", "network.json", "Network (JSON)")
        self._schedule_file = self._download("schedule_csv", "schedules.csv", "Schedules (CSV)")
        self.refresh()
        context.live.subscribe(self._on_news, {news.GRID, news.JOBS, news.ASSETS})

    def main(self) -> list[Any]:
        network = panel("Network", text(_NETWORK, "muted", margin=(4, 12)), self._network.view())
        schedules = panel(
            "Schedules",
            text(_SCHEDULES, "muted", margin=(4, 12)),
            self._schedules.view(),
            tools=[pn.HSpacer(), self._where.day],
        )
        units = panel("Units of the network", self._units.view)
        stored = panel("Stored files", self._stored, tools=[pn.HSpacer(), self._where.region])
        return [
            self._where.lost,
            self._strip.view,
            self._job.view,
            pn.Row(network, schedules, sizing_mode="stretch_width", margin=0),
            stored,
            units,
        ]

    def refresh(self) -> None:
        door = self._context.desk
        self._here = here = self._where.find()
        if here is None:
            return
        self._view = view = grid_view(door, here)
        self._job.show(job_model(view.computing if view else None, f"Needs of {here.day:%d %b %Y}"))
        units = door.ask(ListUnits(region_id=here.region.id)) if view is not None else ()
        self._units.show([unit_record(unit) for unit in units])
        self._strip.show(figures(view, len(units)))
        self._show_stored(here, view)

    def _show_stored(self, here: Place, view: GridView | None) -> None:
        if view is None:
            what = f"{here.region.name} has no network yet."
            self._stored[:] = [
                empty_state(what, "Choose a JSON file above and upload it. Schedules come after it.")
            ]
            return
        name = f"{here.region.id}-{here.day.isoformat()}"
        self._network_file.filename, self._schedule_file.filename = f"{here.region.id}.json", f"{name}.csv"
        lines = [f"Network, uploaded {local(view.network_uploaded_at)} ({utc(view.network_uploaded_at)})"]
        at = view.schedule_uploaded_at
        lines.append(
            f"Schedules of {here.day:%a %d %b %Y}, uploaded {local(at)} ({utc(at)})"
            if at is not None
            else f"No schedules of {here.day:%a %d %b %Y} yet."
        )
        self._schedule_file.visible = at is not None
        self._stored[:] = [
            text(
                "Download them as they were uploaded: as examples, or to change and upload again.",
                "muted",
                margin=(4, 12),
            ),
            *(text(line, margin=(2, 12)) for line in lines),
            pn.Row(
                self._network_file,
                self._schedule_file,
                link_button("See the needs", f"/dso{here.link}", "outlined"),
                margin=(8, 4),
            ),
        ]

    def _download(self, part: str, filename: str, label: str) -> pmu.FileDownload:
        def content() -> io.BytesIO:
            return io.BytesIO(getattr(self._files(), part).encode())

        return pmu.FileDownload(
            callback=content,
            filename=filename,
            label=label,
            variant="outlined",
            embed=False,
            auto=True,
            margin=(0, 8),
        )

    def _files(self) -> ExampleFiles:
        here = self._here
        if here is None:
            raise ValueError("no region")
        return self._context.desk.ask(GetFiles(region_id=here.region.id, delivery_day=here.day))

    def _send_network(self, content: bytes) -> None:
        document = file_text(content)
        if self._here is not None:
            self._context.desk.do(UploadNetwork(region_id=self._here.region.id, document=document))

    def _send_schedules(self, content: bytes) -> None:
        document = file_text(content)
        here = self._here
        if here is not None:
            command = UploadSchedules(region_id=here.region.id, delivery_day=here.day, document=document)
            self._context.desk.do(command)

    def _on_cancel(self) -> None:
        job = self._view.computing if self._view else None
        if job is not None:
            attempt(
                self._context, lambda: self._context.desk.do(CancelJob(job_id=job.id)), "The job is cancelled."
            )
        self.refresh()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def figures(view: GridView | None, n_units: int) -> list[KeyFigure]:
    """What is stored, in numbers."""
    if view is None:
        return [KeyFigure("Network", "none"), KeyFigure("Schedules", "none"), KeyFigure("Needs", "–")]
    needs = "–" if view.before is None else str(len(view.before.needs))
    return [
        KeyFigure("Buses", str(len(view.grid.bus_ids))),
        KeyFigure("Branches", str(len(view.grid.branch_ids))),
        KeyFigure("Units", str(n_units)),
        KeyFigure("Schedules", "there" if view.schedule_uploaded_at else "none"),
        KeyFigure("Elements with needs", needs),
    ]


def build(context: PageContext) -> Content:
    page = DataPage(context)
    return Content(main=page.main(), owner=page)
