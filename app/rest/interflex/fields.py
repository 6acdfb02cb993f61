"""Values as InterFlex writes them: doubles in a unit, times in the market's zone, durations in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer, StringConstraints

from app.queries.models import Stretch
from app.rest.fields import Exact, In, Instant, Out
from domain.flexibility.commodity import Commodity
from domain.time import MARKET_ZONE


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit of power: its commodity, and how many MW or Mvar it is."""

    commodity: Commodity
    mw: Decimal


UNITS: Mapping[str, Unit] = {
    f"{prefix}{name}": Unit(commodity=commodity, mw=Decimal(1).scaleb(places))
    for commodity, name in ((Commodity.P, "W"), (Commodity.Q, "var"))
    for prefix, places in (("", -6), ("k", -3), ("M", 0))
}
WRITTEN = {Commodity.P: "kW", Commodity.Q: "kvar"}
"""Answers are in these, whatever unit something came in."""

UnitName = Annotated[
    Literal["W", "kW", "MW", "var", "kvar", "Mvar"],
    Field(description="W, kW or MW for active, var, kvar or Mvar for reactive flexibility."),
]
Power = Annotated[Exact, Field(description="In `unit`; positive is upward flexibility.", examples=[150])]
Seconds = Annotated[Exact, Field(description="From `activation_time` on, whole quarter hours.", examples=[3600])]
Grain = Annotated[Exact, Field(ge=0, description="In `unit`; activations are multiples of it, 0: anything.")]
Price = Annotated[Exact, Field(description="EUR/MWh (EUR/Mvarh of reactive flexibility).", examples=[48.5])]
Place = Annotated[
    str,
    StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$"),
    Field(description="A zone, congestion point or bus of a DSO, or a whole region; `REGION/NAME` where needed."),
]
FlexType = Annotated[
    str,
    StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$"),
    Field(description="What kind of flexibility it is, in the offerer's words."),
]
Currency = Annotated[Literal["EUR"], Field(description="Only EUR.")]
Double = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
MarketTime = Annotated[
    datetime,
    PlainSerializer(lambda at: at.astimezone(MARKET_ZONE).isoformat(), return_type=str, when_used="json"),
]


class Timed(In):
    """What everything that is sent has in common."""

    timestamp: Annotated[Instant, Field(description="When it was made; the platform keeps its own time.")]
    flexible_power: Power
    duration: Seconds
    unit: UnitName

    @property
    def commodity(self) -> Commodity:
        return UNITS[self.unit].commodity

    def mw(self, value: Decimal) -> Decimal:
        """A power of the body in MW or Mvar."""
        return value * UNITS[self.unit].mw

    @property
    def power_mw(self) -> Decimal:
        return self.mw(self.flexible_power)


class TimedOut(Out):
    """What everything that is answered has in common."""

    timestamp: MarketTime
    flexible_power: Double
    duration: Double
    unit: UnitName
    activation_time: MarketTime


def written(stretch: Stretch, timestamp: datetime) -> dict[str, object]:
    """The common part of an answer."""
    return {
        "timestamp": timestamp,
        "flexible_power": written_mw(stretch.power_mw, stretch.commodity),
        "duration": stretch.duration_s,
        "unit": WRITTEN[stretch.commodity],
        "activation_time": stretch.starts_at,
    }


def written_mw(value_mw: Decimal, commodity: Commodity) -> Decimal:
    return value_mw / UNITS[WRITTEN[commodity]].mw


class Nothing(Out):
    """The answer of what has nothing to say: `{}`."""
