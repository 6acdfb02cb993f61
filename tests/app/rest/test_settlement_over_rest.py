"""Metering, settlement, statements and invoices over REST, with hostile bodies."""

from __future__ import annotations

import io
from typing import Any

import pytest
from delivered import POD, Market, metered
from pypdf import PdfReader
from world import DAY

from app.bridge.metering import Metered, document_of

FILE = f"/metering/{DAY.isoformat()}"
POD_2 = "10Y-PV-2--------B"


def csv(api: Any, document: str | bytes, who: str = "dso1", media_type: str = "text/csv") -> Any:
    return api.raw(FILE, document, who, method="PUT", **{"content-type": media_type})


def files(market: Market, share: str) -> str:
    assets = {POD: (market.asset, share), POD_2: (market.other, "1")}
    return document_of(DAY, {pod: Metered(p_mw=metered(market, a, part)) for pod, (a, part) in assets.items()})  # type: ignore[misc]


def test_from_a_metering_file_to_an_invoice(delivered: tuple[Any, Market]) -> None:
    api, market = delivered
    address = f"/settlements/{market.session.id}"
    assert [row["revision"] for row in csv(api, files(market, "0.5")).json()["items"]] == [1, 1]
    settled = api.post(address, None, "fmo").json()
    assert settled["balance_eur"] == "0"
    assert settled["delivered_mwh"] != settled["awarded_mwh"]
    assert api.post(f"{address}/validate", {}, "fmo").status_code == 200
    issued = api.post(f"{address}/issue", None, "fmo").json()
    assert {row["state"] for row in issued["statements"]} == {"issued"}
    (invoice,) = api.get("/invoices", "esp1").json()["items"]
    pdf = api.get(f"/invoices/{invoice['id']}/pdf", "esp1")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.headers["content-disposition"] == f'attachment; filename="{invoice["name"]}.pdf"'
    assert invoice["name"] in PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    sheet = api.get(f"/invoices/{invoice['id']}/csv", "esp1")
    assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
    assert sheet.text.splitlines()[-1].split(",")[-1] == f"{float(invoice['amount_eur']):.2f}"
    assert api.get(f"/invoices/{invoice['id']}/pdf", "esp2").status_code == 404
    assert api.get(f"/invoices/{invoice['id']}", "dso1").status_code == 404


def test_a_correction_is_a_new_version(delivered: tuple[Any, Market]) -> None:
    api, market = delivered
    address = f"/settlements/{market.session.id}"
    csv(api, files(market, "0.5"))
    api.post(address, None, "fmo")
    api.post(f"{address}/validate", {}, "fmo")
    api.post(f"{address}/issue", None, "fmo")
    body = {"p_mw": [str(value) for value in metered(market, market.asset, "1")]}
    path = f"/api/v1/metering/{DAY.isoformat()}/{POD}"
    answer = api.client.put(path, json=body, headers=api.headers("dso1"))
    assert (answer.status_code, answer.json()["revision"]) == (200, 2)
    rows = {row["party_id"]: row for row in api.get(address, "fmo").json()["statements"]}
    assert (rows["esp1"]["revision"], rows["esp1"]["state"]) == (2, "draft")
    assert float(rows["esp1"]["correction_eur"]) > 0
    assert [row["revision"] for row in api.get("/statements", "esp1").json()["items"]] == [1]
    readings = api.get("/metering", "esp1", delivery_day=DAY.isoformat()).json()["items"]
    assert [(row["revision"], row["latest"]) for row in readings] == [(1, False), (2, True)]
    award = market.award_of(market.asset).id
    day = api.get(f"/deliveries/{award}", "esp1", method="forecast").json()
    assert (day["baseline_method"], day["agreed_baseline"]) == ("nomination", "nomination")
    assert "No forecast" in day["baseline_reason"]


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code"),
    [
        (b"", "text/csv", 422, "missing"),
        (b"\xff\xfe", "text/csv", 422, "malformed"),
        (b"pod_id,quantity", "application/json", 415, "unsupported_media_type"),
        (b"pod_id,quantity\n" + b"=1+1,p_mw\n" * 3, "text/csv", 422, "wrong_length"),
        (b"x" * 100_001, "text/csv", 413, "too_large"),
    ],
)
def test_hostile_files(
    delivered: tuple[Any, Market], body: bytes, media_type: str, status: int, code: str
) -> None:
    api, _ = delivered
    answer = csv(api, body, media_type=media_type)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert api.row_counts()["meter_readings"] == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"p_mw": ["NaN"] * 96}, "malformed"),
        ({"p_mw": [1e300] * 96}, "out_of_range"),
        ({"p_mw": [0] * 95}, "wrong_length"),
        ({"p_mw": [None] * 96}, "missing"),
        ({"p_mw": [0] * 96, "source": "x"}, "unknown_field"),
        ({"p_mw": ["0.0000001"] * 96}, "too_many_decimals"),
        ({"p_mw": "0"}, "malformed"),
    ],
)
def test_hostile_readings(delivered: tuple[Any, Market], body: object, code: str) -> None:
    api, _ = delivered
    path = f"/api/v1/metering/{DAY.isoformat()}/{POD}"
    answer = api.client.put(path, json=body, headers=api.headers("dso1"))
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert api.row_counts()["meter_readings"] == 0


def test_only_the_market_operator_settles(delivered: tuple[Any, Market]) -> None:
    api, market = delivered
    address = f"/settlements/{market.session.id}"
    for who in ("esp1", "dso1", "tso", "retailer1", "customer1"):
        assert api.post(address, None, who).status_code == 403
        assert api.get(address, who).status_code == 403
    assert api.get("/statements", "tso").status_code == 403
    assert csv(api, "pod_id", who="esp1").status_code == 403


def test_contracts_are_agreed_for_days_to_come(delivered: tuple[Any, Market]) -> None:
    api, _ = delivered
    body = {
        "region_id": "R1",
        "party_id": "esp1",
        "valid_from": "2016-07-27",
        "baseline": "comparable_days",
        "rule": "penalty",
        "tolerance_share": "0.05",
        "penalty_eur_per_mwh": 60,
    }
    agreed = api.post("/contracts", body, "fmo")
    assert agreed.status_code == 201, agreed.text
    assert "penalty of 60.00 EUR" in agreed.json()["words"]
    assert [row["valid_from"] for row in api.get("/contracts", "esp1").json()["items"] if row["id"]] == [
        "2016-07-27"
    ]
    assert all(row["id"] is None for row in api.get("/contracts", "esp2").json()["items"])
    past = api.post("/contracts", body | {"valid_from": "2016-07-25"}, "fmo")
    assert past.json()["code"] == "deadline_passed"
    assert api.post("/contracts", body, "esp1").status_code == 403


def test_points_of_delivery_are_listed_and_mapped(delivered: tuple[Any, Market]) -> None:
    api, market = delivered
    (mine,) = api.get("/pods", "esp1").json()["items"]
    assert (mine["pod_id"], mine["bus"]) == (POD, "3")
    body = {"asset_id": market.asset.id, "valid_from": "2016-07-27"}
    path = "/api/v1/pods/DE-9"
    taken = api.client.put(path, json=body, headers=api.headers("dso1"))
    assert taken.json()["code"] == "duplicate"
    assert api.client.put(path, json=body, headers=api.headers("esp1")).status_code == 403
