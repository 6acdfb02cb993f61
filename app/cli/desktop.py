"""Serve on this machine and open the desks in one window without browser controls.

An installed browser of the Chromium family shows the window, with a profile of its own in the data folder;
closing it ends the server. Without such a browser the default one is opened, and Ctrl+C ends the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import webbrowser
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

from app.cli.exits import Exit
from app.cli.output import complain, say
from app.cli.serve import serve
from app.free_ports import LOOPBACK, free_port

if TYPE_CHECKING:
    from app.settings import Settings

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "microsoft-edge-stable",
    "brave-browser",
    "brave",
)
_MAC = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Brave Browser.app/Contents/MacOS/Brave Browser",
)
_WINDOWS = (
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
    "BraveSoftware/Brave-Browser/Application/brave.exe",
)
_WINDOWS_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
_ALONE = {"origins": (), "secure_cookies": False, "tls_cert": "", "tls_key": "", "proxy": (), "oidc_issuer": ""}
"""Settings of a server that others reach: neither its certificate nor its provider knows this address."""
ANSWER_WITHIN_S = 60.0
ASK_EVERY_S = 0.2
CLOSE_WITHIN_S = 5.0


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--browser",
        metavar="PROGRAM",
        help="a browser of the Chromium family, by name or path, instead of the first found",
    )
    parser.epilog = "Ports are free ones of this machine; everything else is a setting, see docs/settings.md."


def run(arguments: Namespace) -> Exit:
    """Serve until the window is closed, or until Ctrl+C."""
    from app.settings import load

    browser = found_browser() if arguments.browser is None else shutil.which(arguments.browser)
    if arguments.browser is not None and browser is None:
        complain(f"There is no program {arguments.browser!r}.")
        return Exit.INVALID
    settings = on_free_ports(load())
    return serve(settings, partial(show, browser=browser, settings=settings))


def on_free_ports(settings: Settings) -> Settings:
    """The settings for this machine alone, on two ports that are free now."""
    ports = {"desks_port": free_port(), "api_port": free_port()}
    return settings.model_copy(update={"host": LOOPBACK, **ports, **_ALONE})


def found_browser(
    platform: str = sys.platform, environ: Mapping[str, str] = os.environ, home: Path | None = None
) -> str | None:
    """The first installed browser of the Chromium family, or None."""
    for name in NAMES:
        if path := shutil.which(name, path=environ.get("PATH")):
            return path
    return next(
        (str(path) for path in _usual_places(platform, environ, home or Path.home()) if path.is_file()), None
    )


def _usual_places(platform: str, environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    """Where browsers are on systems that do not have them on the search path."""
    folders: Iterable[Path] = ()
    programs: tuple[str, ...] = ()
    if platform == "darwin":
        folders, programs = (Path("/Applications"), home / "Applications"), _MAC
    elif platform == "win32":
        folders = [Path(environ[name]) for name in _WINDOWS_FOLDERS if name in environ]
        programs = _WINDOWS
    return (folder / program for program in programs for folder in folders)


def command_line(browser: str, address: str, profile: Path) -> list[str]:
    """How the window is opened: no controls, no questions, nothing shared with the person's own browsing."""
    return [
        browser,
        f"--app={address}",
        f"--user-data-dir={profile}",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1440,900",
    ]


async def show(address: str, *, browser: str | None, settings: Settings) -> None:
    """Wait until the desks answer, show them, and return when the window is closed."""
    await _answered(f"{address}/login")
    await _answered(f"http://{settings.url_host}:{settings.api_port}/api/v1/health")
    if browser is None:
        await asyncio.to_thread(webbrowser.open, address)
        say("No browser of the Chromium family was found: the desks are in the default browser. Stop with Ctrl+C.")
        await asyncio.Event().wait()
        return
    say("Close the window to stop.")
    await _window(command_line(browser, address, settings.data_dir.absolute() / "browser"))


async def _answered(url: str) -> None:
    """Return once the address answers, at the latest after some time: the window says what is wrong then."""
    end = asyncio.get_running_loop().time() + ANSWER_WITHIN_S
    while asyncio.get_running_loop().time() < end:
        if await asyncio.to_thread(_answers, url):
            return
        await asyncio.sleep(ASK_EVERY_S)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 - our own loopback address
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


async def _window(command: list[str]) -> None:
    """Run the browser until its window is closed; it is closed with the server."""
    try:
        window = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
    except OSError as error:
        complain(f"{command[0]}: {error.strerror or error}")
        return
    try:
        await window.wait()
    finally:
        if window.returncode is None:
            window.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(window.wait(), CLOSE_WITHIN_S)
        if window.returncode is None:
            window.kill()
