"""What the persistence tests store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from app.persistence import Store
from app.persistence.ledgers import audit, outbox
from domain.commands import ConfirmAsset, UploadNetwork
from domain.errors import Refused
from domain.events import AssetConfirmed
from domain.flexibility.assets import AssetKind, FlexAsset
from domain.flexibility.market import Gate, GateKind, MarketSession
from domain.ids import AssetId, GateId, PartyId, RegionId, SessionId
from domain.parties import SYSTEM, Party, Principal, Region, Role

T0 = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
DSO = Principal(account="dso1", party_id=PartyId("dso1"), role=Role.DSO)
CONFIRM = ConfirmAsset(asset_id=AssetId("a1"))
CONFIRMED = AssetConfirmed(asset_id=AssetId("a1"), region_id=RegionId("r1"), owner_id=PartyId("esp1"))


class Clock:
    """A wall clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = T0

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


def seed(store: Store) -> None:
    """Audit row 1: parties `dso1`, `tso`, `esp1`, region `r1`, session `s1`, asset `a1`."""
    with store.write(SYSTEM, UploadNetwork(region_id=RegionId("r1"), document="{}")) as uow:
        for name, role in (("dso1", Role.DSO), ("tso", Role.TSO), ("esp1", Role.ESP)):
            uow.add(Party(id=PartyId(name), name=name.upper(), role=role))
        uow.add(Region(id=RegionId("r1"), name="R", dso_id=PartyId("dso1"), tso_id=PartyId("tso")))
        uow.add(session("s1"))
        uow.add(asset("a1"))


def session(id: str) -> MarketSession:
    return MarketSession(
        id=SessionId(id),
        region_id=RegionId("r1"),
        delivery_day=date(2026, 11, 22),
        opens_at=T0,
        gate_closes_at=T0 + timedelta(hours=1),
        publishes_at=T0 + timedelta(hours=2),
    )


def asset(id: str, unit_id: str = "pv 1") -> FlexAsset:
    return FlexAsset(
        id=AssetId(id),
        owner_id=PartyId("esp1"),
        region_id=RegionId("r1"),
        unit_id=unit_id,
        bus="b1",
        name="Roof",
        kind=AssetKind.PV,
        p_min_mw=Decimal(0),
        p_max_mw=Decimal("1.5"),
    )


def gate(id: str) -> Gate:
    return Gate(id=GateId(id), session_id=SessionId("s1"), kind=GateKind.CLOSE, due_at=T0)


def counts(store: Store) -> tuple[int, int]:
    """Audit and outbox rows."""
    with store.snapshot() as connection:
        n_audit, n_outbox = (connection.scalar(select(func.count()).select_from(t)) for t in (audit, outbox))
    return n_audit or 0, n_outbox or 0


def code_of(refused: Refused) -> str:
    return refused.findings[0].code
