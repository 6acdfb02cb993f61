"""What other players' platforms may ask."""

from __future__ import annotations

from app.queries.models.platform import GetCommonSubscription
from domain.errors import refuse
from domain.parties import Principal
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork


def get_common(uow: UnitOfWork, principal: Principal, query: GetCommonSubscription) -> PlatformSubscription:
    """Raises `Refused`: `not_found`, for those of others, too."""
    found = uow.find(PlatformSubscription, id=query.subscription_id, peer_id=principal.party_id)
    if not found:
        raise refuse("not_found", "subscription_id", "There is no such subscription of yours.")
    return found[0]
