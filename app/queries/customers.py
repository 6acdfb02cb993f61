"""What a customer is told: its assets, and what was asked of them."""

from __future__ import annotations

from app.queries import models as q
from domain.flexibility.assets import FlexAsset
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import Activation, MarketSession
from domain.parties import Party, Principal
from domain.ports import UnitOfWork


def list_assets(uow: UnitOfWork, principal: Principal, _query: q.ListCustomerAssets) -> tuple[FlexAsset, ...]:
    """By name."""
    found = uow.find(FlexAsset, customer_id=principal.party_id)
    return tuple(sorted(found, key=lambda asset: (asset.name, asset.id)))


def list_calls(uow: UnitOfWork, principal: Principal, _query: q.ListCustomerCalls) -> tuple[q.CustomerCall, ...]:
    """Calls of active power, from publication on (before, there are none), without prices or payments."""
    assets = {asset.id: asset for asset in uow.find(FlexAsset, customer_id=principal.party_id)}
    calls = []
    for call in uow.find(Activation, asset_id=tuple(assets), commodity=Commodity.P):
        asset = assets[call.asset_id]
        calls.append(
            q.CustomerCall(
                asset=asset,
                provider=uow.get(Party, asset.owner_id).name,
                delivery_day=uow.get(MarketSession, call.session_id).delivery_day,
                p_mw=call.p_mw,
                state=call.state.value,
            )
        )
    return tuple(sorted(calls, key=lambda call: (-call.delivery_day.toordinal(), call.asset.name)))
