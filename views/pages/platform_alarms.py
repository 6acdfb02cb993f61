"""Alarms about a registration's own services and messages on its platform: acknowledged, shelved, taken back."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models.platform import ListOwnAlarms
from domain.commands.platform import AcknowledgeOwnAlarm, ShelveOwnAlarm, UnshelveOwnAlarm
from domain.ids import AlarmId
from domain.parties import Role
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext, Side
from views.pages.dso_parts import attempt, utc_on_hover, whole_on_hover
from views.pages.later import in_turn
from views.pages.place_monitoring import ALARMS
from views.pages.place_shelving import Shelving
from views.state.place_monitoring import alarm_record
from views.state.place_pick import MonitoringPick
from views.widgets import Book, csv_button, empty_state, panel


class AlarmsPage:
    """What asks for an answer comes first."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = MonitoringPick()
        context.location.sync(self.state, {"alarm_id": "alarm"})
        self._book = Book(ALARMS, on_pick=self._on_pick)
        utc_on_hover(self._book, "at")
        whole_on_hover(self._book, "detail", "subject", "until")
        self._none = empty_state(
            "No alarm stands.", "Late deliveries, broken SLAs and messages that nobody took appear here."
        )
        self.acknowledge = pmu.Button(
            label="Acknowledge",
            variant="outlined",
            size="small",
            margin=(0, 4),
            on_click=in_turn(self._on_acknowledge),
        )
        self.shelving = Shelving(context, self.refresh, shelve=ShelveOwnAlarm, unshelve=UnshelveOwnAlarm)
        self.refresh()
        context.live.subscribe(self._on_news, {news.PLATFORM, news.CLOCK})

    def main(self) -> list[Any]:
        answers = [self.acknowledge, self.shelving.shelve, self.shelving.unshelve]
        tools = [pn.HSpacer(), *answers, csv_button("alarms.csv", self._book.csv)]
        return [panel("Alarms", self._none, self._book.view, tools=tools), self.shelving.dialog]

    def refresh(self) -> None:
        """Ask again and patch."""
        alarms = self._context.desk.ask(ListOwnAlarms())
        show_fitted(self._book, [alarm_record(one) for one in alarms], most_px=520)
        self._book.view.visible, self._none.visible = bool(alarms), not alarms
        self._show_picked()

    def _show_picked(self) -> None:
        alarm = self._book.mark("id", self.state.alarm_id)
        self.acknowledge.disabled = alarm is None or alarm["state"] not in ("raised", "returned")
        self.shelving.show(alarm)

    def _on_pick(self, record: Any) -> None:
        self.state.alarm_id = record["id"]
        self._show_picked()

    def _on_acknowledge(self, _event: Any) -> None:
        command = AcknowledgeOwnAlarm(alarm_id=AlarmId(self.state.alarm_id))
        if attempt(self._context, lambda: self._context.desk.do(command), "Acknowledged."):
            self.refresh()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def _build(context: PageContext) -> Content:
    page = AlarmsPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/platform/alarms",
        title="Alarms about services",
        nav="Service alarms",
        roles=frozenset({Role.PROVIDER, Role.REQUESTER}),
        build=_build,
        side=Side.PLATFORM,
    ),
)
