"""The interfaces that a run asks, each with those who may be let in: the market's own, the EU Market Place's, and
those of platforms that the server hosts."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.persistence import open_store
from app.persistence.lines import PLATFORM
from app.platform.usecases.keys import issued
from domain.commands import MarkNotificationsRead
from domain.parties import SYSTEM, Party, Role
from domain.platform.company import MARKET_PLACE
from tests.soak.calls import Call, Got
from tests.soak.served import ACCOUNTS, HEADERS, Served, tokens
from tests.soak.state import BACKGROUND
from tests.soak.wire import Wire

PLAYERS = ("place", "dso-it", "dso-de", "buyer-de", "flotte-data", "flotte-services", "esp1", "fmo")
"""Who asks the market place; the last two have no business there."""
STAFF: Mapping[str, Sequence[str]] = {
    "rete-sud": ("dso-it", "casa", "forno"),
    "netz-nord": ("dso-de", "buyer-de", "haus"),
    "flotte": ("flotte-data", "flotte-services"),
}
"""Who signs in on a platform. The market place's system and the platform's peers come with keys besides."""
_PLACE = ("/api/v1/market-place", "/eu-mp-notifications/v1")
_PLATFORM = ("/own/v1", "/b2b/v1", "/b2c/v1", "/eu-mp/v1")
_CHAPTER = "market_place"
_KEY_LIFE = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Target:
    """Interfaces of one system. `prefix`: before their paths; `background`: tables that are written beside the
    requests, None for all."""

    prefix: str = ""
    interfaces: Sequence[str]
    database: Path
    tokens: Mapping[str, str] = field(repr=False)
    background: frozenset[str] | None = None

    @property
    def descriptions(self) -> Iterator[str]:
        for interface in self.interfaces:
            yield f"{interface}/openapi.json"


class Below:
    """A client of what stands below a prefix."""

    def __init__(self, wire: Wire, prefix: str) -> None:
        self._wire, self._prefix = wire, prefix.encode()

    def send(self, call: Call) -> Got:
        return self._wire.send(replace(call, target=self._prefix + call.target))


def targets(server: Served) -> Iterator[Target]:
    """The market's own come first: what is asked of the others sets messages going between them."""
    yield Target(
        interfaces=("/api/v1",),
        database=server.database,
        tokens=tokens(server.port, ACCOUNTS),
        background=BACKGROUND,
    )
    yield Target(interfaces=_PLACE, database=server.database, tokens=tokens(server.port, PLAYERS))
    for slug, staff in STAFF.items():
        prefix = f"/platforms/{slug}"
        database = server.database.parent / prefix.strip("/") / "platform.db"
        signed_in = tokens(server.port, staff, f"{prefix}/own/v1/auth/token")
        yield Target(
            prefix=prefix, interfaces=_PLATFORM, database=database, tokens={**signed_in, **_systems(database)}
        )


def _systems(database: Path) -> Mapping[str, str]:
    """A key for the market place's system (0), and one for each peer that the platform has met."""
    store = open_store(f"sqlite:///{database}", wall_clock=lambda: datetime.now(UTC), line=PLATFORM)
    try:
        with store.write(SYSTEM, MarkNotificationsRead()) as uow:
            systems = [uow.get(Party, MARKET_PLACE), *uow.find(Party, role=Role.PEER)]
            met = [party.id for party in systems if uow.access.party_of(party.id) is not None]
            return {f"system {n}": issued(uow, id, "soak", _KEY_LIFE).secret for n, id in enumerate(met)}
    finally:
        store.close()


def play(wire: Wire, token: str) -> None:
    """Play the worked case, so that platforms have consents, values and peers."""
    signed = (*HEADERS, (b"authorization", f"Bearer {token}".encode()))
    began = Call(
        kind="play",
        operation="",
        who="fmo",
        method="POST",
        target=f"/api/v1/guide/{_CHAPTER}".encode(),
        headers=signed,
    )
    answer = wire.send(began)
    assert answer.status == 202, answer.body
    listed = replace(began, method="GET", target=b"/api/v1/guide")
    state = "playing"
    while state == "playing":
        time.sleep(1)
        (chapter,) = (one for one in json.loads(wire.send(listed).body)["items"] if one["name"] == _CHAPTER)
        state = chapter["state"]
    assert state == "played", chapter
