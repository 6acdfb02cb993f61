"""Two platforms with an agreement on an energy service, and what carries their messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from platform_world import PlatformWorld, WallClock, opened_platform, who
from starlette.testclient import TestClient

from app.platform.serving import Serving, asgi_of
from app.platform.usecases.company import KEY_LIFE
from app.platform.usecases.keys import issued, no_password
from domain.commands import ClockAction, MoveClock
from domain.commands.platform import OfferEnergyService
from domain.flexibility.assets import Direction
from domain.ids import PartyId, ServiceActivationId, ServiceAgreementId, ServiceDescriptionId, SubscriptionId
from domain.marketplace.services import Player, ServiceDescription, ServiceTerms, SubscriptionContent
from domain.marketplace.words import Environment, PlatformRole, PlayerRole, Quantity, ServiceType, TimeStep
from domain.parties import SYSTEM, Party, Principal, Role
from domain.platform.activations import DataSelection, ServiceAgreement
from domain.platform.company import Registration
from domain.platform.subscriptions import PlatformSubscription
from domain.transport import MessageState, OutgoingMessage

AGG = Registration(id=PartyId("agg-svc"), name="Pan-EU Pool", player_role=PlayerRole.UNREGULATED_SERVICE_PROVIDER)
TSO = Registration(id=PartyId("tso-buy"), name="High Grid", player_role=PlayerRole.UNREGULATED_DATA_REQUESTER)
SUB = SubscriptionId("BS-1")
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
START = NOW + timedelta(hours=8)
SERVICE = ServiceDescription(
    id=ServiceDescriptionId("SD-9"),
    service_type=ServiceType.ENERGY_SERVICE,
    short_description="Flexibility of homes",
    consent_mandatory=False,
)
CONTENT = SubscriptionContent(
    id=SUB,
    environment=Environment.UNREGULATED,
    provider=Player(id=AGG.id, name=AGG.name),
    requester=Player(id=TSO.id, name=TSO.name),
    validated_at=NOW - timedelta(days=1),
    starts_at=NOW - timedelta(days=1),
    ends_at=None,
    data_details="",
    processing_details="",
    descriptions=(SERVICE,),
    terms=ServiceTerms(),
)


def agreement(side: PlatformRole, **changes: Any) -> ServiceAgreement:
    made = ServiceAgreement(
        id=ServiceAgreementId("SA-1"),
        side=side,
        activation_id=ServiceActivationId("AC-1"),
        subscription_id=SUB,
        description_id=SERVICE.id,
        pod_ids=(),
        pod_names=(),
        selection=DataSelection(quantity=Quantity.POWER, time_step=TimeStep.MINUTES_15),
        data_details="",
        processing_details="",
        validated_at=NOW - timedelta(days=1),
        starts_at=NOW - timedelta(days=1),
        ends_at=NOW + timedelta(days=300),
    )
    return replace(made, **changes)


def offering(**changes: Any) -> OfferEnergyService:
    values: dict[str, Any] = {
        "area": "North",
        "direction": Direction.UP,
        "starts_at": START,
        "power_mw": tuple(Decimal(one) for one in ("0.9", "0.5", "0.7", "0.6")),
        "price_eur_per_mwh": Decimal("58.50"),
        "acquire_until": START - timedelta(hours=1),
        "made_from": "96 values of 3 points",
    }
    return OfferEnergyService(**values | changes)


@dataclass
class Side:
    """A platform, its interface, and the key with which the other side calls it."""

    world: PlatformWorld
    client: TestClient
    own: Registration
    key: str
    answers: list[Any] = field(default_factory=list)

    @property
    def staff(self) -> Principal:
        return who(self.own)

    def do(self, command: Any) -> Any:
        return self.world.do(self.staff, command)

    def ask(self, query: Any) -> Any:
        return self.world.platform.desk.query(self.staff, query)

    def find(self, kind: type[Any], **equal: Any) -> tuple[Any, ...]:
        with self.world.platform.read() as uow:
            return uow.find(kind, **equal)

    def put(self, *entities: Any) -> None:
        with self.world.platform.store.write(SYSTEM, MoveClock(action=ClockAction.PAUSE)) as uow:
            for entity in entities:
                uow.add(entity)

    def change(self, entity: Any, **changes: Any) -> None:
        with self.world.platform.store.write(SYSTEM, MoveClock(action=ClockAction.PAUSE)) as uow:
            uow.save(replace(uow.get(type(entity), entity.id), **changes))


@dataclass
class Pair:
    """The provider and the requester."""

    agg: Side
    tso: Side

    def carry(self, *, again: bool = False) -> list[int]:
        """Bring every waiting message to the other side, `again` twice; the statuses of the answers."""
        told = []
        for sender, receiver in ((self.agg, self.tso), (self.tso, self.agg)):
            for message in sorted(
                sender.find(OutgoingMessage, state=MessageState.WAITING), key=lambda one: one.sequence
            ):
                for _ in range(2 if again else 1):
                    answer = receiver.client.post(
                        message.path,
                        content=message.body,
                        headers={
                            "Authorization": f"Bearer {receiver.key}",
                            "Content-Type": "application/json",
                            "Message-Id": message.id,
                            "Message-Stream": message.stream,
                            "Message-Sequence": str(message.sequence),
                            "Message-Sent-At": receiver.world.wall().isoformat(),
                        },
                    )
                    told.append(answer.status_code)
                    receiver.answers.append(answer)
                if told[-1] < 300:
                    sender.change(message, state=MessageState.DELIVERED)
        return told


@contextmanager
def opened_pair(folder: Path, wall: WallClock) -> Iterator[Pair]:
    with ExitStack() as stack:

        def side(own: Registration, other: Registration, role: PlatformRole) -> Side:
            path = folder / f"{own.id}.db"
            world = stack.enter_context(opened_platform(path, own, wall=wall))
            platform = world.platform
            subscription = PlatformSubscription(id=SUB, side=role, peer_id=other.id, content=CONTENT)
            with platform.store.write(SYSTEM, MoveClock(action=ClockAction.PAUSE)) as uow:
                uow.add(Party(id=other.id, name=other.name, role=Role.PEER))
                uow.add(subscription)
                uow.add(agreement(role))
            with platform.store.write(SYSTEM, MoveClock(action=ClockAction.PAUSE)) as uow:
                uow.sign_ins.enter(other.id, no_password(), uow.get(Party, other.id))
                key = issued(uow, other.id, "peer", KEY_LIFE).secret
            how = Serving(secret=b"secret of the tests" * 3, data_dir=folder, plain_answers=True)
            client = stack.enter_context(TestClient(asgi_of(platform, how), raise_server_exceptions=False))
            return Side(world=world, client=client, own=own, key=key)

        yield Pair(agg=side(AGG, TSO, PlatformRole.PROVIDER), tso=side(TSO, AGG, PlatformRole.REQUESTER))
