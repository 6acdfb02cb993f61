"""Bad bodies on all routes that write: refused with code, field and sentence; nothing stored, never a 500."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from writing_routes import DOCUMENTS, FORMS, IN_ADDRESS, ROUTES

from app.rest.problems import HTTP_CODES
from domain.errors import CODES

WITH_BODY = [path for path, (_, body) in ROUTES.items() if body]


def sent(api: Any, route: str, body: Any, **headers: str) -> Any:
    """The answer to a body that the route's user sends."""
    method, path = route.split()
    path = re.sub(r"\{(\w+)\}", lambda name: IN_ADDRESS.get(name[1], "X-none"), path)
    return api.raw(path, body, ROUTES[route][0], method=method, **headers)


# what is wrong -> the body's bytes from a good body, and the codes it may be refused with
ANY_BODY: dict[str, tuple[Callable[[bytes], bytes], set[str]]] = {
    "no JSON": (lambda good: b"hello", {"malformed"}),
    "cut off": (lambda good: good[:-1], {"malformed"}),
    "two values": (lambda good: good + good, {"malformed"}),
    "no UTF-8": (lambda good: b"\xff\xfe" + good, {"malformed"}),
    "a byte-order mark": (lambda good: b"\xef\xbb\xbf" + good, {"malformed"}),
    "NaN": (lambda good: good[:-1] + b',"x":NaN}', {"not_finite"}),
    "minus infinity": (lambda good: good[:-1] + b',"x":-Infinity}', {"not_finite"}),
    "1e999": (lambda good: good[:-1] + b',"x":1e999}', {"out_of_range"}),
    "1e-999": (lambda good: good[:-1] + b',"x":1e-999}', {"out_of_range"}),
    "1e99999999999999999999": (lambda good: good[:-1] + b',"x":1e99999999999999999999}', {"out_of_range"}),
    "a huge integer": (lambda good: good[:-1] + b',"x":' + b"9" * 5000 + b"}", {"out_of_range"}),
    "a lone surrogate": (lambda good: good[:-1] + b',"x":"\\ud800"}', {"malformed"}),
    "a lone surrogate as key": (lambda good: good[:-1] + b',"\\udfff":1}', {"malformed"}),
    "a null character": (lambda good: good[:-1] + b',"x":"\\u0000"}', {"malformed"}),
    "a duplicate key": (lambda good: good[:-1] + b',"x":1,"x":1}', {"malformed"}),
    "a raw control character": (lambda good: good[:-1] + b',"x":"\n"}', {"malformed"}),
    "17 levels": (lambda good: good[:-1] + b',"x":' + b"[" * 17 + b"]" * 17 + b"}", {"malformed"}),
    "40,000 levels": (lambda good: b"[" * 40_000 + b"]" * 40_000, {"malformed"}),
    "an unknown field": (lambda good: good[:-1] + b',"x":1}', {"unknown_field"}),
    "an unknown field with a long name": (
        lambda good: good[:-1] + b',"' + b"x" * 5000 + b'":1}',
        {"unknown_field"},
    ),
    "an array": (lambda good: b"[]", {"malformed"}),
    "null": (lambda good: b"null", {"malformed"}),
    "a text": (lambda good: b'"x"', {"malformed"}),
    "no fields": (lambda good: b"{}", {"missing"}),
    "nothing": (lambda good: b"", {"missing"}),
    "too large": (lambda good: good + b" " * 100_000, {"too_large"}),
}


@pytest.fixture
def api(steady: Any) -> Any:
    return steady[0]


@pytest.fixture
def market(steady: Any) -> Any:
    return steady[1]


@pytest.fixture
def unchanged(api: Any) -> Iterator[None]:
    """The database has the same rows after the test as before."""
    before = api.row_counts()
    yield
    assert api.row_counts() == before


def assert_refused(answer: Any, codes: set[str]) -> None:
    """A client error in problem details with the code first among its findings."""
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["code"] in codes, problem
    assert problem["detail"]
    assert len(answer.content) < 10_000
    for finding in problem["findings"]:
        assert finding["code"] in CODES | dict(HTTP_CODES)
        assert finding["field"]
        assert finding["sentence"]


