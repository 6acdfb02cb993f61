"""News of grids, prices and assets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.letters.names import (
    OFFERING,
    SUPPLYING,
    Letter,
    asset_of,
    count,
    day_name,
    in_role,
    operators,
    party_name,
    region_of,
)
from domain import events as e
from domain.flexibility.grids import Job
from domain.flexibility.market import PriceKind
from domain.lifecycle import JobState
from domain.parties import Role
from domain.ports import UnitOfWork


def network(uow: UnitOfWork, event: e.NetworkUploaded) -> Iterator[Letter]:
    region = region_of(uow, event.region_id)
    yield Letter(to=(*operators(uow), region.tso_id), sentence=f"The network of {region.name} was uploaded.")


def dropped(uow: UnitOfWork, event: e.SchedulesDropped) -> Iterator[Letter]:
    region, day = region_of(uow, event.region_id), event.delivery_day
    sentence = f"The schedules of {day_name(day)} do not fit the new network of {region.name}; upload new ones."
    yield Letter(to=(region.dso_id,), sentence=sentence, day=day)


def state(uow: UnitOfWork, event: e.GridStateComputed) -> Iterator[Letter]:
    region = region_of(uow, event.region_id)
    day = event.delivery_day
    found = f"{count(event.n_needs, 'limit violation')} counted per element and quarter hour"
    sentence = f"The grid state of {region.name} on {day_name(day)} is computed: {found}."
    yield Letter(to=(region.dso_id, *operators(uow)), sentence=sentence, day=day)


_PRICE_WORDS: Mapping[PriceKind, str] = {PriceKind.DAY_AHEAD: "Day-ahead", PriceKind.BALANCING: "Balancing"}


def prices(uow: UnitOfWork, event: e.PricesUploaded) -> Iterator[Letter]:
    to = in_role(uow, Role.DSO, Role.TSO, *OFFERING, *SUPPLYING)
    sentence = f"{_PRICE_WORDS[event.kind]} prices of {day_name(event.delivery_day)} are here."
    yield Letter(to=to, sentence=sentence, day=event.delivery_day)


def registered(uow: UnitOfWork, event: e.AssetRegistered) -> Iterator[Letter]:
    asset, region = asset_of(uow, event.asset_id), region_of(uow, event.region_id)
    sentence = (
        f"{party_name(uow, event.owner_id)} registered {asset.name} at bus {asset.bus}: confirm or refuse it."
    )
    yield Letter(to=(region.dso_id,), sentence=sentence)


def confirmed(uow: UnitOfWork, event: e.AssetConfirmed) -> Iterator[Letter]:
    name = party_name(uow, region_of(uow, event.region_id).dso_id)
    yield Letter(to=(event.owner_id,), sentence=f"{name} confirmed {asset_of(uow, event.asset_id).name}.")


def refused(uow: UnitOfWork, event: e.AssetRefused) -> Iterator[Letter]:
    name = party_name(uow, region_of(uow, event.region_id).dso_id)
    sentence = f"{name} refused {asset_of(uow, event.asset_id).name}: {event.reason}"
    yield Letter(to=(event.owner_id,), sentence=sentence)


def baseline(uow: UnitOfWork, event: e.BaselineUploaded) -> Iterator[Letter]:
    day = event.delivery_day
    name, asset = party_name(uow, event.owner_id), asset_of(uow, event.asset_id)
    sentence = f"{name} uploaded a baseline of {asset.name} for {day_name(day)}."
    yield Letter(to=(region_of(uow, event.region_id).dso_id,), sentence=sentence, day=day)


def job(uow: UnitOfWork, event: e.JobChanged) -> Iterator[Letter]:
    """Only a computation of needs that failed; a clearing's failure is its session's news."""
    if event.state != JobState.FAILED.value:
        return
    job = uow.get(Job, event.job_id)
    if job.kind == "needs":
        region = region_of(uow, job.region_id)
        sentence = f"The grid state of {region.name} on {day_name(job.delivery_day)} was not computed: {job.error}"
        yield Letter(to=(job.owner_id,), sentence=sentence, day=job.delivery_day)
