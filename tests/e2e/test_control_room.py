"""The DSO's operator at work: answers alarms, plays the day, takes a line out, asks what if, publishes."""

from __future__ import annotations

import re

import httpx
import pytest
from browsing import IDLE, Served, open_desk, watch
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

STEP = "() => Bokeh.documents[0].get_model_by_name('fd-step').step"
PATIENT_MS = 60_000
WITHIN_A_SECOND_MS = 1_000


def api(served: Served, account: str) -> httpx.Client:
    base = f"{served.api}/api/v1"
    body = {"account": account, "password": f"demo-{account}"}
    token = httpx.post(f"{base}/token", json=body).json()["access_token"]
    return httpx.Client(base_url=base, headers={"Authorization": f"Bearer {token}"})


def alarms(served: Served, state: str) -> list[dict]:
    with api(served, "dso1") as client:
        rows = client.get("/alarms", params={"region_id": "rural"}).json()["items"]
    return [row for row in rows if row["state"] == state]


def test_an_alarm_is_acknowledged_and_another_put_aside_with_its_reason(clean: Page, server: Served) -> None:
    open_desk(clean, server, "dso1")
    before = len(alarms(server, "raised"))
    clean.get_by_role("button", name="Acknowledge", exact=True).click()
    expect(clean.get_by_text("The alarm is acknowledged.")).to_be_visible()
    clean.get_by_role("button", name="Shelve…").click()
    clean.get_by_label("Reason").fill("Planned work <img src=x onerror=alert(1)>")
    clean.get_by_role("button", name="Shelve alarm").click()
    expect(clean.get_by_text("The alarm is put aside.")).to_be_visible()
    expect(clean.get_by_text("Put this alarm aside?")).to_be_hidden()
    (aside,) = alarms(server, "shelved")
    assert (aside["shelved_by"], aside["shelve_reason"][:12]) == ("dso1", "Planned work")
    assert [row["acknowledged_by"] for row in alarms(server, "acknowledged")] == ["dso1"]
    assert len(alarms(server, "raised")) == before - 2


def test_what_one_page_answers_shows_on_another_within_a_second(
    browser: Browser, clean: Page, server: Served
) -> None:
    open_desk(clean, server, "dso1")
    waiting = alarms(server, "raised")
    label = clean.get_by_role("button", name=re.compile(r"Acknowledge feeder \(\d+\)"))
    alike = int(re.search(r"\d+", label.inner_text()).group())  # type: ignore[union-attr]
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    other = context.new_page()
    found = watch(other)
    open_desk(other, server, "dso1")
    other.wait_for_timeout(2_000)  # past the book's own second look at a young page
    label.click()
    gone = f"Acknowledge feeder ({alike})"
    expect(clean.get_by_text(re.compile("alarms? (is|are) acknowledged"))).to_be_visible()
    expect(other.get_by_role("button", name=gone)).to_have_count(0, timeout=WITHIN_A_SECOND_MS * 3)
    assert len(alarms(server, "raised")) == len(waiting) - alike
    assert found == []
    context.close()


def test_the_day_plays_in_the_browser_and_space_stops_it(clean: Page, server: Served) -> None:
    open_desk(clean, server, "dso1", "/dso?step=10")
    assert clean.evaluate(STEP) == 10
    clean.get_by_role("button", name="Play").click()
    clean.wait_for_function(f"() => ({STEP})() >= 14")
    expect(clean.get_by_role("button", name="Stop")).to_be_visible()
    clean.evaluate("document.activeElement && document.activeElement.blur()")
    clean.keyboard.press("Space")
    expect(clean.get_by_role("button", name="Play")).to_be_visible()
    stands = clean.evaluate(STEP)
    clean.wait_for_timeout(700)
    assert clean.evaluate(STEP) == stands
    clean.wait_for_url(f"**step={stands}**")


