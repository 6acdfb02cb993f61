"""What the demo has before its market: participants, networks, schedules, prices, assets and meters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from app.applying import ApplicationForm
from app.bridge import networks, schedules, simbench
from app.bridge.schedules import ScheduleFacts
from app.demo import metering, portfolio, prices
from app.demo.accounts import DEMO_CLIENT
from app.demo.accounts import participants as its_accounts
from app.demo.loader import Loader
from app.demo.scenario import DemoRegion
from domain.commands import (
    ConfirmAsset,
    RegisterAsset,
    UploadBaseline,
    UploadMetering,
    UploadNetwork,
    UploadPrices,
    UploadSchedules,
)
from domain.flexibility.assets import FlexAsset
from domain.flexibility.market import PriceKind
from domain.ids import AssetId, PartyId
from domain.parties import Role
from domain.parties.tokens import Grant


def participants(load: Loader) -> None:
    with load.directly("participants") as uow:
        for party in sorted(load.scenario.parties, key=lambda party: party.brp_id is not None):
            uow.add(party)
        for demo in load.scenario.regions:
            uow.add(demo.region)
    for account in its_accounts():
        party_id = PartyId(account.account)
        role = load.principals[party_id].role
        load.app.auth.create_account(account.account, account.password, party_id, role)
    load.app.auth.create_client(DEMO_CLIENT, DEMO_CLIENT, frozenset({Grant.PASSWORD, Grant.REFRESH}))
    wish = load.scenario.application
    form = {**wish, "role": Role(wish["role"]), "password": f"demo-{wish['account']}"}
    load.app.applying.apply(ApplicationForm(**form), "demo")


def uploads(load: Loader, cache_dir: Path) -> list[tuple[DemoRegion, networks.NetworkFacts, ScheduleFacts]]:
    """Networks, schedules, the needs computed from them, and the day's prices."""
    day = load.scenario.delivery_day
    facts = []
    for number, demo in enumerate(load.scenario.regions):
        region = demo.region
        load.progress(f"Network of the {region.name.lower()}", 0.05 + 0.1 * number)
        network, schedule = simbench.region_files(demo.grid, day, cache_dir, demo.outage)
        load.do(region.dso_id, UploadNetwork(region_id=region.id, document=network))
        upload = UploadSchedules(region_id=region.id, delivery_day=day, document=schedule)
        load.do(region.dso_id, upload)
        facts.append((demo, networks.read(network), schedules.read(network, schedule, day)))
    load.progress("Needs of the day", 0.25)
    load.app.jobs.run_queued_inline()
    _prices(load, [schedule for _, _, schedule in facts])
    return facts


def _prices(load: Loader, facts: Sequence[ScheduleFacts]) -> None:
    residual = prices.residual_load_mw(facts)
    rules = {
        PriceKind.DAY_AHEAD: (prices.day_ahead, "Merit order of the demo"),
        PriceKind.BALANCING: (prices.balancing, "Merit order of the demo, with imbalances"),
    }
    for kind, (rule, source) in rules.items():
        command = UploadPrices(
            kind=kind,
            delivery_day=load.scenario.delivery_day,
            price_eur_per_mwh=rule(load.scenario, residual),
            source=source,
        )
        load.do(load.fmo, command)


def assets(load: Loader, demo: DemoRegion, lots: Sequence[portfolio.Lot]) -> Mapping[str, AssetId]:
    """Asset id by unit id."""
    ids: dict[str, AssetId] = {}
    behind = load.scenario.customer
    customers: list[portfolio.Lot] = []
    for lot in lots:
        command: RegisterAsset = lot.command
        if not customers and (lot.owner_id, demo.region.id) == (behind["owner"], behind["region"]):
            command = replace(command, customer_id=PartyId(behind["id"]))
            customers.append(lot)
        asset = cast(FlexAsset, load.do(lot.owner_id, command))
        ids[lot.unit.unit_id] = asset.id
        if not lot.pending:
            load.do(demo.region.dso_id, ConfirmAsset(asset_id=asset.id))
        if lot.own_p_mw is not None:
            day = load.scenario.delivery_day
            load.do(lot.owner_id, UploadBaseline(asset_id=asset.id, delivery_day=day, p_mw=lot.own_p_mw))
    return ids


def meters(
    load: Loader,
    demo: DemoRegion,
    lots: Sequence[portfolio.Lot],
    assets: Mapping[str, AssetId],
    planned: ScheduleFacts,
) -> None:
    """Points of delivery in one transaction, contracts, and readings of earlier days."""
    region, day = demo.region, load.scenario.delivery_day
    mappings = metering.pods(region.id, assets.values(), day)
    with load.directly(f"meters {region.id}") as uow:
        for mapping in mappings:
            uow.add(mapping)
    for contract in metering.contracts(region.id, day):
        load.do(load.fmo, contract)
    pod_of = {unit: mapping.pod_id for unit, mapping in zip(assets, mappings, strict=True)}
    for earlier in metering.earlier_days(day):
        document = metering.earlier_readings(load.scenario.seed, lots, pod_of, planned.p_mw, earlier)
        load.do(region.dso_id, UploadMetering(delivery_day=earlier, document=document))
