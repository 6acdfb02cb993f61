"""What was asked of a customer's assets, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.models import CustomerCall
from domain.time import DeliveryDay
from domain.units import Series, energy_mwh
from views.state.common import number
from views.state.spans import active_span, active_span_utc

ANSWERS = {
    "requested": "Your provider has not answered yet.",
    "acknowledged": "Your provider said yes. You need to do nothing.",
    "refused": "Your provider said no. Nothing changes for you.",
}


@dataclass(frozen=True, kw_only=True)
class Card:
    """One call: a headline, when, and what follows."""

    headline: str
    when: str
    when_utc: str
    answer: str


def card(call: CustomerCall) -> Card:
    """A call as sentences; energy is in kilowatt hours, which a bill has too."""
    day = DeliveryDay(day=call.delivery_day)
    return Card(
        headline=f"{call.asset.name}: {_what(call.p_mw)}",
        when=f"{call.delivery_day:%A, %d %B %Y}, {active_span(day, call.p_mw)}",
        when_utc=active_span_utc(day, call.p_mw),
        answer=f"Asked through {call.provider}. {ANSWERS[call.state]}",
    )


def _what(p_mw: Series) -> str:
    up = energy_mwh(tuple(max(value, value * 0) for value in p_mw)) * 1000
    down = energy_mwh(tuple(max(-value, value * 0) for value in p_mw)) * 1000
    parts = [
        f"{number(kwh, 1)} kWh {words}"
        for kwh, words in ((up, "more into the grid, or less used"), (down, "less into the grid, or more used"))
        if kwh
    ]
    return " and ".join(parts)
