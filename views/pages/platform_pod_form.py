"""The form of one point of delivery: register a new one, or change the one that is looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.errors import Refused
from domain.platform.pods import ZONES, Pod
from views.pages.context import PageContext
from views.pages.later import in_turn
from views.state.platform_pods import pod_command
from views.state.spans import by_field
from views.widgets import Problem, ProblemList, text

_LOOK: dict[str, Any] = {"size": "small", "margin": (6, 12), "sizing_mode": "stretch_width"}
NEW = "A new point of delivery."


class PodForm:
    """`on_done(pod id)` after it was stored."""

    def __init__(self, context: PageContext, on_done: Callable[[str], None]) -> None:
        self._context, self._on_done = context, on_done
        self._known: Pod | None = None
        self.fields: dict[str, Any] = {
            "pod_id": pmu.TextInput(label="Code, such as an EIC", max_length=40, **_LOOK),
            "country": pmu.Select(label="Country", options=sorted(ZONES), value="DE", **_LOOK),
            "postcode": pmu.TextInput(label="Postcode", max_length=12, **_LOOK),
            "city": pmu.TextInput(label="City", max_length=120, **_LOOK),
            "street": pmu.TextInput(label="Street and number", max_length=120, **_LOOK),
            "customer_id": pmu.TextInput(label="Customer number, if known", max_length=40, **_LOOK),
        }
        self.problems = ProblemList(self.fields)
        self._words = text(NEW, "muted", margin=(4, 12))
        self.send = pmu.Button(label="Register", variant="contained", on_click=in_turn(self._on_send))
        self.empty = pmu.Button(
            label="New", variant="outlined", on_click=in_turn(lambda _event: self._on_done(""))
        )
        self.view = pn.Column(
            self._words,
            *(self.problems.beside(name) for name in self.fields),
            self.problems.view,
            pn.Row(self.send, self.empty, margin=(4, 12, 12, 12)),
            sizing_mode="stretch_width",
            margin=0,
        )

    def show(self, pod: Pod | None) -> None:
        """The one that is looked at; what somebody has typed stays while it is the same."""
        before, self._known = self._known, pod
        self.send.label = "Register" if pod is None else "Change"
        self.empty.visible = pod is not None
        self.fields["pod_id"].disabled = pod is not None
        self._words.object = text(NEW if pod is None else f"Change {pod.id}.", "muted").object
        if (before.id if before else "") == (pod.id if pod else ""):
            return
        values = {name: str(getattr(pod, name) or "") for name in self.fields if name != "pod_id"} if pod else {}
        for name, widget in self.fields.items():
            widget.value = values.get(name, "DE" if name == "country" else "")
        self.fields["pod_id"].value = pod.id if pod else ""
        self.problems.show([])

    def _on_send(self, _event: Any) -> None:
        form = {name: widget.value or "" for name, widget in self.fields.items()}
        command = pod_command(form, self._known)
        try:
            self._context.desk.do(command)
        except Refused as refused:
            rules = {name: name for name in self.fields}
            self.problems.show([Problem(*found) for found in by_field(refused.findings, rules)])
            return
        self.problems.show([])
        self._context.notify(f"{command.pod_id} is stored.", "success")
        self._on_done(command.pod_id)
