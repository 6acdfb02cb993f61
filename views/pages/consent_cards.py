"""Cards of a customer's consents: give, give a part, refuse; end, or end for some points of delivery."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.commands import Command
from domain.commands.platform import GiveConsent, RefuseConsent, RevokeConsent
from domain.errors import Refused
from domain.ids import PodId
from domain.platform.pods import Pod
from views.pages.later import in_turn
from views.state.consent_words import Known, Words, first_day, last_day, part_of_period, pod_name, words
from views.state.spans import by_field
from views.widgets import ConfirmDialog, Problem, ProblemList
from views.widgets.markup import html_pane, tag

Send = Callable[[Command, str], None]
"""(command, what is said when it is done); raises `Refused`."""
_FIELDS = {"pod_ids": "pod_ids", "starts_at": "starts_at", "ends_at": "ends_at"}


@dataclass(frozen=True, kw_only=True)
class Hands:
    """What a card may do: send a command, and ask before it does."""

    send: Send
    dialog: ConfirmDialog


def facts_markup(said: Words, *, chosen: bool = False) -> str:
    """Headline and facts in big type; all text is escaped."""
    rows = "".join(
        tag("dt", escape(what)) + tag("dd", escape(value), **({"title": hover} if hover else {}))
        for what, value, hover in said.facts
    )
    note = tag("p", escape(said.note), class_="plain") if said.note else ""
    body = tag("h3", escape(said.headline), class_="plain-head") + tag("dl", rows, class_="plain-facts") + note
    return tag("section", body, class_="plain-card chosen" if chosen else "plain-card")


class Card:
    """One consent. `view` is laid out; nothing of it is kept when the consent changes."""

    def __init__(self, known: Known, pods: Mapping[PodId, Pod], hands: Hands, *, chosen: bool = False) -> None:
        self._known, self._pods, self._hands = known, pods, hands
        self._text = html_pane(facts_markup(words(known, pods), chosen=chosen), margin=(8, 16, 0, 16))
        self.some = self._some() if known.open else self._which()
        self.some.view.visible = False
        self.problems = ProblemList({})
        buttons = self._asked() if known.open else self._standing()
        self.buttons = pn.Row(*buttons, margin=(0, 16, 12, 16))
        self.view = pn.Column(
            self._text,
            self.problems.view,
            self.buttons,
            self.some.view,
            sizing_mode="stretch_width",
            max_width=1000,
            margin=0,
        )

    def _asked(self) -> list[pmu.Button]:
        return [
            big("I agree", self._on_give, "contained"),
            big("Agree to a part …", self._on_part),
            big("I do not agree", self._on_refuse),
        ]

    def _standing(self) -> list[pmu.Button]:
        buttons = [big("End this", self._on_revoke)]
        return [*buttons, big("End a part …", self._on_part)] if len(self._known.standing) > 1 else buttons

    def _some(self) -> Part:
        return Part(self._known, self._pods, self._known.consent.pod_ids, self._on_give_part, dated=True)

    def _which(self) -> Part:
        return Part(self._known, self._pods, self._known.standing, self._on_revoke_part, dated=False)

    def _send(self, command: Command, done: str) -> None:
        try:
            self._hands.send(command, done)
        except Refused as refused:
            self.problems.show([Problem("", finding.sentence) for finding in refused.findings])

    def _on_give(self, _event: Any) -> None:
        command = GiveConsent(consent_id=self._known.consent.id)
        self._send(command, f"{self._known.requester} gets your data from now on. You can end this at any time.")

    def _on_refuse(self, _event: Any) -> None:
        command = RefuseConsent(consent_id=self._known.consent.id)
        self._send(command, f"{self._known.requester} gets nothing.")

    def _on_part(self, _event: Any) -> None:
        self.some.view.visible = not self.some.view.visible

    def _on_give_part(self, part: Part) -> None:
        starts_at, ends_at = part_of_period(self._known.consent, part.first.value, part.last.value)
        command = GiveConsent(
            consent_id=self._known.consent.id, pod_ids=part.chosen(), starts_at=starts_at, ends_at=ends_at
        )
        self._hands.send(command, f"{self._known.requester} gets this part of your data from now on.")

    def _on_revoke(self, _event: Any) -> None:
        who = self._known.requester
        consequence = (
            f"{who} gets no more of your data from this moment on, of the past neither. "
            f"If you want to agree again, {who} has to ask you again."
        )
        command = RevokeConsent(consent_id=self._known.consent.id)
        done = f"It has ended. {who} gets no more data."
        self._hands.dialog.ask(f"End what {who} gets?", consequence, "End it", lambda: self._send(command, done))

    def _on_revoke_part(self, part: Part) -> None:
        command = RevokeConsent(consent_id=self._known.consent.id, pod_ids=part.chosen())
        self._hands.send(command, "It has ended for these points of delivery.")


class Part:
    """Some of the points of delivery, and with `dated` a shorter time."""

    def __init__(
        self,
        known: Known,
        pods: Mapping[PodId, Pod],
        offered: tuple[PodId, ...],
        on_send: Callable[[Part], None],
        *,
        dated: bool,
    ) -> None:
        self._on_done = on_send
        look: dict[str, Any] = {"margin": (8, 16)}
        options = {pod_name(pod_id, pods): pod_id for pod_id in offered}
        self.pods = pmu.CheckBoxGroup(
            label="Points of delivery", options=options, value=list(offered) if dated else [], **look
        )
        consent = known.consent
        bounds: dict[str, Any] = {"start": first_day(consent.starts_at), "end": last_day(consent.ends_at)}
        self.first = pmu.DatePicker(label="First day", value=bounds["start"], width=240, **bounds, **look)
        self.last = pmu.DatePicker(label="Last day", value=bounds["end"], width=240, **bounds, **look)
        fields = {"pod_ids": self.pods} | ({"starts_at": self.first, "ends_at": self.last} if dated else {})
        self.problems = ProblemList(fields)
        days = [self.problems.beside(name) for name in fields if name != "pod_ids"]
        self.view = pn.Column(
            self.problems.beside("pod_ids"),
            pn.Row(*days, margin=0),
            self.problems.view,
            pn.Row(
                big("Agree to this part" if dated else "End these", self._on_send, "contained"), margin=(0, 16)
            ),
            sizing_mode="stretch_width",
            margin=(0, 0, 16, 0),
        )

    def chosen(self) -> tuple[PodId, ...]:
        """Never none: for the platform none means all."""
        return tuple(self.pods.value)

    def _on_send(self, _event: Any) -> None:
        if not self.pods.value:
            self.problems.show([Problem("pod_ids", "Choose at least one point of delivery.")])
            return
        try:
            self._on_done(self)
        except Refused as refused:
            self.problems.show([Problem(*found) for found in by_field(refused.findings, _FIELDS)])
            return
        self.problems.show([])


def big(label: str, on_click: Callable[[Any], None], variant: str = "outlined") -> pmu.Button:
    """A button in the size of a customer's pages."""
    return pmu.Button(label=label, variant=variant, size="large", on_click=in_turn(on_click), margin=(4, 12, 4, 0))
