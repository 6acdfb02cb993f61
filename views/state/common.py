"""What the pages' states and views share: numbers and instants as people read them, and refusals as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from domain.errors import Refused
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import FlexRequest
from domain.lifecycle import RequestState, ReviewState
from domain.time import MARKET_ZONE, DeliveryDay

MISSING = "–"
_COUNTING = (RequestState.PUBLISHED, RequestState.CLOSED)


def local(instant: datetime, form: str = "%a %d %b %H:%M") -> str:
    """An instant on the market's clock, such as `Mon 25 Jul 10:00`."""
    return instant.astimezone(MARKET_ZONE).strftime(form)


def utc(instant: datetime) -> str:
    """The same instant for the hover, such as `2016-07-25 08:00 UTC`."""
    return instant.strftime("%Y-%m-%d %H:%M UTC")


def number(value: Decimal | float | None, places: int = 2) -> str:
    """A number with its thousands marked as the books mark them, no unit; a dash where there is none."""
    return MISSING if value is None else f"{value:,.{places}f}"


def power_words(commodity: Commodity) -> str:
    """How a book's column tells the commodity of a row and its unit, such as `P, MW`."""
    return f"{commodity.value}, {commodity.units.power}"


def with_reactive(note: str, energy_mvarh: Decimal) -> str:
    """A note on a volume of active power, and the reactive energy beside it if there is any."""
    return ", ".join(part for part in (note, f"{number(energy_mvarh)} Mvarh" if energy_mvarh else "") if part)


def floats(series: Sequence[Decimal]) -> NDArray[np.float64]:
    """A series as [n_steps] floats, for figures only."""
    return np.array(series, dtype=np.float64)


def step_labels(day: DeliveryDay) -> list[str]:
    """Local clock time of every quarter hour, [n_steps]."""
    return [day.label(step) for step in range(day.n_steps)]


def sentence(refused: Refused) -> str:
    """All findings of a refusal, for a place without fields of its own."""
    return " ".join(finding.sentence for finding in refused.findings)


def request_state(request: FlexRequest) -> str:
    """What a book says of a request: its state, or that the TSO holds it and it will not be cleared."""
    return request.review.value if request.held and request.state in _COUNTING else request.state.value


def review_words(request: FlexRequest) -> str:
    """What the TSO says of a request, with its note; a dash before it says anything."""
    if request.review is ReviewState.NONE:
        return MISSING
    said = request.review.value.removesuffix(" by the TSO").capitalize()
    return f"{said}: {request.review_note}" if request.review_note else said


def count(n: int, noun: str) -> str:
    """`1 offer`, `2 offers`."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def short(identifier: str) -> str:
    """An id as shown in narrow places: its prefix and last four characters."""
    return identifier if len(identifier) <= 10 else f"{identifier[:3]}…{identifier[-4:]}"
