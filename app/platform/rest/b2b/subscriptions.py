"""What two players have subscribed with each other."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from app.queries.models.platform import GetCommonSubscription
from app.rest.access import FromCaller
from app.rest.envelopes import NewKeyIn, TakenKeyOut, take_key
from app.rest.fields import Id, Instant, Out
from app.rest.strict import StrictRoute
from domain.ids import SubscriptionId

router = APIRouter(route_class=StrictRoute, tags=["subscriptions"])


class CommonSubscriptionOut(Out):
    """B2B-SRV-SUB, as this side holds it."""

    id: str
    state: str
    provider_id: str
    requester_id: str
    starts_at: Instant
    ends_at: Instant | None


@router.get("/subscriptions/{subscription_id}", name="b2b_get_subscription")
def get_subscription(caller: FromCaller, subscription_id: Annotated[Id, Path()]) -> CommonSubscriptionOut:
    """A subscription that the caller has with this platform's company, as it stands here."""
    found = caller.query(GetCommonSubscription(subscription_id=SubscriptionId(subscription_id)))
    return CommonSubscriptionOut(
        id=found.id,
        state=found.state.value,
        provider_id=found.content.provider.id,
        requester_id=found.content.requester.id,
        starts_at=found.content.starts_at,
        ends_at=found.content.ends_at,
    )


@router.post("/apikey", name="b2b_apikey")
def apikey(caller: FromCaller, body: NewKeyIn) -> TakenKeyOut:
    """The key that the caller will present from now on.

    The key of before works for 72 hours more. The same key again changes nothing.
    """
    return take_key(caller, body)
