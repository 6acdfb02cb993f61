"""A provider's and a requester's platform for tests; what one sends, the other is handed by `carry`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from consent_world import NOW, OTHER, PROVIDER, READING, REQUESTER, SERVICE, SUB, standing_still, subscription

from app.codec import from_data, loads
from app.platform.bootstrap import Platform, build
from domain import commands as c
from domain.commands import Command
from domain.commands import platform as pc
from domain.errors import Refused
from domain.ids import MessageId, PartyId, PodId
from domain.marketplace.notices import ActivationNotice, ConsentNotice
from domain.marketplace.words import Environment, PlatformRole
from domain.parties import SYSTEM, Party, Principal, Role
from domain.platform import messages as m
from domain.platform.company import MARKET_PLACE
from domain.platform.consents import Consent
from domain.platform.pods import Pod
from domain.transport import Envelope, OutgoingMessage

HOUSE, FLAT = PartyId("house"), PartyId("flat")
PODS: Mapping[str, tuple[str, ...]] = {"house": ("AT001", "AT002"), "flat": ("AT003",), "": ("AT004",)}
ALL = tuple(PodId(pod) for pods in PODS.values() for pod in pods)


@dataclass
class Wall:
    now: datetime = datetime(2026, 11, 22, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


_DSO, _USP = {"environment": Environment.REGULATED}, {"environment": Environment.UNREGULATED}
TAKEN: Mapping[str, tuple[type[Any], Any, Mapping[str, Any]]] = {
    m.ASK: (m.AskMessage, pc.TakeConsentAsk, {}),
    m.ANSWER: (m.AnswerMessage, pc.TakeConsentAnswer, {}),
    m.ACKNOWLEDGEMENT: (m.AcknowledgementMessage, pc.TakeConsentAcknowledgement, {}),
    m.REVOCATION: (m.RevocationMessage, pc.TakeConsentRevocation, {}),
    m.DSO_REQUEST: (m.RequestMessage, pc.TakeActivationRequest, _DSO),
    m.USP_REQUEST: (m.RequestMessage, pc.TakeActivationRequest, _USP),
    m.DSO_CONFIRMATION: (m.ConfirmationMessage, pc.TakeActivationConfirmation, _DSO),
    m.USP_CONFIRMATION: (m.ConfirmationMessage, pc.TakeActivationConfirmation, _USP),
    m.AGREEMENT: (m.AgreementMessage, pc.TakeAgreement, {}),
    m.AGREEMENT_END: (m.AgreementEndMessage, pc.TakeAgreementEnd, {}),
}
"""Which command takes the messages of each path, and what it is told beside."""
_NUMBERS = count(1)


def enveloped(id: str = "", sequence: int | None = None) -> dict[str, Envelope]:
    """As a message of its own that came just now."""
    n = next(_NUMBERS)
    message = MessageId(id or f"MS-{n}")
    stream = f"{SUB} {n}" if sequence is None else SUB
    return {"envelope": Envelope(message_id=message, stream=stream, sequence=sequence or 1, sent_at=Wall().now)}


def envelope(message: OutgoingMessage) -> dict[str, Envelope]:
    return enveloped(message.id, message.sequence)


@dataclass(kw_only=True)
class Side:
    """A platform, and short words for what tests do with it."""

    platform: Platform
    wall: Wall
    told: list[Any] = field(default_factory=list)
    """Notices to the market place."""
    _carried: set[str] = field(default_factory=set)

    def do(self, who: str, command: Command) -> Any:
        return self.platform.desk.execute(self.who(who), command)

    def ask(self, who: str, query: Any) -> Any:
        return self.platform.desk.query(self.who(who), query)

    def codes(self, who: str, message: Any) -> list[tuple[str, str]]:
        """(code, field) of a refusal; empty when it was taken."""
        try:
            self.do(who, message) if isinstance(message, Command) else self.ask(who, message)
        except Refused as refused:
            return [(finding.code, finding.field) for finding in refused.findings]
        return []

    def who(self, name: str) -> Principal:
        if name == "system":
            return SYSTEM
        (party,) = self.find(Party, id=name)
        return Principal(account=name, party_id=party.id, role=party.role, name=party.name)

    def find(self, kind: type[Any], **equal: object) -> tuple[Any, ...]:
        with self.platform.read() as uow:
            return uow.find(kind, **equal)

    def only(self, kind: type[Any], **equal: object) -> Any:
        (found,) = self.find(kind, **equal)
        return found

    def put(self, *entities: Any) -> None:
        with self.platform.store.write(SYSTEM, c.MoveClock(action=c.ClockAction.PAUSE)) as uow:
            for entity in entities:
                uow.add(entity)

    def change(self, entity: Any, **changes: Any) -> None:
        with self.platform.store.write(SYSTEM, c.MoveClock(action=c.ClockAction.PAUSE)) as uow:
            uow.save(replace(uow.get(type(entity), entity.id), **changes))

    def at(self, market: datetime) -> None:
        standing_still(self.platform.store, market)

    def outgoing(self) -> list[OutgoingMessage]:
        """What was sent and nobody has been handed yet, in order."""
        waiting = [each for each in self.find(OutgoingMessage) if each.id not in self._carried]
        return sorted(waiting, key=lambda each: (each.addressee_id, each.sequence))

    def taken(self, message: OutgoingMessage) -> None:
        self._carried.add(message.id)


@dataclass(kw_only=True)
class TwoPlatforms:
    provider: Side
    requester: Side

    def carry(self, again: bool = False) -> None:
        """Hand each side what the other sent, until nothing is left; `again`: each twice."""
        while any(self._handed(*pair, again) for pair in self._pairs()):
            pass

    def at(self, market: datetime) -> None:
        self.provider.at(market)
        self.requester.at(market)

    def _pairs(self) -> tuple[tuple[Side, Side, PartyId], ...]:
        return (self.provider, self.requester, PROVIDER), (self.requester, self.provider, REQUESTER)

    def _handed(self, sender: Side, receiver: Side, as_whom: PartyId, again: bool) -> bool:
        messages = sender.outgoing()
        for message in messages:
            sender.taken(message)
            if message.addressee_id == MARKET_PLACE:
                kind = ConsentNotice if message.path == m.CONSENT_NOTICE else ActivationNotice
                sender.told.append(from_data(kind, loads(message.body)))
                continue
            body, command, more = TAKEN[message.path]
            for _ in range(2 if again else 1):
                said = from_data(body, loads(message.body))
                receiver.do(as_whom, command(**envelope(message), message=said, **more))
        return bool(messages)

    # -- what happens again and again ---------------------------------------------------------------------------

    def asked(self, pods: tuple[str, ...] = ("AT001", "AT002"), **changes: Any) -> Any:
        """The requester asks, and the provider has been told."""
        ask = self.requester.do(REQUESTER, asking(pods, **changes))
        self.carry()
        return ask

    def given(self, pods: tuple[str, ...] = ("AT001", "AT002"), who: str = "house", **changes: Any) -> Any:
        """Asked, and given by the customer."""
        ask = self.asked(pods, **changes)
        consent = self.provider.only(Consent, ask_id=ask.id, customer_id=who)
        made = self.provider.do(who, pc.GiveConsent(consent_id=consent.id))
        self.carry()
        return made


def asking(pods: tuple[str, ...] = ("AT001", "AT002"), **changes: Any) -> pc.AskForConsents:
    values: dict[str, Any] = {
        "subscription_id": SUB,
        "description_id": SERVICE,
        "pod_ids": tuple(PodId(pod) for pod in pods),
        "starts_at": NOW - timedelta(days=30),
        "ends_at": NOW + timedelta(days=300),
        "data_details": "Quarter hours of consumption.",
        "processing_details": READING,
    }
    return pc.AskForConsents(**values | changes)


def parties(*who: tuple[str, Role]) -> Iterator[Party]:
    return (Party(id=PartyId(name), name=name.title(), role=role) for name, role in who)


@contextmanager
def two_platforms(folder: Path) -> Iterator[TwoPlatforms]:
    wall = Wall()
    sides = []
    for name in ("provider", "requester"):
        platform = build(f"sqlite:///{folder / name}.db", wall_clock=wall, secret=lambda: b"s" * 32)
        sides.append(Side(platform=platform, wall=wall))
    provider, requester = sides
    market = ("market-place", Role.MARKET_PLACE)
    provider.put(
        *parties(
            (PROVIDER, Role.PROVIDER),
            (REQUESTER, Role.PEER),
            (OTHER, Role.PEER),
            ("house", Role.CUSTOMER),
            ("flat", Role.CUSTOMER),
            market,
        )
    )
    requester.put(*parties((REQUESTER, Role.REQUESTER), (PROVIDER, Role.PEER), (OTHER, Role.PEER), market))
    for customer, pods in PODS.items():
        for pod in pods:
            place = {"country": "AT", "postcode": "1010", "city": "Wien", "street": "Ring 1"}
            provider.put(Pod(id=PodId(pod), customer_id=PartyId(customer) if customer else None, **place))
    provider.put(subscription())
    requester.put(subscription(side=PlatformRole.REQUESTER, peer_id=PROVIDER))
    two = TwoPlatforms(provider=provider, requester=requester)
    two.at(NOW)
    yield two
    for side in sides:
        side.platform.close()
