"""A DSO's platform with one who asks: three buses, a day's schedules, a clock that stands still."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from app.codec import from_data
from app.platform.bootstrap import Platform, build
from app.platform.usecases.keys import issued, no_password
from app.platform.usecases.technical_validations import REQUESTS, RESPONSES
from domain.commands import Command
from domain.errors import Refused
from domain.ids import PartyId, SubscriptionId
from domain.marketplace.services import Player, ServiceTerms, SubscriptionContent
from domain.marketplace.words import Environment, PlatformRole
from domain.notifications import Notification
from domain.parties import SYSTEM, Party, Principal, Role
from domain.platform.subscriptions import PlatformSubscription
from domain.platform.validations import (
    TechnicalValidation,
    ValidationAnswered,
    ValidationAsked,
    ValidationState,
)
from domain.transport import OutgoingMessage

T = TypeVar("T")

EXAMPLES = Path(__file__).parents[3] / "assets" / "demo" / "examples"
NETWORK = (EXAMPLES / "three-bus.json").read_text()
SCHEDULE = (EXAMPLES / "three-bus-2016-07-25.csv").read_text()
DAY = date(2016, 7, 25)
NOW = datetime(2016, 7, 24, 8, tzinfo=UTC)
SUBSCRIPTION = SubscriptionId("SUB-1")
PARTIES = (
    Party(id=PartyId("dso"), name="North grid", role=Role.PROVIDER),
    Party(id=PartyId("dso-2"), name="South grid", role=Role.PROVIDER),
    Party(id=PartyId("own"), name="North pool", role=Role.REQUESTER),
    Party(id=PartyId("pool"), name="West pool", role=Role.PEER),
    Party(id=PartyId("other"), name="East pool", role=Role.PEER),
    Party(id=PartyId("house"), name="House", role=Role.CUSTOMER),
    Party(id=PartyId("market-place"), name="EU Market Place", role=Role.MARKET_PLACE),
)


@dataclass
class Room:
    """`wall`: the present instant of both clocks."""

    platform: Platform
    wall: list[datetime]
    who: dict[str, Principal]

    def do(self, who: str, command: Command) -> object:
        return self.platform.desk.execute(self.who[who], command)

    def token(self, who: str) -> str:
        """A key that works over REST for whatever its participant may do."""
        with self.platform.store.write(SYSTEM, PARTIES[0]) as uow:
            if uow.access.party_of(who) is None:
                uow.sign_ins.enter(who, no_password(), uow.get(Party, who))
            return issued(uow, PartyId(who), who, timedelta(days=1)).secret

    def told(self) -> list[Notification]:
        with self.platform.read() as uow:
            return list(uow.find(Notification))

    def answered_within(self, seconds: float) -> None:
        """Wait until no question waits any more."""
        over = time.monotonic() + seconds
        while time.monotonic() < over:
            with self.platform.read() as uow:
                states = {validation.state for validation in uow.find_bare(TechnicalValidation)}
            if not states & {ValidationState.QUEUED, ValidationState.RUNNING}:
                return
            time.sleep(0.05)
        raise AssertionError("still not computed")

    def refused(self, who: str, command: Command) -> list[tuple[str, str]]:
        """Code and field of each finding; nothing when it is not refused."""
        try:
            self.do(who, command)
        except Refused as refused:
            return [(finding.code, finding.field) for finding in refused.findings]
        return []

    def sent(self, kind: type[T]) -> list[T]:
        """Messages that wait, of that sort, in their order."""
        with self.platform.read() as uow:
            waiting = sorted(uow.find(OutgoingMessage), key=lambda message: message.sequence)
        path = {ValidationAsked: REQUESTS, ValidationAnswered: RESPONSES}[kind]
        return [from_data(kind, json.loads(message.body)) for message in waiting if message.path == path]


def subscription(
    side: PlatformRole, provider: str, requester: str, id: SubscriptionId = SUBSCRIPTION, **changes: object
) -> PlatformSubscription:
    """Of flexibility's validation, in force in July 2016."""
    content = SubscriptionContent(
        id=id,
        environment=Environment.REGULATED,
        provider=Player(id=PartyId(provider), name=provider),
        requester=Player(id=PartyId(requester), name=requester),
        validated_at=datetime(2016, 6, 1, tzinfo=UTC),
        starts_at=datetime(2016, 7, 1, tzinfo=UTC),
        ends_at=datetime(2016, 8, 1, tzinfo=UTC),
        data_details="",
        processing_details="",
        descriptions=(),
        terms=ServiceTerms(),
    )
    peer = requester if side is PlatformRole.PROVIDER else provider
    made = replace(content, **changes)  # type: ignore[arg-type]
    return PlatformSubscription(id=id, side=side, peer_id=PartyId(peer), content=made)


@contextmanager
def opened_room(
    path: Path,
    parties: Sequence[Party] = PARTIES,
    subscriptions: Sequence[PlatformSubscription] = (),
    secret: bytes = b"secret of a test" * 3,
) -> Iterator[Room]:
    wall = [NOW]
    platform = build(f"sqlite:///{path}", wall_clock=lambda: wall[0], secret=lambda: secret)
    who = {p.id: Principal(account=p.id, party_id=p.id, role=p.role, name=p.name) for p in parties}
    room = Room(platform=platform, wall=wall, who={**who, "system": SYSTEM})
    with platform.store.write(SYSTEM, parties[0]) as uow:
        for entity in (*parties, *subscriptions):
            uow.add(entity)
    try:
        yield room
    finally:
        platform.close()
