"""The EU-MP notifications API: a provider's platform tells the market place of its subscriptions, once each."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from starlette.testclient import TestClient
from world import START, World

from app.applying import Applying
from app.auth import Auth
from app.codec import to_data
from app.persistence.credentials import Credentials
from app.persistence.repeats import KeptAttempts
from app.rest import build_asgi
from app.rest.access import Services
from app.rest.eu_mp_notifications import NOTIFICATIONS
from app.rest.issuer import Issuer
from domain.commands import MarkNotificationsRead
from domain.ids import (
    CompanyId,
    ConsentId,
    KeyId,
    PartyId,
    ProposalId,
    ServiceActivationId,
    ServiceDescriptionId,
    SubscriptionId,
)
from domain.marketplace.notices import ActivationNotice, ConsentNotice, InterimNotice
from domain.marketplace.registrations import Registration
from domain.marketplace.requests import Subscription
from domain.marketplace.services import Player, ServiceDescription, ServiceTerms, SubscriptionContent
from domain.marketplace.told import ActivationStatusRow, ConsentStatus, InterimReport
from domain.marketplace.words import (
    ActivationStatus,
    ConsentState,
    Environment,
    PlayerRole,
    ServiceState,
    ServiceType,
)
from domain.parties import SYSTEM, ApiKey, Party, Role, Scope
from domain.transport import MOST_SKEW

PROVIDER, OTHER, REQUESTER = PartyId("prov1"), PartyId("prov2"), PartyId("req1")
ROLES = {PROVIDER: Role.PROVIDER, OTHER: Role.PROVIDER, REQUESTER: Role.REQUESTER}
SUB = SubscriptionId("SUB-1")
BASE = "/eu-mp-notifications/v1"
PATHS = {
    ConsentNotice: "/service/consent",
    ActivationNotice: "/service/activation",
    InterimNotice: "/service/interim",
}


@dataclass
class Told:
    """Platforms as they call the market place."""

    client: TestClient
    world: World
    keys: dict[PartyId, str]
    n: int = 0

    def headers(self, who: PartyId = PROVIDER, **changes: str) -> dict[str, str]:
        usual = {
            "Authorization": f"Bearer {self.keys[who]}",
            "Message-Id": f"MS-{self.n}",
            "Message-Stream": SUB,
            "Message-Sequence": str(self.n),
            "Message-Sent-At": self.world.wall().isoformat(),
        }
        return usual | changes

    def tell(self, notice: Any, who: PartyId = PROVIDER, **body: Any) -> Any:
        self.n += 1
        return self.again(notice, who, **body)

    def again(self, notice: Any, who: PartyId = PROVIDER, **body: Any) -> Any:
        path = BASE + PATHS[type(notice)]
        return self.client.post(path, json=to_data(notice) | body, headers=self.headers(who))

    def find(self, kind: type[Any]) -> tuple[Any, ...]:
        with self.world.store.read() as uow:
            return uow.find(kind)

    def consent(self, state: ConsentState = ConsentState.ASKED, **changes: Any) -> ConsentNotice:
        values: dict[str, Any] = {"subscription_id": SUB, "consent_id": ConsentId("CO-1"), "state": state}
        return ConsentNotice(**values | {"at": START} | changes)

    def interim(self, **changes: Any) -> InterimNotice:
        values: dict[str, Any] = {"subscription_id": SUB, "state": ServiceState.RUNNING, "at": START}
        counts = {"n_delivered": 4, "n_acknowledged": 3, "n_overdue": 1, "in_time_share": Decimal("0.75")}
        return InterimNotice(**values | counts | changes)


def finding(answer: Any) -> tuple[int, str, str]:
    first = answer.json()["findings"][0]
    return answer.status_code, first["code"], first["field"]


@pytest.fixture
def told(world: World) -> Iterator[Told]:
    auth = Auth(Credentials(world.store), world.wall)
    now = world.wall()
    keys = {party: f"fdk_{secrets.token_urlsafe(32)}" for party in ROLES}
    with world.store.write(SYSTEM, MarkNotificationsRead()) as uow:
        for party, role in ROLES.items():
            uow.add(Party(id=party, name=party, role=role))
        uow.add(_subscription(now))
    for party, role in ROLES.items():
        auth.create_account(party, "a long password", party, role)
    with world.store.write(SYSTEM, MarkNotificationsRead()) as uow:
        for party, key in keys.items():
            made = ApiKey(
                id=KeyId(f"AK-{party}"),
                party_id=party,
                account=party,
                name="platform",
                scopes=(Scope.EXCHANGE,),
                created_at=now,
                issued_at=now,
                expires_at=now + timedelta(days=90),
            )
            uow.add(made)
            digest = hashlib.sha256(key.encode()).hexdigest()
            uow.sign_ins.keep_secret(made.id, digest, issued_at=now, ends_at=made.expires_at)
    services = Services(
        desk=world.desk,
        auth=auth,
        applying=Applying(lambda command: world.desk.execute(SYSTEM, command), auth, world.wall),
        market_now=world.wall,
        max_body_bytes=100_000,
        issuer=Issuer(b"secret of the tests"),
        bus=world.bus,
        repeats=KeptAttempts(world.store),
        missing=tuple,
    )
    with TestClient(build_asgi(services), raise_server_exceptions=False) as client:
        yield Told(client=client, world=world, keys=keys)


def _registration(party: PartyId, company: str) -> Registration:
    role = (
        PlayerRole.REGULATED_DATA_PROVIDER
        if ROLES[party] is Role.PROVIDER
        else PlayerRole.UNREGULATED_DATA_REQUESTER
    )
    return Registration(
        id=party, company_id=CompanyId(company), player_role=role, account=party, platform_url="", applied_at=START
    )


def _subscription(now: Any) -> Subscription:
    content = SubscriptionContent(
        id=SUB,
        environment=Environment.REGULATED,
        provider=Player(id=PROVIDER, name="P"),
        requester=Player(id=REQUESTER, name="R"),
        validated_at=now,
        starts_at=now,
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
    return Subscription(
        id=SUB,
        proposal_id=ProposalId("PR-1"),
        requester_id=REQUESTER,
        provider_id=PROVIDER,
        content=content,
        agreement_version="1",
    )


def test_states_of_consents_are_kept_and_nothing_else(told: Told) -> None:
    for state in (ConsentState.ASKED, ConsentState.GIVEN, ConsentState.REVOKED):
        assert told.tell(told.consent(state)).status_code == 200
    told.tell(told.consent(consent_id=ConsentId("CO-2")))
    found = {(row.id, row.state, row.subscription_id) for row in told.find(ConsentStatus)}
    assert found == {("CO-1", ConsentState.REVOKED, SUB), ("CO-2", ConsentState.ASKED, SUB)}
    assert told.tell(told.consent(), pod_id="IT001E1").status_code == 422


def test_activations_and_interim_messages_are_kept(told: Told) -> None:
    now = START
    notice = ActivationNotice(
        subscription_id=SUB,
        activation_id=ServiceActivationId("AC-1"),
        status=ActivationStatus.PARTIAL,
        at=now,
        starts_at=now,
    )
    assert told.tell(notice).status_code == 200
    (row,) = told.find(ActivationStatusRow)
    assert (row.status, row.starts_at, row.ended_at) == (ActivationStatus.PARTIAL, now, None)
    for _ in range(2):
        assert told.tell(told.interim()).status_code == 200
    reports = told.find(InterimReport)
    assert [(r.n_delivered, r.n_acknowledged, r.n_overdue, r.in_time_share) for r in reports] == [
        (4, 3, 1, Decimal("0.75"))
    ] * 2


def test_a_repeat_gets_the_same_answer_and_does_nothing(told: Told) -> None:
    first = told.tell(told.interim())
    told.world.wall.now += timedelta(hours=9)
    again = told.again(told.interim(at=told.find(InterimReport)[0].at))
    assert (again.status_code, again.json()) == (200, first.json())
    assert len(told.find(InterimReport)) == 1
    assert finding(told.again(told.interim(n_delivered=5)))[:2] == (409, "message_differs")


def test_what_has_not_happened_yet_is_not_told(told: Told) -> None:
    """Else no report would ever be newer, and none missed. Clocks may disagree by some minutes."""
    ahead = START + MOST_SKEW + timedelta(seconds=1)
    for notice in (told.interim(at=ahead), told.consent(at=ahead)):
        assert finding(told.tell(notice)) == (422, "clock_skew", "at")
    assert told.find(InterimReport) == ()
    assert told.tell(told.interim(at=START + MOST_SKEW)).status_code == 200


def test_only_the_provider_tells_of_its_own(told: Told) -> None:
    assert finding(told.tell(told.consent(), OTHER)) == (403, "not_yours", "subscription_id")
    assert told.tell(told.consent(), REQUESTER).status_code == 403
    unknown = told.consent(subscription_id=SubscriptionId("SUB-none"))
    assert finding(told.tell(unknown)) == (404, "not_found", "subscription_id")
    assert told.find(ConsentStatus) == ()


def test_one_key_tells_of_all_that_a_company_provides(told: Told) -> None:
    """A company with two roles has one platform, which calls with the key of one of them."""
    with told.world.store.write(SYSTEM, MarkNotificationsRead()) as uow:
        for registration, company in ((PROVIDER, "C-1"), (OTHER, "C-1"), (REQUESTER, "C-1")):
            uow.add(_registration(registration, company))
    assert told.tell(told.consent(), OTHER).status_code == 200
    assert told.tell(told.consent(), REQUESTER).status_code == 403
    with told.world.store.write(SYSTEM, MarkNotificationsRead()) as uow:
        uow.save(replace(uow.get(Registration, OTHER), company_id=CompanyId("C-2")))
    assert finding(told.tell(told.consent(), OTHER)) == (403, "not_yours", "subscription_id")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"n_delivered": -1}, "n_delivered"),
        ({"in_time_share": "1.01"}, "in_time_share"),
        ({"in_time_share": "NaN"}, "in_time_share"),
        ({"state": "fine"}, "state"),
        ({"at": "2026-11-21T08:30:00"}, "at"),
    ],
)
def test_bad_reports_are_refused_by_field(told: Told, change: dict[str, Any], field: str) -> None:
    status, _, named = finding(told.tell(told.interim(), **change))
    assert (status, named) == (422, field)


def test_the_key_and_the_test_are_for_players(told: Told) -> None:
    told.n = 1
    new = "fdk_" + secrets.token_urlsafe(32)
    for who in (PROVIDER, REQUESTER):
        assert told.client.get(f"{BASE}/test", headers=told.headers(who)).json()["interface"] == NOTIFICATIONS_NAME
    assert told.client.post(f"{BASE}/apikey", json={"key": new}, headers=told.headers()).status_code == 200
    told.keys[PROVIDER] = new
    assert told.client.get(f"{BASE}/test", headers=told.headers()).status_code == 200
    assert told.client.get(f"{BASE}/test").status_code == 401
    assert told.client.get(f"{BASE}/openapi.json").json()["info"]["title"] == NOTIFICATIONS_NAME


NOTIFICATIONS_NAME = "EU-MP notifications API"


def test_the_description_has_exactly_the_five_endpoints() -> None:
    paths = NOTIFICATIONS.description["paths"]
    assert {(method, path.removeprefix(BASE)) for path, methods in paths.items() for method in methods} == {
        ("post", "/service/consent"),
        ("post", "/service/activation"),
        ("post", "/service/interim"),
        ("post", "/apikey"),
        ("get", "/test"),
    }
