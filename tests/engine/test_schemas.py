"""The published JSON Schemas name what the code reads and writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine import clear
from engine.grid import case as grid_case
from engine.market import case as market_case
from engine.market import offer_reading

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"


@pytest.fixture
def schema():
    return lambda name: json.loads((SCHEMAS / f"flexdesk.{name}-1.schema.json").read_text())


def test_the_case_schema_has_every_field_that_is_read(schema):
    case = schema("case")
    grid = case["$defs"]["grid"]["properties"]
    fields = case["properties"]
    pairs = [
        (case, market_case.CASE_FIELDS),
        (fields["offers"]["items"], set().union(*offer_reading.OFFER_FIELDS.values())),
        (fields["requests"]["items"], set().union(*offer_reading.REQUEST_FIELDS.values())),
        (fields["options"], market_case.OPTION_FIELDS),
        (case["$defs"]["grid"], grid_case.GRID_FIELDS),
        (grid["buses"]["items"], grid_case.BUS_FIELDS),
        (grid["branches"]["items"], grid_case.BRANCH_FIELDS),
        (grid["units"]["items"], grid_case.UNIT_FIELDS),
    ]
    for block, names in pairs:
        assert sorted(block["properties"]) == sorted(names)
        assert block["additionalProperties"] is False


def _conforms(schema: dict[str, Any], value: Any) -> bool:
    """Names only: every object has the required and no other fields, down to the leaves."""
    if "oneOf" in schema:
        return any(_conforms(option, value) for option in schema["oneOf"])
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        if not set(schema.get("required", ())) <= set(value) or (others is False and not set(value) <= set(known)):
            return False
        rest = others if isinstance(others, dict) else {}
        return all(_conforms(known.get(key, rest), entry) for key, entry in value.items())
    if isinstance(value, list):
        return all(_conforms(schema.get("items", {}), entry) for entry in value)
    return "enum" not in schema or value in schema["enum"]


def _modes(feeder, offer):
    """One document for each shape of result."""
    cheap = offer("O", "3", 2.0, 40.0)
    up = offer("U", "1", 0.5, 10.0, "up")
    asks = [
        {"id": "R", "party": "D", "buses": ["3"], "direction": "up", "quantity_mw": 0.2, "price_eur_per_mwh": 90.0}
    ]
    yield feeder(offers=[cheap])
    yield feeder(offers=[cheap], payment="vcg")
    yield feeder()
    yield feeder(p_mw=0.2)
    yield feeder(p_mw=-40.0)
    for clearing in ("requests", "copperplate", "continuous"):
        yield feeder(p_mw=0.5, offers=[up], requests=asks, clearing=clearing)


def test_results_have_the_fields_of_their_schema(schema, feeder, offer, read):
    described = schema("result")
    for document in _modes(feeder, offer):
        result = clear(read(document)).result
        assert _conforms(described, result)
        assert not _conforms(described, result | {"surplus": 1})
