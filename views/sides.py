"""Where a page stands: on the market's desk, or on the desk of the platform that is hosted for its participant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from domain.ids import PartyId
from domain.parties import Principal
from views import news
from views.answers import SharedAnswers
from views.live import Hub
from views.pages.context import BoundDesk, Doorway, Uploads


class Platform(Protocol):
    """A player's platform as its pages need it. `revision`: what has been stored there so far, as a number."""

    @property
    def desk(self) -> Doorway: ...
    @property
    def auth(self) -> Any: ...
    @property
    def bus(self) -> Any: ...
    @property
    def revision(self) -> int: ...
    @property
    def address(self) -> str: ...
    def upload_values(
        self, principal: Principal, content: bytes, form: str, *, good_only: bool, correct: bool
    ) -> Any: ...


class Platforms(Protocol):
    """The platforms that run in this process."""

    def of(self, party_id: PartyId) -> Platform | None:
        """The one on which a participant has its place; None where there is none."""
        ...


class NoPlatforms:
    """None is hosted here."""

    def of(self, party_id: PartyId) -> Platform | None:  # noqa: ARG002 - the protocol's
        return None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Whom a page asks, whose news it hears, who takes its files of values, where its interfaces are reached."""

    desk: BoundDesk
    hub: Hub
    uploads: Uploads | None = None
    address: str = ""


def desk_of(platform: Platform) -> SharedAnswers:
    """A platform's doorway for pages: answers serve again only as long as nothing was stored on that platform."""
    return SharedAnswers(platform.desk, lambda: platform.revision)


def standing_on(platform: Platform, doorway: Doorway, hub: Hub, principal: Principal) -> Standing:
    uploads = partial(platform.upload_values, principal)
    return Standing(desk=BoundDesk(doorway, principal), hub=hub, uploads=uploads, address=platform.address)


class Hosted:
    """Each hosted platform's doorway and news, made when its first page is opened. On the event loop only."""

    def __init__(self, platforms: Platforms, new_hub: Callable[[], Hub]) -> None:
        self._platforms, self._new_hub = platforms, new_hub
        self._known: dict[int, tuple[Platform, Doorway, Hub]] = {}

    def standing(self, principal: Principal) -> Standing | None:
        """Where the principal's pages of the platform side stand: as the platform's party with the same id."""
        platform = self._platforms.of(principal.party_id)
        if platform is None:
            return None
        if id(platform) not in self._known:
            hub = self._new_hub()
            platform.bus.subscribe(news.teller(hub))
            self._known[id(platform)] = (platform, desk_of(platform), hub)
        _, doorway, hub = self._known[id(platform)]
        return standing_on(platform, doorway, hub, principal)
