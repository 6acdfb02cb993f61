"""Deliveries of values, for both sides: due, sent, acknowledged, gaps; and messages that were not taken."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.commands import Command
from domain.commands.platform import AskAgain, DropSentMessage, ReplaySentMessage, SendAgain
from domain.ids import MessageId
from domain.parties import Role
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext, Side
from views.pages.dso_parts import attempt, link_button, utc_on_hover, whole_on_hover
from views.pages.later import in_turn
from views.pages.platform_subscriptions import facts_list
from views.plots.book import Column
from views.state.platform_deliveries import (
    DeliveriesFacts,
    DeliveriesState,
    counts,
    deliveries_facts,
    delivery_lines,
    delivery_record,
    message_record,
    status_records,
    unsent,
)
from views.widgets import Book, ConfirmDialog, KeyFigure, KeyFigures, csv_button, empty_state, panel
from views.widgets.markup import html_pane
from views.widgets.tables import Record

DELIVERIES = (
    Column("state", "State", "state", width_px=122),
    Column("period", "Period", "time", width_px=136),
    Column("period_utc", "UTC"),
    Column("peer", "Other side", min_px=110),
    Column("what", "Values of", min_px=190),
    Column("values", "Values", "count", width_px=70),
    Column("gaps", "Gaps", "count", width_px=58),
    Column("parts", "Acknowledged", width_px=114),
    Column("in_time", "Sent", width_px=72),
    Column("revision", "Revision", "count", width_px=82),
)
STATUSES = (
    Column("state", "State", "state", width_px=118),
    Column("name", "Series", min_px=150),
    Column("values", "Values", "count", width_px=80),
    Column("gaps", "Gaps", "count", width_px=66),
)
MESSAGES = (
    Column("state", "State", "state", width_px=110),
    Column("to", "To", min_px=130),
    Column("path", "What", min_px=200),
    Column("tries", "Tries", "count", width_px=70),
    Column("behind", "Waiting behind", "count", width_px=120),
    Column("error", "Last answer", min_px=220),
    Column("created", "Since", "time", width_px=116),
    Column("created_utc", "UTC"),
)
_SIDE_PX = 440
_EMPTY = {
    Role.PROVIDER: "Each day's values go out by themselves as soon as an agreement is in force.",
    Role.REQUESTER: "Values come by themselves as soon as an agreement is in force.",
}
_AGAIN = {
    Role.PROVIDER: ("Send again", "It is sent again as it stands now."),
    Role.REQUESTER: ("Ask for it again", "The provider is asked to send it again."),
}


class DeliveriesPage:
    """The strip, deliveries at the left, the picked one at the right; messages below."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = DeliveriesState()
        context.location.sync(self.state, {"delivery": "delivery", "message": "message"})
        self._facts: DeliveriesFacts = deliveries_facts(context.desk, self.state.delivery)
        self._strip = KeyFigures([])
        self._book = Book(DELIVERIES, on_pick=self._on_pick)
        self._statuses, self._messages = Book(STATUSES), Book(MESSAGES, on_pick=self._on_message)
        utc_on_hover(self._book, "period")
        utc_on_hover(self._messages, "created")
        whole_on_hover(self._book, "peer", "what")
        whole_on_hover(self._statuses, "name")
        whole_on_hover(self._messages, "to", "path", "error")
        self._none = empty_state(
            "No values were delivered yet.",
            _EMPTY[context.principal.role],
            link_button("Activations", "/platform/activations"),
        )
        self._no_message = empty_state("Nothing waits.", "Messages that cannot be sent are listed here.")
        self._lines = html_pane("", margin=(0, 4))
        self.dialog = ConfirmDialog()
        small: dict[str, Any] = {"variant": "outlined", "size": "small", "margin": (0, 6)}
        self.replay = pmu.Button(label="Replay", on_click=in_turn(self._on_replay), **small)
        self.drop = pmu.Button(label="Give up", on_click=in_turn(self._on_drop), **small)
        label, self._done = _AGAIN[context.principal.role]
        self.again = pmu.Button(
            label=label, variant="outlined", on_click=in_turn(self._on_again), margin=(4, 12, 12, 12)
        )
        self._picked = panel("The delivery that is picked", self._lines, self.again, self._statuses.view)
        self._show()
        context.live.subscribe(self._on_news, {news.PLATFORM, news.CLOCK})

    def main(self) -> list[Any]:
        book = panel(
            "Deliveries",
            self._none,
            self._book.view,
            tools=[pn.HSpacer(), csv_button("deliveries.csv", self._book.csv)],
        )
        tools = [pn.HSpacer(), self.replay, self.drop]
        messages = panel("Messages that were not taken yet", self._no_message, self._messages.view, tools=tools)
        left = pn.Column(book, messages, sizing_mode="stretch_width", margin=0)
        side = pn.Column(self._picked, width=_SIDE_PX, margin=0)
        return [self._strip.view, pn.Row(left, side, sizing_mode="stretch_width", margin=0), self.dialog.view]

    def draw(self) -> None:
        """Ask again and show."""
        self._facts = deliveries_facts(self._context.desk, self.state.delivery)
        self._show()

    def _show(self) -> None:
        facts, view = self._facts, self._facts.chosen
        records = [delivery_record(each, facts.peer(each.subscription_id)) for each in facts.deliveries]
        show_fitted(self._book, records, most_px=440)
        self._book.view.visible, self._none.visible = bool(records), not records
        self._book.mark("id", view.delivery.id if view else "")
        self._picked.visible = view is not None
        if view is not None:
            statuses = status_records(view)
            self._lines.object = facts_list(
                delivery_lines(view.delivery, facts.peer(view.delivery.subscription_id))
            )
            show_fitted(self._statuses, statuses, most_px=320)
            self._statuses.view.visible = bool(statuses)
        messages = unsent(self._context.desk)
        show_fitted(self._messages, [message_record(row) for row in messages], most_px=260)
        self._messages.view.visible, self._no_message.visible = bool(messages), not messages
        self._show_message()
        self._strip.show(figures(facts, sum(row.state.value == "dead" for row in messages)))

    def _show_message(self) -> None:
        message = self._messages.mark("id", self.state.message)
        self.replay.disabled = message is None or message["state"] != "dead"
        self.drop.disabled = message is None

    def _on_message(self, picked: Record) -> None:
        self.state.message = picked["id"]
        self._show_message()

    def _on_replay(self, _event: Any) -> None:
        self._settle(ReplaySentMessage(message_id=MessageId(self.state.message)), "It is tried again.")

    def _on_drop(self, _event: Any) -> None:
        command = DropSentMessage(message_id=MessageId(self.state.message))
        consequence = "It is never delivered; those that wait behind it can go. This cannot be taken back."
        self.dialog.ask("Give the message up?", consequence, "Give up", lambda: self._settle(command, "Given up."))

    def _settle(self, command: Command, done: str) -> None:
        if attempt(self._context, lambda: self._context.desk.do(command), done):
            self.draw()

    def _on_pick(self, picked: Record) -> None:
        self.state.delivery = picked["id"]
        self.draw()

    def _on_again(self, _event: Any) -> None:
        view = self._facts.chosen
        if view is None:
            return
        kind = SendAgain if self._context.principal.role is Role.PROVIDER else AskAgain
        command = kind(delivery_id=view.delivery.id)
        if attempt(self._context, lambda: self._context.desk.do(command), self._done):
            self.draw()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.draw()


def figures(facts: DeliveriesFacts, n_dead: int) -> list[KeyFigure]:
    """What there is of deliveries, and what is wrong with them."""
    n = counts(facts.deliveries)
    return [
        KeyFigure("Sent", f"{n['sent']:,}", "", "of those listed"),
        KeyFigure("Acknowledged", f"{n['acknowledged']:,}", "", f"of {n['sent']:,}"),
        KeyFigure("Late", f"{n['late']:,}", "", "after they were due", "watch" if n["late"] else "normal"),
        KeyFigure("Gaps", f"{n['gaps']:,}", "", "values missing", "watch" if n["gaps"] else "normal"),
        KeyFigure("Taken back", f"{n['withdrawn']:,}", "", "as a consent ended"),
        KeyFigure("Messages refused", f"{n_dead:,}", "", "", "alarm" if n_dead else "normal"),
    ]


def _build(context: PageContext) -> Content:
    page = DeliveriesPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/platform/deliveries",
        title="Deliveries",
        nav="Deliveries",
        roles=frozenset({Role.PROVIDER, Role.REQUESTER}),
        build=_build,
        side=Side.PLATFORM,
    ),
)
