"""The market operator's day in a browser: plan, close the gate, see prices, try other rules, look at health."""

from __future__ import annotations

import re

import pytest
from browsing import IDLE, Served, open_desk
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

WITHIN_MS = 30_000
CLEARED_MS = 240_000


def test_a_session_is_planned_after_what_was_wrong_is_said(clean: Page, server: Served) -> None:
    open_desk(clean, server, "fmo", "/fmo")
    clean.get_by_role("button", name="Plan a session").click()
    opens = clean.get_by_label(re.compile(r"^Opens"))
    opens.fill("tomorrow")
    clean.get_by_role("button", name="Plan the session").click()
    expect(clean.get_by_text("Write a date and a time such as 2016-07-24 10:00.")).to_be_visible(timeout=WITHIN_MS)
    opens.fill("2016-07-24 09:00")
    clean.get_by_role("button", name="Plan the session").dblclick()
    expect(clean.get_by_text("The session is planned, and the participants are told.").first).to_be_visible(
        timeout=WITHIN_MS
    )
    expect(clean.get_by_role("button", name="Plan the session")).to_be_hidden(timeout=WITHIN_MS)


def test_gate_prices_and_comparison(clean: Page, server: Served) -> None:
    open_desk(clean, server, "fmo", "/fmo/session")
    clean.get_by_role("button", name="By cost of relief").click()
    expect(clean.get_by_text("Price divided by the effect on the limit.")).to_be_visible(timeout=WITHIN_MS)
    clean.get_by_role("button", name="Close the gate now").click()
    dialog = clean.get_by_role("dialog").filter(has_text="Close the gate now?")
    dialog.get_by_role("button", name="Close the gate now").click()
    expect(clean.get_by_text(re.compile("(Waiting|Running): Clearing")).first).to_be_visible(timeout=WITHIN_MS)
    expect(clean.locator("li[aria-current=step] .label")).to_have_text("Cleared", timeout=CLEARED_MS)

    clean.goto(server.desks + "/fmo/prices")
    clean.wait_for_function(IDLE)
    expect(clean.get_by_text("Dearest buses and when")).to_be_visible(timeout=WITHIN_MS)
    clean.get_by_role("button", name="Voltage", exact=True).click()
    clean.wait_for_url(re.compile("part=voltage"), timeout=WITHIN_MS)
    clean.get_by_role("button", name="Reactive", exact=True).click()
    clean.wait_for_url(re.compile("commodity=q"), timeout=WITHIN_MS)

    clean.goto(server.desks + "/fmo/compare")
    clean.wait_for_function(IDLE)
    clean.get_by_role("button", name="Try these rules").click()
    expect(clean.get_by_role("combobox", name="Right")).to_contain_text("try, network", timeout=CLEARED_MS)
    expect(clean.get_by_text("Cost to the DSO").first).to_be_visible(timeout=WITHIN_MS)
    expect(clean.get_by_text("Both maps move with one time.")).to_be_visible(timeout=WITHIN_MS)


def test_health_is_looked_at_and_somebody_answers(clean: Page, server: Served) -> None:
    open_desk(clean, server, "fmo", "/fmo/health")
    expect(clean.get_by_text("Beating").first).to_be_visible(timeout=WITHIN_MS)
    clean.get_by_role("button", name="Verify the audit trail").click()
    expect(clean.get_by_text(re.compile(r"All [\d,]+ rows hold"))).to_be_visible(timeout=WITHIN_MS)
    clean.get_by_label(re.compile("^Note")).fill("Night shift")
    clean.get_by_role("button", name="Assign").click()
    expect(clean.get_by_text("It is noted, and the participant is told.").first).to_be_visible(timeout=WITHIN_MS)
