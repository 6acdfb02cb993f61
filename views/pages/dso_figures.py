"""The control room's key figures: the grid at the moment looked at, and the market's volumes."""

from __future__ import annotations

import numpy as np

from app.queries.models import DayState, GridView
from domain.flexibility.market import FlexOffer
from domain.units import total
from views.state.common import number
from views.state.dso_facts import MarketFacts, Place
from views.state.dso_room import extremes, peak_mw
from views.state.records import operator_pays_eur
from views.widgets import KeyFigure


def key_figures(here: Place, view: GridView, shown: DayState, facts: MarketFacts) -> list[KeyFigure]:
    """The strip at the top: the grid at the moment looked at, and the market's volumes."""
    return [*_grid_figures(here, view, shown), *_market_figures(here, facts)]


def _grid_figures(here: Place, view: GridView, shown: DayState) -> list[KeyFigure]:
    far, label = extremes(shown, view.grid), here.delivery.label
    limits = f"{np.median(view.grid.vm_min_pu):.3f}–{np.median(view.grid.vm_max_pu):.3f}"
    of_kind = {kind: sum(need.kind == kind for need in shown.needs) for kind in ("voltage", "loading")}
    loading = far.loading_percent
    severity = next(
        (s for s, above in (("critical", 100), ("alarm", 90), ("watch", 75)) if loading > above), "normal"
    )
    return [
        KeyFigure(
            "Highest loading",
            number(loading, 1),
            "%",
            f"{far.loading_at[0]} at {label(far.loading_at[1])}",
            severity,  # type: ignore[arg-type]
        ),
        KeyFigure(
            "Voltage band",
            f"{far.vm_min_pu:.3f}–{far.vm_max_pu:.3f}",
            "pu",
            f"Limits {limits} pu",
            "critical" if far.voltage_outside else "normal",
        ),
        KeyFigure(
            "Open needs",
            str(len(shown.needs)),
            "",
            f"{of_kind['voltage']} voltage, {of_kind['loading']} loading",
            "alarm" if shown.needs else "normal",
        ),
    ]


def _market_figures(here: Place, facts: MarketFacts) -> list[KeyFigure]:
    live = facts.live_requests
    requested_mwh = sum((total(r.quantity_mw) for r in live), start=total(())) / 4
    requested = KeyFigure(
        "Requested, peak",
        number(peak_mw(r.quantity_mw for r in live), 3),
        "MW",
        f"{number(requested_mwh)} MWh in {len(live)} request{'' if len(live) == 1 else 's'}",
    )
    return [requested, _offered(facts), *_outcome(here, facts)]


def _offered(facts: MarketFacts) -> KeyFigure:
    if facts.offers is None:
        return KeyFigure("Offered, peak", "–", "", "Sealed until the gate closes")
    offers: list[FlexOffer] = [row.offer for row in facts.offers]
    peak = peak_mw(line.quantity_mw for offer in offers for line in offer.lines)
    mwh = sum((row.offered_mwh for row in facts.offers), start=total(()))
    return KeyFigure("Offered, peak", number(peak, 3), "MW", f"{number(mwh)} MWh in {len(offers)} offers")


def _outcome(here: Place, facts: MarketFacts) -> list[KeyFigure]:
    if facts.result is None:
        return [
            KeyFigure("Awarded, peak", "–", "", "After publication"),
            KeyFigure("Unmet", "–", "", "After publication"),
        ]
    result = facts.result
    peak = peak_mw(row.award.accepted_mw for row in result.awards)
    mwh = sum((row.accepted_mwh for row in result.awards), start=total(()))
    n_unmet = len({(row.element, row.kind) for row in result.unmet})
    note = (
        "Every need is cured"
        if not n_unmet
        else f"Elements: {', '.join(sorted({r.element for r in result.unmet}))}"
    )
    paid = f"{number(mwh)} MWh for {number(operator_pays_eur(result, here.region))} EUR"
    return [
        KeyFigure("Awarded, peak", number(peak, 3), "MW", paid),
        KeyFigure("Unmet", str(n_unmet), "", note, "critical" if n_unmet else "good"),
    ]
