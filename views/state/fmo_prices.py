"""The price room's session and what of its prices is looked at."""

from __future__ import annotations

from domain.flexibility.trading import is_continuous
from views.state.session_prices import parts_of, spread
from views.state.session_result import HAS_RESULT, ResultRoom


class PriceRoom(ResultRoom):
    """A session's prices; its parameters are the page's permalink."""

    def default_id(self) -> str:
        """The latest session with a result, also before it is published; else the first there is. Continuous ones
        come last: their matches have prices, the buses have none."""
        found = [row for row in self.rows if row.session.state in HAS_RESULT]
        latest = max(
            found, key=lambda row: (not is_continuous(row.session), row.session.delivery_day), default=None
        )
        return (latest or self.rows[0]).session.id if self.rows else ""

    def choices(self) -> dict[str, str]:
        """Every session by its region, day and state, the latest day first."""
        ordered = sorted(self.rows, key=lambda row: row.session.delivery_day, reverse=True)
        return {
            f"{row.region.name}, {row.session.delivery_day:%a %d %b %Y}, {row.session.state.value}": row.session.id
            for row in ordered
        }

    def farthest_step(self) -> int:
        """Where some bus is farthest from the price at the coupling point; noon without prices."""
        if self.prices is None or not self.prices.bus_ids:
            return 48
        parts = parts_of(self.prices, self.commodity) or self.prices.p
        return int(spread(parts).argmax())
