"""State tables: (state, trigger) -> state. An illegal move is an absent row."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from domain.errors import refuse


class AssetState(StrEnum):
    REGISTERED = "registered"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class RequestState(StrEnum):
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    MET = "met"
    UNMET = "unmet"
    NOT_NEEDED = "not needed"


class OfferState(StrEnum):
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    LOCKED = "locked"
    ACCEPTED = "accepted"
    PARTLY_ACCEPTED = "partly accepted"
    REJECTED = "rejected"


class SessionState(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    CLEARING = "clearing"
    CLEARED = "cleared"
    NOT_CLEARED = "not cleared"
    PUBLISHED = "published"


class AwardState(StrEnum):
    PROVISIONAL = "provisional"
    PUBLISHED = "published"


class ActivationState(StrEnum):
    REQUESTED = "requested"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


S = TypeVar("S", bound=StrEnum)

ASSET: Mapping[tuple[AssetState, str], AssetState] = {
    (AssetState.REGISTERED, "confirm"): AssetState.CONFIRMED,
    (AssetState.REGISTERED, "refuse"): AssetState.REFUSED,
    (AssetState.CONFIRMED, "refuse"): AssetState.REFUSED,
    (AssetState.REFUSED, "confirm"): AssetState.CONFIRMED,
}

REQUEST: Mapping[tuple[RequestState, str], RequestState] = {
    (RequestState.PUBLISHED, "withdraw"): RequestState.WITHDRAWN,
    (RequestState.PUBLISHED, "close"): RequestState.CLOSED,
    (RequestState.CLOSED, "meet"): RequestState.MET,
    (RequestState.CLOSED, "miss"): RequestState.UNMET,
    (RequestState.CLOSED, "lapse"): RequestState.NOT_NEEDED,
}

OFFER: Mapping[tuple[OfferState, str], OfferState] = {
    (OfferState.SUBMITTED, "withdraw"): OfferState.WITHDRAWN,
    (OfferState.SUBMITTED, "lock"): OfferState.LOCKED,
    (OfferState.LOCKED, "accept"): OfferState.ACCEPTED,
    (OfferState.LOCKED, "accept_partly"): OfferState.PARTLY_ACCEPTED,
    (OfferState.LOCKED, "reject"): OfferState.REJECTED,
}

SESSION: Mapping[tuple[SessionState, str], SessionState] = {
    (SessionState.PLANNED, "change_rules"): SessionState.PLANNED,
    (SessionState.OPEN, "change_rules"): SessionState.OPEN,
    (SessionState.PLANNED, "open"): SessionState.OPEN,
    (SessionState.OPEN, "close"): SessionState.CLEARING,
    (SessionState.CLEARING, "clear"): SessionState.CLEARED,
    (SessionState.CLEARING, "fail"): SessionState.NOT_CLEARED,
    (SessionState.NOT_CLEARED, "retry"): SessionState.CLEARING,
    (SessionState.CLEARED, "publish"): SessionState.PUBLISHED,
}

AWARD: Mapping[tuple[AwardState, str], AwardState] = {
    (AwardState.PROVISIONAL, "publish"): AwardState.PUBLISHED,
}

ACTIVATION: Mapping[tuple[ActivationState, str], ActivationState] = {
    (ActivationState.REQUESTED, "acknowledge"): ActivationState.ACKNOWLEDGED,
    (ActivationState.REQUESTED, "refuse"): ActivationState.REFUSED,
}

JOB: Mapping[tuple[JobState, str], JobState] = {
    (JobState.QUEUED, "start"): JobState.RUNNING,
    (JobState.QUEUED, "cancel"): JobState.CANCELLED,
    (JobState.RUNNING, "requeue"): JobState.QUEUED,
    (JobState.RUNNING, "finish"): JobState.DONE,
    (JobState.RUNNING, "fail"): JobState.FAILED,
    (JobState.RUNNING, "cancel"): JobState.CANCELLED,
}


def advance(table: Mapping[tuple[S, str], S], state: S, trigger: str, field: str = "state") -> S:
    """The state after a trigger.

    Raises:
        Refused: `wrong_state` when the table has no such row.
    """
    after = table.get((state, trigger))
    if after is None:
        verb = trigger.replace("_", " ")
        raise refuse("wrong_state", field, f"It cannot {verb} while it is {state.value}.")
    return after
