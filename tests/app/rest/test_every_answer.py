"""What every answer has: indented JSON, unless not wanted, and a correlation id; how many a caller may have."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import Any

import pytest
import world as w
from starlette.testclient import TestClient

from app.auth import Throttled
from app.correlation import Correlated
from app.rest import build_asgi
from app.rest.edges.pretty import asked, indented
from app.rest.edges.rates import MAX_CALLERS, Rates
from domain.errors import Refused


@pytest.fixture
def api(steady: Any) -> Any:
    return steady[0]


@pytest.mark.parametrize("path", ["/clock", "/sessions?region_id=R1", "/nowhere"])
def test_json_is_indented_unless_it_is_not_wanted(api: Any, path: str) -> None:
    sign = "&" if "?" in path else "?"
    answers = {
        value: api.client.get(f"/api/v1{path}{sign}pretty={value}", headers=api.headers("esp1"))
        for value in ("true", "1", "false", "0")
    }
    by_default = api.get(path)
    assert by_default.text.startswith('{\n  "')
    assert answers["true"].text.endswith("\n}\n")
    assert "\n" not in answers["false"].text
    values = [json.loads(answer.text) for answer in (by_default, *answers.values())]
    for value in values:
        value.pop("correlation_id", None)
        value.pop("market_time", None)
    assert all(value == values[0] for value in values)


@pytest.mark.parametrize(
    "query", ["pretty=", "pretty", "pretty=yes", "pretty=TRUE", "pretty=1&pretty=1", "%70retty=2"]
)
def test_another_value_is_refused(api: Any, query: str) -> None:
    answer = api.client.get(f"/api/v1/sessions?{query}", headers=api.headers("esp1"))
    assert (answer.status_code, answer.json()["findings"][0]["field"]) == (422, "pretty")


def test_other_parameters_stay_as_they_are() -> None:
    assert asked(b"a=%ff&pretty=0&b=1&a") == (False, b"a=%ff&b=1&a")
    assert asked(b"x=pretty") == (True, b"x=pretty")
    with pytest.raises(Refused):
        asked(b"pretty=\xff")


def test_indenting_changes_no_value() -> None:
    body = b'{"a":[1.5,0.1,12345678901234567890123,"\\u00fc\\ud83d\\ude00",null,-0.0,{}],"b":{"c":[]}}'
    assert json.loads(indented(body)) == json.loads(body)
    assert indented(b"no json") == b"no json"


def test_a_document_comes_back_byte_by_byte(api: Any) -> None:
    raw = json.dumps(json.loads(w.network()), indent=7)
    sent = api.raw("/regions/R1/network", raw, "dso1", method="PUT")
    assert sent.status_code == 200, sent.text
    scheduled = api.raw(
        "/regions/R1/schedules/2016-07-25", w.schedule(), "dso1", method="PUT", **{"content-type": "text/csv"}
    )
    assert scheduled.status_code == 200, scheduled.text
    assert api.get("/regions/R1/files/2016-07-25/network", who="dso1").text == raw


def test_a_given_correlation_id_comes_back_everywhere(api: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(Correlated())
    headers = {"X-Correlation-Id": "order-66.A_b"}
    with caplog.at_level(logging.WARNING):
        answer = api.client.post("/api/v1/token", json={"account": "esp1", "password": "wrong"}, headers=headers)
    assert answer.headers["x-correlation-id"] == answer.json()["correlation_id"] == "order-66.A_b"
    assert {record.correlation for record in caplog.records} == {" [order-66.A_b]"}


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 65, "a\u00fc", "../../etc", "a;b"])
def test_another_one_is_made(api: Any, given: str | None) -> None:
    headers = {} if given is None else {"X-Correlation-Id": given.encode()}
    answers = [api.client.get("/api/v1/health", headers=headers) for _ in range(2)]
    made = [answer.headers["x-correlation-id"] for answer in answers]
    assert [len(one) for one in made] == [32, 32]
    assert made[0] != made[1]


def test_a_caller_that_sends_too_much_waits(api: Any) -> None:
    now = [1000.0]
    services = replace(api.services, rates=Rates(10, lambda: now[0]))
    with TestClient(build_asgi(services)) as client:

        def status(who: str | None, path: str = "/clock") -> int:
            return client.get(f"/api/v1{path}", headers=api.headers(who)).status_code

        assert [status("esp1") for _ in range(12)] == [200] * 10 + [429] * 2
        refused = client.get("/api/v1/clock", headers=api.headers("esp1"))
        assert (refused.json()["code"], refused.headers["retry-after"]) == ("throttled", "6")
        assert status("esp2") == 200
        assert [status(None) for _ in range(12)] == [401] * 10 + [429] * 2
        assert status(None, "/health") == 429
        now[0] += 6
        assert [status("esp1"), status("esp1")] == [200, 429]


def test_counters_are_bounded_and_survive_a_clock_set_back() -> None:
    now = [1000.0]
    rates = Rates(10, lambda: now[0])
    for n in range(MAX_CALLERS + 5):
        rates.count(f"caller {n}")
    assert len(rates._due) == MAX_CALLERS
    now[0] = 0.0
    with pytest.raises(Throttled) as refused:
        rates.count(f"caller {MAX_CALLERS}")
    assert refused.value.retry_after_s == 6
    now[0] += 6
    rates.count(f"caller {MAX_CALLERS}")


def test_the_page_of_the_description_loads_only_what_is_here(api: Any) -> None:
    page = api.client.get("/api/v1/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "//" not in page.text.replace("<!DOCTYPE", "")
    for name, kind, least in (
        ("swagger-ui.css", "text/css", 100_000),
        ("swagger-ui.js", "text/javascript", 1_000_000),
        ("icon.png", "image/png", 100),
        ("start.js", "text/javascript", 100),
    ):
        assert f"docs/{name}" in page.text
        file = api.client.get(f"/api/v1/docs/{name}")
        assert (file.status_code, file.headers["content-type"].partition(";")[0]) == (200, kind)
        assert len(file.content) > least
    assert api.client.get("/api/v1/docs/../swagger.py").status_code == 404


def test_the_description_tells_of_keys_and_indenting(api: Any) -> None:
    document = api.client.get("/api/v1/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            refs = [parameter.get("$ref", "").rpartition("/")[2] for parameter in operation["parameters"]]
            assert refs.count("pretty") == 1, path
            keyed = method == "post" and ("security" in operation or path == "/api/v1/applications")
            assert refs.count("idempotency_key") == keyed, path
