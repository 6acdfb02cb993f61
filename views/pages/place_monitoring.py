"""Services under way: their states, alarms about them, and for the operator the messages that were not taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models.messages import ListMessages, MessageRow
from app.queries.models.place import ListServiceAlarms, ListServiceStatus, ServiceStatus
from domain.commands import Command
from domain.commands.place import AcknowledgeServiceAlarm, DropMessage, ReplayMessage
from domain.ids import AlarmId, MessageId
from domain.marketplace.service_alarms import ServiceAlarm
from domain.parties import PLACE, Role
from views import news
from views.pages.books import picked_or_first, show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import attempt, utc_on_hover, whole_on_hover
from views.pages.later import in_turn
from views.pages.place_shelving import Shelving
from views.pages.place_told import Told
from views.plots.book import Column
from views.state.place_monitoring import alarm_record, message_record, status_record
from views.state.place_pick import MonitoringPick
from views.widgets import (
    Book,
    ConfirmDialog,
    KeyFigure,
    KeyFigures,
    csv_button,
    empty_state,
    panel,
    text,
)

SERVICES = (
    Column("state", "Contract", "state", width_px=104),
    Column("service", "Service", "state", width_px=124),
    Column("provider", "Provider", min_px=120),
    Column("requester", "Requester", min_px=120),
    Column("consents", "Consents", min_px=130),
    Column("activations", "Activations", min_px=100),
    Column("delivered", "Delivered", "count", width_px=88),
    Column("acknowledged", "Acknowledged", "count", width_px=112),
    Column("overdue", "Overdue", "count", width_px=78),
    Column("alarms", "Alarms", "count", width_px=70),
    Column("at", "Told", "time", width_px=140),
    Column("at_utc", "UTC"),
)
ALARMS = (
    Column("priority", "Priority", "state", width_px=96),
    Column("state", "State", "state", width_px=124),
    Column("kind", "Alarm", min_px=140),
    Column("detail", "What it is", min_px=230),
    Column("subject", "About", min_px=130),
    Column("by", "Answered by", min_px=100),
    Column("until", "Put aside until", min_px=130),
    Column("at", "Raised", "time", width_px=140),
    Column("at_utc", "UTC"),
)
MESSAGES = (
    Column("state", "State", "state", width_px=104),
    Column("to", "To", min_px=120),
    Column("stream", "Stream", min_px=120),
    Column("path", "Call", min_px=150),
    Column("tries", "Tries", "count", width_px=62),
    Column("behind", "Wait behind", "count", width_px=98),
    Column("error", "What came back", min_px=190),
    Column("at", "Sent", "time", width_px=156),
    Column("next", "Next try", "time", width_px=156),
)


class MonitoringPage:
    """Alarms first, services below, and the operator's messages at the end."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        role = context.principal.role
        self._operates, self._answers = role is Role.PLACE_OPERATOR, role is not Role.REQUESTER
        self.state = MonitoringPick()
        context.location.sync(self.state, {"alarm_id": "alarm", "message_id": "message", "service_id": "service"})
        self._strip = KeyFigures([])
        self._alarms = Book(ALARMS, on_pick=self._on_alarm)
        utc_on_hover(self._alarms, "at")
        whole_on_hover(self._alarms, "detail", "subject", "until")
        self._calm = text("No alarm stands.", "muted", margin=(0, 12, 12, 12))
        self._services = Book(SERVICES, on_pick=self._on_service)
        self.told = Told(context)
        utc_on_hover(self._services, "at")
        whole_on_hover(self._services, "provider", "requester", "consents", "activations")
        self._none = empty_state("No service is under way.", "Services appear here when they are subscribed to.")
        self._messages = Book(MESSAGES, on_pick=self._on_message)
        whole_on_hover(self._messages, "to", "stream", "path", "error")
        self._taken = text("All messages were taken.", "muted", margin=(0, 12, 12, 12))
        self._dialog = ConfirmDialog()
        self.acknowledge = _small("Acknowledge", self._on_acknowledge)
        self.shelving = Shelving(context, self.refresh)
        self.replay = _small("Replay", self._on_replay)
        self.drop = _small("Give up", self._on_drop)
        self.refresh()
        context.live.subscribe(self._on_news, {news.DEALS, news.MESSAGES, news.PLAYERS})

    def main(self) -> list[Any]:
        answers = [self.acknowledge, self.shelving.shelve, self.shelving.unshelve] if self._answers else []
        tools = [pn.HSpacer(), *answers]
        alarms = panel("Alarms", self._calm, self._alarms.view, tools=tools)
        services = panel(
            "Services under way",
            self._none,
            self._services.view,
            tools=[pn.HSpacer(), csv_button("services.csv", self._services.csv)],
        )
        shown = [self._strip.view, alarms, services, self.told.panel()]
        if self._operates:
            messages = (self._taken, self._messages.view)
            shown.append(panel("Messages not taken yet", *messages, tools=[pn.HSpacer(), self.replay, self.drop]))
        return [*shown, self.shelving.dialog, self._dialog.view]

    def refresh(self) -> None:
        """Ask again and patch."""
        ask = self._context.desk.ask
        alarms, services = ask(ListServiceAlarms()), ask(ListServiceStatus())
        messages: Sequence[MessageRow] = ask(ListMessages()) if self._operates else ()
        show_fitted(self._alarms, [alarm_record(one) for one in alarms], most_px=260)
        self._alarms.view.visible, self._calm.visible = bool(alarms), not alarms
        show_fitted(self._services, [status_record(one) for one in services], most_px=340)
        self._services.view.visible, self._none.visible = bool(services), not services
        self.state.service_id = picked_or_first(
            self.state.service_id, (one["id"] for one in self._services.records)
        )
        self._show_service()
        show_fitted(self._messages, [message_record(row) for row in messages], most_px=300)
        self._messages.view.visible, self._taken.visible = bool(messages), not messages
        self._strip.show(figures(services, alarms, messages, operates=self._operates))
        self._show_picked()

    def _show_picked(self) -> None:
        alarm = self._alarms.mark("id", self.state.alarm_id)
        self.acknowledge.disabled = alarm is None or alarm["state"] not in ("raised", "returned")
        self.shelving.show(alarm)
        message = self._messages.mark("id", self.state.message_id)
        self.replay.disabled = message is None or message["state"] != "dead"
        self.drop.disabled = message is None

    def _on_alarm(self, record: Any) -> None:
        self.state.alarm_id = record["id"]
        self._show_picked()

    def _show_service(self) -> None:
        self._services.mark("id", self.state.service_id)
        self.told.show(self.state.service_id)

    def _on_service(self, record: Any) -> None:
        self.state.service_id = record["id"]
        self._show_service()

    def _on_message(self, record: Any) -> None:
        self.state.message_id = record["id"]
        self._show_picked()

    def _on_acknowledge(self, _event: Any) -> None:
        self._do(AcknowledgeServiceAlarm(alarm_id=AlarmId(self.state.alarm_id)), "Acknowledged.")

    def _on_replay(self, _event: Any) -> None:
        self._do(ReplayMessage(message_id=MessageId(self.state.message_id)), "It is tried again.")

    def _on_drop(self, _event: Any) -> None:
        command = DropMessage(message_id=MessageId(self.state.message_id))
        consequence = "It is never delivered; those that wait behind it can go. This cannot be taken back."
        self._dialog.ask("Give the message up?", consequence, "Give up", lambda: self._do(command, "Given up."))

    def _do(self, command: Command, said: str) -> None:
        if attempt(self._context, lambda: self._context.desk.do(command), said):
            self.refresh()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def figures(
    services: Sequence[ServiceStatus],
    alarms: Sequence[ServiceAlarm],
    messages: Sequence[MessageRow],
    *,
    operates: bool,
) -> list[KeyFigure]:
    """What asks for an answer comes first."""
    reports = [one.report for one in services if one.report is not None]
    overdue = sum(report.n_overdue for report in reports)
    dead = sum(row.state.value == "dead" for row in messages)
    shown = [
        KeyFigure("Alarms", str(len(alarms)), "", "", "alarm" if alarms else "normal"),
        KeyFigure("Services", str(len(services)), "", f"{len(reports)} told of"),
        KeyFigure("Deliveries overdue", f"{overdue:,}", "", "", "watch" if overdue else "normal"),
        KeyFigure("Delivered", f"{sum(report.n_delivered for report in reports):,}", "", "as told last"),
    ]
    if operates:
        shown.append(KeyFigure("Dead letters", str(dead), "", "", "alarm" if dead else "normal"))
    return shown


def _small(label: str, on_click: Any) -> pmu.Button:
    return pmu.Button(label=label, variant="outlined", size="small", margin=(0, 4), on_click=in_turn(on_click))


def _build(context: PageContext) -> Content:
    page = MonitoringPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (Page(path="/place/monitoring", title="Monitoring", nav="Monitoring", roles=PLACE, build=_build),)
