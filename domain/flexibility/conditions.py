"""The condition under which a DSO confirms an asset: how much may be offered, and in which hours that holds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from domain.errors import Finding
from domain.time import DeliveryDay
from domain.units import MAX_P_MW, Series, number_findings

HOURS = 24
_LIMITS = {"up": "most_up_mw", "down": "most_down_mw"}


@dataclass(frozen=True, kw_only=True)
class Condition:
    """The most active power that may be offered of an asset, MW, per direction (None: not limited), from the local
    hour `from_hour` until `to_hour`; outside these hours nothing is limited."""

    most_up_mw: Decimal | None = None
    most_down_mw: Decimal | None = None
    from_hour: int = 0
    to_hour: int = HOURS

    def words(self) -> str:
        """Such as `at most 0.2 MW up and 0 MW down from 11:00 to 15:00`."""
        most = {way: getattr(self, field) for way, field in _LIMITS.items()}
        limits = " and ".join(
            f"{value.normalize():f} MW {way}" for way, value in most.items() if value is not None
        )
        hours = (self.from_hour, self.to_hour)
        when = "" if hours == (0, HOURS) else f" from {hours[0]:02d}:00 to {hours[1]:02d}:00"
        return f"at most {limits}{when}"

    def limits(self, day: DeliveryDay | None, step: int) -> bool:
        """Whether it holds in a quarter hour; without a day, which has no clock, always."""
        return day is None or self.from_hour <= int(day.label(step)[:2]) < self.to_hour


def condition_findings(condition: Condition) -> list[Finding]:
    """What is wrong with a condition: it limits nothing, a number out of range, hours that are none."""
    found = [
        finding
        for field in _LIMITS.values()
        if (value := getattr(condition, field)) is not None
        for finding in number_findings(value, field, unit="MW", places=6, low=Decimal(0), high=MAX_P_MW)
    ]
    if condition.most_up_mw is None and condition.most_down_mw is None:
        sentence = "Limit at least one direction; confirm the asset without a condition otherwise."
        found.append(Finding(code="missing", field="most_up_mw", sentence=sentence))
    if not 0 <= condition.from_hour < condition.to_hour <= HOURS:
        sentence = "The hours run from 0 to 24, and the last is after the first."
        found.append(Finding(code="out_of_range", field="to_hour", sentence=sentence))
    return found


def within(room_mw: Series, most_mw: Decimal | None, condition: Condition, day: DeliveryDay | None) -> Series:
    """A headroom [n_steps] MW cut to the condition's `most_mw` where it holds."""
    if most_mw is None:
        return room_mw
    return tuple(
        min(value, most_mw) if condition.limits(day, step) else value for step, value in enumerate(room_mw)
    )
