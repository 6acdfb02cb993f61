"""From the events of the market to the open pages: which topic tells of which event, and to whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from domain import events
from domain.events import Event
from domain.events.place import PlaceEvent
from domain.events.platform import PlatformEvent
from domain.parties import Principal, Role
from views import news_place

MARKET, GRID, ASSETS, PRICES, CLOCK, JOBS, NOTICES, GUIDE, ALARMS, PARTIES, TRADING, SETTLEMENT, ACCESS = (
    "market",
    "grid",
    "assets",
    "prices",
    "clock",
    "jobs",
    "notices",
    "guide",
    "alarms",
    "parties",
    "trading",
    "settlement",
    "access",
)

PLAYERS, CATALOGUE, DEALS = news_place.TOPICS
MESSAGES = "messages"
PLATFORM = "platform"
"""Whatever happens on a player's platform, but for sign-ins and notifications: its pages ask for little."""

TOPICS: dict[str, tuple[type[Event], ...]] = {
    MARKET: (
        events.SessionPlanned,
        events.ClearingRulesSet,
        events.SessionOpened,
        events.SessionStatusReported,
        events.GateClosed,
        events.SessionCleared,
        events.ClearingFailed,
        events.ClearingRestarted,
        events.PublicationMissed,
        events.SessionPublished,
        events.OfferResultPublished,
        events.RequestPublished,
        events.RequestWithdrawn,
        events.RequestReviewed,
        events.OfferSubmitted,
        events.OfferWithdrawn,
        events.GatePassed,
        events.ActivationAcknowledged,
        events.ActivationRefused,
        events.OfferOpenToCall,
        events.FlexibilityDeclined,
        events.OfferCalled,
        events.CallWithdrawn,
        events.AnswerTakenBack,
        events.CallTimeEnded,
    ),
    GRID: (
        events.NetworkUploaded,
        events.SchedulesUploaded,
        events.SchedulesDropped,
        events.GridStateComputed,
        events.ZonesChanged,
        events.CongestedRegionRegistered,
        events.CongestedRegionClosed,
    ),
    ASSETS: (
        events.AssetRegistered,
        events.AssetConfirmed,
        events.AssetConfirmedConditionally,
        events.AssetRefused,
        events.BaselineUploaded,
    ),
    PRICES: (events.PricesUploaded,),
    CLOCK: (events.ClockMoved,),
    GUIDE: (events.ChapterChanged,),
    ALARMS: (
        events.AlarmsFollowed,
        events.AlarmAcknowledged,
        events.AlarmShelved,
        events.AlarmUnshelved,
    ),
    PARTIES: (
        events.ApplicationReceived,
        events.ApplicationAccepted,
        events.ApplicationRefused,
        events.RoleAssigned,
        events.PartySuspended,
        events.PartyReinstated,
    ),
    JOBS: (events.JobChanged, events.ToolkitFailed, events.ToolkitAssigned),
    SETTLEMENT: (
        events.PodMapped,
        events.MeteringReported,
        events.ForecastUploaded,
        events.ContractAgreed,
        events.SessionSettled,
        events.StatementsValidated,
        events.StatementIssued,
    ),
    TRADING: (events.BookMatched, events.TradesMade),
    MESSAGES: (events.MessageDied,),
    NOTICES: (events.NotificationsRead, events.Notified),
    ACCESS: (
        events.PasswordChanged,
        events.PasswordReset,
        events.LoginsEnded,
        events.ApiKeyIssued,
        events.ApiKeyRevoked,
    ),
}

SEALED: dict[type[Event], str] = {
    events.OfferSubmitted: "party_id",
    events.OfferWithdrawn: "party_id",
    events.BaselineUploaded: "owner_id",
    events.ForecastUploaded: "owner_id",
    events.PodMapped: "owner_id",
    events.ContractAgreed: "party_id",
    events.StatementIssued: "party_id",
    events.ToolkitFailed: "party_id",
    events.ToolkitAssigned: "party_id",
    events.OfferOpenToCall: "party_id",
    events.FlexibilityDeclined: "party_id",
    events.OfferCalled: "party_id",
    events.CallWithdrawn: "party_id",
    events.AnswerTakenBack: "party_id",
    events.CallTimeEnded: "party_id",
    events.PasswordChanged: "party_id",
    events.PasswordReset: "party_id",
    events.LoginsEnded: "party_id",
    events.ApiKeyIssued: "party_id",
    events.ApiKeyRevoked: "party_id",
}
"""Only their own party and the market operator may know of these. Those of the market happen before the gate only:
the gate itself tells everybody to ask again."""

