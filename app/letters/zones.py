"""News of congested regions, conditional confirmations and the TSO's reviews."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.letters.names import (
    OFFERING,
    Letter,
    asset_of,
    in_role,
    operators,
    party_name,
    region_of,
    session_of,
)
from domain import events as e
from domain.flexibility.market import FlexRequest
from domain.flexibility.zones import CongestedRegion
from domain.lifecycle import ReviewState
from domain.ports import UnitOfWork


def conditionally(uow: UnitOfWork, event: e.AssetConfirmedConditionally) -> Iterator[Letter]:
    asset, name = asset_of(uow, event.asset_id), party_name(uow, region_of(uow, event.region_id).dso_id)
    limit = f", {asset.condition.words()}" if asset.condition else ""
    sentence = f"{name} confirmed {asset.name} conditionally{limit}: {event.reason}"
    yield Letter(to=(event.owner_id,), sentence=sentence)


def registered(uow: UnitOfWork, event: e.CongestedRegionRegistered) -> Iterator[Letter]:
    yield _about_point(uow, event, "registered the congested region")


def closed(uow: UnitOfWork, event: e.CongestedRegionClosed) -> Iterator[Letter]:
    yield _about_point(uow, event, "closed the congested region")


def _about_point(
    uow: UnitOfWork, event: e.CongestedRegionRegistered | e.CongestedRegionClosed, verb: str
) -> Letter:
    region = region_of(uow, event.region_id)
    point = uow.get(CongestedRegion, event.congested_region_id)
    to = (*operators(uow), region.tso_id, *in_role(uow, *OFFERING))
    return Letter(to=to, sentence=f"{party_name(uow, region.dso_id)} {verb} {point.name} ({region.name}).")


_VERBS: Mapping[ReviewState, str] = {
    ReviewState.ACCEPTED: "accepts",
    ReviewState.HELD: "holds",
    ReviewState.CHANGE_ASKED: "asks for a change of",
}
_EFFECTS: Mapping[bool, str] = {
    True: "It is left out of the clearing while it is held.",
    False: "It takes part in the clearing again.",
}


def reviewed(uow: UnitOfWork, event: e.RequestReviewed) -> Iterator[Letter]:
    """The DSO reads the note; those who may offer learn only whether the request takes part in the clearing."""
    request = uow.get(FlexRequest, event.request_id)
    session, region, name = session_of(uow, event.session_id)
    day, note = session.delivery_day, f" {event.note}" if event.note else ""
    what = f"{party_name(uow, region.tso_id)} {_VERBS[event.review]} the request at {request.congestion_point}"
    yield Letter(to=(region.dso_id, *operators(uow)), sentence=f"{what} ({name}).{note}", day=day)
    held = event.review is ReviewState.HELD
    if held is not (event.before is ReviewState.HELD):
        sentence = f"The request at {request.congestion_point} ({name}): {_EFFECTS[held]}"
        yield Letter(to=in_role(uow, *OFFERING), sentence=sentence, day=day)
