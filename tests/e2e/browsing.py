"""What a person does in a browser, and what must not happen there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request, expect

expect.set_options(timeout=20_000)  # for a busy machine; what must be quick says so with its own timeout

IDLE = "() => window.Bokeh && Bokeh.documents[0] && Bokeh.documents[0].is_idle"


@dataclass(frozen=True)
class Served:
    """A running product."""

    desks: str
    api: str
    data_dir: Path
    log: Path


def watch(page: Page) -> list[str]:
    """Collect what must not happen on a page; for tests that open several pages."""
    found: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            found.append(f"console: {message.text}")

    def on_request(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and parts.hostname not in ("127.0.0.1", "localhost"):
            found.append(f"request beyond this machine: {request.url}")

    page.on("pageerror", lambda error: found.append(f"page {page.url}: {error.stack or error}"))
    page.on("console", on_console)
    page.on("request", on_request)
    return found


def open_desk(page: Page, served: Served, account: str, path: str = "/") -> None:
    """Sign in with a demo account and wait until the page is drawn."""
    page.goto(f"{served.desks}/login?{urlencode({'next': path})}")
    page.get_by_role("textbox", name="Account").fill(account)
    page.get_by_label("Password").fill(f"demo-{account}")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: urlsplit(url).path != "/login")
    page.wait_for_function(IDLE)
