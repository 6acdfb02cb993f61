"""Subscriptions (B2B-SRV-SUB) of both sides: what was agreed on, the agreement as a file, and the way out."""

from __future__ import annotations

import io
from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models.place import GetAgreementFile, ListSubscriptions, SubscriptionRow
from domain.commands.place import CancelSubscription
from domain.parties import PLACE
from views import news
from views.pages.books import picked_or_first, show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import whole_on_hover
from views.pages.later import in_turn
from views.pages.place_decisions import carry_out
from views.plots.book import Column
from views.state.place_deals import (
    other_side,
    subscribed_services,
    subscription_facts,
    subscription_record,
    subscription_state,
)
from views.state.place_pick import SubscriptionPick
from views.widgets import (
    Book,
    ConfirmDialog,
    FactList,
    KeyFigure,
    KeyFigures,
    ProblemList,
    csv_button,
    empty_state,
    panel,
    text,
)
from views.widgets.facts import facts_markup
from views.widgets.markup import html_pane, tag

SUBSCRIPTIONS = (
    Column("state", "State", "state", width_px=108),
    Column("provider", "Provider", min_px=120),
    Column("requester", "Requester", min_px=120),
    Column("services", "Services", min_px=250),
    Column("price_eur", "EUR a month", "figure", width_px=108),
    Column("starts", "From", "time", width_px=106),
    Column("ends", "To", "time", width_px=106),
)
_SIDE_PX = 430


class SubscriptionsPage:
    """The book at the left, the picked one at the right."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = SubscriptionPick()
        context.location.sync(self.state, {"subscription_id": "subscription"})
        self._rows: dict[str, SubscriptionRow] = {}
        self._strip = KeyFigures([])
        self._book = Book(SUBSCRIPTIONS, on_pick=self._on_pick)
        whole_on_hover(self._book, "provider", "requester", "services")
        self._none = empty_state(
            "There is no subscription yet.", "One stands when a requester accepts a provider's terms."
        )
        self._pick = text("Pick a subscription in the table.", "muted", margin=(4, 12, 12, 12))
        self._facts = FactList()
        self._services = html_pane("")
        self._dialog = ConfirmDialog()
        self.files = {form: self._download(form) for form in ("pdf", "txt")}
        self._agreement = pn.Row(*self.files.values(), margin=(0, 12, 8, 12))
        self.reason = pmu.TextInput(
            label="Reason of the cancellation",
            max_length=400,
            size="small",
            sizing_mode="stretch_width",
            margin=(5, 12),
        )
        self.problems = ProblemList({"reason": self.reason})
        self.cancel = pmu.Button(
            label="Cancel the subscription",
            variant="outlined",
            on_click=in_turn(self._on_cancel),
            margin=(4, 12, 12, 12),
        )
        self._leave = pn.Column(
            self.problems.beside("reason"), self.problems.view, self.cancel, sizing_mode="stretch_width", margin=0
        )
        self.refresh()
        context.live.subscribe(self._on_news, {news.DEALS, news.PLAYERS})

    def main(self) -> list[Any]:
        book = panel(
            "Subscriptions",
            self._none,
            self._book.view,
            tools=[pn.HSpacer(), csv_button("subscriptions.csv", self._book.csv)],
        )
        picked = panel("Subscription", self._pick, self._facts.view, self._services, self._agreement, self._leave)
        both = pn.Row(
            pn.Column(book, sizing_mode="stretch_width", margin=0),
            pn.Column(picked, width=_SIDE_PX, margin=0),
            sizing_mode="stretch_width",
            margin=0,
        )
        return [self._strip.view, both, self._dialog.view]

    def refresh(self) -> None:
        """Ask again and patch."""
        rows = self._context.desk.ask(ListSubscriptions())
        self._rows = {row.subscription.id: row for row in rows}
        show_fitted(self._book, [subscription_record(row) for row in rows], most_px=520)
        self._book.view.visible, self._none.visible = bool(rows), not rows
        self._strip.show(figures(rows))
        self.state.subscription_id = picked_or_first(self.state.subscription_id, self._rows)
        self._show_picked()

    def _show_picked(self) -> None:
        self._book.mark("id", self.state.subscription_id)
        row = self._rows.get(self.state.subscription_id)
        self._pick.visible = row is None
        self._facts.show([] if row is None else subscription_facts(row))
        parts = [] if row is None else subscribed_services(row)
        self._services.object = "".join(
            tag("h3", escape(head), class_="part") + facts_markup(facts) for head, facts in parts
        )
        self._agreement.visible = row is not None
        self._leave.visible = row is not None and row.side is not None and subscription_state(row) == "active"
        for form, file in self.files.items():
            file.filename = f"service-agreement-{self.state.subscription_id}.{form}"

    def _download(self, form: str) -> pmu.FileDownload:
        return pmu.FileDownload(
            callback=lambda: self._file(form),
            filename=f"service-agreement.{form}",
            label=f"Service agreement ({form.upper()})",
            variant="outlined",
            size="small",
            embed=False,
            auto=True,
        )

    def _file(self, form: str) -> io.BytesIO:
        row = self._rows.get(self.state.subscription_id)
        if row is None:
            return io.BytesIO()
        query = GetAgreementFile(subscription_id=row.subscription.id, form=form)
        return io.BytesIO(self._context.desk.ask(query).content)

    def _on_pick(self, record: Any) -> None:
        self.state.subscription_id = record["id"]
        self.reason.value = ""
        self.problems.show([])
        self._show_picked()

    def _on_cancel(self, _event: Any) -> None:
        row = self._rows[self.state.subscription_id]
        consequence = (
            f"The service with {other_side(row)} ends now; both platforms are told and stop sending. This cannot "
            "be taken back."
        )
        self._dialog.ask("Cancel the subscription?", consequence, "Cancel it", lambda: self._cancel(row))

    def _cancel(self, row: SubscriptionRow) -> None:
        command = CancelSubscription(subscription_id=row.subscription.id, reason=self.reason.value or "")
        if carry_out(self._context, command, self.problems, {"reason": "reason"}):
            self._context.notify(f"Cancelled; {other_side(row)} is told.", "success")
            self.refresh()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def figures(rows: tuple[SubscriptionRow, ...]) -> list[KeyFigure]:
    states = [subscription_state(row) for row in rows]
    return [
        KeyFigure("Active", str(states.count("active"))),
        KeyFigure("Cancelled", str(states.count("canceled"))),
        KeyFigure("Over", str(states.count("over")), "", "by their time"),
    ]


def _build(context: PageContext) -> Content:
    page = SubscriptionsPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/place/subscriptions",
        title="Subscriptions",
        nav="Contracts",
        roles=PLACE,
        build=_build,
    ),
)
