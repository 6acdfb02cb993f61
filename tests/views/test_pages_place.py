"""The market place's pages of players and their operator, over the real desk and database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from place_room import HOSTILE, OPERATOR, Seat, beside, column, place_room, placed, provider, seeded_place
from placed import RDP, UDR, USP
from world import World

from app.auth import Auth
from app.desk import Desk
from app.persistence.credentials import Credentials
from app.queries import HANDLERS
from domain.commands import place as c
from domain.errors import Refused
from domain.events.place import PlaceEvent
from domain.marketplace.areas import PostcodeArea, ServedArea
from domain.marketplace.companies import Company, CompanyState
from domain.marketplace.place import PlacePage
from domain.marketplace.registrations import Registration, RegistrationState
from domain.marketplace.words import CompanyType, PlayerRole
from domain.parties import Role
from views import news, news_place
from views.pages import place_own
from views.pages.place_about import AboutPage
from views.pages.place_locating import LocatingPage
from views.pages.place_operator import OperatorPage
from views.pages.place_own import OwnPage
from views.state import place_areas
from views.state.place_locating import read_lines

POD = "DE0001230000000000000000000000017"


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeded_place(tmp_path_factory.mktemp("place"))


@pytest.fixture
def world(seeded: Path, tmp_path: Path) -> Iterator[World]:
    with place_room(seeded, tmp_path) as room:
        yield room


# -- news -----------------------------------------------------------------------------------------------------


def test_every_event_of_the_place_is_told_and_names_somebody_or_is_for_all() -> None:
    for kind in PlaceEvent.__subclasses__():
        event = kind(**{field.name: "X" for field in fields(kind)})
        assert news.topic_of(event) in news_place.TOPICS
        assert kind in news_place.WIDE or news_place.roles_of(event) == {Role.PLACE_OPERATOR}
    subscribed = news_place.e.ServiceSubscribed(subscription_id="S", requester_id="R", provider_id="P")
    assert news.topic_of(subscribed) == news.DEALS
    assert news.audience_of(subscribed) == {"party R", "party P", "role place_operator"}


def test_who_waits_for_the_operator_is_told_to_nobody_else(world: World) -> None:
    seats = {who: Seat(world, who) for who in (OPERATOR, "provider1", "requester1", "fmo", "esp1")}
    placed.enrolled(world)
    assert {who for who, seat in seats.items() if news.PLAYERS in seat.heard} == {OPERATOR}


def test_a_certificate_is_news_for_all_of_the_place_and_for_nobody_of_the_other_market(world: World) -> None:
    (one,) = placed.accepted(world)
    placed.platform_tested(world, one)
    seats = {who: Seat(world, who) for who in (OPERATOR, "provider1", "requester1", "fmo", "esp1")}
    world.do(OPERATOR, c.CertifyRegistration(registration_id=one.id))
    assert {who for who, seat in seats.items() if news.PLAYERS in seat.heard} == {
        OPERATOR,
        "provider1",
        "requester1",
    }


def test_pages_of_a_suspended_registration_are_closed() -> None:
    closed = []
    tell = news.closer(lambda: closed.append(True))
    tell([news_place.e.RegistrationCertified(registration_id="MP-1")])
    assert closed == []
    tell([news_place.e.RegistrationSuspended(registration_id="MP-1")])
    assert closed == [True]


# -- the operator ---------------------------------------------------------------------------------------------


def test_the_operator_takes_a_company_in_and_certifies_its_platform_on_one_page(world: World) -> None:
    page = OperatorPage(Seat(world, OPERATOR).context)
    assert page._none.visible
    company = placed.enrolled(world, HOSTILE, registrations=(_wish("bold"),))
    assert column(page._book, "state") == ["applied"], "it came by itself"
    assert "watch" in page._strip.view.object
    page._on_pick_company(page._book.records[0])
    facts = page.company._facts.view.object
    assert "&lt;b&gt;Bold&lt;/b&gt;" in facts
    assert "<script>" not in facts
    assert not page.access._sign_ins.visible, "nobody signs in for it yet"
    page.company._on_accept(None)
    assert world.only(Company).state is CompanyState.ACCEPTED
    assert page.access._sign_ins.visible
    assert page.access.account.options == ["bold"]
    registration = world.only(Registration, company_id=company.id)
    assert not page.registration.certify.visible, "its platform was not tested"
    placed.platform_tested(world, registration)
    page._on_pick_registration(page._roles.records[0])
    assert page.registration.certify.visible
    page.registration._on_certify(None)
    assert world.only(Registration).state is RegistrationState.CERTIFIED
    assert column(page._roles, "state") == ["certified"]


def test_a_refusal_needs_a_reason_which_is_asked_for_beside_its_field(world: World) -> None:
    placed.enrolled(world)
    page = OperatorPage(Seat(world, OPERATOR).context)
    page._on_pick_company(page._book.records[0])
    page.company._on_refuse(None)
    assert "Write something here." in beside(page.company, "reason")
    page.company.reason.value = "No licence."
    page.company._on_refuse(None)
    assert world.only(Company).reason == "No licence."
    assert beside(page.company, "reason") == ""


def test_a_link_opens_the_company_and_the_registration_that_it_names(world: World) -> None:
    one, _other = placed.accepted(world, "Pool", CompanyType.UNREGULATED, (USP, UDR))
    page = OperatorPage(Seat(world, OPERATOR, company=one.company_id, registration=one.id).context)
    assert page._roles.view.selection == [column(page._roles, "id").index(one.id)]
    assert "Unregulated service provider" in page.registration._facts.view.object


def test_whoever_is_suspended_waits_for_its_reinstatement(world: World) -> None:
    one = provider(world)
    page = OperatorPage(Seat(world, OPERATOR, registration=one.id).context)
    page.registration.reason.value = "Did not answer."
    page.registration._on_suspend(None)
    assert world.only(Registration).state is RegistrationState.CERTIFIED, "it is asked first"
    page._dialog._on_confirm(None)
    assert world.only(Registration).state is RegistrationState.SUSPENDED
    assert page.registration.reinstate.visible
    page.registration._on_reinstate(None)
    assert world.only(Registration).state is RegistrationState.ACCEPTED


# -- a registration's own page --------------------------------------------------------------------------------


def test_a_provider_moves_its_platform_and_is_told_what_is_wrong_at_the_field(world: World) -> None:
    one = provider(world)
    page = OwnPage(Seat(world, one.id).context)
    page.platform.url.value = "ftp://nowhere"
    page.platform._on_save(None)
    assert "http" in beside(page.platform, "platform_url")
    page.platform.url.value = "https://new.north.example/mpp"
    page.platform._on_save(None)
    assert world.only(Registration).platform_url == "https://new.north.example/mpp"
    assert "Accepted" in page._facts.view.object, "it has to be tested anew"


def test_the_set_up_test_is_asked_for_by_the_player_or_the_operator(world: World) -> None:
    (one,) = placed.accepted(world)
    page = OwnPage(Seat(world, one.id).context)
    page.platform._on_test(None)
    assert "Give the key first" in beside(page.platform, "key")
    page.platform.key.value = "fdk_key"
    page.platform._on_enter(None)
    assert page.platform.key.value == "", "it is not kept on the page"
    page.platform._on_test(None)
    assert world.only(Registration).test_asked_at is not None
    assert "Asked for" in page._facts.view.object
    placed.platform_tested(world, one)
    assert "Passed" in page._facts.view.object, "it came by itself"
    operator = OperatorPage(Seat(world, OPERATOR, registration=one.id).context)
    assert operator.registration.test.visible
    operator.registration._on_test(None)
    assert operator.registration.problems.view.object == ""


def test_a_served_area_is_typed_and_comes_back_as_it_was_typed(world: World) -> None:
    (one,) = placed.certified(world)
    page = OwnPage(Seat(world, one.id).context)
    area = page.area
    area.fields["countries"].value = "de, AT"
    area.fields["postcodes"].value = "DE 10115-10999\n\nAT 10*\nDE 28195"
    area.fields["polygons"].value = "13, 52\n14, 52\n14, 53\n\n9, 48\n10, 48\n10, 49"
    area.fields["pod_patterns"].value = "de000123*"
    area._on_save(None)
    stored = world.only(ServedArea)
    assert stored.countries == ("DE", "AT")
    assert stored.postcodes == (
        PostcodeArea(country="DE", first="10115", last="10999"),
        PostcodeArea(country="AT", first="10"),
        PostcodeArea(country="DE", first="28195", last="28195"),
    )
    assert [len(polygon.corners) for polygon in stored.polygons] == [3, 3]
    assert stored.polygons[1].corners[0].lon == Decimal(9)
    assert stored.pod_patterns == ("DE000123*",)
    read = place_areas.read_area(place_areas.area_draft(stored))
    assert read == {name: getattr(stored, name) for name in place_areas.AREA_FIELDS}


def test_bad_lines_of_a_served_area_are_named_by_their_numbers(world: World) -> None:
    (one,) = placed.certified(world)
    page = OwnPage(Seat(world, one.id).context)
    page.area.fields["countries"].value = "DE"
    page.area.fields["postcodes"].value = f"DE 10115\n{HOSTILE}"
    page.area.fields["polygons"].value = "1, 2\nx, y"
    page.area._on_save(None)
    assert "Line 2" in beside(page.area, "postcodes")
    assert "Polygon 1. Line 2" in beside(page.area, "polygons")
    assert world.find(ServedArea) == ()


def test_contact_and_address_are_changed_by_the_company(world: World) -> None:
    one = provider(world)
    page = OwnPage(Seat(world, one.id).context)
    page.contact.fields["email"].value = "nobody"
    page.contact._on_save(None)
    assert "Write an e-mail address" in beside(page.contact, "email")
    page.contact.fields["email"].value = "desk@south.example"
    page.contact.fields["city"].value = HOSTILE
    page.contact._on_save(None)
    assert world.only(Company).contact.email == "desk@south.example"
    assert "<script>" not in page._company.view.object
    assert "desk@south.example" in page._company.view.object


def test_a_requester_has_no_served_area_and_may_leave(world: World) -> None:
    (one,) = placed.accepted(world, "Pool", CompanyType.UNREGULATED, (UDR,))
    page = OwnPage(Seat(world, one.id).context)
    assert page.area is None
    page.leave._on_leave(None)
    page._dialog._on_confirm(None)
    assert "Write something here." in beside(page.leave, "reason")
    page.leave.reason.value = "Out of business."
    page.leave._on_leave(None)
    page._dialog._on_confirm(None)
    assert world.only(Registration).state is RegistrationState.QUIT


def test_another_role_is_registered_for_and_its_password_is_hashed_at_the_desk(world: World) -> None:
    (one,) = placed.accepted(world, "Pool", CompanyType.PUBLIC, (UDR,))
    auth = Auth(
        Credentials(world.store), world.wall, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )
    ahead = dict.fromkeys((c.AddRegistration, c.AddContactPoint), auth.prepared_registration)
    world.desk = Desk(world.store.write, world.store.read, HANDLERS, ahead=ahead)
    page = OwnPage(Seat(world, one.id).context)
    form = page.more
    udp = PlayerRole.UNREGULATED_DATA_PROVIDER
    assert list(form.fields["player_role"].options.values()) == [udp.value], "a public body may add this role only"
    form.fields["account"].value = "pool data"
    form.fields["platform_url"].value = "http://pool.example"
    form.fields["password"].value = "correct horse battery"
    form._on_wish(None)
    assert form.fields["password"].value == "", "the page forgets it"
    assert "no blanks" in beside(form, "account")
    assert "Only https is allowed." in beside(form, "platform_url")
    form.fields["account"].value, form.fields["platform_url"].value = "pool-data", ""
    form.fields["password"].value = "short"
    form._on_wish(None)
    assert "characters" in beside(form, "password")
    assert len(world.find(Registration)) == 1
    form.fields["password"].value = "correct horse battery"
    form._on_wish(None)
    (added,) = world.find(Registration, player_role=udp)
    assert (added.account, added.state, added.company_id) == (
        "pool-data",
        RegistrationState.APPLIED,
        one.company_id,
    )
    assert column(page._roles, "state").count("applied") == 1
    assert form._none.visible, "no role is left"
    assert not form._form.visible
    world.do(OPERATOR, c.AcceptRegistration(registration_id=added.id))
    assert auth.sign_in("pool-data", "correct horse battery", "10.0.0.9").token
    people = page.people
    people.fields["account"].value, people.fields["password"].value = one.account, "correct horse battery"
    people._on_add(None)
    assert people.fields["password"].value == "", "the page forgets it"
    assert "taken" in beside(people, "account")
    people.fields["account"].value, people.fields["password"].value = "bo.lake", "another horse battery"
    people._on_add(None)
    assert f"bo.lake, {one.account}." in people._names.object
    signed_in = auth.principal_of_session(auth.sign_in("bo.lake", "another horse battery", "10.0.0.9").token)
    assert signed_in is not None
    assert signed_in.party_id == one.id


def test_who_is_not_registered_reads_what_to_do(world: World) -> None:
    content = place_own._build(Seat(world, "provider1").context)
    said = " ".join(str(part.object) for part in content.main[0].select() if hasattr(part, "object"))
    assert "You are not registered on the market place." in said


# -- the market place's page ----------------------------------------------------------------------------------


def test_everybody_of_the_place_reads_its_page_and_the_operator_writes_it(world: World) -> None:
    page, reader = AboutPage(Seat(world, OPERATOR).context), AboutPage(Seat(world, "requester1").context)
    assert reader.editor is None
    page.editor.fields["purpose"].value = HOSTILE
    page.editor.fields["addresses"].value = "nowhere"
    page.editor._on_save(None)
    assert "http" in beside(page.editor, "addresses")
    page.editor.fields["addresses"].value = "https://place.example/\n\nhttps://second.example/"
    page.editor._on_save(None)
    assert world.only(PlacePage).addresses == ("https://place.example/", "https://second.example/")
    shown = reader._facts.view.object
    assert "https://second.example/" in shown, "it came by itself"
    assert "&lt;b&gt;Bold" in shown
    assert "<script>" not in shown


# -- localisation ---------------------------------------------------------------------------------------------


def test_each_line_finds_none_one_or_several(world: World) -> None:
    provider(world, "North Grid")
    provider(world, HOSTILE, registrations=(_wish("hostile"),))
    south = provider(world, "South Grid", registrations=(_wish("south"),))
    world.do(south.id, c.SetServedArea(countries=("AT",)))
    page = LocatingPage(Seat(world, "requester1").context)
    assert page._none.visible
    page.list.value = f"{POD}\nFR 75001\nAT 1010\n10.0, 60.0\nDE 28195"
    page._on_find(None)
    assert column(page._book, "outcome") == ["several", "none", "one", "none", "several"]
    assert column(page._providers, "n") == [2, 2, 1]
    assert column(page._providers, "alone") == [0, 0, 1]
    page.which.value = "none"
    assert column(page._book, "n") == [2, 4]
    assert HOSTILE in str(column(page._providers, "name")), "tables show it as text"


def test_the_providers_that_were_found_are_asked_and_no_pod_is_in_the_address(world: World) -> None:
    north = provider(world, "North Grid")
    (asking,) = placed.certified(world, "Pool", CompanyType.UNREGULATED, (UDR,))
    page = LocatingPage(Seat(world, asking.id).context)
    assert not page.ask.visible
    page.list.value = f"{POD}\nFR 75001"
    page._on_find(None)
    assert page.ask.visible
    assert page.ask.href == f"/requester/requests?found={north.id}&environment=regulated"
    page.environment.value = "unregulated"
    assert page.ask.href.endswith("regulated"), "where it looked, not where it will look"
    page._on_find(None)
    assert not page.ask.visible, "nobody was found"


def _wish(account: str) -> Any:
    return placed.RegistrationWish(player_role=RDP, account=account, platform_url=f"https://{account}.example/mpp")


def test_a_csv_is_read_by_its_heading_and_bad_lines_by_their_numbers(world: World) -> None:
    provider(world)
    page = LocatingPage(Seat(world, "requester1").context)
    page.list.value = f"name;pod;country;postcode\nHill;{POD};;\nDale;;de;10115\nVale;;;\nGlen;;DE;<b>"
    page._on_find(None)
    assert "Line 4" in beside(page, "list")
    assert page._answers == ()
    page.list.value = f"name;pod;country;postcode\nHill;{POD};;\nDale;;de;10115\nGlen;;DE;1-"
    page._on_find(None)
    assert "Line 4: A postcode" in beside(page, "list")
    page.list.value = f"name;pod;country;postcode\nHill;{POD};;\nDale;;de;10115"
    page._on_find(None)
    assert column(page._book, "outcome") == ["one", "one"]
    assert column(page._book, "by") == ["PoD pattern", "postcode"]


@pytest.mark.parametrize("text", ["", "\n \n", "DE", "short", "<script>", "20095", "13.4", "1,2,3"])
def test_what_is_neither_pod_nor_place_is_refused_by_line(text: str) -> None:
    if text == "DE":
        assert read_lines(text)[0].place is not None, "a country alone is a place"
        return
    with pytest.raises(Refused) as refused:
        read_lines(text)
    assert refused.value.findings[0].field == "list"
    if text.strip():
        assert text not in refused.value.findings[0].sentence, "it may be somebody's PoD"


def test_a_requesters_list_is_in_no_table(world: World, tmp_path: Path) -> None:
    provider(world)
    page = LocatingPage(Seat(world, "requester1").context)
    page.list.value = POD
    page._on_find(None)
    assert column(page._book, "outcome") == ["one"]
    world.store.backup(tmp_path / "copy.db")
    kept = (tmp_path / "copy.db").read_bytes()
    assert b"DE000123*" in kept, "the provider's pattern is"
    assert POD.encode() not in kept
