"""FlexRequests being drafted from the needs: what is proposed, what the DSO changes, what is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from app.queries.models import CongestedRow, ProposedRequest
from domain.commands import PublishRequest
from domain.errors import Finding, raise_if, refuse
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import FlexRequest, MarketSession
from domain.lifecycle import RequestState
from domain.time import MARKET_ZONE
from domain.units import WATT, Series, energy_mwh

DEFAULT_CAP = Decimal("200.00")
"""A first price cap to edit, EUR/MWh or EUR/Mvarh."""

TIME_FORMAT = "%Y-%m-%d %H:%M"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A request not yet published, in the units of its commodity; `price_cap` and `deadline` as typed,
    `proposed_mw` what the grid needs in `zone` at `buses`. `region`: the congested region that it is published
    for, None for the zone itself."""

    zone: str
    buses: tuple[str, ...]
    commodity: Commodity
    direction: Direction
    proposed_mw: Series
    quantity_mw: Series
    price_cap: str
    deadline: str
    include: bool = True
    region: CongestedRow | None = None

    @property
    def congestion_point(self) -> str:
        return self.zone if self.region is None else self.region.point.name

    @property
    def asked_buses(self) -> tuple[str, ...]:
        return self.buses if self.region is None else self.region.buses

    @property
    def key(self) -> tuple[str, Commodity, Direction]:
        return self.zone, self.commodity, self.direction

    @property
    def words(self) -> str:
        """Such as `Feeder 3, P down`."""
        return f"{self.congestion_point}, {self.commodity.value} {self.direction.value}"

    @property
    def energy_mwh(self) -> Decimal:
        return energy_mwh(self.quantity_mw)

    @property
    def peak_mw(self) -> Decimal:
        return max(self.quantity_mw, default=Decimal(0))


def drafts_from(
    proposed: Sequence[ProposedRequest], session: MarketSession, published: Sequence[FlexRequest]
) -> list[Draft]:
    """A draft per proposal; one that is asked for already starts unticked.

    published : the DSO's own requests
    """
    live = [r for r in published if r.session_id == session.id and r.state is not RequestState.WITHDRAWN]
    deadline = session.gate_closes_at.astimezone(MARKET_ZONE).strftime(TIME_FORMAT)
    drafts = [
        Draft(
            zone=p.zone,
            buses=p.buses,
            commodity=p.commodity,
            direction=Direction(p.direction),
            proposed_mw=p.quantity_mw,
            quantity_mw=p.quantity_mw,
            price_cap=str(DEFAULT_CAP),
            deadline=deadline,
        )
        for p in proposed
    ]
    return [replace(draft, include=not any(_asks(request, draft) for request in live)) for draft in drafts]


def _asks(request: FlexRequest, draft: Draft) -> bool:
    """Whether the request is for the draft's need: for its zone, or for a congested region on buses of it."""
    if (request.commodity, request.direction) != (draft.commodity, draft.direction):
        return False
    return request.congestion_point == draft.zone or not set(draft.buses).isdisjoint(request.buses)


def regions_for(draft: Draft, rows: Sequence[CongestedRow]) -> list[CongestedRow]:
    """The congested regions that a draft can be published for: those that stand on a bus of its need."""
    return [row for row in rows if row.point.active and not set(draft.buses).isdisjoint(row.buses)]


def in_regions(drafts: Sequence[Draft], rows: Sequence[CongestedRow]) -> list[Draft]:
    """The drafts with their congested regions as these are now; one that was closed gives way to the zone."""
    now = {row.point.id: row for row in rows}
    fresh = [(draft, draft.region and now.get(draft.region.point.id)) for draft in drafts]
    return [replace(draft, region=row if row in regions_for(draft, rows) else None) for draft, row in fresh]


def keep_edits(fresh: Sequence[Draft], edited: Sequence[Draft]) -> list[Draft]:
    """The fresh proposals with the DSO's own price, deadline and quantity where its proposal is unchanged."""
    mine = {draft.key: draft for draft in edited}
    return [
        replace(
            mine[draft.key],
            include=mine[draft.key].include and draft.include,
            buses=draft.buses,
        )
        if draft.key in mine and mine[draft.key].proposed_mw == draft.proposed_mw
        else draft
        for draft in fresh
    ]


def with_quantity(draft: Draft, values: Sequence[float]) -> Draft:
    """The draft with other quantities [n_steps], whole watts, none below zero."""
    return replace(
        draft, quantity_mw=tuple(max(Decimal(0), Decimal(repr(float(v))).quantize(WATT)) for v in values)
    )


def scaled(draft: Draft, percent: Decimal) -> Draft:
    """The draft with its proposal times a percentage, rounded to whole watts."""
    return replace(draft, quantity_mw=tuple((q * percent / 100).quantize(WATT) for q in draft.proposed_mw))


def parse_decimal(text: str, field: str, what: str) -> Decimal:
    """A number as typed; comma or point.

    Raises:
        Refused: `missing`, `not_finite`.
    """
    if not text.strip():
        raise refuse("missing", field, f"Enter {what}.")
    try:
        value = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        raise refuse("not_finite", field, f"Enter {what} as a number, for example 12.50.") from None
    if not value.is_finite():
        raise refuse("not_finite", field, f"Enter {what} as a finite number.")
    return value


def parse_local(text: str, field: str) -> datetime:
    """A local market time as typed, such as 2016-07-24 12:00, in UTC.

    Raises:
        Refused: `malformed`.
    """
    try:
        naive = datetime.strptime(text.strip(), TIME_FORMAT)  # noqa: DTZ007 - the zone follows
    except ValueError:
        raise refuse("malformed", field, "Write the deadline like 2016-07-24 12:00, local time.") from None
    return naive.replace(tzinfo=MARKET_ZONE).astimezone(UTC)


def command_of(draft: Draft, session: MarketSession) -> PublishRequest:
    """The command that publishes a draft. Raises `Refused` for a price or deadline that cannot be read."""
    return PublishRequest(
        session_id=session.id,
        congestion_point=draft.congestion_point,
        buses=draft.asked_buses,
        direction=draft.direction,
        quantity_mw=draft.quantity_mw,
        price_cap_eur_per_mwh=parse_decimal(draft.price_cap, "price_cap_eur_per_mwh", "the price cap"),
        deadline=parse_local(draft.deadline, "deadline"),
        commodity=draft.commodity,
    )


def require_some(drafts: Sequence[Draft]) -> None:
    """Raises `Refused` (`missing`) when nothing is ticked."""
    nothing = Finding(code="missing", field="include", sentence="Tick at least one request to publish.")
    raise_if([] if any(draft.include for draft in drafts) else [nothing])