DSO_TOO: frozenset[type[Event]] = frozenset(
    {
        events.PodMapped,
        events.ContractAgreed,
        events.OfferOpenToCall,
        events.FlexibilityDeclined,
        events.OfferCalled,
        events.CallWithdrawn,
        events.AnswerTakenBack,
        events.CallTimeEnded,
    }
)
"""Of the sealed ones those that grid operators see too; which one's region it is they ask."""
CUSTOMERS_TOO: frozenset[type[Event]] = frozenset({events.OfferCalled, events.CallWithdrawn})
"""What is asked of assets; whose customer is behind one asks."""
PRIVATE: dict[type[Event], str] = {
    events.NotificationsRead: "party_id",
    events.Notified: "party_id",
    events.TradesMade: "party_id",
}
"""Of one participant only: whoever could watch when others are notified could count what they do."""

OF_A_GRID = TOPICS[ALARMS]
"""How an operator deals with its alarms is for the grid's operators and the market's: DSO, TSO above it, FMO."""

OPERATORS_ONLY: frozenset[type[Event]] = frozenset(
    {events.ApplicationReceived, events.ApplicationRefused, events.SessionSettled, events.StatementsValidated}
)
"""Nobody else may know who asked to take part, or what is settled before it is issued."""

CLOSING = (
    events.PartySuspended,
    events.RoleAssigned,
    events.PasswordChanged,
    events.PasswordReset,
    events.LoginsEnded,
)
"""After these some login sessions have ended."""

_NAMING = ("customer_id", "party_id")
_TOPIC_OF = {event: topic for topic, told in TOPICS.items() for event in told}


class Publisher(Protocol):
    """What `views.live.Hub` offers here; callable from any thread."""

    def publish(self, topic: str, value: object, audience: frozenset[str] | None) -> None: ...


def teller(hub: Publisher) -> Callable[[Sequence[Event]], None]:
    """A listener for the application's bus: each topic is told once per committed batch, and pages ask again
    for what they show. An event that no page shows is passed over."""

    def tell(happened: Sequence[Event]) -> None:
        told: dict[str, list[Event]] = {}
        for event in happened:
            topic = topic_of(event)
            if topic is not None:
                told.setdefault(topic, []).append(event)
        for topic in sorted(told):
            hub.publish(topic, None, _joined([audience_of(event) for event in told[topic]]))

    return tell


def topic_of(event: Event) -> str | None:
    """Under which topic an event is told; None where no page shows it."""
    if isinstance(event, PlatformEvent):
        return PLATFORM
    if isinstance(event, PlaceEvent):
        return news_place.topic_of(event)
    return _TOPIC_OF.get(type(event))


def closer(recheck: Callable[[], None]) -> Callable[[Sequence[Event]], None]:
    """A listener for the application's bus: whoever is shut out, signed out or has another role loses the open
    pages now."""

    def close(happened: Sequence[Event]) -> None:
        if any(isinstance(event, (*CLOSING, *news_place.CLOSING)) for event in happened):
            recheck()

    return close


def names_of(principal: Principal) -> frozenset[str]:
    """The names under which a page of this principal is told."""
    return frozenset({_party(principal.party_id), _role(principal.role)})


def audience_of(event: Event) -> frozenset[str] | None:
    """Whose pages are told; None for everybody's."""
    kind = type(event)
    if isinstance(event, PlatformEvent):
        return _of_a_platform(event)
    if isinstance(event, PlaceEvent):
        named = {_party(party_id) for party_id in news_place.parties_of(event)}
        return frozenset({*map(_role, news_place.roles_of(event)), *named})
    if kind in SEALED:
        more = {_role(Role.DSO)} if kind in DSO_TOO else set()
        customers = {_role(Role.CUSTOMER)} if kind in CUSTOMERS_TOO else set()
        return frozenset({_party(getattr(event, SEALED[kind])), _role(Role.FMO), *more, *customers})
    if kind in OF_A_GRID:
        return frozenset({_party(event.dso_id), _party(event.tso_id), _role(Role.FMO)})  # type: ignore[attr-defined]
    if kind in OPERATORS_ONLY:
        return frozenset({_role(Role.FMO)})
    if kind in TOPICS[MESSAGES]:
        return frozenset({_role(Role.PLACE_OPERATOR)})
    if kind in PRIVATE:
        return frozenset({_party(getattr(event, PRIVATE[kind]))})
    return None


def _of_a_platform(event: PlatformEvent) -> frozenset[str]:
    """The company's own pages, and those of the customer whom an event names: others could count."""
    named = {_party(str(getattr(event, name))) for name in _NAMING if getattr(event, name, None)}
    return frozenset({_role(Role.PROVIDER), _role(Role.REQUESTER), *named})


def _joined(audiences: Sequence[frozenset[str] | None]) -> frozenset[str] | None:
    some = [audience for audience in audiences if audience is not None]
    return frozenset().union(*some) if len(some) == len(audiences) else None


def _party(party_id: str) -> str:
    return f"party {party_id}"


def _role(role: Role) -> str:
    return f"role {role.value}"
