"""The market place's events on open pages: which topic tells of which event, and to whom.

An event's topic is that of its module. Whoever an event names is told, and the operator; all of the place only
where it is in `WIDE`, so that nobody can count what others do.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.events import place as e
from domain.events.place import PlaceEvent
from domain.parties import PLACE, Role

PLAYERS, CATALOGUE, DEALS = "players", "catalogue", "deals"
TOPICS = (PLAYERS, CATALOGUE, DEALS)
_OF_MODULE: Mapping[str, str] = {"enrolment": PLAYERS, "exchange": PLAYERS, "catalogue": CATALOGUE}

WIDE: frozenset[type[PlaceEvent]] = frozenset(
    {
        e.CompanyChanged,
        e.GeneralAgreementAccepted,
        e.ServedAreaSet,
        e.RegistrationCertified,
        e.RegistrationSuspended,
        e.RegistrationReinstated,
        e.RegistrationQuit,
        e.PlacePageEdited,
        e.ServiceOfferPublished,
        e.ServiceOfferEdited,
        e.ServiceOfferWithdrawn,
        e.ServicesRequested,
        e.ServiceRequestWithdrawn,
    }
)
"""What others see afterwards: players, their areas and offers; requests, as providers see those they can meet."""

CLOSING: tuple[type[PlaceEvent], ...] = (e.RegistrationSuspended, e.RegistrationQuit)
"""After these some login sessions have ended."""

_NAMING = ("registration_id", "provider_id", "requester_id")


def topic_of(event: PlaceEvent) -> str:
    return _OF_MODULE.get(type(event).__module__.rpartition(".")[2], DEALS)


def roles_of(event: PlaceEvent) -> frozenset[Role]:
    """Whose pages are told whatever their registration."""
    return PLACE if type(event) in WIDE else frozenset({Role.PLACE_OPERATOR})


def parties_of(event: PlaceEvent) -> frozenset[str]:
    """The registrations that an event names."""
    return frozenset(str(getattr(event, name)) for name in _NAMING if getattr(event, name, None))
