"""Applying, being accepted, changing roles, being suspended: what each does at once, and what it leaves."""

from __future__ import annotations

import logging
from dataclasses import fields, replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from canned import cleared, publish
from sqlalchemy import select
from test_every_command import applied
from world import WHO, World

from app.applying import ApplicationForm, Applying
from app.auth import Auth, Throttled
from app.outbox import Dispatcher
from app.persistence.credentials import Credentials
from app.persistence.ledgers import accounts, applicants, audit, logins, outbox
from app.queries.models import ListApplications, ListOffers, ListParties
from domain import commands as c
from domain import events as e
from domain.errors import Refused
from domain.flexibility.market import Activation, FlexOffer, FlexRequest
from domain.ids import ApplicationId, PartyId
from domain.lifecycle import ApplicationState, OfferState, RequestState
from domain.notifications import Notification
from domain.parties import PEOPLE, SYSTEM, Application, Party, Principal, Role

PASSWORD = "correct horse battery"
ESP1, FMO = PartyId("esp1"), PartyId("fmo")
FORM = ApplicationForm(
    company="Hill Power",
    contact="Ada Hill",
    email="desk@hill.example",
    role=Role.AGGREGATOR,
    independent=True,
    account="hill",
    password=PASSWORD,
)


@pytest.fixture
def auth(world: World) -> Auth:
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return Auth(Credentials(world.store), world.wall, hasher=hasher)


@pytest.fixture
def door(world: World, auth: Auth) -> Applying:
    return Applying(lambda command: world.desk.execute(SYSTEM, command), auth, world.wall)


def everything_stored(world: World) -> str:
    """All text of the database but the tables that keep password hashes."""
    with world.store.snapshot() as connection:
        tables = (audit, outbox)
        rows = [connection.execute(select(table)).all() for table in tables]
    return repr([*rows, world.find(Application), world.find(Party), world.events])


def accept(world: World, application: Application, role: Role = Role.AGGREGATOR, **more: object) -> Application:
    command = c.AcceptApplication(application_id=application.id, role=role, **more)  # type: ignore[arg-type]
    return world.do("fmo", command)  # type: ignore[no-any-return]


def suspend(world: World, party: str, reason: str = "Did not pay.") -> None:
    world.do("fmo", c.SuspendParty(party_id=PartyId(party), reason=reason))


def test_the_newcomer_signs_in_with_what_it_chose_once_it_is_accepted(
    world: World, auth: Auth, door: Applying
) -> None:
    application = door.apply(FORM, "10.0.0.9")
    with pytest.raises(Refused, match="wrong_credentials"):
        auth.sign_in("hill", PASSWORD, "10.0.0.9")
    accepted = accept(world, application, Role.ESP)
    assert accepted.state is ApplicationState.ACCEPTED
    who = auth.principal_of_session(auth.sign_in("hill", PASSWORD, "10.0.0.9").token)
    assert who is not None
    assert (who.role, who.party_id, who.name) == (Role.ESP, accepted.party_id, "Hill Power")
    world.desk.query(who, ListOffers())
    with world.store.snapshot() as connection:
        assert connection.execute(select(applicants)).all() == []


