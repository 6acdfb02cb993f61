"""Content codings as RFC 9110 and our own rule have them: compressed, or refused before anything runs."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import brotli
import pytest
from starlette.testclient import TestClient

from app.rest import build_asgi
from app.rest.edges.codings import chosen, encoded


@pytest.fixture
def api(steady: Any) -> Any:
    return steady[0]


@pytest.fixture
def market(steady: Any) -> Any:
    return steady[1]


THE_DOCUMENTS_EXAMPLE = "br;q=1.0, gzip;q=0.8, deflate;q=0.5, compress;q=0.1, *;q=0"

# Accept-Encoding -> the coding when compression is required, and when it is not
CHOICES: dict[str | None, tuple[str | None, str | None]] = {
    None: ("gzip", "identity"),
    THE_DOCUMENTS_EXAMPLE: ("br", "br"),
    "gzip, deflate, br, zstd": ("br", "br"),
    "gzip": ("gzip", "gzip"),
    "x-gzip": ("gzip", "gzip"),
    "GZIP;Q=0.5": ("gzip", "gzip"),
    "br;q=0.2, gzip;q=0.8": ("gzip", "gzip"),
    "*": ("br", "br"),
    "*;q=0.1": ("br", "br"),
    "br;q=0, *": ("gzip", "gzip"),
    "identity;q=0": ("gzip", "gzip"),
    "identity;q=0, gzip": ("gzip", "gzip"),
    "identity;q=0, deflate": (None, None),
    "gzip;q=0.5, identity": ("gzip", "identity"),
    "gzip;q=0.5, identity;q=0.5": ("gzip", "gzip"),
    "identity": (None, "identity"),
    "": (None, "identity"),
    "deflate": (None, "identity"),
    "deflate, *;q=0": (None, None),
    "*;q=0": (None, None),
    "*;q=0, identity;q=0.1": (None, "identity"),
    "gzip;q=0, br;q=0": (None, "identity"),
    "gzip;q=0, br;q=0, identity;q=0": (None, None),
    "gzip;q=0.000": (None, "identity"),
    "gzip;q=1.5": (None, "identity"),
    "gzip;q=-1": (None, "identity"),
    "gzip;level=9": (None, "identity"),
    ", ,gzip , ": ("gzip", "gzip"),
    "gzip" * 1000: (None, "identity"),
}


@pytest.mark.parametrize("header", CHOICES, ids=lambda header: repr(header)[:40])
def test_the_coding_of_an_answer(header: str | None) -> None:
    assert (chosen(header, required=True), chosen(header, required=False)) == CHOICES[header]


@pytest.mark.parametrize(("coding", "decode"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_what_is_encoded_comes_back(coding: str, decode: Callable[[bytes], bytes]) -> None:
    body = b'{"p_mw": [0, 0, 0]}' * 500
    assert decode(encoded(body, coding)) == body
    assert len(encoded(body, coding)) < len(body) / 10


def sent(client: TestClient, path: str, accept: str | None, **headers: str) -> Any:
    """The answer as it is on the wire, and the client's own Accept-Encoding only if it is given."""
    request = client.build_request("GET", f"/api/v1{path}", headers=headers)
    del request.headers["accept-encoding"]
    if accept is not None:
        request.headers["accept-encoding"] = accept
    return client.send(request)


@pytest.mark.parametrize(
    ("accept", "coding"), [(THE_DOCUMENTS_EXAMPLE, "br"), ("identity;q=0, gzip", "gzip"), (None, "gzip")]
)
def test_every_answer_is_compressed(api: Any, accept: str | None, coding: str) -> None:
    for path, status in (("/sessions", 200), ("/sessions/none", 404), ("/nowhere", 404), ("/clock?pretty=x", 422)):
        answer = sent(api.client, path, accept, **api.headers("esp1"))
        assert (answer.status_code, answer.headers["content-encoding"]) == (status, coding), path
        assert "Accept-Encoding" in answer.headers["vary"]
        assert isinstance(answer.json(), dict)


@pytest.mark.parametrize("accept", ["identity", "", "deflate", "*;q=0", "gzip;q=0"])
def test_whoever_takes_no_compression_is_told_to(api: Any, market: Any, accept: str) -> None:
    before = api.row_counts()
    headers = api.headers("esp1") | {"accept-encoding": accept}
    answer = api.client.post("/api/v1/offers", json=market.offer(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
    assert "Accept-Encoding: br, gzip" in answer.json()["detail"]
    assert "content-encoding" not in answer.headers
    assert api.row_counts() == before


@pytest.mark.parametrize(
    "path", ["/health", "/ready", "/openapi.json", "/docs", "/docs/start.js", "/docs/refusals.md"]
)
def test_probes_browsers_and_the_description_go_without(api: Any, path: str) -> None:
    plain = sent(api.client, path, "identity")
    assert (plain.status_code, "content-encoding" in plain.headers) == (200, False)
    assert "Accept-Encoding" in plain.headers["vary"]
    assert sent(api.client, path, "gzip").headers["content-encoding"] == "gzip"


def test_a_setting_lets_answers_go_without(api: Any) -> None:
    with TestClient(build_asgi(replace(api.services, plain_allowed=True))) as client:
        answer = sent(client, "/clock", "identity", **api.headers("esp1"))
        assert (answer.status_code, "content-encoding" in answer.headers) == (200, False)
        assert sent(client, "/clock", "br", **api.headers("esp1")).headers["content-encoding"] == "br"
        assert sent(client, "/clock", "*;q=0", **api.headers("esp1")).status_code == 406


def test_an_answer_without_a_body_has_no_coding(api: Any) -> None:
    answer = api.raw("/notifications/read", b"")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-encoding" not in answer.headers


def test_codings_in_several_lines_count_together(api: Any) -> None:
    request = api.client.build_request("GET", "/api/v1/clock", headers=api.headers("esp1"))
    rest = [(name, value) for name, value in request.headers.raw if name.lower() != b"accept-encoding"]
    lines = [(b"Accept-Encoding", b"gzip;q=0.1"), (b"Accept-Encoding", b"br")]
    request.headers = type(request.headers)([*rest, *lines])
    assert api.client.send(request).headers["content-encoding"] == "br"
