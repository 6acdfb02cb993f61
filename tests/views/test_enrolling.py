"""The public page on which companies enrol on the EU Market Place, over HTTP and into a database."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from place_room import HOSTILE, OPERATOR, place_room, seeded_place
from serving import serving
from world import World

from app.applying import PER_ADDRESS, Applying
from app.auth import Auth
from app.persistence.credentials import Credentials
from domain.commands.place import AcceptCompany, EditPlacePage
from domain.marketplace.companies import Company
from domain.marketplace.place import PARTS
from domain.marketplace.registrations import Registration
from domain.marketplace.words import CompanyType, PlayerRole
from domain.parties import SYSTEM

FORM = {
    "name": "North Grid",
    "legal_form": "GmbH",
    "register_number": "HRB 1234",
    "vat_number": "",
    "company_type": CompanyType.UNREGULATED.value,
    "contact": "Ada Hill",
    "email": "desk@north.example",
    "phone": "",
    "street": "Main street 1",
    "postcode": "ab10 1",
    "city": "Berlin",
    "country": "de",
    "plays_1": "yes",
    "account_1": "north-data",
    "url_1": "https://north.example/mpp",
    "plays_3": "yes",
    "account_3": "north-asks",
    "password": "correct horse battery",
}


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeded_place(tmp_path_factory.mktemp("place"))


@pytest.fixture
def room(seeded: Path, tmp_path: Path) -> Iterator[tuple[World, Auth, str]]:
    with place_room(Path(shutil.copy(seeded, tmp_path / "seeded.db")), tmp_path) as world:
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        auth = Auth(Credentials(world.store), world.wall, hasher=hasher)
        door = Applying(lambda command: world.desk.execute(SYSTEM, command), auth, world.wall)
        with serving(world.desk, auth, applying=door) as url:
            yield world, auth, url


def send(url: str, xsrf: bool = True, **changes: str) -> httpx.Response:
    with httpx.Client(base_url=url, timeout=30) as http:
        assert 'name="register_number"' in http.get("/enrol").text
        token = {"_xsrf": http.cookies["_xsrf"]} if xsrf else {}
        return http.post("/enrol", data={**FORM, **changes, **token})


def said(page: str, field: str) -> list[str]:
    """What stands beside a field."""
    return re.findall(rf'id="problem-{field}-[0-9]+" role="alert">▲ ([^<]*)<', page)


def test_a_company_enrols_from_the_sign_in_page_and_signs_in_when_accepted(room: Any) -> None:
    world, auth, url = room
    assert 'href="/enrol"' in httpx.get(f"{url}/login").text
    answer = send(url)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/enrol?received")
    assert "is with the operator" in httpx.get(f"{url}/enrol?received").text
    company = world.only(Company)
    assert (company.name, company.address.postcode, company.address.country) == ("North Grid", "AB10 1", "DE")
    wished = {(one.player_role, one.account, one.platform_url) for one in world.find(Registration)}
    assert wished == {
        (PlayerRole.UNREGULATED_DATA_PROVIDER, "north-data", "https://north.example/mpp"),
        (PlayerRole.UNREGULATED_DATA_REQUESTER, "north-asks", ""),
    }
    world.do(OPERATOR, AcceptCompany(company_id=company.id))
    for account in ("north-data", "north-asks"):
        assert auth.sign_in(account, FORM["password"], "10.0.0.9").token


def test_whoever_has_not_enrolled_reads_what_the_market_place_says_of_itself(room: Any) -> None:
    world, _, url = room
    texts = dict.fromkeys(PARTS, "As usual.") | {"usage_condition": HOSTILE}
    world.do(OPERATOR, EditPlacePage(**texts, addresses=("https://place.example",)))
    page = httpx.get(f"{url}/enrol").text
    assert "<h2>Usage conditions</h2>" in page
    assert "https://place.example" in page
    assert "&lt;script&gt;" in page
    assert HOSTILE not in page


def test_findings_stand_beside_their_fields_and_what_was_typed_is_kept_but_the_password(room: Any) -> None:
    world, _, url = room
    answer = send(
        url,
        register_number=" ",
        email="nobody",
        country="ZZ",
        company_type=CompanyType.REGULATED.value,
        account_3="with blanks",
        url_1="http://elsewhere.example",
        password="short",
    )
    page = answer.text
    assert answer.status_code == 422
    assert said(page, "register_number") == ["Write something here."]
    assert "e-mail" in said(page, "email")[0]
    assert said(page, "country")
    assert "energy regulated player" in said(page, "plays_1")[0], "no role of this type of company"
    assert said(page, "plays_3") == []
    assert said(page, "account_3")
    assert said(page, "url_1") == ["Only https is allowed."]
    assert said(page, "password")
    assert 'value="with blanks"' in page
    assert 'value="short"' not in page
    assert page.count("checked") == 2
    assert not world.find(Company)


def test_roles_have_to_be_chosen_and_their_names_to_be_free(room: Any) -> None:
    world, _, url = room
    none = send(url, plays_1="", account_1="", url_1="", plays_3="", account_3="").text
    assert said(none, "roles") == ["A company registers in 1 to 4 roles."]
    assert "Tick this role" in said(send(url, plays_3="").text, "plays_3")[0]
    assert said(send(url, company_type="a bakery").text, "company_type")
    assert not world.find(Company)
    assert send(url).status_code == 302
    again = send(url, account_1="north-other")
    assert (again.status_code, said(again.text, "account_1")) == (422, [])
    assert said(again.text, "account_3"), "the second name is taken"


def test_hostile_text_is_shown_as_text(room: Any) -> None:
    world, _, url = room
    changes = dict.fromkeys(("name", "city", "street", "contact", "legal_form", "url_1", "account_1"), HOSTILE)
    page = send(url, **changes, password="short").text
    assert "<script>window" not in page
    assert "&lt;script&gt;" in page
    quoted = send(url, name='" autofocus onfocus="alert(1)', password="short").text
    assert 'onfocus="alert' not in quoted
    assert said(send(url, name="\u202eevil").text, "name") == [
        "Control characters and line breaks are not allowed."
    ]
    assert said(send(url, name="x" * 500).text, "name") == ["81 characters; at most 80 are allowed."]
    assert not world.find(Company)


def test_it_needs_the_forms_token_and_is_throttled(room: Any) -> None:
    world, _, url = room
    assert send(url, xsrf=False).status_code == 403
    for index in range(PER_ADDRESS.attempts):
        changes = {"account_1": f"data-{index}", "account_3": f"asks-{index}"}
        assert send(url, **changes).status_code == 302
    answer = send(url, account_1="data-x", account_3="asks-x")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert len(world.find(Company)) == PER_ADDRESS.attempts
