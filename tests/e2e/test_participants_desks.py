"""From a stranger to a participant and out again, and a purchase of a BRP, in real browsers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from browsing import IDLE, Served, open_desk, watch
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.browser
PASSWORD = "a long enough secret"
SLOW_MS = 60_000
REFUSED = ("WebSocket", "status of 401", "status of 422")
"""What a browser's console says of a page that was closed, and of a sign-in or a form that was refused."""


@contextmanager
def person(browser: Browser) -> Iterator[Page]:
    """One more person with a browser of its own; nothing may go wrong in it."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(SLOW_MS)
    found = watch(page)
    yield page
    page.context.close()
    assert [one for one in found if not any(word in one for word in REFUSED)] == []


def seen(what: Locator) -> None:
    expect(what).to_be_visible(timeout=SLOW_MS)


def apply(page: Page, served: Served, company: str, account: str) -> None:
    page.goto(f"{served.desks}/login")
    page.get_by_role("link", name="Apply to take part").click()
    page.get_by_label("Company").fill(company)
    page.get_by_label("Contact person").fill("Grace Dale")
    page.get_by_label("E-mail").fill("desk@dale.example")
    page.get_by_label("Role you wish for").select_option("esp")
    page.get_by_label("Sign-in name").fill(account)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Send the application").click()


def sign_in(page: Page, served: Served, account: str) -> None:
    page.goto(f"{served.desks}/login")
    page.get_by_role("textbox", name="Account").fill(account)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_apply_be_accepted_register_an_asset_and_be_suspended(browser: Browser, server: Served) -> None:
    with person(browser) as fmo, person(browser) as dale:
        open_desk(fmo, server, "fmo", "/fmo/participants")
        seen(fmo.get_by_text("Hillside Energy").first)
        apply(dale, server, "Dale <b>Power</b>", "dale")
        seen(dale.get_by_text("Your application is with the market operator."))
        sign_in(dale, server, "dale")
        seen(dale.get_by_text("Account and password do not fit."))

        fmo.get_by_text("Dale <b>Power</b>").first.click()  # it came by itself, and is text
        seen(fmo.get_by_text("Dale <b>Power</b> wishes to take part as ESP."))
        fmo.get_by_role("button", name="Accept").click()
        seen(fmo.get_by_text("takes part and can sign in").first)

        sign_in(dale, server, "dale")
        dale.wait_for_url("**/supply")
        dale.goto(f"{server.desks}/supply/assets")
        dale.wait_for_function(IDLE)
        dale.get_by_label("Name", exact=True).fill("Dale roof")
        dale.get_by_role("button", name="Register", exact=True).click()
        seen(dale.get_by_text("Dale roof").first)

        row = fmo.locator(".tabulator-row", has_text="Dale <b>Power</b>").last
        row.click()
        fmo.get_by_label("Reason of the suspension").fill("Did not pay.")
        fmo.get_by_label("Reason of the suspension").press("Tab")
        fmo.get_by_role("button", name="Suspend", exact=True).click()
        fmo.get_by_role("dialog").get_by_role("button", name="Suspend").click()
        seen(fmo.locator(".tabulator-row", has_text="suspended").first)
        dale.wait_for_url("**/login**")  # its open page was closed, without a click


def test_findings_stand_beside_the_fields_and_what_was_typed_stays(browser: Browser, server: Served) -> None:
    with person(browser) as page:
        page.goto(f"{server.desks}/apply")
        for name, value in {"company": "Dale", "contact": "Grace", "email": "a@b", "account": "dale3"}.items():
            page.locator(f"input[name={name}]").fill(value)
        page.locator("select[name=role]").select_option("brp")
        page.locator("input[name=independent]").check()
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Send the application").click()
        seen(page.get_by_text("Only an aggregator is independent."))
        seen(page.locator("label", has_text="E-mail").get_by_text("Write an e-mail address"))
        expect(page.locator("input[name=company]")).to_have_value("Dale")
        expect(page.locator("input[name=password]")).to_have_value("")


def test_a_purchase_appears_on_the_operators_open_page(browser: Browser, server: Served) -> None:
    session = by_requests(server, "semiurban")
    with person(browser) as fmo, person(browser) as brp:
        open_desk(fmo, server, "fmo", f"/fmo/session?id={session}&tab=book")
        open_desk(brp, server, "brp1", "/brp/requests?day=2016-07-25")
        seen(brp.get_by_role("button", name="Publish the request"))
        brp.get_by_label("Name", exact=True).fill("Balance of BRP One")
        brp.get_by_label("Price cap, EUR/MWh").fill("much")
        brp.get_by_role("button", name="Publish the request").click()
        seen(brp.get_by_text("as a number").first)
        brp.get_by_label("Price cap, EUR/MWh").fill("88.88")
        brp.get_by_label("Price cap, EUR/MWh").press("Tab")
        brp.get_by_role("button", name="Publish the request").click()
        seen(brp.locator(".tabulator-row", has_text="88.88").first)
        seen(fmo.get_by_text(re.compile("88[.]88")).first)


def by_requests(server: Served, region: str) -> str:
    """The region's session of the demo day, cleared by requests from now on."""
    api = f"{server.api}/api/v1"
    body = {"account": "fmo", "password": "demo-fmo"}
    token = httpx.post(f"{api}/token", json=body).json()["access_token"]
    head = {"Authorization": f"Bearer {token}"}
    rows = httpx.get(f"{api}/sessions", params={"region_id": region}, headers=head).json()["items"]
    session: str = next(row["id"] for row in rows if row["delivery_day"] == "2016-07-25")
    rules = {"clearing": "requests", "payment": "nodal", "energy": "ignored"}
    answer = httpx.put(f"{api}/sessions/{session}/rules", json=rules, headers=head)
    assert answer.status_code == 200, answer.text
    return session
