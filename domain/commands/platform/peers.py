"""Other players' platforms: introductions and keys."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.commands.platform.base import PlatformCommand
from domain.ids import PartyId, SubscriptionId


@dataclass(frozen=True, kw_only=True)
class ExpectPeer(PlatformCommand):
    """The platform itself: a subscription was confirmed, so its other side is to be met."""

    subscription_id: SubscriptionId


@dataclass(frozen=True, kw_only=True)
class BeginIntroduction(PlatformCommand):
    """The platform itself, as requester: a key for the provider's platform, to be shown with the word."""

    subscription_id: SubscriptionId


@dataclass(frozen=True, kw_only=True)
class FinishIntroduction(PlatformCommand):
    """The platform itself, as requester: the provider's platform answered with a key of its own, `secret`."""

    subscription_id: SubscriptionId
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class DelayIntroduction(PlatformCommand):
    """The platform itself, as requester: the introduction did not come about and is tried again later."""

    subscription_id: SubscriptionId
    error: str


@dataclass(frozen=True, kw_only=True)
class AcceptIntroduction(PlatformCommand):
    """The platform itself, as provider: somebody shows a word (`secret`) and brings a key to call it with
    (`token`)."""

    subscription_id: SubscriptionId
    requester_id: PartyId
    secret: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class EndPeer(PlatformCommand):
    """The platform itself: nothing is subscribed with another player any more, so no key opens anything."""

    peer_id: PartyId
