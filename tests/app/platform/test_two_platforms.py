"""The market place and two companies' platforms, each a process: founded, connected, introduced, parted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.bootstrap import App, build, utc_now
from app.demo.loader import LoadDemo
from app.platform.bootstrap import build as build_platform
from app.settings import PREFIX, Settings
from domain.commands import CreateApiKey
from domain.commands import place as c
from domain.ids import PartyId, ServiceDescriptionId
from domain.marketplace.agreements import GENERAL_VERSION
from domain.marketplace.companies import Address, Contact, LegalData
from domain.marketplace.registrations import Registration, RegistrationWish
from domain.marketplace.requests import ProposalLine
from domain.marketplace.services import ServiceDescription, ServiceTerms
from domain.marketplace.words import PARTY_ROLE, CompanyType, Environment, PlayerRole, ServiceType
from domain.parties import SYSTEM, Party, Principal, Role, Scope
from domain.platform.peers import Meeting
from domain.transport import Correspondent

ROOT = Path(__file__).resolve().parents[3]
SECRET = "the secret of all three in this test, which is no secret"
LONGEST_WAIT_S = 90.0
OPERATOR = Principal(account="place", party_id=PartyId("place"), role=Role.PLACE_OPERATOR)
DATA = ServiceDescription(
    id=ServiceDescriptionId(""),
    service_type=ServiceType.INDIVIDUAL_DATA,
    short_description="Quarter-hourly consumption",
)
ROLES = {
    "dso": (CompanyType.REGULATED, PlayerRole.REGULATED_DATA_PROVIDER),
    "agg": (CompanyType.UNREGULATED, PlayerRole.UNREGULATED_DATA_REQUESTER),
}


def environment(folder: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return kept | {
        "FLEXDESK_DATA_DIR": str(folder),
        "FLEXDESK_API_PORT": str(port),
        "FLEXDESK_DESKS_PORT": "0",
        "FLEXDESK_CALLBACKS_LOCAL": "true",
        "FLEXDESK_SECRET_KEY": SECRET,
        "FLEXDESK_POLL_SECONDS": "0.2",
    }


@dataclass
class Machine:
    """One company's, or the market place's, folder and port."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *words: str, said: str = "") -> str:
        """A command that ends."""
        done = subprocess.run(
            [sys.executable, "launch.py", *words],
            cwd=ROOT,
            env=environment(self.folder, self.port),
            input=said,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def serving(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """A command that serves, once it says so; killed at the end."""
        with (self.folder / "errors.log").open("w") as errors:
            process = subprocess.Popen(
                [sys.executable, "launch.py", *words],
                cwd=ROOT,
                env=environment(self.folder, self.port),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
            try:
                assert process.stdout is not None
                for line in process.stdout:
                    if line.startswith("Stop with"):
                        break
                assert process.poll() is None, (self.folder / "errors.log").read_text()
                yield process
            finally:
                process.kill()
                process.communicate()


def free_ports(n: int) -> list[int]:
    import socket

    with ExitStack() as stack:
        taken = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(n)]
        return [each.getsockname()[1] for each in taken]


def until(reached: Callable[[], Any]) -> Any:
    """What it gives in the end."""
    end = time.monotonic() + LONGEST_WAIT_S
    while not (found := reached()):
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.1)
    return found


@dataclass
class Place:
    """The market place's database, beside its process."""

    app: App

    def enrol(self, name: str, url: str) -> Principal:
        kind, role = ROLES[name]
        wish = RegistrationWish(player_role=role, account=name, platform_url=url)
        company = self.app.desk.execute(
            SYSTEM,
            c.EnrolCompany(
                legal=LegalData(name=name, legal_form="SpA", register_number=f"N {name}"),
                company_type=kind,
                contact=Contact(name="Ada Hill", email=f"desk@{name}.example"),
                address=Address(street="Main street 1", postcode="80121", city="Napoli", country="IT"),
                registrations=(wish,),
                secret="$argon2id$of-nobody",
            ),
        )
        self.app.desk.execute(OPERATOR, c.AcceptCompany(company_id=company.id))  # type: ignore[attr-defined]
        with self.app.read() as uow:
            (registration,) = uow.find(Registration, account=name)
        url = registration.platform_url
        tested = c.RecordIntegrationTest(registration_id=registration.id, platform_url=url, passed=True)
        self.app.desk.execute(SYSTEM, tested)
        self.app.desk.execute(OPERATOR, c.CertifyRegistration(registration_id=registration.id))
        return Principal(account=name, party_id=registration.id, role=PARTY_ROLE[role], name=name)

    def key(self, who: Principal) -> str:
        issued: Any = self.app.desk.execute(who, CreateApiKey(name="platform", scopes=(Scope.EXCHANGE,)))
        return str(issued.secret)

    def subscribe(self, dso: Principal, agg: Principal) -> str:
        """The subscription, of which both platforms are told."""
        do: Callable[[Principal, Any], Any] = self.app.desk.execute
        for who in (dso, agg):
            do(who, c.AcceptGeneralAgreement(version=GENERAL_VERSION))
        terms, now = ServiceTerms(), utc_now()
        offer = do(
            dso,
            c.PublishServiceOffer(
                service_type=DATA.service_type, title="Data", text="Data.", descriptions=(DATA,), terms=terms
            ),
        )
        request = do(
            agg,
            c.RequestServices(
                environment=Environment.REGULATED,
                title="Data",
                data_details="This year's.",
                processing_details="Forecasts.",
                wishes=(DATA,),
            ),
        )
        line = ProposalLine(
            wish_id=request.wishes[0].id, offer_id=offer.id, description_id=offer.descriptions[0].id
        )
        asking = c.AskForProposal(
            request_id=request.id,
            lines=(line,),
            terms=terms,
            starts_at=now,
            ends_at=now + timedelta(days=90),
            deadline=now + timedelta(days=7),
        )
        proposal = do(agg, asking)
        do(dso, c.OfferTerms(proposal_id=proposal.id, terms=terms))
        return str(do(agg, c.AcceptProposal(proposal_id=proposal.id)).id)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Machine, Place]]:
    folder = tmp_path / "place"
    folder.mkdir()
    app = build(Settings(data_dir=folder, secret_key=SECRET))  # type: ignore[arg-type]
    with app.store.write(SYSTEM, LoadDemo(scenario="none", step="operator")) as uow:
        uow.add(Party(id=OPERATOR.party_id, name="Place", role=OPERATOR.role))
    yield Machine(folder, free_ports(1)[0]), Place(app)
    app.close()


