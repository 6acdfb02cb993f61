"""How another player's platform gets in: with the word that the market place gave both sides."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Request
from pydantic import Field

from app.rest.access import FromServices, address_of
from app.rest.fields import Id, In, Out, Text
from app.rest.strict import StrictRoute
from domain.commands.platform import AcceptIntroduction
from domain.ids import PartyId, SubscriptionId
from domain.parties import SYSTEM, IssuedKey

public = APIRouter(route_class=StrictRoute, tags=["introductions"])
PER_MINUTE = 30
"""Tries that one address may make."""
Secret = Annotated[Text, Field(max_length=200)]


class IntroductionIn(In):
    """The requester of a subscription (B2B-SRV-SUB) introduces its platform to the provider's."""

    subscription_id: Id
    requester_id: Id = Field(description="The requester's registration (MPL-REG).")
    introduction: Secret = Field(description="The word of the subscription's confirmation.")
    key: Secret = Field(description="With what the provider's platform calls the requester's from now on.")


class IntroducedOut(Out):
    """With what the requester's platform calls the provider's from now on; it is shown this once."""

    key: str


@public.post("/introductions", name="introduce_platform", status_code=201)
def introduce_platform(body: IntroductionIn, request: Request, services: FromServices) -> IntroducedOut:
    """The platforms of a subscription's two sides exchange keys. Needs no key; the word opens once, but
    may be shown again until the key that it got was used."""
    services.rates.count(f"introductions of {address_of(request)}", PER_MINUTE)
    command = AcceptIntroduction(
        subscription_id=SubscriptionId(body.subscription_id),
        requester_id=PartyId(body.requester_id),
        secret=body.introduction,
        token=body.key,
    )
    issued = cast(IssuedKey, services.desk.execute(SYSTEM, command))
    return IntroducedOut(key=issued.secret)
