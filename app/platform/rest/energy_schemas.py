"""Bodies about energy services, on a platform's own interface and between platforms."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from app.queries.models.platform import AcquisitionRow, CallUpRow, FlexibilityRow
from app.rest.fields import Exact, Id, In, Instant, Out, Text
from domain.flexibility.assets import Direction
from domain.marketplace.words import ActivationStatus
from domain.platform.energy_service import CallUpState, FlexibilityState

Lax = Field(strict=False)
Power = Annotated[Exact, Field(description="MW", ge=0)]
Powers = Annotated[list[Exact], Field(description="MW in each quarter hour", min_length=1, max_length=100)]
Said = Annotated[str, StringConstraints(max_length=400)]


class FlexibilityIn(In):
    """An offer of flexibility to all who have an agreement on the energy service."""

    area: Text
    direction: Annotated[Direction, Lax]
    starts_at: Instant
    power_mw: Powers
    price_eur_per_mwh: Exact
    acquire_until: Instant
    made_from: Annotated[Text, Field(max_length=400)]


class FlexibilityNoticeIn(FlexibilityIn):
    """An offer of the provider's, or that it was withdrawn."""

    flexibility_id: Id
    subscription_id: Id
    offered_at: Instant
    withdrawn: bool


class FlexibilityOut(Out):
    """An offer. `free_mw` is there for its provider alone."""

    id: str
    provider_id: str
    provider: str
    own: bool
    subscription_ids: list[str]
    area: str
    direction: Direction
    starts_at: Instant
    ends_at: Instant
    power_mw: list[Exact]
    price_eur_per_mwh: Exact
    acquire_until: Instant
    made_from: str
    state: FlexibilityState
    acquired_mw: Exact
    free_mw: Exact | None

    @staticmethod
    def of(row: FlexibilityRow) -> FlexibilityOut:
        made = row.flexibility
        return FlexibilityOut(
            id=made.id,
            provider_id=made.provider_id,
            provider=row.provider,
            own=row.own,
            subscription_ids=list(row.subscription_ids),
            area=made.area,
            direction=made.direction,
            starts_at=made.starts_at,
            ends_at=made.ends_at,
            power_mw=list(made.power_mw),
            price_eur_per_mwh=made.price_eur_per_mwh,
            acquire_until=made.acquire_until,
            made_from=made.made_from,
            state=made.state,
            acquired_mw=row.acquired_mw,
            free_mw=row.free_mw,
        )


class AcquireIn(In):
    """A constant part of an offer over its whole time."""

    flexibility_id: Id
    subscription_id: Id
    power_mw: Power


class AcquisitionIn(AcquireIn):
    """The same, with the requester's id for it."""

    acquisition_id: Id


class AcquisitionAnswerIn(In):
    """What the provider gives of what was asked for."""

    acquisition_id: Id
    status: Annotated[ActivationStatus, Lax]
    power_mw: Power
    reason: Said


class AcquisitionOut(Out):
    """`status` is null until the provider has answered; `power_mw` is what was asked for, then what was given."""

    id: str
    flexibility_id: str
    subscription_id: str
    peer_id: str
    peer: str
    power_mw: Exact
    price_eur_per_mwh: Exact
    starts_at: Instant
    ends_at: Instant
    asked_at: Instant
    status: ActivationStatus | None
    reason: str

    @staticmethod
    def of(row: AcquisitionRow) -> AcquisitionOut:
        made, offered = row.acquisition, row.flexibility
        return AcquisitionOut(
            id=made.id,
            flexibility_id=made.flexibility_id,
            subscription_id=made.subscription_id,
            peer_id=made.peer_id,
            peer=row.peer,
            power_mw=made.power_mw,
            price_eur_per_mwh=offered.price_eur_per_mwh,
            starts_at=offered.starts_at,
            ends_at=offered.ends_at,
            asked_at=made.asked_at,
            status=made.status,
            reason=made.reason,
        )


class CallIn(In):
    """An activation of some of what was acquired."""

    acquisition_id: Id
    starts_at: Instant
    ends_at: Instant
    power_mw: Power


class CallUpIn(CallIn):
    """The same, with the requester's id for it."""

    call_up_id: Id


class DeliversIn(In):
    """Whether the provider delivers; a refusal has a reason."""

    delivers: bool
    reason: Said = ""


class CallUpAnswerIn(DeliversIn):
    call_up_id: Id


class CallUpOut(Out):
    """An activation and what the provider answered."""

    id: str
    acquisition_id: str
    flexibility_id: str
    subscription_id: str
    peer_id: str
    peer: str
    starts_at: Instant
    ends_at: Instant
    power_mw: Exact
    energy_mwh: Exact
    price_eur_per_mwh: Exact
    state: CallUpState
    reason: str
    asked_at: Instant
    answered_at: Instant | None

    @staticmethod
    def of(row: CallUpRow) -> CallUpOut:
        made = row.call_up
        return CallUpOut(
            id=made.id,
            acquisition_id=made.acquisition_id,
            flexibility_id=made.flexibility_id,
            subscription_id=made.subscription_id,
            peer_id=made.peer_id,
            peer=row.peer,
            starts_at=made.starts_at,
            ends_at=made.ends_at,
            power_mw=made.power_mw,
            energy_mwh=made.energy_mwh,
            price_eur_per_mwh=row.flexibility.price_eur_per_mwh,
            state=made.state,
            reason=made.reason,
            asked_at=made.asked_at,
            answered_at=made.answered_at,
        )
