"""The worked case of the EU Market Place (FLEXICIENCY, document 000, section IV), from an empty database.

Starts a server of its own in an empty folder, with the demo's companies and their platforms, plays the case, and
shows how it ended: on the platforms of both sides, and in the market place's database, where nothing of it is.

    .venv/bin/python examples/eu_market_place_case.py

An aggregator finds the DSOs of its customers in two countries and subscribes to their meter data; the customers
consent, data flow and are acknowledged. Of them it makes offers of flexibility and publishes a service of its own;
a DSO, a TSO and a retailer subscribe, acquire and activate. A further part it offers in a DSO's local market; that
stands in the session's book. Every message between the systems goes over HTTP.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import httpx

# A script's own folder is on the path, the one above it is not.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.free_ports import free_port

ROOT = Path(__file__).resolve().parents[1]
LONGEST_START_S, LONGEST_CASE_S = 300.0, 300.0
PAUSE_S = 0.5
STEM = 6
LOCAL = "flotte"
"""The aggregator as a participant of the local market."""


class SurpriseError(Exception):
    """Something did not happen that must."""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    made.add_argument("--folder", type=Path, help="empty folder for the databases (a temporary one)")
    return made


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A server with an empty data folder, loaded with the demo; the address of its REST interface."""
    port = free_port()
    settings = {
        "FLEXDESK_DEMO": "true",
        "FLEXDESK_DATA_DIR": str(folder),
        "FLEXDESK_DESKS_PORT": str(free_port()),
        "FLEXDESK_API_PORT": str(port),
        "FLEXDESK_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, str(ROOT / "launch.py"), "serve"]
    with (folder / "server.log").open("wb") as log:
        running = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=ROOT, env=os.environ | settings, stdout=log, stderr=log
        )
        try:
            base = f"http://127.0.0.1:{port}"
            wait(lambda: _ready(base, running), LONGEST_START_S, "The server did not start")
            yield base
        finally:
            running.terminate()
            running.wait(60)


def _ready(base: str, running: subprocess.Popen[bytes]) -> bool:
    if running.poll() is not None:
        raise SurpriseError("The server ended.")
    try:
        return httpx.get(f"{base}/api/v1/health", timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def wait(reached: Any, longest_s: float, sentence: str) -> None:
    """Until it is. Raises SurpriseError when that takes too long."""
    end = time.monotonic() + longest_s
    while not reached():
        if time.monotonic() > end:
            raise SurpriseError(f"{sentence} within {longest_s:.0f} seconds.")
        time.sleep(PAUSE_S)


def signed_in(base: str, path: str, account: str) -> httpx.Client:
    """A client of an interface as a demo account."""
    proof = {"account": account, "password": f"demo-{account}"}
    token = httpx.post(f"{base}{path}", json=proof, timeout=60).raise_for_status().json()["access_token"]
    return httpx.Client(base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=60)


def play(base: str) -> str:
    """Play the case and print its steps; what was told at its end."""
    with signed_in(f"{base}/api/v1", "/token", "fmo") as presenter:
        presenter.post("/guide/market_place").raise_for_status()
        told = ""
        end = time.monotonic() + LONGEST_CASE_S
        while time.monotonic() < end:
            chapters = presenter.get("/guide").raise_for_status().json()["items"]
            chapter = next(one for one in chapters if one["name"] == "market_place")
            if chapter["stage"] and chapter["stage"] != told:
                told = chapter["stage"]
                print(f"  {told}", flush=True)
            if chapter["state"] == "stopped":
                raise SurpriseError(str(chapter["told"]))
            if chapter["state"] == "played":
                return str(chapter["told"])
            time.sleep(PAUSE_S)
    raise SurpriseError(f"The case did not end within {LONGEST_CASE_S:.0f} seconds; its last step: {told}")


def book(base: str, slug: str, account: str) -> list[dict[str, Any]]:
    """The offers of flexibility as one of a platform's registrations sees them."""
    with signed_in(f"{base}/platforms/{slug}/own/v1", "/auth/token", account) as own:
        items: list[dict[str, Any]] = own.get("/flexibilities").raise_for_status().json()["items"]
        return items


def local_book(base: str, account: str) -> tuple[int, int]:
    """Offers in the local market's books as its operator sees them: all, and those of one participant."""
    parties: list[str] = []
    with signed_in(f"{base}/api/v1", "/token", "fmo") as operator:
        page: dict[str, str] = {"limit": "1000"}
        while page:
            answer = operator.get("/offers", params=page).raise_for_status().json()
            parties += [offer["party_id"] for offer in answer["items"]]
            page = {"limit": "1000", "cursor": answer["next"]} if answer["next"] else {}
    return len(parties), parties.count(account)


def leaked(main: Path, marks: set[str]) -> list[str]:
    """Columns of the market place's database in which one of these texts stands."""
    found = []
    stems = {mark[:STEM] for mark in marks}
    with closing(sqlite3.connect(f"file:{main}?mode=ro", uri=True)) as connection:
        connection.text_factory = partial(str, encoding="utf-8", errors="replace")  # packed columns, too
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            for column in columns:
                texts = connection.execute(f"SELECT CAST({column} AS TEXT) FROM {table}")  # noqa: S608
                if any(text and _has(text, marks, stems) for (text,) in texts):
                    found.append(f"{table}.{column}")
    return found


def _has(text: str, marks: set[str], stems: set[str]) -> bool:
    """Whether one of the marks is in a text, which may be long; few begin with one of their stems."""
    return any(stem in text for stem in stems) and any(mark in text for mark in marks)


def on_platforms(folder: Path, query: str) -> list[str]:
    """What a query on one text column finds on all platforms."""
    found: list[str] = []
    for path in sorted(folder.glob("platforms/*/platform.db")):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            found += [text for (text,) in connection.execute(query)]
    return found


def marks_of(folder: Path) -> tuple[set[str], set[str]]:
    """The PoDs on all platforms, and of the values that were received each four that follow one another."""
    pods = set(on_platforms(folder, "SELECT id FROM pods"))
    series = [
        [format(Decimal(str(value)).normalize(), "f") for value in json.loads(text) if value is not None]
        for text in on_platforms(folder, "SELECT series FROM received_series")
    ]
    fours = {tuple(one[k : k + 4]) for one in series for k in range(len(one) - 3)}
    return pods, {mark.join(four) for four in fours for mark in (",", '","')}


def main(arguments: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            print(f"{folder} is not empty.", file=sys.stderr)
            return 2
        print("A server starts on an empty folder and loads the demo's companies ...", flush=True)
        with server(folder) as base:
            print(play(base))
            for slug, account in (("flotte", "flotte-services"), ("transnet", "tso-ch")):
                offers = book(base, slug, account)
                print(f"In the book of {account}: {len(offers)} offers of flexibility.")
            in_book, own = local_book(base, LOCAL)
            print(f"In the local market's book: {in_book} offers, {own} of them {LOCAL}'s.")
        pods, values = marks_of(folder)
        found = leaked(folder / "flexdesk.db", pods | values)
        said = f"in {', '.join(found)}" if found else "nowhere"
        print(f"Of {len(pods)} PoDs and {len(values)} runs of values the market place's database has {said} any.")
        return 1 if found or not values or not own else 0


if __name__ == "__main__":
    try:
        sys.exit(main(parser().parse_args()))
    except (SurpriseError, httpx.HTTPError) as error:
        print(f"That did not work: {error}", file=sys.stderr)
        sys.exit(1)
