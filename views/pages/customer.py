"""The customer's page: what was asked of its assets, in plain words and big type."""

from __future__ import annotations

from html import escape
from typing import Any

from app.queries.models import CustomerCall, GetShell, ListCustomerAssets, ListCustomerCalls
from domain.flexibility.assets import FlexAsset
from domain.lifecycle import MAY_OFFER
from domain.parties import Role
from views import news
from views.pages.context import Content, Page, PageContext
from views.state.customer_calls import Card, card
from views.state.supply_register import KIND_WORDS
from views.widgets import panel
from views.widgets.markup import html_pane, tag


class CustomerPage:
    """Calls first, then the assets, then the id that a provider needs."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._calls, self._assets = html_pane("", margin=(8, 16)), html_pane("", margin=(8, 16))
        self._id = html_pane("", margin=(8, 16))
        self.refresh()
        context.live.subscribe(self._on_news, {news.MARKET, news.ASSETS})

    def main(self) -> list[Any]:
        return [
            panel("What was asked of you", self._calls),
            panel("What is yours", self._assets),
            panel("For your provider", self._id),
        ]

    def refresh(self) -> None:
        """Ask again and show."""
        ask = self._context.desk.ask
        self._calls.object = calls_markup(ask(ListCustomerCalls()))
        self._assets.object = assets_markup(ask(ListCustomerAssets()))
        shell = ask(GetShell())
        words = f"Your customer number is {shell.party.id}. Give it to your provider, who registers what is yours."
        self._id.object = tag("p", escape(words), class_="plain")

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def calls_markup(calls: tuple[CustomerCall, ...]) -> str:
    """One card for each call; all text is escaped."""
    if not calls:
        return tag("p", "Nothing was asked of you. You need to do nothing.", class_="plain")
    return "".join(_card(card(call)) for call in calls)


def _card(shown: Card) -> str:
    return tag(
        "section",
        tag("h3", escape(shown.headline), class_="plain-head")
        + tag("p", escape(shown.when), class_="plain", title=shown.when_utc)
        + tag("p", escape(shown.answer), class_="plain"),
        class_="plain-card",
    )


def assets_markup(assets: tuple[FlexAsset, ...]) -> str:
    """A line for each asset with whether it takes part."""
    if not assets:
        return tag("p", "Nothing of yours takes part yet. Your provider registers it for you.", class_="plain")
    lines = (
        f"{asset.name} ({KIND_WORDS[asset.kind].lower()}): "
        + ("takes part." if asset.state in MAY_OFFER else "does not take part.")
        for asset in assets
    )
    return tag("ul", "".join(tag("li", escape(line)) for line in lines), class_="plain")


def _build(context: PageContext) -> Content:
    page = CustomerPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(path="/customer", title="Your flexibility", nav="Home", roles=frozenset({Role.CUSTOMER}), build=_build),
)
