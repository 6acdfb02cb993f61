"""What the composer works on: the session, the assets chosen, what they have left, and what is asked near them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import param

from app.queries.models import AssetDay, CheckOffer, GetAssetDay, OfferCheck, SessionRow
from domain.commands import SubmitOffer
from domain.errors import Finding, Refused
from domain.flexibility.assets import Direction, FlexAsset
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import FlexRequest
from domain.lifecycle import AssetState, RequestState, SessionState
from domain.time import DeliveryDay
from domain.units import Series
from views.state.door import Door
from views.state.spans import ends
from views.state.supply_composer import add, left_to_offer, near
from views.state.supply_facts import SupplyFacts, own_assets_at

ZERO = Decimal(0)


class ComposerState(param.Parameterized):
    """What a link can preset: the session, commodity and direction, and a request to answer."""

    session_id = param.String(default="")
    power = param.Selector(default="P", objects=["P", "Q"])
    direction = param.Selector(default="down", objects=["down", "up"])
    request_id = param.String(default="")


LINK = {"session_id": "session", "power": "power", "direction": "direction", "request_id": "request"}


@dataclass(frozen=True, kw_only=True)
class Start:
    """A composer as a request presets it."""

    session_id: str
    power: str
    direction: str
    asset_ids: tuple[str, ...]
    first: int
    last: int


def open_sessions(facts: SupplyFacts) -> list[SessionRow]:
    """Sessions that take offers now, the earliest gate first."""
    rows = [row for row in facts.sessions if row.session.state is SessionState.OPEN]
    return sorted(rows, key=lambda row: row.session.gate_closes_at)


def confirmed_in(facts: SupplyFacts, row: SessionRow) -> list[FlexAsset]:
    return [a for a in facts.assets if a.region_id == row.session.region_id and a.state is AssetState.CONFIRMED]


def start_from(facts: SupplyFacts, request_id: str) -> Start | None:
    """What answering a request means; None when it is not open any more."""
    request = next((r for r in facts.requests if r.id == request_id), None)
    if request is None or request.state is not RequestState.PUBLISHED:
        return None
    stretch = ends(request.quantity_mw) or (0, len(request.quantity_mw) - 1)
    own = own_assets_at(request, facts.assets)
    return Start(
        session_id=request.session_id,
        power=request.commodity.value,
        direction=request.direction.value,
        asset_ids=tuple(a.id for a in own[:1]),
        first=stretch[0],
        last=stretch[1],
    )


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The chosen assets' day in the session, [n_steps], in the unit of the commodity.

    `left_mw`: per asset; `room_mw`: their sum; `baseline_mw`: injection of P of all, not drawn beside Q;
    `need_mw`: requests near them.
    """

    day: DeliveryDay
    commodity: Commodity
    asset_ids: tuple[str, ...]
    left_mw: tuple[Series, ...]
    room_mw: Series
    baseline_mw: Series
    need_mw: Series
    refusal: tuple[Finding, ...] = ()


def bench(
    door: Door,
    row: SessionRow,
    assets: Sequence[FlexAsset],
    kind: tuple[Commodity, Direction],
    requests: Sequence[FlexRequest],
) -> Bench:
    """Ask each asset's day; a refusal (no schedules yet) is kept as findings and leaves no room."""
    day = DeliveryDay(day=row.session.delivery_day)
    refusal: tuple[Finding, ...] = ()
    seen: list[AssetDay] = []
    try:
        seen = [door.ask(GetAssetDay(asset_id=asset.id, delivery_day=day.day)) for asset in assets]
    except Refused as refused:
        refusal = refused.findings
    commodity, direction = kind
    left = tuple(
        left_to_offer(d.headroom.of(direction, commodity), d.offered.of(direction, commodity)) for d in seen
    )
    in_session = [r for r in requests if r.session_id == row.session.id]
    close = near(in_session, commodity, direction, frozenset(asset.bus for asset in assets))
    return Bench(
        day=day,
        commodity=commodity,
        asset_ids=tuple(asset_day.asset.id for asset_day in seen),
        left_mw=left,
        room_mw=add(left, day.n_steps),
        baseline_mw=add([_injection(asset_day) for asset_day in seen], day.n_steps),
        need_mw=add([r.quantity_mw for r in close], day.n_steps),
        refusal=refusal,
    )


def _injection(day: AssetDay) -> Series:
    return day.schedule_p_mw if day.baseline is None else day.baseline.p_mw


def check(door: Door, command: SubmitOffer) -> OfferCheck | Refused:
    """The market's own check; a refusal of the question itself is an answer too."""
    try:
        return door.ask(CheckOffer(command=command))
    except Refused as refused:
        return refused


def field_of(finding_field: str) -> str:
    """The composer's field that a finding of `SubmitOffer` is about."""
    rules = (
        ("quantity_mw", "quantity"),
        ("price", "price"),
        ("lines", "assets"),
        ("asset", "assets"),
        ("session", "session"),
    )
    return next((name for part, name in rules if part in finding_field), "")


MOST_SENTENCES = 3


def problems_of(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    """(field, sentence): repeated sentences once, at most three per field and then how many more."""
    by_field: dict[str, list[str]] = {}
    for finding in findings:
        sentences = by_field.setdefault(field_of(finding.field), [])
        if finding.sentence not in sentences:
            sentences.append(finding.sentence)
    shown = []
    for field, sentences in by_field.items():
        shown += [(field, sentence) for sentence in sentences[:MOST_SENTENCES]]
        if len(sentences) > MOST_SENTENCES:
            shown.append((field, f"And {len(sentences) - MOST_SENTENCES} more of this kind."))
    return shown