def test_the_password_is_nowhere_but_hashed_beside_the_sign_in(
    world: World, door: Applying, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    door.apply(FORM, "10.0.0.9")
    with world.store.snapshot() as connection:
        (kept,) = connection.execute(select(applicants)).all()
    assert kept.password_hash.startswith("$argon2")
    for text in (everything_stored(world), caplog.text, repr(FORM)):
        assert PASSWORD not in text
        assert kept.password_hash not in text
    assert '"secret":"withheld"' in everything_stored(world)
    assert "secret" not in {field.name for field in fields(Application)}
    assert PASSWORD.encode() not in b"".join(p.read_bytes() for p in _files(world))


def _files(world: World) -> list[Path]:
    path = Path(str(world.store._engines.url.database))
    return [p for p in path.parent.iterdir() if p.name.startswith(path.name)]


def test_a_refusal_frees_the_name_and_forgets_the_password(world: World, door: Applying) -> None:
    first = door.apply(FORM, "10.0.0.9")
    with pytest.raises(Refused, match="duplicate"):
        door.apply(FORM, "10.0.0.9")
    world.do("fmo", c.RefuseApplication(application_id=first.id, reason="No licence."))
    with world.store.snapshot() as connection:
        assert connection.execute(select(applicants)).all() == []
        assert connection.execute(select(accounts)).all() == []
    again = door.apply(FORM, "10.0.0.9")
    assert again.id != first.id
    refused = world.only(Application, id=first.id)
    assert (refused.state, refused.reason) == (ApplicationState.REFUSED, "No licence.")


def test_an_application_is_decided_once(world: World) -> None:
    application = applied(world)
    accept(world, application)
    for command in (
        c.AcceptApplication(application_id=application.id, role=Role.ESP),
        c.RefuseApplication(application_id=application.id, reason="Late."),
    ):
        assert world.codes("fmo", command) == [("wrong_state", "application_id")]
    assert len(world.find(Party, name="Hill Power")) == 1


@pytest.mark.parametrize("role", sorted(PEOPLE - {Role.FMO}))
def test_nobody_but_the_operator_reads_or_decides_applications(world: World, role: Role) -> None:
    application = applied(world)
    who = next(name for name, one in WHO.items() if one.role is role and name != "gone")
    for command in (
        c.AcceptApplication(application_id=application.id, role=Role.ESP),
        c.SuspendParty(party_id=ESP1, reason="Rival."),
        c.AssignRole(party_id=ESP1, role=Role.ESP),
    ):
        assert world.codes(who, command) == [("not_permitted", "")]
    with pytest.raises(Refused, match="not_permitted"):
        world.desk.query(WHO[who], ListApplications())


def test_an_applicant_is_told_of_to_the_operator_alone(world: World) -> None:
    applied(world)
    Dispatcher(world.store.dispatch, world.bus.publish).run()
    told = [n for n in world.find(Notification) if "Hill Power" in n.sentence]
    assert {n.party_id for n in told} == {"fmo"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"company": ""}, "company"),
        ({"company": "x" * 81}, "company"),
        ({"contact": "a\nb"}, "contact"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b"}, "email"),
        ({"email": "<a>@b.example"}, "email"),
        ({"role": Role.FMO}, "role"),
        ({"role": Role.SYSTEM}, "role"),
        ({"role": Role.ESP}, "independent"),
        ({"account": "two words"}, "account"),
        ({"account": "x" * 65}, "account"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 1025}, "password"),
    ],
)
def test_findings_on_the_form(door: Applying, world: World, changes: dict[str, object], field: str) -> None:
    for _ in range(8):  # what is only mistyped is not counted
        with pytest.raises(Refused) as error:
            door.apply(replace(FORM, **changes), "10.0.0.9")  # type: ignore[arg-type]
        assert field in {finding.field for finding in error.value.findings}
    assert world.find(Application) == ()


def test_one_address_cannot_flood_the_operator(door: Applying, world: World) -> None:
    for k in range(5):
        door.apply(replace(FORM, account=f"hill{k}"), "10.0.0.9")
    with pytest.raises(Throttled, match="applications"):
        door.apply(replace(FORM, account="hill9"), "10.0.0.9")
    door.apply(replace(FORM, account="dale"), "10.0.0.10")
    assert len(world.find(Application)) == 6


def test_suspension_bites_at_once_and_ends_logins(world: World, auth: Auth) -> None:
    auth.create_account("esp1", "demo-esp1", ESP1, Role.ESP)
    session, token = auth.sign_in("esp1", "demo-esp1", "::1"), auth.issue_token("esp1", "demo-esp1", "::1")
    suspend(world, "esp1")
    assert auth.principal_of_session(session.token) is None
    assert auth.principal_of_bearer(token.token) is None
    with pytest.raises(Refused, match="signed_out"):
        world.desk.query(WHO["esp1"], ListOffers())
    with pytest.raises(Refused, match="wrong_credentials"):
        auth.sign_in("esp1", "demo-esp1", "::1")
    world.do("fmo", c.ReinstateParty(party_id=ESP1))
    assert auth.principal_of_session(session.token) is None, "an old login does not come back to life"
    assert auth.principal_of_bearer(token.token) is None
    assert auth.sign_in("esp1", "demo-esp1", "::1").token
    with world.store.snapshot() as connection:
        assert len(connection.execute(select(logins)).all()) == 1


