"""Pictures of every page in both themes, 1440x900: `python tests/e2e/shots.py http://127.0.0.1:5006 FOLDER`.

The address is that of a running demo. Needs the system's Chromium.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

PAGES = {
    "fmo": (
        "/fmo",
        "/fmo/session",
        "/fmo/session?tab=result",
        "/fmo/session?tab=prices",
        "/fmo/session?tab=grid",
        "/fmo/participants",
        "/notifications",
    ),
    "dso1": ("/dso", "/dso?moment=after", "/dso/requests", "/dso/assets", "/dso/data", "/results"),
    "esp1": ("/supply", "/supply/compose", "/supply/assets", "/results?tab=prices"),
    "tso": ("/tso", "/results"),
    "brp1": ("/portfolio",),
}
IDLE = "() => window.Bokeh && Bokeh.documents[0] && Bokeh.documents[0].is_idle"
SETTLE_MS = 1500


def take(browser: Browser, desks: str, folder: Path, theme: str, account: str) -> None:
    """Every page of an account in one theme."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "flexdesk_theme", "value": theme, "url": desks}])
    page = context.new_page()
    page.goto(f"{desks}/login")
    if account == "fmo":
        page.screenshot(path=folder / f"login-{theme}.png")
    page.get_by_label("Account", exact=True).fill(account)
    page.get_by_label("Password").fill(f"demo-{account}")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)
    for path in PAGES[account]:
        page.goto(desks + path)
        page.wait_for_function(IDLE)
        page.wait_for_timeout(SETTLE_MS)
        name = f"{account}{path}".replace("/", "-").replace("?", "-").replace("=", "-")
        page.screenshot(path=folder / f"{name}-{theme}.png")
        print(f"{name}-{theme}.png")
    context.close()


def main(desks: str, folder: Path) -> None:
    """Take all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
        )
        for theme in ("light", "dark"):
            for account in PAGES:
                take(browser, desks, folder, theme, account)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), Path(sys.argv[2]))
