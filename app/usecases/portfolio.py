"""Baselines or forecasts of a whole portfolio at once: all are stored, or none is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.usecases.assets import upload_baseline
from app.usecases.metering import upload_forecast
from domain.commands import UploadBaseline, UploadForecast, UploadPortfolio
from domain.errors import Finding, Refused, raise_if, refuse
from domain.flexibility.assets import SeriesKind
from domain.parties import Principal
from domain.ports import UnitOfWork

MOST = 500
_PARTS: Mapping[SeriesKind, tuple[type[Any], Callable[..., object]]] = {
    SeriesKind.BASELINE: (UploadBaseline, upload_baseline),
    SeriesKind.FORECAST: (UploadForecast, upload_forecast),
}


def upload_portfolio(uow: UnitOfWork, principal: Principal, command: UploadPortfolio) -> int:
    """How many assets' series were stored.

    Raises:
        Refused: `missing`, `out_of_range`, `duplicate`; the findings of every asset, fields `series[k]...`.
    """
    if not 1 <= len(command.series) <= MOST:
        raise refuse("out_of_range", "series", f"Give 1 to {MOST} assets; these are {len(command.series)}.")
    ids = [one.asset_id for one in command.series]
    found = [
        Finding(code="duplicate", field=f"series[{k}].asset_id", sentence="The asset is there twice.")
        for k, asset_id in enumerate(ids)
        if asset_id in ids[:k]
    ]
    raise_if(found)
    make, store = _PARTS[command.kind]
    for k, one in enumerate(command.series):
        part = make(asset_id=one.asset_id, delivery_day=command.delivery_day, p_mw=one.p_mw)
        try:
            store(uow, principal, part)
        except Refused as refused:
            found += [
                Finding(code=f.code, field=f"series[{k}].{f.field}", sentence=f.sentence) for f in refused.findings
            ]
    raise_if(found)
    return len(ids)
