"""Settlement in a real browser: readings uploaded, settled and issued; the ESP's invoice; a correction live."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from browsing import IDLE, Served, open_desk, watch
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

pytestmark = pytest.mark.browser

DAY = "2016-07-25"
CLEARED_WITHIN_S = 240


def headers(server: Served, account: str) -> dict[str, str]:
    body = {"account": account, "password": f"demo-{account}"}
    token = httpx.post(f"{server.api}/api/v1/token", json=body, timeout=60).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def published(server: Served, fmo: dict[str, str], page: Page) -> str:
    """The semi-urban session cleared and published, over REST; its id."""
    client = httpx.Client(base_url=f"{server.api}/api/v1", headers=fmo, timeout=60)
    where = {"region_id": "semiurban", "delivery_day": DAY}
    (session,) = client.get("/sessions", params=where).json()["items"]

    def gate(kind: str) -> str:
        gates = client.get(f"/sessions/{session['id']}").json()["gates"]
        return next(gate["id"] for gate in gates if gate["kind"] == kind)

    assert client.post(f"/gates/{gate('close')}/pass").status_code < 300
    for _ in range(CLEARED_WITHIN_S):
        if client.get(f"/sessions/{session['id']}").json()["state"] == "cleared":
            break
        page.wait_for_timeout(1000)
    assert client.post(f"/gates/{gate('publish')}/pass").status_code < 300
    return str(session["id"])


def metering_file(server: Served, fmo: dict[str, str], session_id: str) -> tuple[str, str, list[str]]:
    """Every called asset as called, the largest at half; its point of delivery and its true values."""
    client = httpx.Client(base_url=f"{server.api}/api/v1", headers=fmo, timeout=60)
    rows, largest = {}, ("", Decimal(0))
    for award in client.get(f"/results/{session_id}").json()["awards"]:
        day = client.get(f"/deliveries/{award['id']}").json()
        sign = 1 if day["direction"] == "up" else -1
        base = rows.get(day["pod_id"], [Decimal(v) for v in day["baseline_mw"]])
        called = [Decimal(v) for v in day["awarded_mw"]]
        rows[day["pod_id"]] = [b + sign * q for b, q in zip(base, called, strict=True)]
        if sum(called) > largest[1]:
            largest = (day["pod_id"], sum(called))
            half = [b + sign * q / 2 for b, q in zip(base, called, strict=True)]
    true = [str(value) for value in rows[largest[0]]]
    rows[largest[0]] = [value.quantize(Decimal("0.000001")) for value in half]
    start = datetime(2016, 7, 24, 22, tzinfo=UTC)  # local midnight
    times = [f"{start + k * timedelta(minutes=15):%Y-%m-%dT%H:%MZ}" for k in range(96)]
    header = ["pod_id", "quantity", *times]
    lines = [",".join(header), *(",".join([pod, "p_mw", *map(str, values)]) for pod, values in rows.items())]
    return "\n".join(lines), largest[0], true


def test_a_session_is_settled_invoiced_and_corrected(clean: Page, server: Served, browser: Browser) -> None:
    fmo = headers(server, "fmo")
    session_id = published(server, fmo, clean)
    open_desk(clean, server, "fmo", f"/fmo/settlement?session={session_id}")
    clean.get_by_role("button", name="Move the clock past delivery").click()
    settle = clean.get_by_role("button", name="Settle", exact=True)
    expect(settle).to_be_enabled()

    chooser = clean.locator("input[type=file]").first
    chooser.set_input_files({"name": "bad.csv", "mimeType": "text/csv", "buffer": b"pod_id,quantity\n"})
    expect(clean.get_by_text(re.compile("row 1: 2 columns; 25.07.2016 needs 98"))).to_be_visible()
    document, pod, true = metering_file(server, fmo, session_id)
    chooser.set_input_files({"name": "day.csv", "mimeType": "text/csv", "buffer": document.encode()})
    expect(clean.get_by_text(re.compile(r"^\d+ readings? stored\.$"))).to_be_visible(timeout=20_000)
    settle.click()
    expect(clean.get_by_text("The statements add up. Validate them.")).to_be_visible(timeout=20_000)
    clean.get_by_role("button", name=re.compile("^Validate")).click()
    expect(clean.get_by_text("Issue them to the participants.")).to_be_visible(timeout=20_000)
    clean.get_by_role("button", name=re.compile("^Issue")).click()
    expect(clean.get_by_text("All statements are issued.")).to_be_visible(timeout=20_000)

    statements = httpx.get(f"{server.api}/api/v1/settlements/{session_id}", headers=fmo, timeout=60).json()
    assert statements["balance_eur"] == "0"
    short = next(
        row["party_id"]
        for row in statements["statements"]
        if row["party_id"] != "dso2" and any(Decimal(line["missing_mwh"]) > 0 for line in row["lines"])
    )
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    own = context.new_page()
    found = watch(own)
    open_desk(own, server, short, "/settlement")
    with own.expect_download() as download:
        own.get_by_role("button", name="PDF").click()
    text = PdfReader(download.value.path()).pages[0].extract_text()
    assert download.value.suggested_filename.removesuffix(".pdf") in text

    body = {"p_mw": true}
    answer = httpx.put(f"{server.api}/api/v1/metering/{DAY}/{pod}", json=body, headers=fmo, timeout=60)
    assert answer.json()["revision"] == 2
    expect(clean.get_by_role("button", name=re.compile(r"^Validate \d statements"))).to_be_visible(timeout=20_000)
    for step in ("validate", "issue"):
        address = f"{server.api}/api/v1/settlements/{session_id}/{step}"
        httpx.post(address, json={} if step == "validate" else None, headers=fmo, timeout=60)
    expect(own.get_by_text("EUR against version before")).to_be_visible(timeout=20_000)
    own.wait_for_function(IDLE)
    assert found == []
    context.close()
