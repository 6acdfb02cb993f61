"""A provider's own offers: published, edited, withdrawn, with the whole description of each service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models.place import GetOwnCompany, SearchServices, ServiceOfferRow
from domain.commands.place import WithdrawServiceOffer
from domain.errors import Refused
from domain.marketplace.offers import ServiceOfferState
from domain.marketplace.registrations import Registration, RegistrationState
from domain.parties import Role
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import attempt, link_button, utc_on_hover, whole_on_hover
from views.pages.later import in_turn
from views.pages.place_offer_form import OfferForm
from views.pages.place_own import own_row
from views.plots.book import Column
from views.state.common import sentence
from views.state.place_offers import NOT_SEEN, offer_record
from views.state.place_pick import OfferPick
from views.state.place_players import next_words
from views.state.place_words import capital
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

OFFERS = (
    Column("state", "State", "state", width_px=112),
    Column("title", "Offer", min_px=200),
    Column("type", "Type", width_px=130),
    Column("n", "Services", "count", width_px=82),
    Column("countries", "Countries", min_px=100),
    Column("price_eur", "EUR a month", "figure", width_px=110),
    Column("at", "Changed", "time", width_px=140),
    Column("at_utc", "UTC"),
)


class OffersPage:
    """The book above, the editor of the picked or of a new offer below."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = OfferPick()
        context.location.sync(self.state, {"offer_id": "offer"})
        self._registration = own_registration(context)
        self._rows: dict[str, ServiceOfferRow] = {}
        self._strip = KeyFigures([])
        self._hint = text("", margin=(4, 12))
        self._book = Book(OFFERS, on_pick=self._on_pick)
        utc_on_hover(self._book, "at")
        whole_on_hover(self._book, "title", "countries")
        self._none = empty_state("You offer nothing yet.", "Describe a service below and publish it.")
        self._dialog = ConfirmDialog()
        self.form = OfferForm(context, self._registration.player_role, self._on_saved)
        self.new = _small("New offer", self._on_new)
        self.withdraw = _small("Withdraw", self._on_withdraw)
        self._title = text("", margin=(4, 12))
        self._registration_link = link_button("Go to the registration", "/place/registration", "text")
        self.refresh()
        context.live.subscribe(self._on_news, {news.CATALOGUE, news.PLAYERS})

    def main(self) -> list[Any]:
        csv = csv_button("offers.csv", self._book.csv)
        book = panel(
            "Your offers in the catalogue",
            self._hint,
            self._none,
            self._book.view,
            tools=[pn.HSpacer(), self._registration_link, self.new, self.withdraw, csv],
        )
        return [self._strip.view, book, panel("Offer", self._title, self.form.view), self._dialog.view]

    def refresh(self) -> None:
        """Ask again and patch; what is typed stays."""
        self._registration = own_registration(self._context)
        rows = [row for row in self._context.desk.ask(SearchServices(own=True)) if row.own]
        self._rows = {row.offer.id: row for row in rows}
        show_fitted(self._book, [offer_record(row) for row in rows], most_px=280)
        self._book.view.visible, self._none.visible = bool(rows), not rows
        self._strip.show(figures(self._registration, rows))
        certified = self._registration.state is RegistrationState.CERTIFIED
        self._hint.object = text(
            "" if certified else f"Not seen by others yet. {next_words(self._registration)}"
        ).object
        self._hint.visible = self._registration_link.visible = not certified
        self._show_picked()

    def _show_picked(self) -> None:
        self._book.mark("id", self.state.offer_id)
        row = self._rows.get(self.state.offer_id)
        offer = None if row is None else row.offer
        self.form.show(offer)
        published = offer is not None and offer.state is ServiceOfferState.PUBLISHED
        self.withdraw.disabled, self.new.disabled = not published, offer is None
        words = "A new offer." if offer is None else f"{offer.title}: {offer.state.value}."
        if offer is not None and not published:
            words += " It can be looked at, and published again as a new one."
        self._title.object = text(words, "muted").object

    def _on_pick(self, record: Any) -> None:
        self.state.offer_id = record["id"]
        self._show_picked()

    def _on_new(self, _event: Any) -> None:
        self.state.offer_id = ""
        self._show_picked()

    def _on_saved(self, offer_id: str) -> None:
        self.state.offer_id = offer_id
        self.refresh()

    def _on_withdraw(self, _event: Any) -> None:
        offer = self._rows[self.state.offer_id].offer
        consequence = f"{offer.title} is no longer to be had. Subscriptions to it stay as they were agreed."
        self._dialog.ask(f"Withdraw {offer.title}?", consequence, "Withdraw", lambda: self._withdraw(offer.id))

    def _withdraw(self, offer_id: Any) -> None:
        command = WithdrawServiceOffer(offer_id=offer_id)
        if attempt(self._context, lambda: self._context.desk.do(command), "The offer is withdrawn."):
            self.refresh()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def own_registration(context: PageContext) -> Registration:
    """The registration that is signed in. Raises `Refused`: `not_found`."""
    return own_row(context.desk.ask(GetOwnCompany()), context.principal.party_id).registration


def figures(registration: Registration, rows: Sequence[ServiceOfferRow]) -> list[KeyFigure]:
    """Where the registration stands, and what of its offers others see."""
    published = [row for row in rows if row.offer.state is ServiceOfferState.PUBLISHED]
    hidden = sum(not row.visible for row in published)
    certified = registration.state is RegistrationState.CERTIFIED
    state = KeyFigure(
        "Registration",
        capital(registration.state.value),
        "",
        registration.player_role.value,
        "normal" if certified else "watch",
    )
    return [
        state,
        KeyFigure("Offers published", str(len(published))),
        KeyFigure(capital(NOT_SEEN), str(hidden), "", "of the published", "watch" if hidden else "normal"),
        KeyFigure("Withdrawn", str(len(rows) - len(published))),
    ]


def _small(label: str, on_click: Any) -> pmu.Button:
    return pmu.Button(label=label, variant="outlined", size="small", margin=(0, 4), on_click=in_turn(on_click))


def _build(context: PageContext) -> Content:
    try:
        page = OffersPage(context)
    except Refused as refused:
        hint = "The market place's operator accepts companies that enrol; sign in with an account of one."
        return Content(main=[panel("Offers", empty_state(sentence(refused), hint))], owner=refused)
    return Content(main=page.main(), owner=page)


PAGES = (Page(path="/provider", title="Offers", nav="Offers", roles=frozenset({Role.PROVIDER}), build=_build),)
