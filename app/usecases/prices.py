"""Wholesale and balancing prices of a day."""

from __future__ import annotations

from dataclasses import replace

from domain.checks import day_findings
from domain.commands import UploadPrices
from domain.errors import raise_if
from domain.events import PricesUploaded
from domain.flexibility.market import PriceSeries
from domain.parties import Principal
from domain.ports import UnitOfWork
from domain.texts import text_findings
from domain.time import DeliveryDay
from domain.units import prices_findings

FIRST_DAY = -730


def upload_prices(uow: UnitOfWork, _principal: Principal, command: UploadPrices) -> PriceSeries:
    """Store a day's prices, replacing those of the same kind and day. Raises `Refused` with all findings."""
    raise_if(day_findings(command.delivery_day, uow.market, first=FIRST_DAY))
    n_steps = DeliveryDay(day=command.delivery_day).n_steps
    raise_if(
        prices_findings(command.price_eur_per_mwh, "price_eur_per_mwh", n_steps)
        + text_findings(command.source, "source")
    )
    stored = uow.find(PriceSeries, kind=command.kind, delivery_day=command.delivery_day)
    series = PriceSeries(
        id=f"{command.kind.value}-{command.delivery_day.isoformat()}",
        kind=command.kind,
        delivery_day=command.delivery_day,
        price_eur_per_mwh=command.price_eur_per_mwh,
        source=command.source.strip(),
    )
    if stored:
        uow.save(replace(series, version=stored[0].version))
    else:
        uow.add(series)
    uow.record(PricesUploaded(kind=series.kind, delivery_day=series.delivery_day))
    return series
