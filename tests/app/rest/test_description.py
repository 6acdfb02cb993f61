"""The description in OpenAPI: complete, right by OpenAPI's own schema, with examples that hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31
from starlette.testclient import TestClient

from app.bus import Bus
from app.rest import MARKET, build_asgi
from app.rest.access import Services
from app.rest.description import EXAMPLES
from app.rest.rows import ANYBODY
from domain.errors import refuse
from domain.parties import Principal, Role

Document = dict[str, Any]
NO_JSON = frozenset({"get_invoice_pdf", "get_invoice_csv", "get_schedules"})


@pytest.fixture(scope="module")
def document() -> Document:
    return MARKET.description


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_it_is_openapi_by_openapis_own_schema(document: Document) -> None:
    validator = jsonschema_rs.validator_for(OPENAPI_31)
    assert [error.message for error in validator.iter_errors(document)] == []
    broken = {**document, "openapi": 31, "paths": {"no slash": {"get": {"responses": []}}}}
    assert not validator.is_valid(broken)


def test_every_reference_leads_somewhere(document: Document) -> None:
    for pointer in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document))):
        at: Any = document
        for part in pointer.split("/"):
            at = at[part]


def test_every_operation_says_what_it_is(document: Document) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(ids)) == len(ids)
    tags = {tag["name"] for tag in document["tags"]}
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", operation["operationId"]), where
        assert 3 < len(operation["summary"]) < 160, where
        assert set(operation["tags"]) <= tags, where
        assert operation["tags"], where
        for parameter in parameters(document, operation):
            assert parameter["description"], f"{where}: {parameter['name']}"


def test_every_operation_says_what_it_may_refuse(document: Document) -> None:
    for method, path, operation in operations(document):
        answers, public = set(operation["responses"]), operation["operationId"] in ANYBODY
        assert answers >= {"422", "429", "default"}, path
        assert public or answers >= {"401", "403"}, path
        assert "{" not in path or "404" in answers, path
        assert method == "get" or answers >= {"409", "413", "415"}, path
        matched = "If-Match" in {parameter["name"] for parameter in parameters(document, operation)}
        assert matched is ("412" in answers), path
        assert method != "get" or "304" in answers, path
        assert any(status.startswith("2") for status in answers), path
        assert bool(operation.get("security")) is not public, path
    assert set(document["components"]["securitySchemes"]) == {"bearer", "api_key", "oauth2"}


def test_names_of_types_are_for_people(document: Document) -> None:
    assert not [name for name in document["components"]["schemas"] if "__" in name]


def parameters(document: Document, operation: Document) -> list[Document]:
    known = document["components"]["parameters"]
    told = operation.get("parameters", ())
    return [known[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in told]


def body_of(operation: Document) -> Document:
    return next(iter(operation.get("requestBody", {}).get("content", {}).values()), {})


def answer_of(operation: Document) -> Document:
    status = min(status for status in operation["responses"] if status.startswith("2"))
    return next(iter(operation["responses"][status].get("content", {}).values()), {})


def test_every_body_and_answer_has_an_example_that_fits(document: Document) -> None:
    for _, path, operation in operations(document):
        for content in (body_of(operation), answer_of(operation)):
            if not content.get("schema") or operation["operationId"] in NO_JSON:
                continue
            assert "example" in content, f"{operation['operationId']} {path}"
            schema = {**content["schema"], "components": document["components"]}
            errors = [
                f"{e.instance_path}: {e.message}"
                for e in jsonschema_rs.validator_for(schema).iter_errors(content["example"])
            ]
            assert errors == [], operation["operationId"]


def test_there_are_no_examples_of_nothing(document: Document) -> None:
    names = {operation["operationId"] for _, _, operation in operations(document)}
    assert {path.stem for path in EXAMPLES.glob("*.json")} <= names


class _Deaf:
    """A desk and everything else that takes nothing."""

    def execute(self, *_: Any) -> Any:
        raise refuse("not_found", "desk", "Nothing is here.")

    query = apply = issue_token = execute

    def __getattr__(self, name: str) -> Any:
        return self.execute

    def principal_of_bearer(self, token: str) -> Principal:
        return Principal(account="a", party_id=token, role=Role(token), name="A")  # type: ignore[arg-type]


def test_bodies_of_examples_are_read(document: Document) -> None:
    """Posted to a desk that refuses everything: what is read gets that far."""
    deaf = _Deaf()
    services: Any = Services(**dict.fromkeys(NEEDED, deaf), bus=Bus(), max_body_bytes=10**7)
    n_read = 0
    with TestClient(build_asgi(services), raise_server_exceptions=False) as client:
        for method, path, operation in operations(document):
            content = body_of(operation)
            if "example" not in content:
                continue
            media_type = next(iter(operation["requestBody"]["content"]))
            example = content["example"]
            written = urlencode if "form" in media_type else json.dumps
            sent = example if isinstance(example, str) else written(example)
            told = set()
            for role in Role:
                signed_in = {"Authorization": f"Bearer {role.value}"} if operation.get("security") else {}
                answer = client.request(
                    method,
                    re.sub(r"\{(\w+)\}", lambda name: IN_ADDRESS.get(name[1], "x"), path),
                    content=sent,
                    headers={"Content-Type": media_type} | signed_in,
                )
                told.add(answer.json().get("code"))
            assert told <= {"not_found", "not_permitted", "not_yours"}, (path, told)
            n_read += 1
    assert n_read > 30


NEEDED = ("desk", "auth", "applying", "market_now", "issuer", "repeats", "missing")
IN_ADDRESS = {"delivery_day": "2016-07-25", "kind": "day_ahead", "series_kind": "baseline", "chapter": "needs"}
