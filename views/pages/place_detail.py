"""One offer in full, with what a requester can do with it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import panel as pn
import panel_material_ui as pmu

from app.queries.models.place import ServiceOfferRow
from domain.marketplace.offers import ServiceOffer
from views.pages.later import in_turn
from views.state.place_offers import offer_facts, services_facts
from views.widgets import FactList, text
from views.widgets.facts import facts_markup
from views.widgets.markup import html_pane, tag

REQUEST_PATH = "/requester/requests"


def services_markup(offer: ServiceOffer) -> str:
    """Each description of an offer, escaped."""
    return "".join(
        tag("h3", escape(head), class_="part") + facts_markup(facts) for head, facts in services_facts(offer)
    )


class OfferDetail:
    """`on_compare(offer id)` puts it into the comparison or takes it out; `may_ask`: the reader is a requester."""

    def __init__(self, on_compare: Callable[[str], None], *, may_ask: bool = True) -> None:
        self._row: ServiceOfferRow | None = None
        self._none = text("Pick an offer in the table.", "muted", margin=(4, 12, 12, 12))
        self._title = html_pane("")
        self._facts = FactList()
        self._services = html_pane("", margin=0)
        self.compare = pmu.Button(
            label="Compare", variant="outlined", on_click=in_turn(lambda _event: on_compare(self._id))
        )
        self.ask = pmu.Button(
            label="Ask for it", variant="contained", href=REQUEST_PATH, target="_self", visible=may_ask
        )
        self._buttons = pn.Row(self.ask, self.compare, margin=(4, 12, 12, 12))
        self.view = pn.Column(
            self._none,
            self._title,
            self._facts.view,
            self._services,
            self._buttons,
            sizing_mode="stretch_width",
            margin=0,
        )

    @property
    def _id(self) -> str:
        return "" if self._row is None else self._row.offer.id

    def show(self, row: ServiceOfferRow | None, *, compared: bool, full: bool) -> None:
        self._row = row
        self._none.visible = row is None
        self._buttons.visible = row is not None
        self._title.object = "" if row is None else tag("h3", escape(row.offer.title), class_="part")
        self._facts.show([] if row is None else offer_facts(row))
        self._services.object = "" if row is None else services_markup(row.offer)
        self.compare.label = "Take out of the comparison" if compared else "Compare"
        self.compare.disabled = full and not compared
        if row is not None:
            self.ask.href = f"{REQUEST_PATH}?offer={row.offer.id}"
