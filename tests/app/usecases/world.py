"""A small market for tests: two regions, every role, a three-bus network, a clock that stands still."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.bridge import schedules
from app.bus import Bus
from app.desk import Desk
from app.persistence import Store
from domain import commands as c
from domain.errors import Refused
from domain.events import Event
from domain.flexibility.assets import AssetKind, Direction, FlexAsset
from domain.flexibility.grids import Job
from domain.flexibility.market import FlexOffer, FlexRequest, Gate, GateKind, MarketSession, OfferLine
from domain.ids import AssetId, PartyId, RegionId
from domain.lifecycle import JobState
from domain.parties import SYSTEM, Party, Principal, Region, Role
from domain.time import DeliveryDay, MarketClock

DAY = date(2016, 7, 25)
N_STEPS = 96
START = datetime(2016, 7, 24, 6, 30, tzinfo=UTC)
OPENS = datetime(2016, 7, 24, 7, tzinfo=UTC)
CLOSES = datetime(2016, 7, 24, 10, tzinfo=UTC)
PUBLISHES = datetime(2016, 7, 24, 11, tzinfo=UTC)
R1, R2 = RegionId("R1"), RegionId("R2")
NOON = 50
"""A quarter hour in which the PV feeds in."""

PARTIES = (
    Party(id=PartyId("fmo"), name="Market operator", role=Role.FMO),
    Party(id=PartyId("dso1"), name="North grid", role=Role.DSO),
    Party(id=PartyId("dso2"), name="South grid", role=Role.DSO),
    Party(id=PartyId("tso"), name="Upper grid", role=Role.TSO),
    Party(id=PartyId("brp1"), name="Balance one", role=Role.BRP),
    Party(id=PartyId("brp2"), name="Balance two", role=Role.BRP),
    Party(id=PartyId("retailer1"), name="Retail", role=Role.RETAILER),
    Party(id=PartyId("esp1"), name="Sun and storage", role=Role.ESP, brp_id=PartyId("brp1")),
    Party(id=PartyId("esp2"), name="Wind and load", role=Role.ESP),
    Party(id=PartyId("agg1"), name="Pool", role=Role.AGGREGATOR, independent=True),
    Party(id=PartyId("gone"), name="Gone", role=Role.ESP, active=False),
    Party(id=PartyId("customer1"), name="House", role=Role.CUSTOMER),
    Party(id=PartyId("place1"), name="EU Market Place", role=Role.PLACE_OPERATOR),
    Party(id=PartyId("provider1"), name="North meters", role=Role.PROVIDER),
    Party(id=PartyId("provider2"), name="South meters", role=Role.PROVIDER),
    Party(id=PartyId("requester1"), name="West pool", role=Role.REQUESTER),
    Party(id=PartyId("requester2"), name="East pool", role=Role.REQUESTER),
)
REGIONS = (
    Region(id=R1, name="North", dso_id=PartyId("dso1"), tso_id=PartyId("tso")),
    Region(id=R2, name="South", dso_id=PartyId("dso2"), tso_id=PartyId("tso")),
)
WHO = {
    **{p.id: Principal(account=p.id, party_id=p.id, role=p.role, name=p.name) for p in PARTIES},
    "system": SYSTEM,
}

UNITS = (
    {"id": "PV-1", "bus": "3", "kind": "generator", "type": "pv", "p_max_mw": 4.0},
    {"id": "PV-2", "bus": "3", "kind": "generator", "type": "pv", "p_max_mw": 2.0},
    {"id": "PV-3", "bus": "2", "kind": "generator", "type": "pv", "p_max_mw": 1.0},
    {"id": "BAT-1", "bus": "3", "kind": "storage", "type": "battery", "p_max_mw": 1.0},
    {"id": "LD-1", "bus": "2", "kind": "load", "type": "load", "p_max_mw": 0.5},
    {"id": "LD-2", "bus": "3", "kind": "load", "type": "load", "p_max_mw": 0.5},
)


def network(**changes: object) -> str:
    """Three buses in a row at 20 kV, PV at the end lifts the voltage there."""
    bus = {"vn_kv": 20.0, "vm_min_pu": 0.95, "vm_max_pu": 1.05}
    branch = {"r_ohm": 3.0, "x_ohm": 2.5, "max_i_ka": 0.4}
    document: dict[str, object] = {
        "schema": "flexdesk.grid/1",
        "name": "Three buses",
        "buses": [{"id": str(n), "lon": 9.0 + n / 100, "lat": 53.0, **bus} for n in (1, 2, 3)],
        "branches": [
            {"id": "L1", "from": "1", "to": "2", **branch},
            {"id": "L2", "from": "2", "to": "3", **branch},
        ],
        "coupling": {"bus": "1", "vm_pu": 1.0},
        "units": list(UNITS),
    }
    return json.dumps(document | changes)


def schedule(day: date = DAY, pv_mw: float = 4.0) -> str:
    """PV-1 feeds in at noon, the others a little; loads and battery as they are."""
    steps = DeliveryDay(day=day).n_steps
    rows = [",".join(["unit_id", "quantity", *schedules.columns(day)])]
    values = {"PV-1": pv_mw, "PV-2": 2.0, "PV-3": 0.5}
    for unit in UNITS:
        name = str(unit["id"])
        flat = {"load": 0.2, "storage": 0.0}.get(str(unit["kind"]), 0.0)
        shape = [values[name] if 44 <= s < 56 else 0.0 for s in range(steps)] if name in values else [flat] * steps
        rows.append(",".join([name, "p_mw", *map(str, shape)]))
    return "\n".join(rows) + "\n"


def at_noon(quantity: str, step: int = NOON, n_steps: int = N_STEPS) -> tuple[Decimal, ...]:
    return tuple(Decimal(quantity) if s == step else Decimal(0) for s in range(n_steps))


def flat(value: str, n_steps: int = N_STEPS) -> tuple[Decimal, ...]:
    return (Decimal(value),) * n_steps


@dataclass
class Wall:
    """A wall clock that stands still until it is moved."""

    now: datetime = datetime(2026, 11, 21, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class World:
    """The desk on a fresh database, with short words for what tests do again and again."""

    store: Store
    desk: Desk
    wall: Wall
    bus: Bus
    events: list[Event] = field(default_factory=list)

    def do(self, who: str, command: c.Command) -> Any:
        return self.desk.execute(WHO[who], command)

    def codes(self, who: str, command: c.Command) -> list[tuple[str, str]]:
        """(code, field) of a refusal; empty when the command was taken."""
        try:
            self.do(who, command)
        except Refused as refused:
            return [(finding.code, finding.field) for finding in refused.findings]
        return []

    def find(self, entity: type[Any], **equal: object) -> tuple[Any, ...]:
        with self.store.read() as uow:
            return uow.find(entity, **equal)

    def only(self, entity: type[Any], **equal: object) -> Any:
        (found,) = self.find(entity, **equal)
        return found

    def told(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def at(self, market: datetime) -> None:
        """Market time jumps, forwards only."""
        self.wall.now += timedelta(seconds=1)
        with self.store.write(SYSTEM, c.MoveClock(action=c.ClockAction.PAUSE)) as uow:
            uow.set_clock(uow.clock().moved(uow.wall, market))

    # -- a market day, step by step ---------------------------------------------------------------------------

    def grid(self, region: RegionId = R1, who: str = "dso1", day: date = DAY) -> None:
        self.do(who, c.UploadNetwork(region_id=region, document=network()))
        self.do(who, c.UploadSchedules(region_id=region, delivery_day=day, document=schedule(day)))

    def asset(self, who: str = "esp1", unit: str = "PV-1", *, confirmed: bool = True, **more: Any) -> FlexAsset:
        asset: FlexAsset = self.do(who, register(unit, **more))
        return self.do("dso1", c.ConfirmAsset(asset_id=asset.id)) if confirmed else asset  # type: ignore[no-any-return]

    def session(self, *, opened: bool = True, region: RegionId = R1) -> MarketSession:
        session: MarketSession = self.do("fmo", plan(region_id=region))
        if opened:
            self.at(OPENS)
            self.do("system", c.PassGate(gate_id=self.gate(session, GateKind.OPEN).id))
        return self.only(MarketSession, id=session.id)  # type: ignore[no-any-return]

    def gate(self, session: MarketSession, kind: GateKind) -> Gate:
        return min(self.find(Gate, session_id=session.id, kind=kind), key=lambda gate: gate.due_at)  # type: ignore[no-any-return]

    def request(self, session: MarketSession, **changes: Any) -> FlexRequest:
        return self.do("dso1", ask(session, **changes))  # type: ignore[no-any-return]

    def offer(
        self, who: str, session: MarketSession, asset: FlexAsset, quantity: str, **changes: Any
    ) -> FlexOffer:
        return self.do(who, bid(session, [(asset.id, at_noon(quantity))], **changes))  # type: ignore[no-any-return]

    def close(self, session: MarketSession) -> Job:
        self.at(CLOSES)
        self.do("system", c.PassGate(gate_id=self.gate(session, GateKind.CLOSE).id))
        return self.only(Job, session_id=session.id, kind="clearing", state=JobState.QUEUED)  # type: ignore[no-any-return]

    def run(self, job: Job, work: Callable[..., bytes]) -> None:
        """The job done as the worker does it."""
        self.do("system", c.StartJob(job_id=job.id))
        result = work(job.kind, job.inputs, lambda stage, share: None)
        self.do("system", c.ApplyJob(job_id=job.id, succeeded=True, result=result))


def register(unit: str = "PV-1", **changes: Any) -> c.RegisterAsset:
    row = next(u for u in UNITS if u["id"] == unit)
    kind = {"pv": AssetKind.PV, "battery": AssetKind.STORAGE, "load": AssetKind.LOAD}[str(row["type"])]
    rated = Decimal(str(row["p_max_mw"]))
    bounds = {"generator": (0, rated), "storage": (-rated, rated), "load": (-rated, 0)}[str(row["kind"])]
    values: dict[str, Any] = {
        "region_id": R1,
        "unit_id": unit,
        "name": f"Asset {unit}",
        "kind": kind,
        "p_min_mw": Decimal(bounds[0]),
        "p_max_mw": Decimal(bounds[1]),
    }
    return c.RegisterAsset(**values | changes)


def plan(**changes: Any) -> c.PlanSession:
    values: dict[str, Any] = {
        "region_id": R1,
        "delivery_day": DAY,
        "opens_at": OPENS,
        "gate_closes_at": CLOSES,
        "publishes_at": PUBLISHES,
    }
    return c.PlanSession(**values | changes)


def ask(session: MarketSession, **changes: Any) -> c.PublishRequest:
    values: dict[str, Any] = {
        "session_id": session.id,
        "congestion_point": "End of the line",
        "buses": ("3",),
        "direction": Direction.DOWN,
        "quantity_mw": at_noon("1"),
        "price_cap_eur_per_mwh": Decimal("150.00"),
        "deadline": CLOSES,
    }
    return c.PublishRequest(**values | changes)


def bid(
    session: MarketSession, lines: Sequence[tuple[AssetId, tuple[Decimal, ...]]], **changes: Any
) -> c.SubmitOffer:
    values: dict[str, Any] = {
        "session_id": session.id,
        "direction": Direction.DOWN,
        "lines": tuple(OfferLine(asset_id=asset_id, quantity_mw=quantity) for asset_id, quantity in lines),
        "price_eur_per_mwh": flat("40.00"),
    }
    return c.SubmitOffer(**values | changes)


def seed(store: Store, wall: Wall) -> None:
    """Participants, regions and a clock that stands at the day before."""
    with store.write(SYSTEM, c.MoveClock(action=c.ClockAction.PAUSE)) as uow:
        for entity in (*PARTIES, *REGIONS):
            uow.add(entity)
        uow.set_clock(MarketClock(anchor_market=START, anchor_wall=wall(), speed=0.0, movable=True))