def test_what_stands_before_the_gate_is_withdrawn_and_what_is_locked_stays(world: World) -> None:
    world.grid()
    session = world.session()
    offer = world.offer("esp1", session, world.asset(), "2")
    request = world.request(session)
    suspend(world, "esp1")
    assert world.only(FlexOffer, id=offer.id).state is OfferState.WITHDRAWN
    assert world.only(FlexRequest, id=request.id).state is RequestState.PUBLISHED
    assert [event.offer_id for event in world.told(e.OfferWithdrawn)] == [offer.id]
    suspend(world, "dso1")
    assert world.only(FlexRequest, id=request.id).state is RequestState.WITHDRAWN


def test_what_is_awarded_stays_awarded(world: World) -> None:
    world.grid()
    session = world.session()
    offer = world.offer("esp1", session, world.asset(), "2")
    job = world.close(session)
    suspend(world, "esp1")
    assert world.only(FlexOffer, id=offer.id).state is OfferState.LOCKED
    with cleared():
        world.run(job, lambda *_: b"result")
        publish(world, session)
    assert world.only(Activation).party_id == ESP1


def test_the_market_keeps_its_operator(world: World) -> None:
    with world.store.write(SYSTEM, c.MarkNotificationsRead()) as uow:
        uow.add(Party(id=PartyId("fmo2"), name="Second operator", role=Role.FMO))
    for target in ("fmo", "fmo2"):
        for command in (
            c.SuspendParty(party_id=PartyId(target), reason="Enough."),
            c.AssignRole(party_id=PartyId(target), role=Role.ESP),
        ):
            assert world.codes("fmo", command) == [("not_permitted", "party_id")]
    assert all(party.active for party in world.find(Party, role=Role.FMO))


def test_another_role_ends_logins_and_counts_at_once(world: World, auth: Auth) -> None:
    auth.create_account("esp2", "demo-esp2", PartyId("esp2"), Role.ESP)
    token = auth.issue_token("esp2", "demo-esp2", "::1").token
    world.do("fmo", c.AssignRole(party_id=PartyId("esp2"), role=Role.BRP))
    assert auth.principal_of_bearer(token) is None
    who = auth.principal_of_bearer(auth.issue_token("esp2", "demo-esp2", "::1").token)
    assert who == Principal(account="esp2", party_id=PartyId("esp2"), role=Role.BRP, name="Wind and load")
    with pytest.raises(Refused, match="signed_out"):
        world.desk.query(WHO["esp2"], ListOffers())


def test_everything_that_stands_against_a_role_is_said_at_once(world: World) -> None:
    world.grid()
    world.offer("esp1", world.session(), world.asset(), "2")
    with pytest.raises(Refused) as error:
        world.do("fmo", c.AssignRole(party_id=ESP1, role=Role.BRP))
    sentences = {finding.sentence for finding in error.value.findings}
    assert sentences == {"It has registered assets.", "It has offers that wait for their result."}
    assert world.codes("fmo", c.AssignRole(party_id=PartyId("brp1"), role=Role.ESP)) == [("in_use", "role")]


def test_only_the_operator_reads_why_somebody_is_suspended(world: World) -> None:
    suspend(world, "esp1", "Did not pay.")

    def reason(who: str) -> str:
        parties: tuple[Party, ...] = world.desk.query(WHO[who], ListParties())
        return next(party.reason for party in parties if party.id == "esp1")

    assert reason("fmo") == "Did not pay."
    assert reason("dso1") == reason("esp2") == ""


def test_customers_are_seen_by_the_operator_and_their_providers(world: World) -> None:
    world.grid()
    world.asset("esp1", customer_id=PartyId("customer1"))

    def sees(who: str) -> bool:
        parties: tuple[Party, ...] = world.desk.query(WHO[who], ListParties())
        return "customer1" in {party.id for party in parties}

    assert (sees("fmo"), sees("esp1"), sees("esp2"), sees("dso1")) == (True, True, False, False)


def test_an_unknown_application_is_not_found(world: World) -> None:
    command = c.RefuseApplication(application_id=ApplicationId("AP-0"), reason="No.")
    assert world.codes("fmo", command) == [("not_found", "id")]
