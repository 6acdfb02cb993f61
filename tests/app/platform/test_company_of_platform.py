"""A platform is founded once, has people and customers with one-time passwords, and knows the market place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from platform_world import BUYER, DSO, PlatformWorld, opened_platform, who
from starlette.testclient import TestClient

from app.platform.serving import Serving, asgi_of
from app.queries.models.platform import GetCompany
from domain.commands import CreateApiKey
from domain.commands.platform import AddCustomer, AddStaff, EnterMarketPlace, FoundPlatform, IssueMarketPlaceKey
from domain.errors import Refused
from domain.ids import PartyId
from domain.marketplace.words import PlayerRole
from domain.parties import Party, Principal, Role
from domain.platform.company import MARKET_PLACE, Registration
from domain.transport import Correspondent

FIRST = "first-password-1"


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[tuple[str, str]]:
    return {(finding.code, finding.field) for finding in refused.value.findings}


def test_founding_makes_the_registrations_participants(founded: PlatformWorld) -> None:
    view = founded.platform.desk.query(who(DSO), GetCompany())
    assert (view.name, view.country, view.market_place_url) == ("Rete Sud SpA", "IT", "")
    assert [(each.id, each.player_role) for each in view.registrations] == [
        (BUYER.id, BUYER.player_role),
        (DSO.id, DSO.player_role),
    ]
    with founded.platform.read() as uow:
        roles = {party.id: party.role for party in uow.find(Party)}
    assert roles == {DSO.id: Role.PROVIDER, BUYER.id: Role.REQUESTER, MARKET_PLACE: Role.MARKET_PLACE}


def test_a_platform_is_founded_once(founded: PlatformWorld) -> None:
    with pytest.raises(Refused) as refused:
        founded.platform.execute(FoundPlatform(company="Other", country="FR", registrations=(DSO,)))
    assert codes(refused) == {("wrong_state", "company")}


def test_what_is_wrong_with_a_company_is_told_at_once(tmp_path: Path) -> None:
    role = PlayerRole.REGULATED_DATA_PROVIDER
    bad = (
        Registration(id=PartyId("market-place"), name="", player_role=role),
        Registration(id=PartyId("a b"), name="A", player_role=role),
        Registration(id=PartyId("a b"), name="A\n", player_role=role),
    )
    with opened_platform(tmp_path / "p.db") as world, pytest.raises(Refused) as refused:
        world.platform.execute(FoundPlatform(company=" ", country="it", registrations=bad))
    assert codes(refused) == {
        ("missing", "company"),
        ("malformed", "country"),
        ("not_permitted", "registrations[0].id"),
        ("missing", "registrations[0].name"),
        ("malformed", "registrations[1].id"),
        ("malformed", "registrations[2].id"),
        ("malformed", "registrations[2].name"),
        ("duplicate", "registrations[2].id"),
    }


def test_nobody_but_the_platform_itself_founds_it_or_makes_the_market_places_key(founded: PlatformWorld) -> None:
    for command in (
        FoundPlatform(company="Other", country="FR", registrations=(DSO,)),
        IssueMarketPlaceKey(registration_id=DSO.id),
        EnterMarketPlace(url="https://place.example", secret="fdk_stolen"),
    ):
        with pytest.raises(Refused) as refused:
            founded.do(who(DSO), command)
        assert codes(refused) == {("not_permitted", "")}


def test_the_market_places_key_opens_until_the_registration_has_another(founded: PlatformWorld) -> None:
    first, other = (
        founded.platform.execute(IssueMarketPlaceKey(registration_id=each.id)) for each in (DSO, BUYER)
    )
    caller = founded.platform.auth.caller_of_key(first.secret)
    assert caller is not None
    assert (caller.principal.party_id, caller.principal.role) == (MARKET_PLACE, Role.MARKET_PLACE)
    second = founded.platform.execute(IssueMarketPlaceKey(registration_id=DSO.id))
    opening = [founded.platform.auth.caller_of_key(key.secret) is not None for key in (first, second, other)]
    assert opening == [False, True, True]
    with pytest.raises(Refused):
        founded.platform.auth.sign_in(MARKET_PLACE, "market-place", "10.0.0.1")
    with pytest.raises(Refused) as refused:
        founded.platform.execute(IssueMarketPlaceKey(registration_id=PartyId("other")))
    assert codes(refused) == {("unknown_party", "registration_id")}


def test_the_market_places_address_and_key_are_entered_and_changed(founded: PlatformWorld) -> None:
    for url in ("https://place.example/", "https://other.example"):
        company = founded.platform.execute(EnterMarketPlace(url=url, secret=f"fdk_{len(url)}"))
        assert company.market_place_url == url.rstrip("/")
    with founded.platform.read() as uow:
        known = uow.get(Correspondent, MARKET_PLACE)
        assert (known.url, uow.vault.open(known.sealed_key, MARKET_PLACE)) == ("https://other.example", "fdk_21")
    with pytest.raises(Refused) as refused:
        founded.platform.execute(EnterMarketPlace(url="place.example", secret="two words"))
    assert codes(refused) == {("malformed", "url"), ("malformed", "secret")}


def test_staff_are_added_to_ones_own_registration(founded: PlatformWorld) -> None:
    with pytest.raises(Refused) as refused:
        founded.do(who(DSO), AddStaff(registration_id=BUYER.id, account="rosa", password=FIRST))
    assert codes(refused) == {("not_yours", "registration_id")}
    with pytest.raises(Refused) as refused:
        founded.do(who(DSO), AddStaff(registration_id=MARKET_PLACE, account="rosa", password=FIRST))
    assert codes(refused) == {("unknown_party", "registration_id")}
    founded.do(who(DSO), AddStaff(registration_id=DSO.id, account="rosa", password=FIRST))
    with pytest.raises(Refused) as refused:
        founded.do(who(DSO), AddStaff(registration_id=DSO.id, account="rosa", password=FIRST))
    assert codes(refused) == {("duplicate", "account")}


def test_a_one_time_password_ends(founded: PlatformWorld) -> None:
    founded.do(who(DSO), AddStaff(registration_id=DSO.id, account="rosa", password=FIRST))
    founded.wall.move(hours=73)
    with pytest.raises(Refused) as refused:
        founded.platform.auth.whoever_chooses("rosa", FIRST, "10.0.0.1")
    assert codes(refused) == {("wrong_credentials", "account")}


def test_a_requester_has_no_customers_and_ids_are_not_taken_twice(founded: PlatformWorld) -> None:
    command = AddCustomer(customer_id=PartyId("casa-1"), name="Casa 1")
    with pytest.raises(Refused) as refused:
        founded.do(who(BUYER), command)
    assert codes(refused) == {("not_permitted", "")}
    founded.do(who(DSO), command)
    for taken in ("casa-1", BUYER.id):
        with pytest.raises(Refused) as refused:
            founded.do(who(DSO), AddCustomer(customer_id=PartyId(taken), name="Casa"))
        assert codes(refused) == {("duplicate", "customer_id")}
    with pytest.raises(Refused) as refused:
        founded.do(who(DSO), AddCustomer(customer_id=MARKET_PLACE, name=""))
    assert codes(refused) == {("not_permitted", "customer_id"), ("missing", "name")}


def test_a_customer_sees_nothing_of_the_company(founded: PlatformWorld) -> None:
    founded.do(who(DSO), AddCustomer(customer_id=PartyId("casa-1"), name="Casa 1"))
    customer = Principal(account="casa-1", party_id=PartyId("casa-1"), role=Role.CUSTOMER)
    with pytest.raises(Refused) as refused:
        founded.platform.desk.query(customer, GetCompany())
    assert codes(refused) == {("not_permitted", "")}


@pytest.fixture
def client(founded: PlatformWorld, tmp_path: Path) -> Any:
    how = Serving(secret=b"secret of the tests" * 3, data_dir=tmp_path, plain_answers=True)
    with TestClient(asgi_of(founded.platform, how), raise_server_exceptions=False) as made:
        yield made


def signed_in(client: Any, account: str, password: str) -> dict[str, str]:
    token = client.post("/own/v1/auth/token", json={"account": account, "password": password})
    assert token.status_code == 200, token.text
    return {"Authorization": f"Bearer {token.json()['access_token']}"}


def test_over_rest_a_person_adds_a_customer_who_chooses_a_password(founded: PlatformWorld, client: Any) -> None:
    founded.platform.auth.create_account("rosa", "a-lasting-password", DSO.id, Role.PROVIDER)
    headers = signed_in(client, "rosa", "a-lasting-password")
    assert client.get("/own/v1/company", headers=headers).json()["country"] == "IT"
    body = {"customer_id": "casa-1", "name": "Casa 1", "account": "casa-1"}
    added = client.post("/own/v1/customers", json=body, headers=headers)
    assert added.status_code == 201
    once = added.json()["one_time_password"]
    token = client.post("/own/v1/auth/token", json={"account": "casa-1", "password": once})
    assert (token.status_code, token.json()["code"]) == (403, "must_change")
    change = {"account": "casa-1", "password": once, "new_password": "another-password"}
    assert client.post("/own/v1/auth/password", json=change).status_code == 204
    assert client.post("/own/v1/auth/password", json=change).status_code == 401
    own = signed_in(client, "casa-1", "another-password")
    answer = client.get("/own/v1/company", headers=own)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


def test_over_rest_nothing_opens_without_a_token(client: Any) -> None:
    assert client.get("/own/v1/company").status_code == 401
    assert client.post("/own/v1/staff", json={"registration_id": "dso-it", "account": "eve"}).status_code == 401
    assert client.get("/own/v1/health").json()["status"] == "ok"
    assert client.get("/own/v1/nothing").status_code == 404


def test_a_key_looks_but_makes_no_people(founded: PlatformWorld, client: Any) -> None:
    founded.platform.auth.create_account("rosa", "a-lasting-password", DSO.id, Role.PROVIDER)
    principal = Principal(account="rosa", party_id=DSO.id, role=Role.PROVIDER)
    from domain.parties import Scope

    key = founded.do(principal, CreateApiKey(name="programs", scopes=(Scope.READ,)))
    headers = {"X-API-Key": key.secret}
    assert client.get("/own/v1/company", headers=headers).status_code == 200
    body = {"registration_id": DSO.id, "account": "eve"}
    answer = client.post("/own/v1/staff", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_problems_lead_to_what_their_codes_mean(client: TestClient) -> None:
    """On a platform that runs for itself, too."""
    problem = client.get("/own/v1/company").json()
    page, _, code = problem["type"].partition("#")
    told = client.get(page)
    assert (told.status_code, told.headers["content-type"]) == (200, "text/markdown; charset=utf-8")
    assert f"### {code}" in told.text
