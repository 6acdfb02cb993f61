"""A DSO limits an asset and its owner sees it; the TSO looks at locations."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from browsing import Served, open_desk, watch
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def others(browser: Browser, browser_context_args: dict) -> Iterator[Page]:
    """A page of somebody else, as clean as the first."""
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    found = watch(page)
    yield page
    context.close()
    assert found == []


def rest(server: Served, account: str) -> httpx.Client:
    base = f"{server.api}/api/v1"
    given = {"account": account, "password": f"demo-{account}"}
    token = httpx.post(f"{base}/token", json=given).json()["access_token"]
    return httpx.Client(base_url=base, headers={"Authorization": f"Bearer {token}"})


def test_a_conditional_confirmation_reaches_the_owner(clean: Page, others: Page, server: Served) -> None:
    with rest(server, "dso1") as api:
        stores = [row for row in api.get("/assets").json()["items"] if row["kind"] == "storage"]
    owner, name = stores[0]["owner_id"], stores[0]["name"]
    open_desk(others, server, owner, "/notifications")
    open_desk(clean, server, "dso1", "/dso/assets?kind=storage")
    clean.get_by_role("gridcell", name=name, exact=True).click()
    limit = clean.get_by_role("button", name="Confirm conditionally")
    limit.click()
    expect(clean.get_by_text("Limit at least one direction")).to_be_visible()
    clean.get_by_label("At most up, MW").fill("0.02")
    clean.get_by_label("Reason of a refusal or condition").fill("Weak line.")
    limit.click()
    expect(clean.get_by_text(f"{name}: conditionally confirmed, at most 0.02 MW up")).to_be_visible()
    told = f"confirmed {name} conditionally, at most 0.02 MW up: Weak line."
    expect(others.get_by_text(told).first).to_be_visible()
    with rest(server, owner) as api:
        (own,) = [row for row in api.get("/assets").json()["items"] if row["id"] == stores[0]["id"]]
    assert own["condition"]["most_up_mw"] == "0.02"
