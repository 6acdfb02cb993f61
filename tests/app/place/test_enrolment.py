"""Companies and registrations: from the form to services that others see, and out again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from argon2 import PasswordHasher
from placed import (
    ADDRESS,
    CONTACT,
    GERMANY,
    LEGAL,
    OPERATOR,
    RDP,
    SECRET,
    UDP,
    UDR,
    USP,
    accepted,
    acting,
    certified,
    enrolled,
    enrolment,
    platform_tested,
    square,
)
from sqlalchemy import select
from world import WHO, World

from app.applying import Applying, EnrolmentForm
from app.auth import Auth
from app.outbox import Dispatcher
from app.persistence.credentials import Credentials
from app.persistence.ledgers import applicants, audit
from app.queries.models import ListAccounts
from app.queries.models import place as q
from app.usecases.market_place.enrolment import MOST_CONTACT_POINTS
from domain.commands import place as c
from domain.errors import Refused
from domain.ids import CompanyId, PartyId
from domain.marketplace.areas import PostcodeArea
from domain.marketplace.companies import Company, CompanyState, LegalData
from domain.marketplace.place import PARTS
from domain.marketplace.registrations import Registration, RegistrationState, RegistrationWish
from domain.marketplace.words import CompanyType, PlayerRole
from domain.notifications import Notification
from domain.parties import SYSTEM, Party, Role


def codes(world: World, who: str, command: object) -> list[tuple[str, str]]:
    return world.codes(who, command)  # type: ignore[arg-type]


def test_a_company_enrols_and_each_role_becomes_a_participant(world: World) -> None:
    company = enrolled(world, "Pool", CompanyType.UNREGULATED, (USP, UDR))
    assert {one.state for one in world.find(Registration)} == {RegistrationState.APPLIED}
    world.do(OPERATOR, c.AcceptCompany(company_id=company.id))
    assert world.only(Company).state is CompanyState.ACCEPTED
    registrations = world.find(Registration, company_id=company.id)
    roles = {one.player_role: world.only(Party, id=one.id).role for one in registrations}
    assert roles == {USP: Role.PROVIDER, UDR: Role.REQUESTER}
    with world.store.snapshot() as connection:
        assert connection.execute(select(applicants)).all() == []


def test_the_form_makes_sign_ins_that_work_after_the_acceptance(world: World) -> None:
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    auth = Auth(Credentials(world.store), world.wall, hasher=hasher)
    door = Applying(lambda command: world.desk.execute(SYSTEM, command), auth, world.wall)
    command = enrolment()
    values = {name: getattr(command, name) for name in ("legal", "company_type", "contact", "address")}
    form = EnrolmentForm(**values, registrations=command.registrations, password="correct horse battery")
    company = door.enrol(form, "10.0.0.9")
    with pytest.raises(Refused, match="wrong_credentials"):
        auth.sign_in("north-grid-0", "correct horse battery", "10.0.0.9")
    world.do(OPERATOR, c.AcceptCompany(company_id=company.id))
    who = auth.principal_of_session(auth.sign_in("north-grid-0", "correct horse battery", "10.0.0.9").token)
    assert who is not None
    assert (who.role, who.name) == (Role.PROVIDER, "North Grid")
    with world.store.snapshot() as connection:
        trail = repr(connection.execute(select(audit)).all())
    assert "$argon2" not in trail
    assert "correct horse" not in trail + repr(form)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"legal": replace(LEGAL, name="\u202eevil")}, [("malformed", "legal.name")]),
        ({"legal": replace(LEGAL, register_number=" ")}, [("missing", "legal.register_number")]),
        ({"contact": replace(CONTACT, email="nobody")}, [("malformed", "contact.email")]),
        ({"contact": replace(CONTACT, phone="call me")}, [("malformed", "contact.phone")]),
        ({"address": replace(ADDRESS, country="ZZ")}, [("unknown_country", "address.country")]),
        ({"address": replace(ADDRESS, postcode="10'; --")}, [("malformed", "address.postcode")]),
        ({"registrations": ()}, [("out_of_range", "registrations")]),
    ],
)
def test_what_a_company_may_not_say(
    world: World, changes: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    assert codes(world, "system", enrolment(**changes)) == expected  # type: ignore[arg-type]


ALLOWED = {
    CompanyType.REGULATED: {RDP, UDR},
    CompanyType.UNREGULATED: {UDP, USP, UDR},
    CompanyType.INDUSTRIAL: {UDP, USP, UDR},
    CompanyType.RESEARCH: {UDP, USP, UDR},
    CompanyType.PUBLIC: {UDP, UDR},
}


@pytest.mark.parametrize("company_type", CompanyType)
@pytest.mark.parametrize("role", PlayerRole)
def test_which_type_may_play_which_role(world: World, company_type: CompanyType, role: PlayerRole) -> None:
    expected = [] if role in ALLOWED[company_type] else [("role_conflict", "registrations[0].player_role")]
    assert codes(world, "system", enrolment("X", company_type, (role,))) == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://platform.example",
        "https://user:pass@platform.example",
        "https://platform.example/?q=1",
        "https://platform.example/#x",
        "https:///nowhere",
        "javascript:alert(1)",
        "https://plat form.example",
        "https://platform.example:0",
        "https://platform.example\\@evil.example",
        f"https://{'a' * 400}.example",
    ],
)
def test_addresses_of_platforms_that_are_refused(world: World, url: str) -> None:
    (registration,) = accepted(world)
    command = c.SetPlatformAddress(platform_url=url)
    assert codes(world, registration.id, command) == [("malformed", "platform_url")]


def test_the_own_machine_may_be_called_without_tls(world: World) -> None:
    (registration,) = accepted(world)
    for url in ("http://127.0.0.1:8100/mpp", "http://[::1]:8100", "https://platform.example:8443/x"):
        world.do(registration.id, c.SetPlatformAddress(platform_url=url))
        assert world.only(Registration).platform_url == url


def test_sign_in_names_and_roles_are_there_once(world: World) -> None:
    (registration,) = accepted(world)
    twice = tuple(RegistrationWish(player_role=role, account="same") for role in (RDP, UDR))
    assert codes(world, "system", enrolment("B", registrations=twice)) == [
        ("duplicate", "registrations[1].account")
    ]
    taken = (RegistrationWish(player_role=RDP, account=registration.account),)
    assert codes(world, "system", enrolment("B", registrations=taken)) == [
        ("duplicate", "registrations[0].account")
    ]
    again = c.AddRegistration(player_role=RDP, account="other", platform_url="", secret=SECRET)
    assert codes(world, registration.id, again) == [("duplicate", "player_role")]


def test_a_further_role_is_decided_on_by_itself(world: World) -> None:
    (registration,) = accepted(world)
    wish = c.AddRegistration(player_role=UDR, account="second", platform_url="", secret=SECRET)
    added = world.do(registration.id, wish)
    assert codes(world, registration.id, c.AcceptRegistration(registration_id=added.id)) == [("not_permitted", "")]
    world.do(OPERATOR, c.RefuseRegistration(registration_id=added.id, reason="Not now."))
    again = world.do(registration.id, wish)
    world.do(OPERATOR, c.AcceptRegistration(registration_id=again.id))
    assert world.only(Party, id=again.id).role is Role.REQUESTER
    assert codes(world, OPERATOR, c.AcceptRegistration(registration_id=again.id)) == [
        ("wrong_state", "registration_id")
    ]


def test_a_refused_company_leaves_its_names_free(world: World) -> None:
    company = enrolled(world)
    (registration,) = world.find(Registration)
    early = c.AcceptRegistration(registration_id=registration.id)
    assert codes(world, OPERATOR, early) == [("wrong_state", "registration_id")]
    assert codes(world, OPERATOR, c.RefuseCompany(company_id=company.id, reason=" ")) == [("missing", "reason")]
    world.do(OPERATOR, c.RefuseCompany(company_id=company.id, reason="Unknown to the register."))
    assert world.only(Registration).state is RegistrationState.REFUSED
    assert codes(world, OPERATOR, c.AcceptCompany(company_id=company.id)) == [("wrong_state", "company_id")]
    assert codes(world, "system", enrolment()) == []


@pytest.mark.parametrize(
    ("legal", "country", "same"),
    [
        (replace(LEGAL, name="NORTH-GRID", register_number="hrb1234", vat_number=""), "DE", True),
        (replace(LEGAL, name="Nord", register_number="HRB 2", vat_number="DE 123 456 789"), "AT", True),
        (replace(LEGAL, vat_number=""), "AT", False),
        (replace(LEGAL, name="Another court's", vat_number=""), "DE", False),
        (replace(LEGAL, register_number="HRB 12345", vat_number=""), "DE", False),
    ],
)
def test_a_company_takes_part_once(world: World, legal: LegalData, country: str, same: bool) -> None:
    """Also under a slightly other spelling; who has left may come again."""
    (first,) = accepted(world, legal=LEGAL)
    wish = RegistrationWish(player_role=RDP, account="another")
    address = replace(ADDRESS, country=country)
    other = enrolled(world, legal=legal, address=address, registrations=(wish,))
    accept = c.AcceptCompany(company_id=other.id)
    if same:
        assert codes(world, OPERATOR, accept) == [("duplicate", "company_id")]
        world.do(first.id, c.QuitMarketPlace(reason="Sold."))
    assert codes(world, OPERATOR, accept) == []


def test_only_a_tested_platform_is_certified_and_another_address_is_tested_anew(world: World) -> None:
    (registration,) = accepted(world)
    certify = c.CertifyRegistration(registration_id=registration.id)
    assert codes(world, OPERATOR, certify) == [("wrong_state", "registration_id")]
    platform_tested(world, registration, passed=False)
    assert codes(world, OPERATOR, certify) == [("wrong_state", "registration_id")]
    platform_tested(world, registration)
    assert world.do(OPERATOR, certify).state is RegistrationState.CERTIFIED
    world.do(registration.id, c.SetPlatformAddress(platform_url="https://elsewhere.example"))
    assert world.only(Registration).state is RegistrationState.ACCEPTED
    assert codes(world, OPERATOR, certify) == [("wrong_state", "registration_id")]
    late = c.RecordIntegrationTest(
        registration_id=registration.id, platform_url=registration.platform_url, passed=True
    )
    assert codes(world, "system", late) == [("stale", "platform_url")]
    assert codes(world, registration.id, late) == [("not_permitted", "")]


def test_a_suspended_registration_is_out_at_once(world: World) -> None:
    (registration,) = certified(world)
    suspend = c.SuspendRegistration(registration_id=registration.id, reason="Late answers.")
    assert codes(world, registration.id, suspend) == [("not_permitted", "")]
    world.do(OPERATOR, suspend)
    assert codes(world, registration.id, GERMANY) == [("signed_out", "")]
    assert codes(world, OPERATOR, suspend) == [("wrong_state", "registration_id")]
    world.do(OPERATOR, c.ReinstateRegistration(registration_id=registration.id))
    assert world.only(Registration).state is RegistrationState.ACCEPTED
    assert codes(world, registration.id, GERMANY) == []
    assert codes(world, OPERATOR, c.ReinstateRegistration(registration_id=registration.id)) == [
        ("wrong_state", "registration_id")
    ]


def test_who_quits_is_out_and_may_come_again(world: World) -> None:
    meters, asks = certified(world, roles=(RDP, UDR))
    world.do(meters.id, c.QuitMarketPlace(reason="Sold."))
    assert world.only(Registration, id=meters.id).state is RegistrationState.QUIT
    assert codes(world, meters.id, GERMANY) == [("signed_out", "")]
    assert codes(world, asks.id, c.QuitMarketPlace(reason="a\x00b")) == [("malformed", "reason")]
    again = c.AddRegistration(player_role=RDP, account="again", platform_url="", secret=SECRET)
    assert codes(world, asks.id, again) == []


def test_several_people_sign_in_for_a_registration(world: World) -> None:
    (meters,) = accepted(world)
    (other,) = accepted(world, "South Grid")
    command = c.AddContactPoint(account="bo.lake", secret=SECRET)
    assert codes(world, OPERATOR, command) == [("not_permitted", "")]
    world.do(meters.id, command)
    assert codes(world, other.id, command) == [("duplicate", "account")]
    assert codes(world, other.id, replace(command, account="two words")) == [("malformed", "account")]
    own = world.desk.query(WHO[meters.id], ListAccounts(party_id=meters.id))
    assert {account.name for account in own} == {meters.account, "bo.lake"}
    with world.store.read() as uow:
        assert uow.access.party_of("bo.lake") == meters.id
    for who in (other.id, "fmo", "provider1"):
        with pytest.raises(Refused, match="not_found"):
            world.desk.query(WHO[who], ListAccounts(party_id=meters.id))
    Dispatcher(world.store.dispatch, world.bus.publish).run()
    assert {n.party_id for n in world.find(Notification) if "bo.lake" in n.sentence} == {meters.id}
    for n in range(MOST_CONTACT_POINTS - 2):
        world.do(meters.id, replace(command, account=f"p{n}"))
    assert codes(world, meters.id, replace(command, account="more")) == [("out_of_range", "account")]


def test_contacts_change_and_the_name_does_not(world: World) -> None:
    (registration,) = accepted(world)
    contact = replace(CONTACT, name="Bo Lake")
    company = world.do(registration.id, c.ChangeCompany(contact=contact, address=ADDRESS))
    assert (company.contact.name, company.name) == ("Bo Lake", "North Grid")
    wrong = c.ChangeCompany(contact=replace(contact, email="x"), address=ADDRESS)
    assert codes(world, registration.id, wrong) == [("malformed", "contact.email")]
    assert codes(world, "provider1", c.ChangeCompany(contact=contact, address=ADDRESS)) == [
        ("not_found", "registration_id")
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"countries": ()}, ("missing", "countries")),
        ({"countries": ("DE", "DE")}, ("duplicate", "countries[1]")),
        ({"countries": ("QQ",)}, ("unknown_country", "countries[0]")),
        ({"countries": ("DE",) * 11}, ("out_of_range", "countries")),
        ({"postcodes": (PostcodeArea(country="FR", first="75"),)}, ("out_of_range", "postcodes[0].country")),
        ({"postcodes": (PostcodeArea(country="DE", first="2", last="1"),)}, ("unordered", "postcodes[0].last")),
        ({"postcodes": (PostcodeArea(country="DE", first="1", last="19"),)}, ("unordered", "postcodes[0].last")),
        ({"pod_patterns": ("(a+)+$",)}, ("malformed", "pod_patterns[0]")),
        ({"pod_patterns": ("*",)}, ("malformed", "pod_patterns[0]")),
        ({"pod_patterns": ("?????*",)}, ("out_of_range", "pod_patterns[0]")),
        ({"pod_patterns": ("DE00012345678901*",)}, ("out_of_range", "pod_patterns[0]")),
        ({"pod_patterns": ("DE0001234",)}, ("malformed", "pod_patterns[0]")),
        ({"polygons": (square("10", "95"),)}, ("out_of_range", "polygons[0].corners[0].lat")),
    ],
)
def test_areas_that_are_refused(world: World, changes: dict[str, object], expected: tuple[str, str]) -> None:
    (registration,) = accepted(world)
    command = replace(GERMANY, **{"postcodes": (), "pod_patterns": ()} | changes)  # type: ignore[arg-type]
    assert codes(world, registration.id, command)[0] == expected


def test_requesters_serve_nothing(world: World) -> None:
    (asks,) = accepted(world, roles=(UDR,))
    assert codes(world, asks.id, GERMANY) == [("not_permitted", "")]


def test_the_page_is_the_operators(world: World) -> None:
    page = world.desk.query(WHO["requester1"], q.GetPlacePage())
    assert page.purpose
    texts = dict.fromkeys(PARTS, "One.\nTwo.")
    command = c.EditPlacePage(**texts, addresses=("https://place.example",))
    assert codes(world, "provider1", command) == [("not_permitted", "")]
    world.do(OPERATOR, command)
    world.do(OPERATOR, replace(command, help="Ask."))
    page = world.desk.query(WHO["provider1"], q.GetPlacePage())
    assert (page.help, page.purpose, page.version) == ("Ask.", "One.\nTwo.", 1)
    assert codes(world, OPERATOR, replace(command, help="a\x07b")) == [("malformed", "help")]
    assert codes(world, OPERATOR, replace(command, help="a" * 4001)) == [("out_of_range", "help")]
    assert codes(world, OPERATOR, replace(command, addresses=("http://a.example",))) == [
        ("malformed", "addresses[0]")
    ]


def test_who_sees_whom(world: World) -> None:
    (known,) = certified(world, "Seen")
    (waits,) = accepted(world, "Unseen")
    (asks,) = accepted(world, "Asker", CompanyType.UNREGULATED, (UDR,))

    def sees(who: str) -> set[str]:
        return {row.company_name for row in world.desk.query(WHO[who], q.ListRegistrations())}

    assert sees(OPERATOR) == {"Seen", "Unseen", "Asker"}
    assert sees(asks.id) == {"Seen", "Asker"}
    (row,) = world.desk.query(WHO[asks.id], q.ListRegistrations(player_role=RDP))
    assert (row.registration.account, row.registration.platform_url) == ("", "")
    own = world.desk.query(WHO[waits.id], q.GetOwnCompany())
    assert [row.registration.platform_url for row in own.registrations] == ["https://unseen.example/mpp"]
    with pytest.raises(Refused, match="not_found"):
        world.desk.query(WHO[asks.id], q.GetServedArea(registration_id=waits.id))
    assert world.desk.query(WHO[asks.id], q.GetServedArea(registration_id=known.id)).countries == ()
    with pytest.raises(Refused, match="not_permitted"):
        world.desk.query(WHO[asks.id], q.ListCompanies())
    companies = world.desk.query(WHO[OPERATOR], q.ListCompanies())
    assert {row.company.name for row in companies} == {"Seen", "Unseen", "Asker"}


def test_unknown_ids_are_not_found(world: World) -> None:
    for command in (
        c.AcceptCompany(company_id=CompanyId("CO-0")),
        c.RefuseCompany(company_id=CompanyId("CO-0"), reason="No."),
        c.CertifyRegistration(registration_id=PartyId("MP-0")),
        c.RefuseRegistration(registration_id=PartyId("MP-0"), reason="No."),
        c.SuspendRegistration(registration_id=PartyId("MP-0"), reason="No."),
    ):
        assert codes(world, OPERATOR, command) == [("not_found", "id")]


def test_news_go_to_those_whom_they_concern(world: World) -> None:
    (meters, asks) = certified(world, roles=(RDP, UDR))
    world.do(OPERATOR, c.SuspendRegistration(registration_id=meters.id, reason="Late answers."))
    Dispatcher(world.store.dispatch, world.bus.publish).run()
    told = {(one.party_id, one.event) for one in world.find(Notification)}
    assert (OPERATOR, "CompanyEnrolled") in told
    assert {party for party, event in told if event == "CompanyAccepted"} == {asks.id}
    assert {party for party, event in told if event == "RegistrationSuspended"} == {asks.id, OPERATOR}
    assert acting(world, meters) == meters.id
