"""State tables: (state, trigger) -> state. An illegal move is an absent row."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from domain.errors import refuse


class AssetState(StrEnum):
    REGISTERED = "registered"
    CONFIRMED = "confirmed"
    CONDITIONAL = "conditionally confirmed"
    REFUSED = "refused"


class RequestState(StrEnum):
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    MET = "met"
    UNMET = "unmet"
    NOT_NEEDED = "not needed"


class ReviewState(StrEnum):
    """What the TSO says of a request."""

    NONE = "not reviewed"
    ACCEPTED = "accepted by the TSO"
    HELD = "held by the TSO"
    CHANGE_ASKED = "change asked by the TSO"


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


class AlarmState(StrEnum):
    """ISA-18.2's states: returned is over without an answer, cleared is over and answered."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned"
    SHELVED = "shelved"
    CLEARED = "cleared"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StatementState(StrEnum):
    DRAFT = "draft"
    VALIDATED = "validated"
    ISSUED = "issued"
    SUPERSEDED = "superseded"


class ApplicationState(StrEnum):
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REFUSED = "refused"


S = TypeVar("S", bound=StrEnum)

ASSET: Mapping[tuple[AssetState, str], AssetState] = {
    (AssetState.REGISTERED, "confirm"): AssetState.CONFIRMED,
    (AssetState.REGISTERED, "confirm_conditionally"): AssetState.CONDITIONAL,
    (AssetState.REGISTERED, "refuse"): AssetState.REFUSED,
    (AssetState.CONFIRMED, "confirm_conditionally"): AssetState.CONDITIONAL,
    (AssetState.CONFIRMED, "refuse"): AssetState.REFUSED,
    (AssetState.CONDITIONAL, "confirm"): AssetState.CONFIRMED,
    (AssetState.CONDITIONAL, "confirm_conditionally"): AssetState.CONDITIONAL,
    (AssetState.CONDITIONAL, "refuse"): AssetState.REFUSED,
    (AssetState.REFUSED, "confirm"): AssetState.CONFIRMED,
    (AssetState.REFUSED, "confirm_conditionally"): AssetState.CONDITIONAL,
}
MAY_OFFER = (AssetState.CONFIRMED, AssetState.CONDITIONAL)
"""States in which an asset's flexibility may be offered."""

REQUEST: Mapping[tuple[RequestState, str], RequestState] = {
    (RequestState.PUBLISHED, "withdraw"): RequestState.WITHDRAWN,
    (RequestState.PUBLISHED, "close"): RequestState.CLOSED,
    (RequestState.WITHDRAWN, "meet"): RequestState.MET,
    (RequestState.CLOSED, "meet"): RequestState.MET,
    (RequestState.CLOSED, "miss"): RequestState.UNMET,
    (RequestState.CLOSED, "lapse"): RequestState.NOT_NEEDED,
}

REVIEW: Mapping[tuple[ReviewState, str], ReviewState] = {
    (ReviewState.NONE, "accept"): ReviewState.ACCEPTED,
    (ReviewState.NONE, "hold"): ReviewState.HELD,
    (ReviewState.NONE, "ask_change"): ReviewState.CHANGE_ASKED,
    (ReviewState.ACCEPTED, "hold"): ReviewState.HELD,
    (ReviewState.ACCEPTED, "ask_change"): ReviewState.CHANGE_ASKED,
    (ReviewState.HELD, "accept"): ReviewState.ACCEPTED,
    (ReviewState.HELD, "ask_change"): ReviewState.CHANGE_ASKED,
    (ReviewState.CHANGE_ASKED, "accept"): ReviewState.ACCEPTED,
    (ReviewState.CHANGE_ASKED, "hold"): ReviewState.HELD,
}

OFFER: Mapping[tuple[OfferState, str], OfferState] = {
    (OfferState.SUBMITTED, "withdraw"): OfferState.WITHDRAWN,
    (OfferState.SUBMITTED, "lock"): OfferState.LOCKED,
    (OfferState.SUBMITTED, "call"): OfferState.ACCEPTED,
    (OfferState.ACCEPTED, "give_back"): OfferState.SUBMITTED,
    (OfferState.WITHDRAWN, "accept"): OfferState.ACCEPTED,
    (OfferState.WITHDRAWN, "accept_partly"): OfferState.PARTLY_ACCEPTED,
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
    (ActivationState.ACKNOWLEDGED, "take_back"): ActivationState.REQUESTED,
    (ActivationState.REFUSED, "take_back"): ActivationState.REQUESTED,
}

ALARM: Mapping[tuple[AlarmState, str], AlarmState] = {
    (AlarmState.RAISED, "acknowledge"): AlarmState.ACKNOWLEDGED,
    (AlarmState.RAISED, "return"): AlarmState.RETURNED,
    (AlarmState.RAISED, "shelve"): AlarmState.SHELVED,
    (AlarmState.ACKNOWLEDGED, "raise"): AlarmState.RAISED,
    (AlarmState.ACKNOWLEDGED, "return"): AlarmState.CLEARED,
    (AlarmState.ACKNOWLEDGED, "shelve"): AlarmState.SHELVED,
    (AlarmState.RETURNED, "acknowledge"): AlarmState.CLEARED,
    (AlarmState.RETURNED, "raise"): AlarmState.RAISED,
    (AlarmState.SHELVED, "unshelve"): AlarmState.RAISED,
    (AlarmState.SHELVED, "raise"): AlarmState.RAISED,
    (AlarmState.SHELVED, "return"): AlarmState.CLEARED,
    (AlarmState.CLEARED, "raise"): AlarmState.RAISED,
}

APPLICATION: Mapping[tuple[ApplicationState, str], ApplicationState] = {
    (ApplicationState.SUBMITTED, "accept"): ApplicationState.ACCEPTED,
    (ApplicationState.SUBMITTED, "refuse"): ApplicationState.REFUSED,
}

JOB: Mapping[tuple[JobState, str], JobState] = {
    (JobState.QUEUED, "start"): JobState.RUNNING,
    (JobState.QUEUED, "cancel"): JobState.CANCELLED,
    (JobState.RUNNING, "requeue"): JobState.QUEUED,
    (JobState.RUNNING, "finish"): JobState.DONE,
    (JobState.RUNNING, "fail"): JobState.FAILED,
    (JobState.RUNNING, "cancel"): JobState.CANCELLED,
}

STATEMENT: Mapping[tuple[StatementState, str], StatementState] = {
    (StatementState.DRAFT, "validate"): StatementState.VALIDATED,
    (StatementState.VALIDATED, "issue"): StatementState.ISSUED,
    (StatementState.DRAFT, "supersede"): StatementState.SUPERSEDED,
    (StatementState.VALIDATED, "supersede"): StatementState.SUPERSEDED,
    (StatementState.ISSUED, "supersede"): StatementState.SUPERSEDED,
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
