"""An offer in words, before it is sent."""

from __future__ import annotations

from collections.abc import Sequence

from domain.time import DeliveryDay
from views.state.common import number
from views.state.spans import active_span
from views.state.supply_composer import Composition, ReactiveShare
from views.state.supply_facts import price_words


def summary(composition: Composition, asset_names: Sequence[str], day: DeliveryDay | None) -> str:
    """What is about to be sent, in sentences; `day` is the session's delivery day."""
    units, quantity = composition.commodity.units, composition.quantity_mw
    when = f"{day.day:%d %b} {active_span(day, quantity)}, " if day else ""
    parts = [
        f"{composition.direction.value.capitalize()}, {when}at most {number(max(quantity), 3)} {units.power}, "
        f"{number(composition.energy_mwh, 3)} {units.energy} in all, from {', '.join(asset_names)}, "
        f"at {price_words(composition.used_prices)} {units.price}."
    ]
    if composition.terms.words():
        parts.append(f"Terms: {composition.terms.words()}.")
    if composition.reactive is not None:
        parts.append(_share_words(composition.reactive))
    if composition.replaces:
        parts.append("The offer that it replaces is withdrawn in the same step.")
    parts.append("It can be withdrawn until the gate closes.")
    return " ".join(parts)


def _share_words(reactive: ReactiveShare) -> str:
    share, price = number(reactive.share * 100, 0), number(reactive.price_eur_per_mvarh)
    return f"With {share} % of the reactive power left, at {price} EUR/Mvarh, as an offer of its own."
