"""An alarm about a service is put aside until a market time, with the reason; or taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.commands.place import ShelveServiceAlarm, UnshelveServiceAlarm
from domain.commands.platform import ShelveOwnAlarm, UnshelveOwnAlarm
from domain.ids import AlarmId
from domain.texts import REASON
from views.pages.context import PageContext
from views.pages.dso_parts import attempt
from views.pages.later import in_turn
from views.pages.place_decisions import carry_out
from views.state.place_monitoring import shelf_ends
from views.widgets import ProblemList, dialog

_SMALL: dict[str, Any] = {"variant": "outlined", "size": "small", "margin": (0, 4)}


class Shelving:
    """Two buttons, of which one is seen, and the dialog that asks how long and why. Lay out `dialog`, too."""

    def __init__(
        self,
        context: PageContext,
        on_done: Callable[[], None],
        *,
        shelve: type[ShelveServiceAlarm | ShelveOwnAlarm] = ShelveServiceAlarm,
        unshelve: type[UnshelveServiceAlarm | UnshelveOwnAlarm] = UnshelveServiceAlarm,
    ) -> None:
        self._context, self._on_done = context, on_done
        self._shelve, self._unshelve = shelve, unshelve
        self._alarm_id = AlarmId("")
        self.shelve = pmu.Button(label="Shelve…", on_click=in_turn(self._on_shelve), **_SMALL)
        self.unshelve = pmu.Button(label="Unshelve", on_click=in_turn(self._on_unshelve), **_SMALL)
        self.until = pmu.Select(label="How long", options={}, size="small", width=320)
        self.reason = pmu.TextInput(
            label="Reason", max_length=REASON, size="small", width=320, placeholder="Such as planned work"
        )
        self.problems = ProblemList({"until": self.until, "reason": self.reason})
        put = pmu.Button(label="Shelve alarm", variant="contained", on_click=in_turn(self._on_put))
        leave = pmu.Button(label="Cancel", variant="outlined", on_click=in_turn(self._on_left))
        self.dialog = dialog(
            pn.Spacer(height=8),
            self.problems.beside("until"),
            self.problems.beside("reason"),
            self.problems.view,
            pn.Row(pn.HSpacer(), leave, put, sizing_mode="stretch_width"),
            title="Put this alarm aside?",
        )
        self.show(None)

    def show(self, alarm: dict[str, Any] | None) -> None:
        """The alarm that is chosen in the book."""
        state = "" if alarm is None else alarm["state"]
        self._alarm_id = AlarmId("" if alarm is None else alarm["id"])
        self.shelve.visible, self.unshelve.visible = state != "shelved", state == "shelved"
        self.shelve.disabled = state not in ("raised", "acknowledged")

    def _on_shelve(self, _event: Any) -> None:
        ends = shelf_ends(self._context.market_now())
        self.until.param.update(options=ends, value=next(iter(ends.values())))
        self.reason.value = ""
        self.problems.show([])
        self.dialog.open = True

    def _on_put(self, _event: Any) -> None:
        command = self._shelve(alarm_id=self._alarm_id, until=self.until.value, reason=self.reason.value or "")
        if carry_out(self._context, command, self.problems, {"until": "until", "reason": "reason"}):
            self.dialog.open = False
            self._context.notify("The alarm is put aside.", "success")
            self._on_done()

    def _on_left(self, _event: Any) -> None:
        self.dialog.open = False

    def _on_unshelve(self, _event: Any) -> None:
        command = self._unshelve(alarm_id=self._alarm_id)
        if attempt(self._context, lambda: self._context.desk.do(command), "The alarm asks again."):
            self._on_done()
