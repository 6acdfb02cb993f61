"""What the market place has told of subscriptions, for the company's own programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import ConfigDict

from app.queries.models.platform import ListSubscriptions, SubscriptionView
from app.rest.access import FromCaller
from app.rest.fields import Instant, Out
from app.rest.market_place.schemas import DescriptionOut, TermsOut
from app.rest.paging import FromPager, Listing
from app.rest.schemas import Page, Paging
from app.rest.strict import StrictRoute
from domain.marketplace.words import Environment, PlatformRole
from domain.platform.subscriptions import SubscriptionStanding

router = APIRouter(route_class=StrictRoute, tags=["subscriptions"])


class PlayerOut(Out):
    """MPL-REG: one side of a subscription, with the address of its platform (MPL-ADD)."""

    id: str
    name: str
    platform_url: str


class ToldSubscriptionOut(Out):
    """B2B-SRV-SUB as the market place confirmed it. `side`: ours; `in_force`: by market time at this moment."""

    model_config = ConfigDict(title="B2B-SRV-SUB", from_attributes=True, frozen=True)

    id: str
    side: PlatformRole
    environment: Environment
    provider: PlayerOut
    requester: PlayerOut
    validated_at: Instant
    starts_at: Instant
    ends_at: Instant | None
    data_details: str
    processing_details: str
    descriptions: list[DescriptionOut]
    terms: TermsOut
    state: SubscriptionStanding
    in_force: bool
    canceled_at: Instant | None
    reason: str

    @classmethod
    def of(cls, view: SubscriptionView) -> ToldSubscriptionOut:
        told = {name: value for name, value in vars(view).items() if name != "content"}
        return cls.model_validate({**vars(view.content), **told})


SUBSCRIPTIONS = Listing(ToldSubscriptionOut, "-validated_at,-id", by=("state", "starts_at"))


@router.get("/subscriptions", name="own_subscriptions")
def list_subscriptions(
    caller: FromCaller, pager: FromPager, where: Annotated[Paging, Query()]
) -> Page[ToldSubscriptionOut]:
    """Those of the own registration (B2B-SRV-SUB), the newest first."""
    return pager.page(SUBSCRIPTIONS, where, caller.query(ListSubscriptions()), ToldSubscriptionOut.of)
