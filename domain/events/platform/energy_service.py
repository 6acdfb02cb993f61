"""Offers of flexibility, acquisitions and call-ups on both sides' platforms."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.platform.base import PlatformEvent
from domain.ids import AcquisitionId, CallUpId, FlexibilityId, PartyId


@dataclass(frozen=True, kw_only=True)
class FlexibilityOffered(PlatformEvent):
    """`own_id`: the registration on this platform whose matter it is."""

    flexibility_id: FlexibilityId
    own_id: PartyId
    provider_id: PartyId


@dataclass(frozen=True, kw_only=True)
class FlexibilityWithdrawn(PlatformEvent):
    flexibility_id: FlexibilityId
    own_id: PartyId
    provider_id: PartyId


@dataclass(frozen=True, kw_only=True)
class FlexibilityAcquired(PlatformEvent):
    """Asked for, or answered."""

    acquisition_id: AcquisitionId
    own_id: PartyId
    peer_id: PartyId
    answered: bool


@dataclass(frozen=True, kw_only=True)
class FlexibilityCalledUp(PlatformEvent):
    """Asked for, or answered."""

    call_up_id: CallUpId
    own_id: PartyId
    peer_id: PartyId
    answered: bool
