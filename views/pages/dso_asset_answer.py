"""The DSO's answer to an asset in its grid: confirmed, confirmed under a condition, or refused with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.commands import Command, ConfirmAsset, ConfirmConditionally, RefuseAsset
from domain.errors import Refused
from domain.flexibility.assets import FlexAsset
from domain.lifecycle import AssetState
from views.pages.context import PageContext
from views.pages.later import in_turn
from views.state.dso_assets import hour_options, read_condition
from views.state.spans import by_field
from views.widgets import ProblemList, text
from views.widgets.forms import Problem

_FIELDS = {"most_up_mw": "up", "most_down_mw": "down", "to_hour": "to", "from_hour": "to", "reason": "reason"}


class Answer:
    """The buttons and their fields; `on_done()` after an answer was given."""

    def __init__(self, context: PageContext, on_done: Callable[[], None]) -> None:
        self._context, self._on_done = context, on_done
        self._asset: FlexAsset | None = None
        small: dict[str, Any] = {"size": "small", "margin": (4, 12), "sizing_mode": "stretch_width"}
        self.up = pmu.TextInput(label="At most up, MW (empty: no limit)", **small)
        self.down = pmu.TextInput(label="At most down, MW (empty: no limit)", **small)
        self.start = pmu.Select(label="From", options=hour_options(False), value=0, **small)
        self.end = pmu.Select(label="Until", options=hour_options(True), value=24, **small)
        self.reason = pmu.TextInput(label="Reason of a refusal or condition", max_length=400, **small)
        self._problems = ProblemList({"up": self.up, "down": self.down, "to": self.end, "reason": self.reason})
        self.confirm = pmu.Button(
            label="Confirm", variant="contained", icon="check", disabled=True, on_click=in_turn(self._on_confirm)
        )
        self.limit = pmu.Button(
            label="Confirm conditionally", variant="outlined", disabled=True, on_click=in_turn(self._on_limit)
        )
        self.refuse = pmu.Button(
            label="Refuse", variant="outlined", disabled=True, on_click=in_turn(self._on_refuse)
        )
        self._chosen = text("", margin=(4, 12))
        beside = self._problems.beside
        self.view = pn.Column(
            self._chosen,
            pn.Row(self.confirm, margin=(4, 12)),
            beside("reason"),
            self._problems.view,
            pn.Row(self.refuse, margin=(4, 12)),
            text("A condition limits what may be offered:", "muted", margin=(4, 12)),
            beside("up"),
            beside("down"),
            pn.Row(pn.Column(self.start, width=186, margin=0), pn.Column(beside("to"), width=186, margin=0)),
            pn.Row(self.limit, margin=(4, 12, 12, 12)),
            sizing_mode="stretch_width",
        )

    def show(self, asset: FlexAsset | None) -> None:
        """The asset that is answered to; findings about another one go."""
        if asset is None or self._asset is None or asset.id != self._asset.id:
            self._problems.show([])
        self._asset = asset
        self.confirm.disabled = asset is None or asset.state is AssetState.CONFIRMED
        self.refuse.disabled = asset is None or asset.state is AssetState.REFUSED
        self.limit.disabled = asset is None
        if asset is None:
            self._chosen.object = text("Pick an asset in the table.", "muted").object
            return
        limit = f", {asset.condition.words()}" if asset.condition else ""
        self._chosen.object = text(f"{asset.name}: {asset.state.value}{limit}").object

    def _on_confirm(self, _event: Any) -> None:
        asset = self._asset
        if asset is not None:
            self._send(ConfirmAsset(asset_id=asset.id), f"{asset.name} is confirmed.")

    def _on_limit(self, _event: Any) -> None:
        asset = self._asset
        if asset is None:
            return
        condition, unread = read_condition(self.up.value, self.down.value, self.start.value, self.end.value)
        if unread:
            self._say(Refused(unread))
            return
        command = ConfirmConditionally(asset_id=asset.id, condition=condition, reason=self.reason.value)
        self._send(command, f"{asset.name} is confirmed: {condition.words()}.")

    def _on_refuse(self, _event: Any) -> None:
        asset = self._asset
        if asset is not None:
            self._send(RefuseAsset(asset_id=asset.id, reason=self.reason.value), f"{asset.name} is refused.")

    def _send(self, command: Command, done: str) -> None:
        """Send it; the form is emptied when it was taken, else what is wrong stands beside its field."""
        try:
            self._context.desk.do(command)
        except Refused as refused:
            self._say(refused)
            return
        self._problems.show([])
        for field in (self.reason, self.up, self.down):
            field.value = ""
        self.start.value, self.end.value = 0, 24
        self._context.notify(done, "success")
        self._on_done()

    def _say(self, refused: Refused) -> None:
        self._problems.show([Problem(*found) for found in by_field(refused.findings, _FIELDS)])
