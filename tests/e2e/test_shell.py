"""The shell and the presenter's panel as people use them: keys, search, jobs, theme, account, lost connection."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from browsing import IDLE, Served, open_desk, watch
from conftest import CHROMIUM, ROOT
from playwright.sync_api import Browser, Page, Playwright, WebSocketRoute, expect

from app.free_ports import free_port

SLOW_MS = 90_000
expect.set_options(timeout=15_000)


# A table is emptied, begins to be built, and gets its rows before it is built; the server hears nothing of it.
BUILT_EMPTY = """() => {
  const below = (view) => [view, ...(view.child_views || []).flatMap(below)]
  const table = Bokeh.index.roots.flatMap(below).find((view) => view.tabulator && view.model.source.length > 1)
  const {source} = table.model
  const rows = source.data
  source.setv({data: Object.fromEntries(Object.keys(rows).map((name) => [name, []]))}, {sync: false})
  table.render()
  source.setv({data: rows}, {sync: false})
  window.built = table
}"""
HAS_ROWS = "() => built.shadow_el.querySelectorAll('.tabulator-row').length > 1"


def focused(page: Page) -> str:
    """What has the focus, through shadow roots."""
    return page.evaluate(
        "() => { let e = document.activeElement; while (e && e.shadowRoot && e.shadowRoot.activeElement)"
        " e = e.shadowRoot.activeElement; return e ? (e.getAttribute('aria-label') || e.textContent) : '' }"
    )


def test_search_by_keyboard_opens_the_element_chosen(clean: Page, server: Served) -> None:
    open_desk(clean, server, "dso1")
    clean.keyboard.press("/")
    field = clean.get_by_role("combobox", name="Search")
    expect(field).to_be_focused()
    clean.keyboard.type("bus 15")
    options = clean.get_by_role("listbox", name="Found").get_by_role("option")
    expect(options.first).to_contain_text("MV1.101 Bus 15")
    clean.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    clean.keyboard.press("ArrowUp")
    clean.keyboard.press("Enter")
    clean.wait_for_url(re.compile(r"/dso\?.*element=MV1\.101\+Bus\+15"))
    clean.wait_for_function(IDLE)
    clean.keyboard.press("/")
    clean.keyboard.type("FO-")
    expect(clean.get_by_text("Nothing that you may see has")).to_be_visible()
    clean.keyboard.press("Escape")
    expect(field).not_to_be_visible()


def test_a_table_takes_rows_that_come_while_it_is_being_built(clean: Page, server: Served) -> None:
    open_desk(clean, server, "esp1")
    clean.evaluate(BUILT_EMPTY)
    clean.wait_for_function(HAS_ROWS)


def test_the_components_are_loaded_once_and_before_the_page_is_there(clean: Page, server: Served) -> None:
    open_desk(clean, server, "esp1")
    clean.goto(server.desks + "/wholesale")  # its head is learned
    clean.wait_for_function(IDLE)
    loaded: list[str] = []
    clean.on(
        "request",
        lambda request: loaded.append(request.url) if "panel-material-ui.bundle.js" in request.url else None,
    )
    clean.on("websocket", lambda _socket: loaded.append("page"))
    clean.goto(server.desks + "/wholesale")
    clean.wait_for_function(IDLE)
    assert [url == "page" for url in loaded] == [False, True], loaded


def test_pages_are_found_and_reached_and_the_keys_are_listed(clean: Page, server: Served) -> None:
    open_desk(clean, server, "esp1")
    clean.keyboard.press("?")
    expect(clean.get_by_role("dialog", name="Keys")).to_be_visible()
    clean.keyboard.press("Escape")
    clean.keyboard.press("/")
    clean.keyboard.type("wholes")
    clean.keyboard.press("Enter")
    clean.wait_for_url(re.compile("/wholesale"))
    clean.wait_for_function(IDLE)
    expect(clean.get_by_text("no published result at a bus of yours").first).to_be_visible()
    expect(clean.get_by_role("link", name="Wholesale")).to_have_attribute("aria-current", "page")


def test_theme_and_account_by_keyboard(clean: Page, server: Served) -> None:
    open_desk(clean, server, "fmo", "/wholesale")
    account = clean.locator("details.account > summary")
    account.focus()
    clean.keyboard.press("Enter")
    expect(clean.get_by_text("Signed in as fmo")).to_be_visible()
    clean.keyboard.press("Escape")
    expect(clean.get_by_text("Signed in as fmo")).not_to_be_visible()
    assert focused(clean).startswith("Account: Flexibility market operator")
    before = clean.locator("html").get_attribute("data-fd-theme")
    clean.get_by_role("button", name=re.compile("theme", re.IGNORECASE)).click()
    expect(clean.locator("html")).not_to_have_attribute("data-fd-theme", before or "")
    after = clean.locator("html").get_attribute("data-fd-theme") or ""
    clean.reload()
    clean.wait_for_function(IDLE)
    expect(clean.locator("html")).to_have_attribute("data-fd-theme", after)
    account.focus()
    clean.keyboard.press("Enter")
    clean.keyboard.press("Tab")
    assert focused(clean) == "Account and API keys"
    clean.keyboard.press("Tab")
    assert focused(clean) == "Sign out"
    clean.keyboard.press("Enter")
    expect(clean).to_have_url(re.compile("/login"))


@pytest.mark.parametrize("width", [1440, 1920])
def test_nine_links_fit_or_are_under_more(clean: Page, server: Served, width: int) -> None:
    clean.set_viewport_size({"width": width, "height": 900})
    open_desk(clean, server, "fmo", "/guide")
    assert clean.evaluate("document.documentElement.scrollWidth") <= width
    links = clean.locator("nav.nav a")
    assert links.count() >= 6
    if clean.locator("summary.more").is_visible():
        clean.locator("summary.more").focus()
        clean.keyboard.press("Enter")
    for link in links.all():
        expect(link).to_be_visible()
        box = link.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width


def test_the_menu_of_other_pages_has_room_whatever_it_is_called(clean: Page, server: Served) -> None:
    open_desk(clean, server, "fmo", "/fmo/participants")
    nav, more = clean.locator("nav.nav"), clean.locator("summary.more")
    named = 0
    for width in range(1280, 1100, -24):
        clean.set_viewport_size({"width": width, "height": 900})
        clean.reload()
        expect(more).to_be_visible()
        named += more.inner_text().startswith("Participants")
        nav_box, more_box = nav.bounding_box(), more.bounding_box()
        assert nav_box is not None
        assert more_box is not None
        assert more_box["x"] + more_box["width"] <= nav_box["x"] + nav_box["width"] + 1, width
    assert named


def test_a_lost_connection_is_said_at_once_and_mended(page: Page, server: Served) -> None:
    sockets: list[WebSocketRoute] = []
    faults: list[str] = []

    def through(route: WebSocketRoute) -> None:
        route.connect_to_server()
        sockets.append(route)

    page.route_web_socket(re.compile("/ws"), through)
    page.on("pageerror", lambda error: faults.append(str(error)))
    open_desk(page, server, "fmo", "/wholesale")
    answers = {"status": 503}
    page.route(
        "**/assets/js/desk.js", lambda r: r.fulfill(**answers) if r.request.method == "HEAD" else r.continue_()
    )
    sockets[-1].close(code=1011, reason="gone")
    sign = page.locator("#fd-lost")
    expect(sign).to_contain_text(re.compile(r"What you see is of \d\d:\d\d:\d\d and no longer changes"))
    expect(sign.get_by_role("button", name="Load again")).to_be_visible()
    expect(sign).to_contain_text("Trying again (2)", timeout=15_000)
    answers["status"] = 200
    expect(sign).not_to_be_visible(timeout=20_000)
    page.wait_for_function(IDLE)
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Search")).to_be_focused()
    page.keyboard.type("esp one")
    expect(page.get_by_role("option").first).to_contain_text("ESP One")
    assert faults == []


def test_the_presenter_plays_the_first_chapters_and_others_see_them(
    clean: Page, server: Served, browser: Browser
) -> None:
    open_desk(clean, server, "fmo", "/guide")
    other = browser.new_context(viewport={"width": 1440, "height": 900})
    dso = other.new_page()
    found = watch(dso)
    open_desk(dso, server, "dso1", "/wholesale")
    tray = dso.locator("summary.jobs")
    shown = dso.locator(".jobs-menu li")
    tray.click()
    jobs_before = shown.count()

    clean.get_by_role("button", name="Play", exact=True).click()
    expect(shown).to_have_count(jobs_before + 1, timeout=SLOW_MS)
    expect(shown.first).to_contain_text("Needs of the day, Rural region")
    expect(clean.locator(".told")).to_contain_text("35 elements leave the limits", timeout=SLOW_MS)
    expect(shown.first).to_contain_text("Done", timeout=SLOW_MS)

    clean.get_by_role("button", name="Next: Requests").click()
    clean.get_by_role("button", name="Play", exact=True).click()
    expect(clean.locator(".told")).to_contain_text("DSO Rural published", timeout=SLOW_MS)
    expect(clean.get_by_role("link", name="Needs to requests, rural region")).to_have_attribute(
        "href", re.compile(r"^/dso/requests\?region=rural&day=2016-07-25$")
    )
    assert "chapter=requests" in clean.url
    clean.reload()
    clean.wait_for_function(IDLE)
    expect(clean.get_by_role("button", name="Play", exact=True)).not_to_be_visible()
    expect(clean.locator(".told")).to_contain_text("DSO Rural published")
    assert found == []
    other.close()


def test_the_desktop_s_window_shows_the_desks_and_ends_the_server(playwright: Playwright, tmp_path: Path) -> None:
    chromium = next(path for name in CHROMIUM if (path := shutil.which(name)))
    port, wrapper = free_port(), tmp_path / "browser"
    flags = f"--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --remote-debugging-port={port}"
    wrapper.write_text(f'#!/bin/sh\nexec {chromium} {flags} "$@"\n')
    wrapper.chmod(0o700)
    env = {k: v for k, v in os.environ.items() if not k.startswith("FLEXDESK_")}
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "launch.py"), "desktop", "--browser", str(wrapper)],
        cwd=ROOT,
        env={**env, "FLEXDESK_DATA_DIR": str(tmp_path / "data")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        window = connected(playwright, f"http://127.0.0.1:{port}", process)
        page = window.contexts[0].pages[0]
        expect(page).to_have_url(re.compile(r"^http://127\.0\.0\.1:\d+/login$"))
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        assert (tmp_path / "data" / "browser").is_dir()
        window.new_browser_cdp_session().send("Browser.close")
        assert process.wait(30) == 0
    finally:
        process.kill()


def connected(playwright: Playwright, address: str, process: subprocess.Popen) -> Browser:
    """The desktop's own browser, once it listens."""
    for _ in range(300):
        assert process.poll() is None, "the desktop ended"
        try:
            return playwright.chromium.connect_over_cdp(address)
        except Exception:
            process_wait(process)
    raise AssertionError("the window was not opened")


def process_wait(process: subprocess.Popen) -> None:
    """A fifth of a second, unless it ends before."""
    try:
        process.wait(0.2)
    except subprocess.TimeoutExpired:
        return
