"""The run: serve, open, scrub, tell, close; every figure of the desks' goals."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx

from app.bench.desks import pages, sockets
from app.bench.desks.grid import tiled
from app.bench.desks.served import Product, finished, served

LARGE_ACCOUNT, LARGE_REGION = "dso1", "rural"
PLAIN_ACCOUNT = "dso2"
"""Whose control room is opened; its region trades, so that its network cannot be exchanged."""
N_BUSES, N_SESSIONS, N_SCRUBS, N_CHANGES, N_OPENED = 1500, 100, 60, 20, 3
LISTENING = {"fmo": "/fmo", "dso1": "/dso", "esp1": "/supply", "tso": "/tso"}
LEFT_AFTER_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A figure of ../shared's goals table; `limit` is met by a value not above it."""

    name: str
    unit: str
    limit: float


@dataclass(frozen=True, kw_only=True)
class Measured:
    goal: Goal
    value: float | None
    note: str = ""

    @property
    def met(self) -> bool | None:
        return None if self.value is None else self.value <= self.goal.limit


GOALS = {
    "cold": Goal(name="operator page, cold", unit="s", limit=3.0),
    "warm": Goal(name="operator page, warm", unit="s", limit=2.0),
    "scrub_p50": Goal(name="scrub one step, 1,500 buses, p50 painted", unit="ms", limit=50),
    "scrub_p95": Goal(name="scrub one step, 1,500 buses, p95 painted", unit="ms", limit=100),
    "live": Goal(name="live update p95 at 100 sessions", unit="ms", limit=400),
    "memory": Goal(name="memory a session", unit="MB", limit=2.0),
    "beyond": Goal(name="requests beyond this machine", unit="", limit=0),
    "faults": Goal(name="page errors", unit="", limit=0),
    "left": Goal(name="sessions left 30 s after closing", unit="", limit=0),
}


def run(n_sessions: int, say: Callable[[str], None]) -> list[Measured]:
    """Measure everything; takes some minutes.

    Raises:
        RuntimeError: no browser, the product does not start, or a job fails.
    """
    chromium = pages.chromium()
    with tempfile.TemporaryDirectory(prefix="flexdesk-bench-") as folder, served(Path(folder)) as product:
        say("a region of 1,500 buses is uploaded and its day computed")
        n_buses = _enlarge(product)
        watched = pages.Watched()
        say("pages are opened and scrubbed")
        found = _in_browser(product, chromium, watched)
        say(f"{n_sessions} pages are open, {N_CHANGES} changes are told to them")
        found |= asyncio.run(_under_load(product, n_sessions))
        found |= {"beyond": (float(len(watched.beyond)), " ".join(watched.beyond[:2]))}
        found |= {"faults": (float(len(watched.faults)), " ".join(watched.faults[:2])[:200])}
    found["scrub_p95"] = (found["scrub_p95"][0], f"{n_buses} buses")
    return [Measured(goal=goal, value=found[key][0], note=found[key][1]) for key, goal in GOALS.items()]


Figure = tuple[float | None, str]


def _enlarge(product: Product) -> int:
    """The large region's network many times over; the number of its buses."""
    with product.caller(LARGE_ACCOUNT) as dso:
        files = f"/regions/{LARGE_REGION}/files/{_delivery_day(dso)}"
        network, schedules = (dso.get(f"{files}/{name}").raise_for_status() for name in ("network", "schedules"))
        copies = -(-N_BUSES // len(network.json()["buses"]))
        large, rows = tiled(network.text, schedules.text, copies)
        _put(dso, f"/regions/{LARGE_REGION}/network", large, "application/json")
        _put(dso, f"/regions/{LARGE_REGION}/schedules/{_delivery_day(dso)}", rows, "text/csv")
        finished(dso)
        return copies * (len(network.json()["buses"]) - 1) + 1


def _put(caller: httpx.Client, path: str, document: str, media_type: str) -> None:
    caller.put(path, content=document.encode(), headers={"Content-Type": media_type}).raise_for_status()


def _delivery_day(caller: httpx.Client) -> date:
    """The large region's latest day with a session."""
    sessions = caller.get("/sessions").raise_for_status().json()["items"]
    return max(date.fromisoformat(one["delivery_day"]) for one in sessions if one["region_id"] == LARGE_REGION)


def _in_browser(product: Product, chromium: Path, watched: pages.Watched) -> dict[str, Figure]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(pages.QUIET))
        opened = [pages.opened_s(browser, product, PLAIN_ACCOUNT, "/dso", watched) for _ in range(N_OPENED)]
        scrubbed = pages.scrubbed_ms(browser, product, LARGE_ACCOUNT, "/dso", watched, N_SCRUBS)
        browser.close()
    return {
        "cold": (statistics.median(cold for cold, _ in opened), f"median of {N_OPENED}"),
        "warm": (statistics.median(warm for _, warm in opened), f"median of {N_OPENED}"),
        "scrub_p50": (statistics.median(scrubbed), f"{N_SCRUBS} steps"),
        "scrub_p95": (_p95(scrubbed), ""),
    }


async def _under_load(product: Product, n_sessions: int) -> dict[str, Figure]:
    warm = await sockets.opened(product, LISTENING, len(LISTENING))
    before_mb = product.resident_mb()
    sessions = await sockets.opened(product, LISTENING, n_sessions)
    after_mb = product.resident_mb()
    await asyncio.sleep(sockets.QUIET_S)
    told_at = await _tell(product)
    await asyncio.sleep(sockets.QUIET_S)
    taken, missed = sockets.latencies_ms(sessions, told_at)
    for session in (*sessions, *warm):
        await session.close()
    await asyncio.sleep(LEFT_AFTER_S)
    memory = None if before_mb is None or after_mb is None else (after_mb - before_mb) / n_sessions
    median = f", p50 {statistics.median(taken):.0f} ms" if taken else ""
    return {
        "live": (_p95(taken) if taken else None, f"{len(taken)} updates{median}, {missed} not heard"),
        "memory": (memory, f"{n_sessions} sessions"),
        "left": (await asyncio.to_thread(_open_pages, product), ""),
    }


async def _tell(product: Product) -> list[float]:
    """Change something that all these pages show, once a second; when each change was sent."""
    told_at = []
    with product.caller("fmo") as fmo:
        for turn in range(N_CHANGES):
            told_at.append(time.perf_counter())
            body = {"action": "run", "speed": 1 + turn % 2}
            (await asyncio.to_thread(fmo.put, "/clock", json=body)).raise_for_status()
            await asyncio.sleep(1.0)
        fmo.put("/clock", json={"action": "pause"}).raise_for_status()
    return told_at


def _open_pages(product: Product) -> float:
    with product.caller("fmo") as fmo:
        return float(fmo.get("/operation/health").raise_for_status().json()["open_pages"])


def _p95(values: Iterable[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
