"""Odd requests at every operation of the description, from fixed seeds, in process; `make soak` sends more."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from schemathesis import GenerationMode

from app.rest import build_asgi
from tests.soak.calls import Call, Got
from tests.soak.checks import faults
from tests.soak.fuzzing import Fuzzer
from tests.soak.generating import generated
from tests.soak.in_process import InProcess
from tests.soak.running import Soak, Tally
from tests.soak.state import Stored, changed

N_RAW = 1200
N_BOUNDS = 2
N_DRAWN = 1


@pytest.fixture(scope="module")
def stored(steady: Any) -> Iterator[Stored]:
    opened = Stored(Path(steady[0].world.store._engines.url.database))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def client(steady: Any) -> Iterator[InProcess]:
    with InProcess(build_asgi(steady[0].services)) as made:
        yield made


@pytest.fixture
def soak(steady: Any, client: InProcess, stored: Stored) -> Soak:
    return Soak(client, steady[0].tokens, stored)


def assert_clean(tally: Tally) -> None:
    """No fault, nothing changed by what was refused, and every kind of answer that must have come."""
    assert not tally.faults, tally.shown()
    assert not tally.changes, tally.shown()
    assert {200, 401, 403, 404, 422} <= set(tally.statuses)


def test_odd_bytes(soak: Soak) -> None:
    document = soak.describe()
    fuzzer = Fuzzer(document, [*soak.accounts], soak.learn(document), seed=5)
    tally = soak.run(fuzzer.calls(N_RAW), fuzzer.learn)
    assert_clean(tally)
    assert set(tally.operations) == {operation.name for operation in fuzzer.operations}
    assert {"malformed", "not_finite", "out_of_range", "unsupported_media_type"} <= set(tally.codes)


def test_what_schemathesis_makes_of_the_description(soak: Soak) -> None:
    document = soak.describe()
    calls = generated(document, soak.accounts, 5, N_DRAWN, N_BOUNDS, (GenerationMode.NEGATIVE,))
    tally = soak.run(calls)
    assert_clean(tally)
    described = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert set(tally.operations) == described


def test_a_refused_request_that_changes_something_is_found(soak: Soak, stored: Stored, steady: Any) -> None:
    before = stored.writes()
    assert changed(before, stored.writes()) == []
    steady[0].world.asset(unit="PV-2", p_max_mw=Decimal(2))
    assert "assets" in changed(before, stored.writes())


CALL = Call(kind="", operation="", who="", method="GET", target=b"/")
GOOD = (
    b'{"type": "/api/v1/docs/refusals.md#missing", "title": "a", "status": 422, "detail": "b", "code": "missing", '
)
GOOD += b'"correlation_id": "x", "findings": []}'


@pytest.mark.parametrize(
    ("status", "media_type", "body", "told"),
    [
        (422, "application/problem+json", GOOD, ""),
        (500, "application/problem+json", GOOD, "status 500"),
        (422, "application/json", GOOD, "a refusal as"),
        (422, "text/plain", b"no", "a refusal as"),
        (404, "application/problem+json", GOOD, "in the body of 404"),
        (422, "application/problem+json", GOOD.replace(b'"missing"', b'"nobody"'), "code nobody"),
        (422, "application/problem+json", GOOD.replace(b'"x"', b'"y"'), "another correlation id"),
        (200, "application/json", b'{"a": NaN}', "NaN is no JSON"),
        (200, "application/json", b'{"a": 1, "a": 1}', "a key twice"),
        (422, "", b"", "no problem details"),
    ],
)
def test_what_is_asked_of_answers(status: int, media_type: str, body: bytes, told: str) -> None:
    headers = {"content-type": media_type, "x-correlation-id": "x"}
    found = list(faults(CALL, Got(status=status, headers=headers, sent=body, seconds=0.1)))
    assert bool(found) == bool(told)
    assert told in " ".join(found)