def test_every_route_that_writes_is_tested_here(api: Any) -> None:
    paths = api.client.get("/api/v1/openapi.json").json()["paths"]
    writing = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in paths.items()
        for method in methods
        if method in ("post", "put", "patch")
    }
    assert writing == set(ROUTES) | DOCUMENTS | FORMS


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", WITH_BODY)
def test_bad_bodies(api: Any, market: Any, path: str) -> None:
    _, body = ROUTES[path]
    assert body is not None
    good = json.dumps(body(market)).encode()
    for wrong, (spoil, codes) in ANY_BODY.items():
        answer = sent(api, path, spoil(good))
        assert answer.status_code < 500, wrong
        assert_refused(answer, codes)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", WITH_BODY)
@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/xml", "application/json; charset=utf-16", "multipart/form-data"],
)
def test_wrong_content_type(api: Any, market: Any, path: str, content_type: str) -> None:
    _, body = ROUTES[path]
    assert body is not None
    answer = sent(api, path, json.dumps(body(market)), **{"content-type": content_type})
    assert answer.status_code == 415
    assert_refused(answer, {"unsupported_media_type"})


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "declared",
    [
        ["application/json", "text/csv"],
        ["application/json; charset*=utf-7''x; charset*0=a"],
        ["application/json; charset*0=utf; charset*1=-8"],
        ['application/json; charset="'],
        ["application/json; charset=utf-8; charset=latin-1"],
        ["application/json, text/csv"],
        ["; charset=utf-8"],
    ],
)
def test_a_content_type_that_can_be_read_in_two_ways(api: Any, market: Any, declared: list[str]) -> None:
    headers = [*api.headers("dso1").items(), *(("content-type", value) for value in declared)]
    body = json.dumps(market.request()).encode()
    answer = api.client.post("/api/v1/requests", content=body, headers=headers)
    assert answer.status_code == 415, answer.text
    assert_refused(answer, {"unsupported_media_type"})


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", ROUTES)
def test_too_large_without_content_length(api: Any, path: str) -> None:
    answer = sent(api, path, (b" " * 10_000 for _ in range(11)))
    assert answer.status_code == 413
    assert_refused(answer, {"too_large"})


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", ROUTES)
def test_a_body_that_is_not_wanted_is_still_read_strictly(api: Any, path: str) -> None:
    assert_refused(sent(api, path, b"{"), {"malformed"})


REQUESTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "deadline passed": ({"deadline": "2016-07-24T08:00:00+02:00"}, "deadline_passed", "deadline"),
    "deadline without offset": ({"deadline": "2016-07-24T12:00:00"}, "naive_time", "deadline"),
    "deadline as a number": ({"deadline": 1469354400}, "malformed", "deadline"),
    "deadline out of the calendar": ({"deadline": "0001-01-01T00:00:00+14:00"}, "malformed", "deadline"),
    "deadline that is no time": ({"deadline": "2016-02-30T12:00:00Z"}, "malformed", "deadline"),
    "unknown session": ({"session_id": "MS-none"}, "not_found", "id"),
    "bus outside the grid": ({"buses": ["3", "99"]}, "unknown_bus", "buses[1]"),
    "no bus": ({"buses": []}, "out_of_range", "buses"),
    "bus as a number": ({"buses": [3]}, "malformed", "buses[0]"),
    "other direction": ({"direction": "sideways"}, "malformed", "direction"),
    "negative quantity": ({"quantity_mw": [-1] + [0] * 95}, "negative", "quantity_mw[0]"),
    "95 values": ({"quantity_mw": [1] * 95}, "wrong_length", "quantity_mw"),
    "nothing asked": ({"quantity_mw": [0] * 96}, "zero_quantity", "quantity_mw"),
    "true for a number": ({"quantity_mw": [True] * 96}, "malformed", "quantity_mw[0]"),
    "null for a number": ({"quantity_mw": [None] * 96}, "malformed", "quantity_mw[0]"),
    "a number with an exponent as text": ({"price_cap_eur_per_mwh": "1e2"}, "malformed", "price_cap_eur_per_mwh"),
    "NaN as text": ({"price_cap_eur_per_mwh": "NaN"}, "malformed", "price_cap_eur_per_mwh"),
    "part of a watt": ({"quantity_mw": ["0.0000001"] * 96}, "too_many_decimals", "quantity_mw[0]"),
    "part of a cent": ({"price_cap_eur_per_mwh": 1.001}, "too_many_decimals", "price_cap_eur_per_mwh"),
    "price beyond the limit": ({"price_cap_eur_per_mwh": 10000.01}, "out_of_range", "price_cap_eur_per_mwh"),
    "a name with a line break": ({"congestion_point": "a\nb"}, "malformed", "congestion_point"),
    "a name of 201 characters": ({"congestion_point": "a" * 201}, "out_of_range", "congestion_point"),
}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("wrong", REQUESTS)
def test_bad_requests(api: Any, market: Any, wrong: str) -> None:
    changes, code, field = REQUESTS[wrong]
    answer = api.post("/requests", market.request(**changes), who="dso1")
    assert_refused(answer, {code})
    assert (code, field) in {(f["code"], f["field"]) for f in answer.json()["findings"]}, answer.json()