def test_layers_are_drawn_and_the_contour_follows_the_time(clean: Page, server: Served) -> None:
    open_desk(clean, server, "dso1", "/dso?step=10&layer=voltage")
    field = """() => {
      const source = Bokeh.documents[0].get_model_by_name("fd-contour")
      const image = source.data.image[0]
      return image ? Array.from(image).filter(Number.isFinite).reduce((a, b) => a + b, 0) : 0
    }"""
    assert clean.evaluate(field) == 0
    clean.get_by_label("Voltage contour").click()
    clean.wait_for_function(f"() => ({field})() > 0")
    early = clean.evaluate(field)
    clean.keyboard.press("Escape")
    clean.evaluate("() => { Bokeh.documents[0].get_model_by_name('fd-step').step = 50 }")
    assert clean.evaluate(field) != early
    clean.wait_for_url("**contour=True**")


def test_a_line_is_taken_out_and_the_map_shows_the_day_without_it(clean: Page, server: Served) -> None:
    open_desk(clean, server, "dso1", "/dso?element=branch:MV1.101 Line 10&layer=loading")
    clean.get_by_role("tab", name="N-1").click()
    clean.get_by_role("button", name="Take it out").click()
    expect(clean.get_by_text(re.compile(r"Without MV1\.101 Line 10: 2 buses lose supply"))).to_be_visible(
        timeout=PATIENT_MS
    )
    clean.get_by_role("button", name="N-1", exact=True).click()
    dark = """() => {
      const {vm, name} = Bokeh.documents[0].get_model_by_name("fd-buses").data
      return Array.from(vm).filter((v) => Number.isNaN(v)).length
    }"""
    clean.wait_for_function(f"() => ({dark})() === 2")
    clean.wait_for_url("**outage=WI-**")


def test_what_if_a_generator_feeds_in_more_and_its_needs_become_drafts(clean: Page, server: Served) -> None:
    open_desk(clean, server, "dso1", "/dso/what-if")
    clean.get_by_role("button", name="What if?").click()
    expect(clean.get_by_text("Change something: a line, a unit, an offer.")).to_be_visible()
    unit = clean.get_by_label("Load, generator or storage")
    unit.fill("MV1.101 MV SGen 4")
    clean.get_by_role("option").first.click()
    clean.get_by_role("button", name="Add this change").click()
    expect(clean.get_by_text(re.compile("SGen 4.* at 150 %, 10:00–15:00")).first).to_be_visible()
    clean.get_by_role("button", name="What if?").click()
    expect(clean.get_by_text(re.compile(r"needs? (get worse|gets worse|appear)")).first).to_be_visible(
        timeout=PATIENT_MS
    )
    link = clean.url
    assert "what_if=WI-" in link
    clean.goto(link)
    clean.wait_for_function(IDLE)
    expect(clean.get_by_text("Needs before and after")).to_be_visible()
    clean.get_by_role("link", name="Make this a request").or_(
        clean.get_by_role("button", name="Make this a request")
    ).first.click()
    clean.wait_for_url("**/dso/requests**what_if=WI-**")
    expect(clean.get_by_text("Carried over from a what-if")).to_be_visible()


def test_needs_are_priced_and_published_in_three_clicks(clean: Page, server: Served) -> None:
    open_desk(clean, server, "dso1")
    clean.get_by_role("link", name="Turn needs into requests").or_(
        clean.get_by_role("button", name="Turn needs into requests")
    ).first.click()
    clean.wait_for_url("**/dso/requests**")
    clean.wait_for_function(IDLE)
    clean.get_by_role("button", name="Accept suggested caps").click()
    expect(clean.get_by_text("The suggested caps are in the table.")).to_be_visible()
    publish = clean.get_by_role("button", name=re.compile(r"Publish \d+ requests?"))
    n = int(re.search(r"\d+", publish.inner_text()).group())  # type: ignore[union-attr]
    publish.click()
    expect(clean.get_by_role("button", name="Nothing to publish")).to_be_disabled()
    with api(server, "dso1") as client:
        rows = client.get("/requests", params={"region_id": "rural"}).json()["items"]
    assert len(rows) == n
    assert "200" not in {row["price_cap_eur_per_mwh"] for row in rows if row["commodity"] == "P"}
