"""Two platforms with something of everything on them, and secrets that are told to some callers alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from consent_world import DAY, NOW, OTHER, PROVIDER, READING, REQUESTER, SERVICE, SUB
from starlette.testclient import TestClient
from test_consents_over_rest import SELECTION, Room, carried
from two_platforms import Side, two_platforms

from app.platform.delivery_periods import due
from app.platform.serving import Serving, asgi_of
from app.platform.values.reading import HEAD
from app.transport.sending import address
from domain.commands import ClockAction, MoveClock
from domain.ids import PartyId
from domain.marketplace.words import PlayerRole
from domain.parties import SYSTEM, Party, Role
from domain.platform.company import THE_COMPANY, Company, OwnRegistration
from domain.platform.consents import Consent
from domain.platform.deliveries import Delivery

SECOND, RIVAL, PLACE = PartyId("provider-2"), PartyId("requester-2"), "market-place"
VALUE, KEY, TEXT = "4718.281", "fdk_" + "q" * 43, "Quarter hours for the aardvark."
_MIDNIGHT = NOW - timedelta(hours=36)
"""Of 24 July, by the market's time."""
AT_PROVIDER: Mapping[str, Role] = {
    PROVIDER: Role.PROVIDER,
    SECOND: Role.PROVIDER,
    "buyer": Role.REQUESTER,
    REQUESTER: Role.PEER,
    OTHER: Role.PEER,
    "house": Role.CUSTOMER,
    "flat": Role.CUSTOMER,
    PLACE: Role.MARKET_PLACE,
}
AT_REQUESTER: Mapping[str, Role] = {
    REQUESTER: Role.REQUESTER,
    RIVAL: Role.REQUESTER,
    PROVIDER: Role.PEER,
    OTHER: Role.PEER,
    PLACE: Role.MARKET_PLACE,
}
SECRETS: Mapping[str, tuple[str, frozenset[str]]] = {
    "a value": (VALUE, frozenset({PROVIDER, REQUESTER, "house"})),
    "a consent's text": (TEXT, frozenset({PROVIDER, REQUESTER, "house"})),
    "a peer's key": (KEY, frozenset()),
    "a point of delivery": ("AT001", frozenset({PROVIDER, SECOND, REQUESTER, "house"})),
    "another's point of delivery": ("AT003", frozenset({PROVIDER, SECOND, REQUESTER, "flat"})),
}
"""Text, and who may be told it. PoDs are the company's, whichever of its registrations asks."""


@dataclass(frozen=True, kw_only=True)
class Busy:
    provider: Room
    requester: Room

    @property
    def of_flat(self) -> frozenset[str]:
        """Ids of what the other customer has."""
        return frozenset({"AT003"} | {one.id for one in self.provider.side.find(Consent, customer_id="flat")})


@contextmanager
def busy_platforms(folder: Path) -> Iterator[Busy]:
    with ExitStack() as stack:
        two = stack.enter_context(two_platforms(folder))
        _more(two.provider, (SECOND, Role.PROVIDER), ("buyer", Role.REQUESTER))
        _more(two.requester, (RIVAL, Role.REQUESTER))
        rooms = []
        for side in (two.provider, two.requester):
            how = Serving(
                secret=b"s" * 48,
                data_dir=folder,
                plain_answers=True,
                rate_per_minute=10**7,
                max_body_bytes=100_000,
            )
            client = TestClient(asgi_of(side.platform, how), raise_server_exceptions=False)
            rooms.append(Room(side, stack.enter_context(client)))
        made = Busy(provider=rooms[0], requester=rooms[1])
        _consent(made)
        _activation(made)
        _values(made)
        yield made


def _more(side: Side, *parties: tuple[str, Role]) -> None:
    side.put(*(Party(id=PartyId(name), name=name.title(), role=role) for name, role in parties))
    roles = {
        Role.PROVIDER: PlayerRole.REGULATED_DATA_PROVIDER,
        Role.REQUESTER: PlayerRole.UNREGULATED_DATA_REQUESTER,
    }
    own = [party for party in side.find(Party) if party.role in roles]
    side.put(*(OwnRegistration(id=one.id, player_role=roles[one.role]) for one in own))
    side.put(Company(id=THE_COMPANY, name="Rete Sud SpA", country="IT"))
    with side.platform.store.write(SYSTEM, MoveClock(action=ClockAction.PAUSE)) as uow:
        address(uow, REQUESTER if SECOND in {one.id for one in own} else PROVIDER, "https://peer.example", KEY)


def _carry(busy: Busy) -> None:
    for _ in range(3):
        carried(busy.requester, busy.provider, REQUESTER)
        carried(busy.provider, busy.requester, PROVIDER)


def _ok(room: Room, who: str, method: str, path: str, body: Any = None) -> Any:
    answer = room.call(who, method, path, body)
    assert answer.status_code < 300, answer.text
    return answer.json()


def _consent(busy: Busy) -> None:
    """One that is given, and one that is asked for."""
    for pods in (["AT001", "AT002"], ["AT001", "AT003"]):
        ask = {
            "subscription_id": SUB,
            "description_id": SERVICE,
            "pod_ids": pods,
            "starts_at": (NOW - 20 * DAY).isoformat(),
            "ends_at": (NOW + 300 * DAY).isoformat(),
            "data_details": TEXT if pods[1] == "AT002" else "More of it.",
            "processing_details": READING,
        }
        _ok(busy.requester, REQUESTER, "POST", "/own/v1/consent-asks", ask)
        _carry(busy)
        if pods[1] == "AT002":
            consent = busy.provider.side.only(Consent)
            _ok(busy.provider, "house", "POST", f"/b2c/v1/consents/{consent.id}/give", {"pod_ids": ["AT001"]})
            _carry(busy)


def _activation(busy: Busy) -> None:
    request = {
        "subscription_id": SUB,
        "description_id": SERVICE,
        "selection": SELECTION
        | {"period_start": _MIDNIGHT.isoformat(), "period_end": (_MIDNIGHT + DAY).isoformat()},
        "pod_ids": ["AT001"],
        "processing_details": READING,
    }
    _ok(busy.requester, REQUESTER, "POST", "/own/v1/activations", request)
    _carry(busy)


def _values(busy: Busy) -> None:
    """Of the day before, stored, sent and acknowledged."""
    start = _MIDNIGHT.isoformat()
    line = f"{HEAD}\nAT001,energy consumption,PT15M,{start}," + ",".join([VALUE] * 96) + "\n"
    headers = {"Authorization": f"Bearer {busy.provider.tokens[PROVIDER]}", "Content-Type": "text/csv"}
    made = busy.provider.client.put("/own/v1/values", content=line, headers=headers)
    assert made.status_code == 200, made.text
    platform = busy.provider.side.platform
    with platform.read() as uow:
        commands = due(uow)
    for command in commands:
        platform.execute(command)
    _carry(busy)
    assert busy.provider.side.find(Delivery)
