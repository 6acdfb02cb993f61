"""Who writes to whom in the fault run, and what has to stand in both databases at its end."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from app.auth import Auth
from app.persistence import Store, open_store
from app.persistence.credentials import Credentials
from app.persistence.lines import PLATFORM
from app.platform.bootstrap import build
from app.transport.sending import address, send
from domain.commands import MarkNotificationsRead
from domain.commands.platform import FoundPlatform, IssueMarketPlaceKey
from domain.ids import KeyId, MessageId, PartyId, ProposalId, ServiceDescriptionId, SubscriptionId
from domain.marketplace.notices import InterimNotice, ServiceCanceled, ServiceConfirmed
from domain.marketplace.requests import Subscription
from domain.marketplace.services import Player, ServiceDescription, ServiceTerms, SubscriptionContent
from domain.marketplace.words import Environment, PlayerRole, ServiceState, ServiceType
from domain.parties import SYSTEM, ApiKey, Party, Role, Scope
from domain.parties.access import new_key_secret
from domain.platform.company import MARKET_PLACE, Registration
from domain.ports import UnitOfWork
from domain.transport import Correspondent
from tests.soak.faults_clock import FileClock
from tests.soak.faults_side import SECRET, database

N_PLAYERS = 8
_INTERIM = "/eu-mp-notifications/v1/service/interim"
_ANY = MarkNotificationsRead()
_CONFIRMED, _CANCELED = (f"/eu-mp/v1/service-offer/{what}/provider" for what in ("confirmed", "canceled"))


def player(number: int) -> PartyId:
    return PartyId(f"player-{number % N_PLAYERS}")


def prepare(folder: Path, clock: FileClock, platform_url: str, place_url: str) -> None:
    """Both databases: the players' platform, and the market place with its keys there, which are soon due."""
    platform = build(database(folder, "platform"), wall_clock=clock, secret=SECRET.encode)
    role = PlayerRole.REGULATED_DATA_PROVIDER
    registrations = tuple(
        Registration(id=player(n), name=f"Player {n}", player_role=role) for n in range(N_PLAYERS)
    )
    platform.execute(FoundPlatform(company="Players", country="IT", registrations=registrations))
    keys = {
        each.id: platform.execute(IssueMarketPlaceKey(registration_id=each.id)).secret for each in registrations
    }
    own_key = new_key_secret()
    with platform.store.write(SYSTEM, _ANY) as uow:
        _soon(uow, address(uow, MARKET_PLACE, place_url, own_key))
    platform.close()
    with place_store(folder, clock) as store:
        store.migrate()
        with store.write(SYSTEM, _ANY) as uow:
            for registration in registrations:
                uow.add(Party(id=registration.id, name=registration.name, role=Role.PROVIDER))
        Auth(Credentials(store), clock).create_account(player(0), "a long password", player(0), Role.PROVIDER)
        with store.write(SYSTEM, _ANY) as uow:
            _let_in(uow, player(0), own_key)
            for registration in registrations:
                _soon(uow, address(uow, registration.id, platform_url, keys[registration.id]))


def _soon(uow: UnitOfWork, there: Correspondent) -> None:
    """Its key is due in ten minutes."""
    uow.save(replace(uow.get(Correspondent, there.id), refresh_at=uow.wall + timedelta(minutes=10)))


def _let_in(uow: UnitOfWork, party_id: PartyId, secret: str) -> None:
    """The key opens the market place for the player's platform."""
    key = ApiKey(
        id=KeyId(f"AK-{party_id}"),
        party_id=party_id,
        account=party_id,
        name="platform",
        scopes=(Scope.EXCHANGE,),
        created_at=uow.wall,
        issued_at=uow.wall,
        expires_at=uow.wall + timedelta(days=90),
    )
    uow.add(key)
    digest = hashlib.sha256(secret.encode()).hexdigest()
    uow.sign_ins.keep_secret(key.id, digest, issued_at=uow.wall, ends_at=key.expires_at)


def place_store(folder: Path, clock: FileClock) -> Store:
    """The market place's database, beside the process that serves it."""
    return open_store(database(folder, "place"), wall_clock=clock, secret=SECRET.encode)


def confirm_and_cancel(store: Store, first: int, n: int) -> list[MessageId]:
    """Messages on `n` new subscriptions: each is confirmed and canceled, which has to come in this order."""
    sent: list[MessageId] = []
    with store.write(SYSTEM, _ANY) as uow:
        for number in range(first, first + n):
            content = _content(number, uow.wall)
            told = ServiceConfirmed(subscription=content, introduction=f"word-{number}")
            over = ServiceCanceled(subscription_id=content.id, canceled_at=uow.wall, reason="Over")
            to = player(number)
            sent.append(send(uow, to=to, stream=content.id, path=_CONFIRMED, body=told))
            sent.append(send(uow, to=to, stream=content.id, path=_CANCELED, body=over))
    return sent


