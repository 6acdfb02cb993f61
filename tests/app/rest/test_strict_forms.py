"""Forms read strictly: every field once, in UTF-8, of the right type; problem details otherwise."""

from __future__ import annotations

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.testclient import TestClient

from app.rest.fields import In
from app.rest.forms import Form, read_form
from app.rest.problems import install
from domain.errors import Refused

FORM = "application/x-www-form-urlencoded"


class Fields(In):
    grant_type: str
    scope: str | None = None


@pytest.fixture(scope="module")
def client() -> TestClient:
    api, router = FastAPI(), APIRouter()

    @router.post("/token")
    def token(form: Form) -> Fields:
        try:
            return Fields.model_validate(form)
        except ValidationError as error:
            raise RequestValidationError(error.errors()) from None

    install(api)
    api.include_router(router)
    return TestClient(api)


def test_a_form_is_read(client: TestClient) -> None:
    answer = client.post("/token", data={"grant_type": "pass word+ü%"})
    assert (answer.status_code, answer.json()) == (200, {"grant_type": "pass word+ü%", "scope": None})
    declared = {"content-type": f"{FORM}; charset=UTF-8"}
    assert client.post("/token", content=b"grant_type=%C3%BC", headers=declared).json()["grant_type"] == "ü"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"grant_type=a&grant_type=a", "malformed"),
        (b"grant_type=a&scope=1&scope=2", "malformed"),
        (b"grant_type=a&more=1", "unknown_field"),
        (b"", "missing"),
        (b"scope=a", "missing"),
        (b"grant_type", "malformed"),
        (b"grant_type=%zz", "malformed"),
        (b"grant_type=%ff", "malformed"),
        (b"grant_type=\xff", "malformed"),
        (b"grant_type=%00", "malformed"),
        (b"grant_type=%ED%A0%80", "malformed"),
        (b"&".join(b"f%d=1" % n for n in range(51)), "malformed"),
        (b'{"grant_type": "a"}', "malformed"),
    ],
)
def test_bad_forms(client: TestClient, body: bytes, code: str) -> None:
    answer = client.post("/token", content=body, headers={"content-type": FORM})
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "multipart/form-data", f"{FORM}; charset=latin-1"]
)
def test_other_types_are_refused(client: TestClient, content_type: str) -> None:
    answer = client.post("/token", content=b"grant_type=a", headers={"content-type": content_type})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert FORM in answer.json()["detail"]


def test_read_form_keeps_empty_values() -> None:
    assert dict(read_form(b"a=&b=1")) == {"a": "", "b": "1"}
    with pytest.raises(Refused):
        read_form(b"a=1&b")