def key_of_peer(machine: Machine, peer: Principal) -> str | None:
    """What a platform presents to another one, once it has met it."""
    platform = build_platform(f"sqlite:///{machine.folder}/platform.db", secret=SECRET.encode)
    try:
        with platform.read() as uow:
            known = uow.find(Correspondent, id=peer.party_id)
            met = [each for each in uow.find(Meeting) if each.met_at is not None]
            return uow.vault.open(known[0].sealed_key, peer.party_id) if known and met else None
    finally:
        platform.close()


def test_two_platforms_meet_speak_and_part(tmp_path: Path, place: tuple[Machine, Place]) -> None:
    market, its = place
    machines = {name: Machine(tmp_path / name, port) for name, port in zip(ROLES, free_ports(2), strict=True)}
    whos = {name: its.enrol(name, machine.url) for name, machine in machines.items()}
    with ExitStack() as stack:
        stack.enter_context(market.serving("serve"))
        for name, machine in machines.items():
            role = ROLES[name][1].value.replace(" ", "-")
            registration = f"{whos[name].party_id}={role}"
            machine.run("platform", "init", "--company", name, "--country", "IT", "--registration", registration)
            key = f"{whos[name].party_id}={its.key(whos[name])}\n"
            assert re.search("Connected", machine.run("platform", "connect", market.url, said=key))
        for machine in machines.values():
            stack.enter_context(machine.serving("platform", "serve"))
        subscription = its.subscribe(whos["dso"], whos["agg"])
        key = until(lambda: key_of_peer(machines["agg"], whos["dso"]))
        address = f"{machines['dso'].url}/b2b/v1/subscriptions/{subscription}"
        headers = {"Authorization": f"Bearer {key}"}
        told = httpx.get(address, headers=headers)
        assert (told.status_code, told.json()["state"]) == (200, "active")
        assert httpx.get(address).status_code == 401
        backwards = until(lambda: key_of_peer(machines["dso"], whos["agg"]))
        there = f"{machines['agg'].url}/b2b/v1/subscriptions/{subscription}"
        assert httpx.get(there, headers={"Authorization": f"Bearer {backwards}"}).status_code == 200
        its.app.desk.execute(
            whos["agg"],
            c.CancelSubscription(subscription_id=subscription, reason="enough"),  # type: ignore[arg-type]
        )
        until(lambda: httpx.get(address, headers=headers).status_code == 401)
        until(lambda: httpx.get(there, headers={"Authorization": f"Bearer {backwards}"}).status_code == 401)
