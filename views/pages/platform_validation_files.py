"""What a DSO's platform answers technical validations with: its network, schedules by day, the TSO's limits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models.platform import GetValidationFiles, ValidationFiles
from domain.commands.platform import SetCouplingLimits, UploadValidationNetwork, UploadValidationSchedules
from domain.errors import Finding, Refused
from domain.parties import Role
from domain.time import market_day
from views import news
from views.pages.context import Content, Page, PageContext, Side
from views.pages.dso_data import Upload
from views.pages.later import in_turn
from views.state.common import local, utc
from views.state.files import file_text
from views.state.spans import by_field
from views.widgets import Problem, ProblemList, panel, text

_LOOK: dict[str, Any] = {"size": "small", "margin": (6, 12), "sizing_mode": "stretch_width"}
_LIMITS = ("import_max_mw", "export_max_mw", "s_max_mva")
_NETWORK = "A flexdesk.grid/1 document: buses, branches, coupling and units. A new file replaces the one before."
_SCHEDULES = "One row per unit and quantity (p_mw, q_mvar), one column per quarter hour headed by its UTC start."
_COUPLING = "What the TSO allows at the coupling point, from now on. Empty: it says nothing about this one."


class FilesPage:
    """Network and schedules beside each other, the limits under them."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.day = pmu.DatePicker(
            label="Delivery day", value=market_day(context.market_now()), size="small", width=170, margin=(0, 12)
        )
        self.network = Upload("Upload network", ".json,application/json", self._send_network, self.draw)
        self.schedules = Upload("Upload schedules", ".csv,text/csv", self._send_schedules, self.draw)
        self._network_words, self._schedule_words, self._limit_words = (
            text("", margin=(4, 12, 12, 12)) for _ in range(3)
        )
        self.fields: dict[str, Any] = {
            "import_max_mw": pmu.TextInput(label="Import at most, MW", **_LOOK),
            "export_max_mw": pmu.TextInput(label="Export at most, MW", **_LOOK),
            "s_max_mva": pmu.TextInput(label="Apparent power at most, MVA", **_LOOK),
            "source": pmu.TextInput(label="Where the TSO says so", max_length=200, **_LOOK),
        }
        self.problems = ProblemList(self.fields)
        self.set = pmu.Button(label="Set the limits", variant="contained", on_click=in_turn(self._on_set))
        self.draw()
        context.live.subscribe(self._on_news, {news.PLATFORM})

    def main(self) -> list[Any]:
        network = panel(
            "Network", text(_NETWORK, "muted", margin=(4, 12)), self._network_words, self.network.view()
        )
        schedules = panel(
            "Schedules",
            text(_SCHEDULES, "muted", margin=(4, 12)),
            self._schedule_words,
            self.schedules.view(),
            tools=[pn.HSpacer(), self.day],
        )
        limits = panel(
            "The TSO's limits at the coupling point",
            text(_COUPLING, "muted", margin=(4, 12)),
            self._limit_words,
            pn.Row(*(self.problems.beside(name) for name in self.fields), sizing_mode="stretch_width", margin=0),
            self.problems.view,
            pn.Row(self.set, margin=(4, 12, 12, 12)),
        )
        return [pn.Row(network, schedules, sizing_mode="stretch_width", margin=0), limits]

    def draw(self) -> None:
        """Ask again and say what is there."""
        files = self._context.desk.ask(GetValidationFiles())
        for pane, words in zip(
            (self._network_words, self._schedule_words, self._limit_words), words_of(files), strict=True
        ):
            pane.object = text(words).object

    def _send_network(self, content: bytes) -> None:
        self._context.desk.do(UploadValidationNetwork(document=file_text(content)))

    def _send_schedules(self, content: bytes) -> None:
        day = self.day.value
        if not isinstance(day, date):
            raise Refused([Finding(code="missing", field="delivery_day", sentence="Choose the delivery day.")])
        self._context.desk.do(UploadValidationSchedules(delivery_day=day, document=file_text(content)))

    def _on_set(self, _event: Any) -> None:
        try:
            limits = {name: _number(name, self.fields[name].value or "") for name in _LIMITS}
            self._context.desk.do(SetCouplingLimits(**limits, source=self.fields["source"].value or ""))
        except Refused as refused:
            rules = {name: name for name in self.fields}
            self.problems.show([Problem(*found) for found in by_field(refused.findings, rules)])
            return
        self.problems.show([])
        self._context.notify("The limits count from now on.", "success")
        self.draw()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.draw()


def words_of(files: ValidationFiles) -> tuple[str, str, str]:
    """What is there of network, schedules and limits, in a sentence each."""
    network, coupling = files.network, files.coupling
    days = ", ".join(f"{each.delivery_day:%d %b %Y}" for each in files.schedules)
    said = "No limits are set: only the DSO's own network binds."
    if coupling is not None:
        limits = coupling.limits
        parts = (
            ("import", limits.import_max_mw, "MW"),
            ("export", limits.export_max_mw, "MW"),
            ("apparent power", limits.s_max_mva, "MVA"),
        )
        known = ", ".join(f"{name} {value:f} {unit}" for name, value, unit in parts if value is not None)
        said = f"{known or 'No limit'}, says {coupling.source}; set {local(coupling.set_at, '%d %b %Y %H:%M')}."
    return (
        f"Uploaded {local(network.uploaded_at, '%d %b %Y %H:%M')} ({utc(network.uploaded_at)})."
        if network
        else "There is no network yet: every question is answered with a refusal.",
        f"There are schedules of {days}." if days else "There are no schedules yet.",
        said,
    )


def _number(field: str, typed: str) -> Decimal | None:
    """Raises `Refused` (`malformed`)."""
    if not typed.strip():
        return None
    try:
        return Decimal(typed.strip().replace(",", "."))
    except InvalidOperation:
        raise Refused([Finding(code="malformed", field=field, sentence="Give a number, or nothing.")]) from None


def _build(context: PageContext) -> Content:
    page = FilesPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/platform/validations/files",
        title="What validations are made on",
        nav="",
        roles=frozenset({Role.PROVIDER}),
        build=_build,
        side=Side.PLATFORM,
    ),
)
