"""The form that plans a session: what is typed, read by the market's clock, and what the market says of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from app.queries.models import GetShell, ListPrices, ListRegions, ListSessions
from domain.checks import session_findings
from domain.commands import PlanSession
from domain.errors import Finding
from domain.flexibility.market import MarketSession, PriceKind
from domain.flexibility.rules import ClearingRules, rules_findings
from domain.ids import RegionId
from domain.parties import Region
from domain.time import MARKET_ZONE, DeliveryDay
from views.state.door import Door

TIMES = {"opens_at": "Opens", "gate_closes_at": "Gate closes", "publishes_at": "Publishes"}
_FORM = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}", re.ASCII)
_LENGTHS = (timedelta(hours=1), timedelta(hours=4), timedelta(hours=5))
"""From now to the suggested opening, gate and publication."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What stands in the form. Times as typed, `YYYY-MM-DD HH:MM` on the market's clock."""

    region_id: str
    day: date | None
    opens_at: str
    gate_closes_at: str
    publishes_at: str
    rules: ClearingRules


class PlanForm:
    """Reads drafts and plans sessions."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.regions: tuple[Region, ...] = ()

    def refresh(self) -> None:
        self.regions = self._door.ask(ListRegions())

    def suggestion(self) -> Draft:
        """The first free day that can still be published for, and times from the next full hour on."""
        now = self._door.ask(GetShell()).market_now.astimezone(MARKET_ZONE)
        region = self.regions[0].id if self.regions else ""
        taken = {row.session.delivery_day for row in self._door.ask(ListSessions()) if row.region.id == region}
        hour = now.replace(minute=0, second=0, microsecond=0)
        day = now.date() + timedelta(days=1)
        while day in taken or hour + _LENGTHS[-1] > DeliveryDay(day=day).start:
            day += timedelta(days=1)
        times = [
            f"{(hour.astimezone(UTC) + length).astimezone(MARKET_ZONE):%Y-%m-%d %H:%M}" for length in _LENGTHS
        ]
        return Draft(
            region_id=region,
            day=day,
            opens_at=times[0],
            gate_closes_at=times[1],
            publishes_at=times[2],
            rules=ClearingRules(),
        )

    def has_day_ahead(self, day: date | None) -> bool:
        if day is None:
            return False
        return any(series.kind is PriceKind.DAY_AHEAD for series in self._door.ask(ListPrices(delivery_day=day)))

    def check(self, draft: Draft) -> tuple[PlanSession | None, list[Finding]]:
        """The command, or everything that is wrong with the draft, each on its field."""
        found: list[Finding] = []
        if not draft.region_id:
            found.append(Finding(code="missing", field="region_id", sentence="Choose a region."))
        if draft.day is None:
            found.append(Finding(code="missing", field="delivery_day", sentence="Choose the delivery day."))
        times = {field: _instant(getattr(draft, field), field, found) for field in TIMES}
        opens_at, gate_closes_at, publishes_at = times.values()
        whole = opens_at is not None and gate_closes_at is not None and publishes_at is not None
        if draft.day is not None and whole:
            market = self._door.ask(GetShell()).market_now
            found += session_findings(draft.day, opens_at, gate_closes_at, publishes_at, market)
        found += rules_findings(draft.rules)
        if found:
            return None, found
        return PlanSession(
            region_id=RegionId(draft.region_id),
            delivery_day=draft.day,
            opens_at=opens_at,
            gate_closes_at=gate_closes_at,
            publishes_at=publishes_at,
            clearing=draft.rules.clearing,
            payment=draft.rules.payment,
            energy=draft.rules.energy,
        ), []

    def plan(self, command: PlanSession) -> MarketSession:
        """Raises `Refused` when somebody was faster."""
        return self._door.do(command)


def _instant(typed: str, field: str, found: list[Finding]) -> datetime | None:
    """A time of the market's clock; of the two 02:30 of the October night the first is meant."""
    try:
        if not _FORM.fullmatch(typed.strip()):
            raise ValueError
        local = datetime.strptime(typed.strip(), "%Y-%m-%d %H:%M").replace(tzinfo=MARKET_ZONE)
        instant = local.astimezone(UTC)
    except (ValueError, OverflowError):
        sentence = "Write a date and a time such as 2016-07-24 10:00."
        found.append(Finding(code="malformed", field=field, sentence=sentence))
        return None
    if instant.astimezone(MARKET_ZONE).replace(tzinfo=None) != local.replace(tzinfo=None):
        sentence = f"The market's clock skips {typed.strip()}: summer time begins. Choose a time an hour later."
        found.append(Finding(code="out_of_range", field=field, sentence=sentence))
        return None
    return instant
