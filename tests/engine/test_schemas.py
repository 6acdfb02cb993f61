"""The published JSON Schemas name what the code reads and writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine import clear
from engine.grid import case as grid_case
from engine.market import case as market_case

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
        (fields["offers"]["items"], market_case.OFFER_FIELDS),
        (fields["requests"]["items"], market_case.REQUEST_FIELDS),
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


def test_results_have_the_fields_of_their_schema(schema, feeder, offer, read):
    described = schema("result")
    for offers, p_mw in (([offer("O", "3", 2.0, 40.0)], 2.5), ([], 2.5), ([], 0.2), ([], -40.0)):
        result = clear(read(feeder(p_mw=p_mw, offers=offers))).result
        assert _conforms(described, result)
        assert not _conforms(described, result | {"surplus": 1})
