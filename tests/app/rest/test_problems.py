"""Problem details for everything that goes wrong, headers on every answer, and the description."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.bus import Bus
from app.rest import build_asgi
from app.rest.access import Services
from app.rest.edge import SECURITY_HEADERS
from app.rest.issuer import Issuer
from app.rest.problems import HTTP_CODES, STATUS, findings_of, json_path
from app.rest.tags import KEEPING
from domain.errors import Kind


class _Broken:
    """A desk, a sign-in and a clock that fail."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("secret detail")


@pytest.fixture
def broken() -> TestClient:
    def market_now() -> Any:
        raise RuntimeError("secret detail")

    services = Services(
        desk=_Broken(),
        auth=_Broken(),
        applying=_Broken(),
        market_now=market_now,
        max_body_bytes=1000,
        issuer=Issuer(b""),
        bus=Bus(),
        repeats=_Broken(),
        missing=tuple,
    )
    return TestClient(build_asgi(services), raise_server_exceptions=False)


def check(answer: Any, status: int, code: str) -> None:
    """Problem details with these values, and the headers that every answer has."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"/api/v1/docs/refusals.md#{code}"
    assert problem["title"]
    assert problem["detail"]
    assert answer.headers.items() >= {k.lower(): v for k, v in SECURITY_HEADERS.items()}.items()


def test_every_kind_has_a_status() -> None:
    assert set(STATUS) == set(Kind)


def test_unknown_address(api: Any) -> None:
    for path in ("/", "/api", "/api/v1", "/api/v1/sessions/", "/api/v2/health", "/docs", "/redoc"):
        check(api.client.get(path), 404, "not_found")


def test_unknown_method(api: Any) -> None:
    check(api.client.put("/api/v1/offers", headers=api.headers("esp1")), 405, "method_not_allowed")
    check(api.client.options("/api/v1/health"), 405, "method_not_allowed")


def test_faults_say_nothing_of_their_cause(broken: TestClient) -> None:
    answer = broken.get("/api/v1/sessions", headers={"Authorization": "Bearer x"})
    check(answer, 500, "internal")
    assert "secret" not in answer.text


def test_health_without_database(broken: TestClient) -> None:
    answer = broken.get("/api/v1/health")
    check(answer, 503, "unavailable")
    assert "secret" not in answer.text


def test_too_large_wherever_it_is_sent(broken: TestClient) -> None:
    for path in ("/nowhere", "/api/v1/health", "/api/v1/token"):
        check(broken.request("POST", path, content=b"x" * 1001), 413, "too_large")


def test_no_answer_is_open_to_other_origins(api: Any) -> None:
    answer = api.client.get("/api/v1/health", headers={"Origin": "https://evil.example"})
    everywhere = SECURITY_HEADERS | {"Cache-Control": KEEPING}
    assert answer.headers.items() >= {name.lower(): value for name, value in everywhere.items()}.items()
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_types_lead_to_the_meaning(api: Any) -> None:
    problem = api.client.get("/nowhere").json()
    path, _, code = problem["type"].partition("#")
    answer = api.client.get(path)
    assert answer.headers["content-type"].startswith("text/markdown")
    assert f"### {code}\n" in answer.text


def test_description_is_openapi_and_knows_problems(api: Any) -> None:
    document = api.client.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for methods in document["paths"].values():
        for operation in methods.values():
            for status in ("422", "default"):
                _, _, name = operation["responses"][status]["$ref"].rpartition("/")
                assert list(document["components"]["responses"][name]["content"]) == ["application/problem+json"]
    assert set(document["components"]["schemas"]["Problem"]["properties"]) >= {
        "type",
        "title",
        "status",
        "findings",
    }


def test_findings_are_cut_and_named_by_path() -> None:
    errors = [{"type": "missing", "loc": ("body", "lines", n, "x" * 200), "msg": ""} for n in range(50)]
    found = findings_of(errors)
    assert len(found) == 20
    assert found[3].field.startswith("lines[3].xxx")
    assert len(found[3].field) == 80
    assert json_path(("body", "lines", 0, "quantity_mw", 3)) == "lines[0].quantity_mw[3]"
    assert json_path(("body",)) == "body"


def test_http_codes_do_not_shadow_refusals() -> None:
    from domain.errors import CODES

    assert not set(HTTP_CODES) & set(CODES)


def test_what_is_missing_is_told_with_503(api: Any) -> None:
    assert api.get("/ready", who=None).json() == {"status": "ready"}
    missing = (("scheduler", "It does not poll."), ("disk", "It is full."))
    with TestClient(build_asgi(replace(api.services, missing=lambda: missing))) as client:
        answer = client.get("/api/v1/ready")
        assert client.get("/api/v1/health").status_code == 200
    check(answer, 503, "not_ready")
    assert [finding["field"] for finding in answer.json()["findings"]] == ["scheduler", "disk"]
