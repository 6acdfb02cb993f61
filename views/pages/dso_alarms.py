"""The alarm list of the control room: acknowledge, put aside for a while, take back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.commands import AcknowledgeAlarm, Command, ShelveAlarm, UnshelveAlarm
from domain.errors import Refused
from domain.flexibility.alarms import UNANSWERED, Alarm
from domain.lifecycle import AlarmState
from views.pages.context import PageContext
from views.pages.dso_parts import align_right, attempt, template, utc_on_hover, whole_on_hover
from views.pages.later import in_turn
from views.plots.book import Column
from views.state.common import count
from views.state.dso_alarms import alarm_record, same_cause, shelf_ends, unanswered
from views.widgets import Book, ProblemList, csv_button, dialog, text
from views.widgets.forms import Problem

LIST_PX = 218
"""Six whole rows under their head."""
COLUMNS = (
    Column("alarm", "Alarm", width_px=86),
    Column("element", "Element", min_px=112),
    Column("span", "From–to", width_px=94),
    Column("worst", "Worst", width_px=80),
    Column("state", "State", width_px=116),
    Column("answer", "Answer", min_px=70),
    Column("limit", "Limit"),
    Column("zone", "Zone"),
    Column("raised", "Raised"),
    Column("priority", "Priority"),
    Column("span_utc", "From–to, UTC"),
    Column("raised_utc", "Raised, UTC"),
)
_IN_THE_FILE = ("limit", "zone", "raised", "raised_utc")
"""Columns of the download that the list has no room for."""
_ALARM = '<span style="color:var(--fd-<%- priority %>-text);font-weight:600"><%- value %></span>'
"""Symbol and kind in the colour of the priority, which is one of our own words."""
NONE = "Nothing asks for an answer on this day."


class AlarmList:
    """Lay out `view`; `show` follows the market, `on_pick` is told of the alarm that was chosen."""

    def __init__(self, context: PageContext, on_pick: Callable[[dict[str, Any]], None]) -> None:
        self._context, self._on_pick = context, on_pick
        self._alarms: Sequence[Alarm] = ()
        self._picked: str | None = None
        self.book = Book(COLUMNS, height_px=LIST_PX, on_pick=self._on_row)
        utc_on_hover(self.book, "span")
        whole_on_hover(self.book, "answer")
        template(self.book, "alarm", _ALARM, needs="priority")
        align_right(self.book, "worst")
        self.book.view.hidden_columns = [*self.book.view.hidden_columns, *_IN_THE_FILE]
        self._none = text(NONE, "muted", margin=(8, 12))
        self._acknowledge = _button("Acknowledge", self._on_acknowledge, "contained")
        self._acknowledge_zone = _button("Acknowledge feeder", self._on_acknowledge_zone)
        self._shelve = _button("Shelve…", self._on_shelve)
        self._unshelve = _button("Unshelve", self._on_unshelve)
        self._until = pmu.Select(label="How long", options={}, size="small", width=320)
        self._reason = pmu.TextInput(label="Reason", size="small", width=320, placeholder="Such as planned work")
        self._problems = ProblemList({"until": self._until, "reason": self._reason})
        put = pmu.Button(label="Shelve alarm", variant="contained", on_click=in_turn(self._on_shelved))
        leave = pmu.Button(label="Cancel", variant="outlined", on_click=in_turn(self._on_left))
        self.dialog = dialog(
            pn.Spacer(height=8),
            self._problems.beside("until"),
            self._problems.beside("reason"),
            self._problems.view,
            pn.Row(pn.HSpacer(), leave, put, sizing_mode="stretch_width"),
            title="Put this alarm aside?",
        )
        csv = csv_button("alarms.csv", self.book.csv)
        tools = pn.Row(
            *(self._acknowledge, self._acknowledge_zone, self._shelve, self._unshelve, pn.HSpacer(), csv),
            sizing_mode="stretch_width",
            margin=(4, 8),
        )
        self.view = pn.Column(tools, self._none, self.book.view, sizing_mode="stretch_width", margin=0)
        self._enable()

    @property
    def n_unanswered(self) -> int:
        return len(unanswered(self._alarms))

    def show(self, alarms: Sequence[Alarm]) -> None:
        """Show these; the chosen one stays chosen while it is there, else it is the first."""
        self._alarms = alarms
        if self._chosen is None:
            self._picked = alarms[0].id if alarms else None
        self.book.show([alarm_record(alarm) for alarm in alarms])
        self.book.view.visible, self._none.visible = bool(alarms), not alarms
        self._enable()

    @property
    def _chosen(self) -> Alarm | None:
        return next((alarm for alarm in self._alarms if alarm.id == self._picked), None)

    def _enable(self) -> None:
        chosen = self._chosen
        asks = chosen is not None and chosen.state in UNANSWERED
        shelved = chosen is not None and chosen.state is AlarmState.SHELVED
        alike = same_cause(chosen, self._alarms) if chosen is not None else []
        self._acknowledge.disabled = not asks
        self._acknowledge_zone.disabled = not alike
        self._acknowledge_zone.label = f"Acknowledge feeder ({len(alike)})" if alike else "Acknowledge feeder"
        self._shelve.visible = not shelved
        self._unshelve.visible = shelved
        self._shelve.disabled = chosen is None or chosen.state is AlarmState.RETURNED
        at = next((k for k, alarm in enumerate(self._alarms) if alarm.id == self._picked), None)
        self.book.view.selection = [] if at is None else [at]

    def _on_row(self, record: Any) -> None:
        self._picked = record["id"]
        self._enable()
        self._on_pick(record)

    def _on_acknowledge(self, _event: Any) -> None:
        if self._chosen is not None:
            done = self._chosen.id
            waiting = [alarm.id for alarm in unanswered(self._alarms) if alarm.id != done]
            self._answer(AcknowledgeAlarm(alarm_id=done), "The alarm is acknowledged.")
            self._picked = waiting[0] if waiting else done

    def _on_acknowledge_zone(self, _event: Any) -> None:
        """One answer to what has one cause; each alarm is acknowledged for itself."""
        alike = same_cause(self._chosen, self._alarms) if self._chosen is not None else []
        done = 0
        for alarm in alike:
            try:
                self._context.desk.do(AcknowledgeAlarm(alarm_id=alarm.id))
                done += 1
            except Refused:
                continue  # somebody else has answered it meanwhile
        if alike:
            verb = "is" if done == 1 else "are"
            self._context.notify(f"{count(done, 'alarm')} {verb} acknowledged.", "success")

    def _on_shelve(self, _event: Any) -> None:
        if self._chosen is None:
            return
        ends = shelf_ends(self._context.market_now(), self._chosen)
        self._until.param.update(options=ends, value=next(iter(ends.values())))
        self._reason.value = ""
        self._problems.show([])
        self.dialog.open = True

    def _on_shelved(self, _event: Any) -> None:
        if self._chosen is None:
            self.dialog.open = False
            return
        command = ShelveAlarm(alarm_id=self._chosen.id, until=self._until.value, reason=self._reason.value)
        try:
            self._context.desk.do(command)
        except Refused as refused:
            self._problems.show([Problem(f.field, f.sentence) for f in refused.findings])
            return
        self.dialog.open = False
        self._context.notify("The alarm is put aside.", "success")

    def _on_left(self, _event: Any) -> None:
        self.dialog.open = False

    def _on_unshelve(self, _event: Any) -> None:
        if self._chosen is not None:
            self._answer(UnshelveAlarm(alarm_id=self._chosen.id), "The alarm asks again.")

    def _answer(self, command: Command, done: str) -> None:
        attempt(self._context, lambda: self._context.desk.do(command), done)


def _button(label: str, on_click: Callable[[Any], None], variant: str = "outlined") -> pmu.Button:
    return pmu.Button(label=label, variant=variant, size="small", on_click=in_turn(on_click), margin=(2, 4))
