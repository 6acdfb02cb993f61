"""What schemathesis makes of a description: requests that fit it, and requests that do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from random import Random
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.errors import SerializationNotPossible

from tests.soak.calls import Call
from tests.soak.fuzzing import AS_NOBODY, NOBODY, is_unnamed, moves_time

_BASE = "http://127.0.0.1"
_DROPPED = frozenset(
    {"user-agent", "accept", "connection", "authorization", "x-api-key", "cookie", "content-length"}
)


def generated(
    document: Mapping[str, Any],
    roles: Sequence[str],
    seed: int,
    n_drawn: int,
    n_bounds: int,
    drawn_modes: Sequence[GenerationMode] = tuple(GenerationMode),
) -> Iterator[Call]:
    """Of every operation `n_drawn` cases, and `n_bounds` of those at the bounds of its description, of each mode;
    who sends them is drawn too. Deterministic.

    drawn_modes : drawing from a description takes long
    """
    rng = Random(seed)
    schema = schemathesis.openapi.from_dict(dict(document), config=SchemathesisConfig())
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:
            drawn = _drawn(operation, mode, n_drawn, seed) if mode in drawn_modes else ()
            for case in (*_bounds(operation, mode, n_bounds), *drawn):
                yield from _call(case, mode, operation.label, roles, rng)


def _bounds(operation: Any, mode: GenerationMode, most: int) -> Iterator[Case]:
    generation = operation.schema.config.generation_for(operation=operation, phase="coverage")
    cases = operation.schema.iter_coverage_cases(operation, generation_modes=[mode], generation_config=generation)
    return islice(cases, most)


def _drawn(operation: Any, mode: GenerationMode, n_cases: int, seed: int) -> Sequence[Case]:
    cases: list[Case] = []
    if not n_cases:
        return cases

    @seeded(seed)
    @settings(
        database=None,
        max_examples=n_cases,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def draw(case: Case) -> None:
        cases.append(case)

    try:
        draw()
    except Unsatisfiable:  # an operation without anything that could be wrong
        return cases
    return cases


def _call(case: Case, mode: GenerationMode, name: str, roles: Sequence[str], rng: Random) -> Iterator[Call]:
    who = NOBODY if name in AS_NOBODY or rng.random() < 0.05 else rng.choice(list(roles))
    if who == "fmo" and (is_unnamed(name) or moves_time(name)):
        who = NOBODY
    try:
        sent = case.as_transport_kwargs(base_url=_BASE)
        prepared = requests.Request(**{key: value for key, value in sent.items() if key in _PREPARED}).prepare()
        target = prepared.path_url.encode("latin-1")
        headers = tuple(
            (_bytes(key).lower(), _bytes(value))
            for key, value in prepared.headers.items()
            if _bytes(key).decode("latin-1").lower() not in _DROPPED
        )
    except (ValueError, requests.RequestException, SerializationNotPossible):  # nothing that could go over a wire
        return
    body = prepared.body or b""
    yield Call(
        kind=f"schemathesis, {mode.value}",
        operation=name,
        who=who,
        method=prepared.method or case.method,
        target=target,
        headers=((b"host", b"127.0.0.1"), *headers),
        body=body.encode() if isinstance(body, str) else bytes(body),
    )


_PREPARED = frozenset({"method", "url", "headers", "params", "json", "data", "files"})


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")