OFFERS: dict[str, tuple[Callable[[Any], dict[str, Any]], str, str]] = {
    "unknown asset": (lambda m: {"lines": [m.line(asset_id="FA-none")]}, "unknown_asset", "lines[0].asset_id"),
    "beyond the asset": (
        lambda m: {"lines": [m.line(quantity_mw=[0] * 50 + [4.000001] + [0] * 45)]},
        "beyond_asset",
        "lines[0].quantity_mw[50]",
    ),
    "asset twice": (lambda m: {"lines": [m.line(), m.line()]}, "duplicate", "lines[1].asset_id"),
    "negative": (
        lambda m: {"lines": [m.line(quantity_mw=[0] * 50 + ["-0.1"] + [0] * 45)]},
        "negative",
        "lines[0].quantity_mw[50]",
    ),
    "price with three decimals": (
        lambda m: {"price_eur_per_mwh": [40.001] + [40] * 95},
        "too_many_decimals",
        "price_eur_per_mwh[0]",
    ),
    "no line": (lambda m: {"lines": []}, "missing", "lines"),
    "a line with more": (lambda m: {"lines": [m.line(extra=1)]}, "unknown_field", "lines[0].extra"),
    "a line that is a text": (lambda m: {"lines": ["x"]}, "malformed", "lines[0]"),
    "id with a slash up": (lambda m: {"session_id": "../x\u2028"}, "malformed", "session_id"),
}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("wrong", OFFERS)
def test_bad_offers(api: Any, market: Any, wrong: str) -> None:
    change, code, field = OFFERS[wrong]
    answer = api.post("/offers", market.offer(**change(market)))
    assert_refused(answer, {code})
    assert (code, field) in {(f["code"], f["field"]) for f in answer.json()["findings"]}, answer.json()


def test_all_findings_come_at_once(api: Any, market: Any) -> None:
    answer = api.post("/requests", {"buses": [1], "extra": 1, "direction": "x"}, who="dso1")
    found = {(f["code"], f["field"]) for f in answer.json()["findings"]}
    assert found >= {("malformed", "buses[0]"), ("unknown_field", "extra"), ("missing", "quantity_mw")}


def test_nothing_sent_is_repeated(api: Any, market: Any) -> None:
    secret = "hunter2-" + "x" * 2000
    for body in ({"account": secret, "password": "b"}, {"account": "a", "password": {"p": secret}}, [secret]):
        assert secret[:20] not in api.post("/token", body, who=None).text


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/sessions?delivery_day=20160725", "delivery_day"),
        ("/sessions?delivery_day=1469354400", "delivery_day"),
        ("/sessions?page=2", "page"),
        ("/notifications?limit=0", "limit"),
        ("/notifications?limit=many", "limit"),
        ("/needs?region_id=R1", "delivery_day"),
        ("/requests?session_id=%00", "session_id"),
        ("/offers/%00", "offer_id"),
        ("/sessions/" + "x" * 101, "session_id"),
    ],
)
def test_bad_addresses(api: Any, path: str, field: str) -> None:
    answer = api.get(path)
    assert answer.status_code == 422
    assert field in {finding["field"] for finding in answer.json()["findings"]}


def test_a_refusal_quotes_what_is_no_text(api: Any) -> None:
    answer = api.raw("/regions/R1/network", b'{"\\ud800": 1}', "dso1", method="PUT")
    assert answer.status_code == 422
    assert "?" in answer.text
