"""From an offer to a subscription on the desks of a provider and a requester, in real browsers side by side."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from browsing import IDLE, watch
from playwright.sync_api import Browser, Locator, Page, expect

sys.path.insert(0, str(Path(__file__).parents[1] / "views"))

from place_room import HOSTILE, place_room, placed, seeded_place
from placed import UDR
from serving import serving
from world import WHO, World

from domain.marketplace.requests import Subscription, SubscriptionState
from domain.marketplace.words import CompanyType
from domain.parties import Principal

pytestmark = pytest.mark.browser
SLOW_MS = 60_000


@dataclass
class Doors:
    """Everyone's password is their name."""

    people: dict[str, Principal]
    open: dict[str, Principal] = field(default_factory=dict)

    def sign_in(self, account: str, password: str, _remote_ip: str, _agent: str) -> Any:
        assert password == account
        self.open[f"token-{account}"] = self.people[account]
        return SimpleNamespace(token=f"token-{account}", expires_at=datetime.now(UTC) + timedelta(hours=1))

    def principal_of_session(self, token: str, *, active: bool = False) -> Principal | None:
        return self.open.get(token)

    def sign_out(self, token: str) -> None:
        self.open.pop(token, None)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[World, str]]:
    """A certified provider and a certified requester, with nothing between them yet."""
    with place_room(seeded_place(tmp_path), tmp_path) as world:
        (meters,) = placed.certified(world)
        (pool,) = placed.certified(world, "Pool", CompanyType.UNREGULATED, (UDR,))
        people = {"meters": WHO[meters.id], "pool": WHO[pool.id]}
        with serving(world.desk, Doors(people), bus=world.bus) as url:
            yield world, url


@contextmanager
def person(browser: Browser, url: str, account: str, path: str) -> Iterator[Page]:
    """Somebody with a browser of their own, signed in; nothing may go wrong in it."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(SLOW_MS)
    found = watch(page)
    page.goto(f"{url}/login?next={path}")
    page.get_by_role("textbox", name="Account").fill(account)
    page.get_by_label("Password").fill(account)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{path}")
    page.wait_for_function(IDLE)
    yield page
    assert not page.evaluate("window.__ran"), "a text was run"
    page.context.close()
    assert found == []


def seen(what: Locator) -> None:
    expect(what).to_be_visible(timeout=SLOW_MS)


def goto(page: Page, url: str, path: str) -> None:
    page.goto(f"{url}{path}")
    page.wait_for_function(IDLE)


def row(page: Page, words: str) -> Locator:
    return page.locator(".tabulator-row", has_text=words).first


def fill(page: Page, label: str, value: str) -> None:
    page.get_by_label(label).first.fill(value)
    page.get_by_label(label).first.press("Tab")


def test_an_offer_is_published_found_asked_for_answered_and_subscribed_to(
    browser: Browser, served: tuple[World, str]
) -> None:
    world, url = served
    with person(browser, url, "meters", "/provider") as meters, person(browser, url, "pool", "/requester") as pool:
        meters.get_by_role("button", name="Publish").click()
        seen(meters.get_by_text("Write something here.").first)
        fill(meters, "Title", HOSTILE)
        fill(meters, "Short description", "Quarter-hourly consumption")
        fill(meters, "Price, EUR a month", "25")
        meters.get_by_role("button", name="Publish").click()
        seen(row(meters, "Bold"))

        row(pool, "Bold").click()  # it came by itself
        pool.get_by_role("link", name="Ask for it").click()
        pool.wait_for_url("**/requester/requests?**")
        pool.wait_for_function(IDLE)
        fill(pool, "What the data are for", "A forecast.")
        pool.get_by_role("button", name="Publish the request").click()
        seen(row(pool, "North Grid"))
        pool.get_by_role("button", name="Ask for terms").click()
        seen(pool.get_by_text("It is asked already").first)

        goto(meters, url, "/place/proposals")
        row(meters, "Pool").click()
        meters.get_by_label("My company accepts the general agreement").check()
        fill(meters, "Price, EUR a month", "31")
        meters.get_by_role("button", name="Offer these terms").click()
        seen(row(meters, "offered"))

        goto(pool, url, "/place/proposals")
        goto(meters, url, "/place/subscriptions")
        row(pool, "North Grid").click()
        seen(pool.get_by_text("31.00 EUR a month").first)
        pool.get_by_label("My company accepts the general agreement").check()
        pool.get_by_role("button", name="Accept and subscribe").click()
        seen(row(pool, "accepted"))
        seen(row(meters, "active"))
        goto(pool, url, "/place/subscriptions")
        seen(row(pool, "active"))
    subscription = world.only(Subscription)
    assert subscription.state is SubscriptionState.ACTIVE
    assert subscription.content.terms.price_eur == 31
