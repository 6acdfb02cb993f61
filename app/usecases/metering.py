"""Metering: points of delivery, their readings, and forecasts of assets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date

from app.bridge import metering
from app.bridge.metering import Metered
from app.usecases.ownership import own_region
from app.usecases.settlement import settle_again
from domain.checks import LOCKED, day_findings
from domain.commands import MapPod, ReportReading, UploadForecast, UploadMetering
from domain.errors import Finding, raise_if, refuse
from domain.events import ForecastUploaded, MeteringReported, PodMapped
from domain.flexibility.assets import FlexAsset
from domain.flexibility.market import MarketSession
from domain.flexibility.metering import (
    AssetForecast,
    MeterReading,
    PodMapping,
    latest,
    mapped,
    pod_findings,
    reading_findings,
)
from domain.ids import PartyId, PodId, RegionId
from domain.parties import Principal, Role
from domain.ports import UnitOfWork
from domain.time import DeliveryDay
from domain.units import series_findings

FIRST_DAY = -730
"""Readings may be reported and corrected for two years."""


def map_pod(uow: UnitOfWork, principal: Principal, command: MapPod) -> PodMapping:
    """A point of delivery stands for an asset from a day on; the same again changes nothing.

    Raises:
        Refused: `malformed` code; `not_found` asset; `not_yours`; findings on the day; `duplicate` when it has a
            mapping from that day, or the asset another point of delivery then.
    """
    raise_if(pod_findings(command.pod_id))
    asset = uow.get(FlexAsset, command.asset_id)
    _check_region(uow, principal, asset.region_id, "asset_id")
    raise_if(day_findings(command.valid_from, uow.market, "valid_from", first=FIRST_DAY))
    mappings = uow.find(PodMapping)
    raise_if(_mapping_findings(mappings, command))
    for mapping in mappings:
        if (mapping.pod_id, mapping.valid_from) == (command.pod_id, command.valid_from):
            return mapping
    mapping = PodMapping(
        id=f"{command.pod_id}@{command.valid_from.isoformat()}",
        pod_id=command.pod_id,
        asset_id=asset.id,
        valid_from=command.valid_from,
    )
    uow.add(mapping)
    uow.record(
        PodMapped(pod_id=mapping.pod_id, asset_id=asset.id, region_id=asset.region_id, owner_id=asset.owner_id)
    )
    return mapping


def _mapping_findings(mappings: tuple[PodMapping, ...], command: MapPod) -> list[Finding]:
    """One point of delivery has one asset on a day, and one asset one point of delivery."""
    if any(
        (m.pod_id, m.valid_from) == (command.pod_id, command.valid_from) and m.asset_id != command.asset_id
        for m in mappings
    ):
        sentence = "It is mapped to another asset from that day; choose a later day."
        return [Finding(code="duplicate", field="valid_from", sentence=sentence)]
    days = {command.valid_from, *(m.valid_from for m in mappings if m.valid_from > command.valid_from)}
    for day in sorted(days):
        for pod, mapping in mapped(mappings, day).items():
            if mapping.asset_id == command.asset_id and pod != command.pod_id:
                sentence = f"The asset has the point of delivery {pod} on {day:%d.%m.%Y}."
                return [Finding(code="duplicate", field="asset_id", sentence=sentence)]
    return []


def report_reading(uow: UnitOfWork, principal: Principal, command: ReportReading) -> MeterReading:
    """What was metered at one point of delivery; values that differ from the last are a new revision.

    Raises:
        Refused: `not_delivered`; `unknown_pod`; `not_yours`; findings on day and values.
    """
    n_steps = _delivered(uow, command.delivery_day).n_steps
    found = reading_findings(command.p_mw, "p_mw", n_steps, "MW")
    if command.q_mvar:
        found += reading_findings(command.q_mvar, "q_mvar", n_steps, "Mvar")
    raise_if(found)
    metered = Metered(p_mw=command.p_mw, q_mvar=command.q_mvar)
    (reading,) = _store(uow, principal, command.delivery_day, {command.pod_id: metered}, "pod_id")
    return reading


def upload_metering(uow: UnitOfWork, principal: Principal, command: UploadMetering) -> tuple[MeterReading, ...]:
    """A day's readings of many points of delivery, all or none.

    Raises:
        Refused: `not_delivered`; every finding of the file with its row; `unknown_pod`, `not_yours`.
    """
    _delivered(uow, command.delivery_day)
    readings = metering.read(command.document, command.delivery_day)
    return _store(uow, principal, command.delivery_day, readings, "document")


def _delivered(uow: UnitOfWork, day: date) -> DeliveryDay:
    raise_if(day_findings(day, uow.market, first=FIRST_DAY))
    delivered = DeliveryDay(day=day)
    if uow.market < delivered.end:
        raise refuse("not_delivered", "delivery_day", f"{day:%d.%m.%Y} is not over; its readings come after it.")
    return delivered


def _store(
    uow: UnitOfWork, principal: Principal, day: date, readings: Mapping[PodId, Metered], field: str
) -> tuple[MeterReading, ...]:
    """Store new revisions of what differs, tell owners, and settle again what was settled. The last revisions."""
    assets = _assets(uow, principal, day, readings, field)
    last = latest(uow.find(MeterReading, delivery_day=day, pod_id=tuple(readings)))
    found: list[MeterReading] = []
    told: Counter[tuple[RegionId, PartyId]] = Counter()
    corrected: Counter[tuple[RegionId, PartyId]] = Counter()
    for pod, metered in readings.items():
        before = last.get((pod, day))
        if before is not None and (before.p_mw, before.q_mvar) == (metered.p_mw, metered.q_mvar):
            found.append(before)
            continue
        revision = before.revision + 1 if before else 1
        reading = MeterReading(
            id=f"{pod}@{day.isoformat()}.{revision}",
            pod_id=pod,
            delivery_day=day,
            revision=revision,
            p_mw=metered.p_mw,
            q_mvar=metered.q_mvar,
            reported_by=principal.party_id,
            reported_at=uow.market,
        )
        uow.add(reading)
        found.append(reading)
        of = (assets[pod].region_id, assets[pod].owner_id)
        told[of] += 1
        corrected[of] += before is not None
    for (region_id, owner_id), n_readings in sorted(told.items()):
        uow.record(
            MeteringReported(
                region_id=region_id,
                owner_id=owner_id,
                delivery_day=day,
                n_readings=n_readings,
                n_corrected=corrected[region_id, owner_id],
            )
        )
    for region_id in sorted({region_id for region_id, _ in told}):
        for session in uow.find(MarketSession, region_id=region_id, delivery_day=day):
            settle_again(uow, session)
    return tuple(found)


def _assets(
    uow: UnitOfWork, principal: Principal, day: date, pods: Mapping[PodId, Metered], field: str
) -> dict[PodId, FlexAsset]:
    """The asset of each point of delivery on the day, in a region of the one who reports."""
    standing = mapped(uow.find(PodMapping, pod_id=tuple(pods)), day)
    raise_if(
        Finding(code="unknown_pod", field=field, sentence=f"{pod} is not mapped to an asset on {day:%d.%m.%Y}.")
        for pod in pods
        if pod not in standing
    )
    by_id = {a.id: a for a in uow.find(FlexAsset, id=tuple(m.asset_id for m in standing.values()))}
    for region_id in sorted({asset.region_id for asset in by_id.values()}):
        _check_region(uow, principal, region_id, field)
    return {pod: by_id[mapping.asset_id] for pod, mapping in standing.items()}


def _check_region(uow: UnitOfWork, principal: Principal, region_id: RegionId, field: str) -> None:
    """A DSO reports for its own regions, the market operator for all."""
    if principal.role is Role.DSO:
        own_region(uow, principal, region_id, field)


def upload_forecast(uow: UnitOfWork, principal: Principal, command: UploadForecast) -> AssetForecast:
    """The owner's forecast of an asset's day; it must be there before the day's gate closes, as what follows the
    result could be bent by it.

    Raises:
        Refused: `not_yours`, `deadline_passed`, `gate_closed`, findings on the values.
    """
    asset = uow.get(FlexAsset, command.asset_id)
    if asset.owner_id != principal.party_id:
        raise refuse("not_yours", "asset_id", "The asset belongs to another participant.")
    day = command.delivery_day
    raise_if(day_findings(day, uow.market, first=1))
    n_steps = DeliveryDay(day=day).n_steps
    low, high = asset.p_min_mw, asset.p_max_mw
    raise_if(series_findings(command.p_mw, "p_mw", n_steps, unit="MW", places=6, low=low, high=high))
    sessions = uow.find(MarketSession, region_id=asset.region_id, delivery_day=day)
    if any(s.state in LOCKED or uow.market >= s.gate_closes_at for s in sessions):
        raise refuse("gate_closed", "delivery_day", "The gate of the day's session has closed.")
    stored = uow.find(AssetForecast, asset_id=asset.id, delivery_day=day)
    forecast = AssetForecast(
        id=f"{asset.id}-{day.isoformat()}",
        asset_id=asset.id,
        delivery_day=day,
        p_mw=command.p_mw,
        uploaded_by=principal.party_id,
        uploaded_at=uow.market,
        version=stored[0].version if stored else 0,
    )
    (uow.save if stored else uow.add)(forecast)
    uow.record(
        ForecastUploaded(asset_id=asset.id, region_id=asset.region_id, owner_id=asset.owner_id, delivery_day=day)
    )
    return forecast