def platform_store(folder: Path, clock: FileClock) -> Store:
    """The platform's database, beside the process that serves it."""
    return open_store(database(folder, "platform"), wall_clock=clock, line=PLATFORM, secret=SECRET.encode)


def report(place: Store, platform: Store, first: int, n: int) -> list[MessageId]:
    """Messages of the platform on `n` further subscriptions that the market place knows, two on each in a row."""
    with place.write(SYSTEM, _ANY) as uow:
        for number in range(first, first + n):
            uow.add(_known(number, uow.wall))
    sent: list[MessageId] = []
    with platform.write(SYSTEM, _ANY) as uow:
        for number in range(first, first + n):
            for n_delivered in (1, 2):
                told = InterimNotice(
                    subscription_id=_own(number),
                    state=ServiceState.RUNNING,
                    at=uow.wall,
                    n_delivered=n_delivered,
                    n_acknowledged=0,
                    n_overdue=0,
                )
                sent.append(send(uow, to=MARKET_PLACE, stream=_own(number), path=_INTERIM, body=told))
    return sent


def _own(number: int) -> SubscriptionId:
    return SubscriptionId(f"OWN-{number}")


def _known(number: int, at: datetime) -> Subscription:
    content = replace(_content(0, at), id=_own(number))
    return Subscription(
        id=content.id,
        proposal_id=ProposalId(f"PR-{number}"),
        requester_id=player(1),
        provider_id=player(0),
        content=content,
        agreement_version="1",
    )


def _content(number: int, at: datetime) -> SubscriptionContent:
    return SubscriptionContent(
        id=SubscriptionId(f"SUB-{number}"),
        environment=Environment.REGULATED,
        provider=Player(id=player(number), name=f"Player {number % N_PLAYERS}"),
        requester=Player(id=PartyId(f"agg-{number % 5}"), name="Aggregator", platform_url="https://agg.example"),
        validated_at=at,
        starts_at=at,
        ends_at=None,
        data_details="",
        processing_details="",
        descriptions=(
            ServiceDescription(
                id=ServiceDescriptionId("SD-1"), service_type=ServiceType.INDIVIDUAL_DATA, short_description="Load"
            ),
        ),
        terms=ServiceTerms(),
    )


@dataclass
class Checked:
    """What both databases say of what was sent and done."""

    n_sent: int
    states: dict[str, int] = field(default_factory=dict)
    n_tries: int = 0
    lost: int = 0
    twice: int = 0
    out_of_order: int = 0
    strange: int = 0
    keys_changed: int = 0

    @property
    def right(self) -> bool:
        wrong = self.lost + self.twice + self.out_of_order + self.strange
        return wrong == 0 and self.states == {"delivered": self.n_sent}


OTHER = {"place": "platform", "platform": "place"}


def waiting(folder: Path) -> Counter[str]:
    """Messages of both sides by state."""
    counted: Counter[str] = Counter()
    for side in OTHER:
        with closing(_opened(folder, side)) as book:
            query = "SELECT state, count(*) FROM outgoing_messages GROUP BY state"
            counted.update(dict(book.execute(query).fetchall()))
    return counted


def check(folder: Path, sent: list[MessageId]) -> Checked:
    """Compare what was sent with what was received and done."""
    checked = Checked(n_sent=len(sent), states=dict(waiting(folder)))
    received: list[str] = []
    with closing(_opened(folder, "place")) as place, closing(_opened(folder, "platform")) as platform:
        for book in (place, platform):
            checked.n_tries += book.execute("SELECT sum(n_tries) FROM outgoing_messages").fetchone()[0] or 0
            received += [id for (id,) in book.execute("SELECT message_id FROM received_messages")]
            issued = "SELECT count(*) FROM outbox WHERE event = 'ApiKeyIssued'"
            checked.keys_changed += book.execute(issued).fetchone()[0]
        done = [*_confirmed(platform), *_reported(place)]
    checked.keys_changed -= N_PLAYERS
    checked.lost = len(set(sent) - set(received)) + max(0, len(sent) - len(set(done)))
    checked.strange = len(set(received) - set(sent))
    checked.twice = len(received) - len(set(received)) + len(done) - len(set(done))
    last: dict[str, int] = {}
    for stream, place_in_stream in done:
        checked.out_of_order += place_in_stream < last.get(stream, 0)
        last[stream] = place_in_stream
    return checked


def _confirmed(platform: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """(subscription, which of its two messages) of every effect on the platform, in the order of their doing."""
    query = "SELECT event, body FROM outbox WHERE event LIKE 'Subscription%' ORDER BY id"
    for event, body in platform.execute(query):
        yield json.loads(body)["subscription_id"], 1 if event == "SubscriptionEntered" else 2


def _reported(place: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """The same of the market place."""
    yield from place.execute("SELECT subscription_id, n_delivered FROM interim_reports ORDER BY rowid")


def _opened(folder: Path, side: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{folder}/{side}.db?mode=ro", uri=True, timeout=30)
