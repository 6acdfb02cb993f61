"""What a session's settlement rests on: readings, baselines, calls and contracts.

Gathered for the use cases and for the queries: the same numbers stand behind a statement and behind the day that
is shown of an award.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from app.bridge.results import result_facts
from app.bridge.schedules import ScheduleFacts
from app.offering import schedule_of
from domain.errors import Refused
from domain.flexibility.assets import AssetBaseline, FlexAsset
from domain.flexibility.commodity import Commodity
from domain.flexibility.contracts import STANDARD, FlexContract, Terms, in_force
from domain.flexibility.delivery import Delivery, Measured, change_of, deliveries
from domain.flexibility.grids import Job
from domain.flexibility.market import Activation, Award, MarketSession
from domain.flexibility.metering import AssetForecast, MeterReading, PodMapping, Readings, latest, mapped
from domain.flexibility.reference import (
    LOOK_BACK,
    BaselineMethod,
    PastDay,
    Reference,
    ReferenceInputs,
    nominated,
    reference,
)
from domain.flexibility.settlement import StatementLine, clearing_payments, statements
from domain.ids import AssetId, AwardId, PartyId, PodId, RegionId
from domain.lifecycle import ActivationState
from domain.parties import Region
from domain.ports import UnitOfWork
from domain.units import Series


@dataclass(frozen=True)
class Day:
    """A region's delivery day as it was metered; asks for what is needed, once."""

    uow: UnitOfWork
    region_id: RegionId
    day: date

    @cached_property
    def schedule(self) -> ScheduleFacts | None:
        try:
            return schedule_of(self.uow, self.region_id, self.day)
        except Refused:
            return None

    @cached_property
    def mappings(self) -> tuple[PodMapping, ...]:
        return self.uow.find(PodMapping)

    @cached_property
    def pods(self) -> dict[AssetId, PodId]:
        """The point of delivery of each asset on the day."""
        return {mapping.asset_id: pod for pod, mapping in mapped(self.mappings, self.day).items()}

    @cached_property
    def readings(self) -> dict[tuple[PodId, date], MeterReading]:
        return latest(self.uow.find(MeterReading, delivery_day=self.day))

    @cached_property
    def baselines(self) -> dict[AssetId, Series]:
        return {b.asset_id: b.p_mw for b in self.uow.find(AssetBaseline, delivery_day=self.day)}

    @cached_property
    def forecasts(self) -> dict[AssetId, AssetForecast]:
        return {f.asset_id: f for f in self.uow.find(AssetForecast, delivery_day=self.day)}

    @cached_property
    def contracts(self) -> tuple[FlexContract, ...]:
        return self.uow.find(FlexContract, region_id=self.region_id)

    @cached_property
    def past_readings(self) -> dict[tuple[PodId, date], MeterReading]:
        days = tuple(self.day - timedelta(days=n) for n in range(1, LOOK_BACK.days + 1))
        return latest(self.uow.find(MeterReading, delivery_day=days))

    @cached_property
    def past_calls(self) -> frozenset[tuple[AssetId, date]]:
        """Assets and days with a call that was not refused."""
        days = tuple({day for _, day in self.past_readings})
        sessions = self.uow.find(MarketSession, region_id=self.region_id, delivery_day=days)
        day_of = {session.id: session.delivery_day for session in sessions}
        calls = self.uow.find(Activation, session_id=tuple(day_of))
        return frozenset(
            (call.asset_id, day_of[call.session_id])
            for call in calls
            if call.state is not ActivationState.REFUSED and any(call.p_mw)
        )

    def terms(self, party_id: PartyId) -> Terms:
        """The party's contract on the day, else the standard terms."""
        contract = in_force(self.contracts, party_id, self.day)
        return contract.terms if contract else STANDARD

    def reading(self, asset: FlexAsset) -> MeterReading | None:
        pod = self.pods.get(asset.id)
        return self.readings.get((pod, self.day)) if pod else None

    def reference(self, asset: FlexAsset, method: BaselineMethod) -> Reference:
        """The asset's baseline of active power."""
        inputs = ReferenceInputs(
            day=self.day,
            schedule_p_mw=self.schedule.p_mw.get(asset.unit_id) if self.schedule else None,
            nominated_p_mw=self.baselines.get(asset.id),
            forecast=self.forecasts.get(asset.id),
            past=tuple(self._past(asset)) if method is BaselineMethod.COMPARABLE_DAYS else (),
        )
        return reference(inputs, method)

    def _past(self, asset: FlexAsset) -> Iterator[PastDay]:
        own = {mapping.pod_id for mapping in self.mappings if mapping.asset_id == asset.id}
        for (pod, day), reading in self.past_readings.items():
            if pod in own and mapped(self.mappings, day)[pod].asset_id == asset.id:
                yield PastDay(day=day, p_mw=reading.p_mw, called=(asset.id, day) in self.past_calls)

    def measured(self, asset: FlexAsset, commodity: Commodity, method: BaselineMethod) -> Measured:
        """What is known of an asset's delivery. Reactive power is held against the DSO's schedule, as it has no
        baseline of its own."""
        reading = self.reading(asset)
        metered: Readings = ()
        if commodity is Commodity.P:
            used = self.reference(asset, method)
            metered = reading.p_mw if reading else ()
        else:
            used = self._reactive_reference(asset)
            metered = reading.q_mvar if reading else ()
        return Measured(
            asset=asset,
            commodity=commodity,
            pod_id=self.pods.get(asset.id, ""),
            reading=reading,
            reference=used,
            change=change_of(metered, used.p_mw),
        )

    def _reactive_reference(self, asset: FlexAsset) -> Reference:
        planned = self.schedule
        zero = planned and tuple(value * 0 for value in planned.p_mw.get(asset.unit_id, ()))
        series = (planned.q_mvar.get(asset.unit_id) or zero or None) if planned else None
        inputs = ReferenceInputs(day=self.day, schedule_p_mw=series, nominated_p_mw=None, forecast=None, past=())
        p_mw, words = nominated(inputs)
        return Reference(method=BaselineMethod.NOMINATION, p_mw=p_mw, source=words)


