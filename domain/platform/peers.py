"""How the platforms of a subscription's two sides get to know each other (FLEXICIENCY, document 000, II.7).

The confirmation gives both sides one random word. The requester's platform shows it to the provider's, and each
gives the other a key of its own; the market place has part in neither.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.ids import KeyId, PartyId, SubscriptionId
from domain.marketplace.words import PlatformRole

SHOWN_WITHIN = timedelta(days=7)
"""From the confirmation on (wall clock); a word that was not shown by then opens nothing."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=15)
OVERLAP = timedelta(minutes=10)
"""How long keys of before work beside those of a new introduction: messages under way still carry them."""
AFTER_END = timedelta(days=7)
"""How long keys work after a subscription has ended by its date, for what is acknowledged late (market clock)."""


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """The introduction that belongs to a subscription. `id` is the subscription's.

    since : when it was first known here; `next_at` when it is tried next (requester). Wall clock.
    key_id : the key that the other side was given last; once that was used, the word is spent
    met_at : when both had keys
    """

    id: SubscriptionId
    side: PlatformRole
    peer_id: PartyId
    since: datetime
    next_at: datetime
    n_tries: int = 0
    key_id: KeyId | None = None
    error: str = ""
    met_at: datetime | None = None
    version: int = 0

    def is_due(self, wall: datetime) -> bool:
        """Whether the requester shows the word now."""
        waits = self.side is PlatformRole.REQUESTER and self.met_at is None
        return waits and self.next_at <= wall < self.since + SHOWN_WITHIN


def pause(n_tries: int) -> timedelta:
    """Until the try after this many that failed."""
    doublings: int = 2 ** min(n_tries, 20)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)


@dataclass(frozen=True, kw_only=True)
class Introduction:
    """What the requester's platform shows the provider's at `url`. `word`: of the confirmation; `key`: with which
    the provider's platform may call from then on."""

    url: str
    subscription_id: SubscriptionId
    requester_id: PartyId
    word: str = field(repr=False)
    key: str = field(repr=False)
