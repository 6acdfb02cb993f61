"""Every command and event survives its journey as text, and nothing else is taken for one."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import domain.commands
import domain.events
from app.codec import decode, encode, messages
from domain.commands import ApplyJob, Command, MoveClock, PlanSession, SubmitOffer
from domain.errors import Refused
from domain.events import Event
from domain.flexibility.assets import Direction
from domain.flexibility.market import OfferLine
from domain.ids import AssetId, JobId, RegionId, SessionId

_SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=20),
    int: st.integers(),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bytes: st.binary(max_size=20),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)),
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    hint = getattr(hint, "__supertype__", hint)
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if get_origin(hint) is tuple:
        return st.lists(values(get_args(hint)[0]), max_size=4).map(tuple)
    if get_origin(hint) in (Union, UnionType):
        (inner,) = (arg for arg in get_args(hint) if arg is not NoneType)
        return st.none() | values(inner)
    if issubclass(hint, Enum):
        return st.sampled_from(hint)
    return instances(hint)


def instances(kind: type[Any]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: values(hints[field.name]) for field in fields(kind)})


DEFINED = [
    kind
    for module, base in ((domain.commands, Command), (domain.events, Event))
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, base) and kind is not base
]


def test_every_command_and_event_is_known_by_its_name() -> None:
    assert {kind.__name__: kind for kind in DEFINED}.items() <= messages().items()
    assert len({kind.__name__ for kind in DEFINED}) == len(DEFINED) > 45


@pytest.mark.parametrize("kind", DEFINED, ids=lambda kind: kind.__name__)
@settings(max_examples=20, deadline=None, derandomize=True)
@given(data=st.data())
def test_round_trip(kind: type[Any], data: st.DataObject) -> None:
    message = data.draw(instances(kind))
    text = encode(message)
    back = decode(kind.__name__, text)
    assert back == message
    assert type(back) is kind
    assert encode(back) == text  # a Decimal's trailing zeros too
    assert text.isascii()


OFFER = SubmitOffer(
    session_id=SessionId("s1"),
    direction=Direction.UP,
    lines=(OfferLine(asset_id=AssetId("a1"), quantity_mw=(Decimal("0.10"), Decimal("1E+1"))),),
    price_eur_per_mwh=(Decimal("40"), Decimal("-0.00")),
)


def test_text_of_an_offer() -> None:
    assert json.loads(encode(OFFER)) == {
        "session_id": "s1",
        "direction": "up",
        "lines": [{"asset_id": "a1", "quantity_mw": ["0.10", "1E+1"]}],
        "price_eur_per_mwh": ["40", "-0.00"],
        "commodity": "P",
        "terms": {"block": False, "min_acceptance": "0", "max_energy_mwh": None, "ramp_mw_per_step": None},
    }


def test_instants_become_utc_and_bytes_base64() -> None:
    local = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    plan = PlanSession(
        region_id=RegionId("r1"),
        delivery_day=date(2026, 10, 25),
        opens_at=local,
        gate_closes_at=local.replace(fold=1),
        publishes_at=local.replace(fold=1),
    )
    said = json.loads(encode(plan))
    assert (said["opens_at"], said["gate_closes_at"]) == ("2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00")
    assert decode("PlanSession", encode(plan)).gate_closes_at.tzinfo is UTC
    job = ApplyJob(job_id=JobId("j"), succeeded=True, result=b"\x00\xff")
    assert json.loads(encode(job))["result"] == "AP8="


def changed(path: list[Any], value: Any) -> str:
    data = json.loads(encode(OFFER))
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(data)


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        ("", "malformed", ""),
        ("[]", "malformed", ""),
        ("[" * 100_000, "malformed", ""),
        ('{"a":1,"a":2}', "malformed", ""),
        ('{"price_eur_per_mwh": NaN}', "not_finite", ""),
        ("{}", "missing", "session_id"),
        (changed(["extra"], 1), "unknown_field", "extra"),
        (changed(["lines", 0, "extra"], 1), "unknown_field", "lines[0].extra"),
        (changed(["lines"], [{"asset_id": "a1"}]), "missing", "lines[0].quantity_mw"),
        (changed(["lines"], {}), "malformed", "lines"),
        (changed(["session_id"], 1), "malformed", "session_id"),
        (changed(["session_id"], None), "malformed", "session_id"),
        (changed(["direction"], "sideways"), "malformed", "direction"),
        (changed(["lines", 0, "quantity_mw", 1], 1.5), "malformed", "lines[0].quantity_mw[1]"),
        (changed(["lines", 0, "quantity_mw", 1], "one"), "malformed", "lines[0].quantity_mw[1]"),
        (changed(["lines", 0, "quantity_mw", 0], "sNaN"), "not_finite", "lines[0].quantity_mw[0]"),
        (changed(["lines", 0, "quantity_mw", 0], "-Infinity"), "not_finite", "lines[0].quantity_mw[0]"),
    ],
)
def test_anything_else_is_refused_with_its_place(text: str, code: str, field: str) -> None:
    with pytest.raises(Refused) as error:
        decode("SubmitOffer", text)
    finding = error.value.findings[0]
    assert (finding.code, finding.field) == (code, field)


@pytest.mark.parametrize(
    ("name", "field", "value", "code"),
    [
        ("MoveClock", "speed", True, "malformed"),
        ("MoveClock", "speed", 10**400, "not_finite"),
        ("ApplyJob", "succeeded", 1, "malformed"),
        ("ApplyJob", "result", "A", "malformed"),
        ("ApplyJob", "result", "ä", "malformed"),
        ("ApplyJob", "result", "QU!FB", "malformed"),
        ("PlanSession", "opens_at", "2026-11-21T08:30:00", "naive_time"),
        ("PlanSession", "opens_at", "soon", "malformed"),
        ("PlanSession", "delivery_day", "2026-02-30", "malformed"),
        ("PlanSession", "payment", "free", "malformed"),
    ],
)
def test_scalars_are_strict(name: str, field: str, value: Any, code: str) -> None:
    samples = {
        "MoveClock": {"action": "run", "speed": 1.0},
        "ApplyJob": {"job_id": "j", "succeeded": True, "result": "", "error": ""},
        "PlanSession": {
            "region_id": "r",
            "delivery_day": "2026-11-22",
            "opens_at": "2026-11-21T08:30:00+00:00",
            "gate_closes_at": "2026-11-21T09:30:00+00:00",
            "publishes_at": "2026-11-21T10:30:00+00:00",
            "clearing": "network",
            "payment": "nodal",
            "energy": "priced",
        },
    }
    decode(name, json.dumps(samples[name]))
    with pytest.raises(Refused) as error:
        decode(name, json.dumps(samples[name] | {field: value}))
    assert (error.value.findings[0].code, error.value.findings[0].field) == (code, field)


def test_only_commands_and_events_are_decoded() -> None:
    with pytest.raises(KeyError):
        decode("OfferLine", "{}")


def test_values_of_another_type_are_not_encoded() -> None:
    with pytest.raises(TypeError, match=r"price_eur_per_mwh\[0\]"):
        encode(replace(OFFER, price_eur_per_mwh=(40.0,)))
    for bad in (float("nan"), float("inf")):
        with pytest.raises(Refused):
            encode(MoveClock(action=domain.commands.ClockAction.RUN, speed=bad))
    with pytest.raises(Refused):
        encode(replace(OFFER, price_eur_per_mwh=(Decimal("NaN"),)))