def session_deliveries(uow: UnitOfWork, session: MarketSession) -> tuple[Delivery, ...]:
    """What was delivered of every award of a session, by party, asset and award."""
    awards = uow.find(Award, session_id=session.id)
    assets = {a.id: a for a in uow.find(FlexAsset, id=tuple({award.asset_id for award in awards}))}
    calls = calls_of(uow, awards)
    day = Day(uow, session.region_id, session.delivery_day)
    groups: dict[tuple[PartyId, AssetId, Commodity], list[Award]] = {}
    for award in sorted(awards, key=lambda a: (a.party_id, assets[a.asset_id].name, a.asset_id, a.id)):
        groups.setdefault((award.party_id, award.asset_id, award.commodity), []).append(award)
    found: list[Delivery] = []
    for (party, asset_id, commodity), own in groups.items():
        terms = day.terms(party)
        measured = day.measured(assets[asset_id], commodity, terms.baseline)
        found += deliveries(measured, own, calls, terms)
    return tuple(found)


def calls_of(uow: UnitOfWork, awards: Iterable[Award]) -> Mapping[AwardId, Activation]:
    ids = tuple(award.id for award in awards)
    return {call.award_id: call for call in uow.find(Activation, award_id=ids)}


def session_lines(uow: UnitOfWork, session: MarketSession) -> dict[PartyId, tuple[StatementLine, ...]]:
    """The lines of every party's statement from what is known now."""
    dso_id = uow.get(Region, session.region_id).dso_id
    found = session_deliveries(uow, session)
    return statements(found, payments_of(uow, session), dso_id)


def payments_of(uow: UnitOfWork, session: MarketSession) -> dict[PartyId, Decimal]:
    """The clearing's payments by party, with the coupling point's."""
    told: dict[PartyId, Decimal] = {}
    if session.job_id is not None:
        facts = result_facts(uow.get(Job, session.job_id).result)
        told = {PartyId(party): amount for party, amount in facts.payments_eur.items()}
    dso_id = uow.get(Region, session.region_id).dso_id
    return clearing_payments(uow.find(Award, session_id=session.id), told, dso_id)
