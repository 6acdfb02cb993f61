"""The TSO's view of requests: all of a day by region and coupling point, and which one is answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import param

from app.queries.models import (
    CongestedRow,
    GetShell,
    ListCongestedRegions,
    ListRequests,
    ListSessions,
    SessionRow,
    SumByCoupling,
)
from domain.checks import accepts_requests
from domain.commands import Verdict
from domain.flexibility.market import FlexRequest
from domain.flexibility.trading import is_continuous
from domain.lifecycle import REVIEW, RequestState, ReviewState
from domain.time import DeliveryDay
from domain.units import energy_mwh
from views.state.common import power_words
from views.state.door import Door
from views.state.spans import active_span, active_span_utc

EFFECTS = {
    Verdict.ACCEPT: "The request takes part in the clearing, as it does without an answer.",
    Verdict.HOLD: (
        "The request is left out of the clearing, and everybody who sees it reads that. In a session cleared on "
        "the network the limits are kept all the same; only its price cap then does not count."
    ),
    Verdict.ASK_CHANGE: "The request takes part as it is. The DSO reads your note and may publish it anew.",
}


class TsoRequests(param.Parameterized):
    """`day` (ISO), `region` and `review` ("" for all) filter; `request` is the one that is looked at."""

    day = param.String(default="")
    region = param.String(default="")
    review = param.String(default="")
    request = param.String(default="")

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door
        self.days: tuple[str, ...] = ()
        self.sessions: dict[str, SessionRow] = {}
        self.coupling: dict[str, str] = {}
        self.all: tuple[FlexRequest, ...] = ()
        self.points: tuple[CongestedRow, ...] = ()
        self._now: Any = None

    def refresh(self) -> None:
        """Ask again; what the address names and is not there falls back to the newest request's day, or to all."""
        rows = self._door.ask(ListSessions())
        self._now = self._door.ask(GetShell()).market_now
        self.days = tuple(sorted({row.session.delivery_day.isoformat() for row in rows}, reverse=True))
        requests = self._door.ask(ListRequests())
        if self.day not in self.days:
            day_of = {row.session.id: row.session.delivery_day.isoformat() for row in rows}
            asked = [day_of[request.session_id] for request in requests]
            self.day = next(iter((*asked, *self.days)), "")
        self.sessions = {r.session.id: r for r in rows if r.session.delivery_day.isoformat() == self.day}
        self.all, self.coupling, self.points = (), {}, ()
        if not self.day:
            return
        coupling = self._door.ask(SumByCoupling(delivery_day=date.fromisoformat(self.day)))
        self.coupling = {row.region.id: row.coupling_bus for row in coupling}
        self.points = self._door.ask(ListCongestedRegions())
        self.all = tuple(r for r in requests if r.session_id in self.sessions)
        if self.region not in self.regions.values():
            self.region = ""
        if self.review not in {state.value for state in ReviewState}:
            self.review = ""
        if self.chosen is None:
            self.request = self.shown[0].id if self.shown else ""

    @property
    def regions(self) -> dict[str, str]:
        """Name -> id of the regions that have a session on the day."""
        return {row.region.name: row.region.id for row in self.sessions.values()}

    @property
    def delivery_day(self) -> DeliveryDay:
        return DeliveryDay(day=date.fromisoformat(self.day))

    @property
    def shown(self) -> tuple[FlexRequest, ...]:
        return tuple(
            r for r in self.all if self.region in ("", r.region_id) and self.review in ("", r.review.value)
        )

    @property
    def chosen(self) -> FlexRequest | None:
        return next((request for request in self.shown if request.id == self.request), None)

    @property
    def matched(self) -> bool:
        """Whether the chosen request is matched as it comes, so that it cannot be held."""
        request = self.chosen
        return request is not None and is_continuous(self.sessions[request.session_id].session)

    def allowed(self, verdict: Verdict) -> bool:
        """Whether the chosen request can be given this answer now."""
        request = self.chosen
        if request is None or request.state is not RequestState.PUBLISHED:
            return False
        if verdict is Verdict.HOLD and self.matched:
            return False
        gate_open = accepts_requests(self.sessions[request.session_id].session, self._now)
        return gate_open and (request.review, verdict.value) in REVIEW


def record(
    request: FlexRequest, sessions: Mapping[str, SessionRow], coupling: Mapping[str, str]
) -> dict[str, Any]:
    """A request as a row."""
    row = sessions[request.session_id]
    day = DeliveryDay(day=row.session.delivery_day)
    return {
        "review": request.review.value,
        "state": request.state.value,
        "region": row.region.name,
        "coupling": coupling.get(request.region_id, ""),
        "point": request.congestion_point,
        "power": power_words(request.commodity),
        "direction": request.direction.value,
        "span": active_span(day, request.quantity_mw),
        "span_utc": active_span_utc(day, request.quantity_mw),
        "peak_mw": max(request.quantity_mw, default=0),
        "energy_mwh": energy_mwh(request.quantity_mw),
        "cap": request.price_cap_eur_per_mwh,
        "note": request.review_note,
        "request_id": request.id,
    }
