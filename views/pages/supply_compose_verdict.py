"""The composer's verdict: would the market take it, what would it bring, why not more, and the smallest change."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import OfferTrial
from domain.flexibility.commodity import Commodity
from views.pages.later import in_turn
from views.pages.supply_compose_chart import announced
from views.state.common import number
from views.widgets import panel, text
from views.widgets.markup import html_pane, tag

WAITING = "◔ Clearing it dry …"
ALONE = (
    "Cleared beside your own offers and the published requests. Rivals are not in it, so an award may turn "
    "out smaller."
)


class Verdict:
    """`on_change(price)`: the button that applies the smallest change was pressed."""

    def __init__(self, on_change: Callable[[Decimal], None]) -> None:
        self._on_change = on_change
        self._price: Decimal | None = None
        self.words = text("", "body", margin=(4, 12))
        self._expected = html_pane("", margin=(0, 12))
        self._why = html_pane("", margin=(0, 12))
        self.apply = pmu.Button(label="", variant="outlined", size="small", visible=False, margin=(4, 12))
        self.apply.on_click(in_turn(self._on_apply))
        self.submit = pmu.Button(
            label="Submit offer",
            variant="contained",
            icon="send",
            disabled=True,
            margin=(8, 12),
            sizing_mode="stretch_width",
        )
        self.view = panel("Verdict", self.words, self._expected, self._why, self.apply, self.submit)

    def say(self, words: str, style: str = "body") -> None:
        """The line at the top alone; what was expected is of another offer now."""
        self.words.object = announced(words, style)
        self.forget()

    def wait(self) -> None:
        """The offer would be taken; what it would bring is being worked out."""
        self.say("✓ The market would take it.")
        self._expected.object = tag("p", WAITING, class_="text muted")

    def forget(self) -> None:
        self._expected.object = self._why.object = ""
        self.apply.visible = False
        self._price = None

    def show(self, trial: OfferTrial, commodity: Commodity, price_now: Decimal) -> None:
        """What a dry clearing says of an offer of this commodity, whose highest price is `price_now`."""
        self.forget()
        if trial.reason:
            self._expected.object = tag("p", escape(trial.reason), class_="text muted")
            return
        lines = [_award_words(trial, k, commodity) for k in range(len(trial.offers))]
        paid = f"Expected revenue {number(trial.revenue_eur)} EUR."
        self._expected.object = "".join(tag("p", escape(line), class_="text body") for line in [*lines, paid])
        sentences = list(dict.fromkeys(words for offer in trial.offers for _, words in offer.why))
        self._why.object = "".join(
            [
                *(tag("p", escape(said), class_="text body") for said in sentences),
                tag("p", ALONE, class_="text muted"),
            ]
        )
        self._price = smallest_change(trial, price_now)
        if self._price is not None:
            self.apply.param.update(label=f"Set the price to {number(self._price)}", visible=True)

    def _on_apply(self, _event: Any) -> None:
        if self._price is not None:
            self._on_change(self._price)


def smallest_change(trial: OfferTrial, price_now: Decimal) -> Decimal | None:
    """The highest price at which the first offer would have been accepted; None where no lower price helps."""
    told = [
        why.accepted_if_eur_per_mwh
        for offer in trial.offers[:1]
        for why, _ in offer.why
        if why.accepted_if_eur_per_mwh is not None
    ]
    if not told or min(told) >= price_now:
        return None
    return min(told)


def _award_words(trial: OfferTrial, k: int, commodity: Commodity) -> str:
    accepted = trial.offers[k].accepted_mw
    units = (Commodity.Q if k else commodity).units
    energy, peak = sum(accepted, Decimal(0)) / 4, max(accepted, default=Decimal(0))
    if not energy:
        return (
            "○ Nothing of it would be accepted." if not k else "○ Nothing of the reactive share would be accepted."
        )
    of = "Reactive share: " if k else "Expected award: "
    return f"● {of}{number(energy, 3)} {units.energy}, at most {number(peak, 3)} {units.power}."


def laid_out(verdict: Verdict, terms: Any) -> pn.Column:
    """The right side of the page."""
    return pn.Column(verdict.view, terms, margin=0, width=372, min_width=372)
