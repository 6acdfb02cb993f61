"""The market place and platforms: each interface has a description of its own, and a client can be made of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser.openapi import GeneratorData
from schemathesis.specs.openapi.definitions import OPENAPI_31

from app.platform.rest import INTERFACES
from app.rest.eu_mp_notifications import NOTIFICATIONS
from app.rest.interfaces import Interface
from app.rest.market_place import PLACE

ALL: Mapping[str, Interface] = {one.path: one for one in (PLACE, NOTIFICATIONS, *INTERFACES)}
PLACE_PATH, EU_MP, B2B, B2C, OWN = (
    f"/{name}/v1/openapi.json" if name != "place" else PLACE.path
    for name in ("place", "eu-mp", "b2b", "b2c", "own")
)
OBJECTS: Mapping[str, frozenset[str]] = {
    "MKP-ADD": frozenset({PLACE_PATH}),
    "MKP-DES": frozenset({PLACE_PATH}),
    "MPL-REG": frozenset({PLACE_PATH}),
    "MPL-ADD": frozenset({PLACE_PATH}),
    "MPL-DES": frozenset({PLACE_PATH}),
    "MPL-AUT": frozenset({PLACE_PATH}),
    "MKP-SRV-OFF": frozenset({PLACE_PATH}),
    "MKP-SRV-SUB": frozenset({PLACE_PATH}),
    "B2B-SRV-SUB": frozenset({PLACE_PATH, EU_MP, OWN}),
    "MKP-SRV-DES": frozenset({PLACE_PATH, EU_MP, OWN}),
    "CUS-CON-DES": frozenset({B2C, OWN}),
    "CUS-CON-ACK": frozenset({B2B, OWN}),
    "CUS-CON-REV": frozenset({B2B, B2C, OWN}),
    "DSO-REQ": frozenset({B2B, OWN}),
    "DSO-CNF": frozenset({B2B, OWN}),
    "USP-REQ": frozenset({B2B, OWN}),
    "USP-CNF": frozenset({B2B, OWN}),
    "IND-DAT-SEL": frozenset({B2B, OWN}),
    "AGG-DAT-SEL": frozenset({B2B, OWN}),
    "SRV-ACT-AGR": frozenset({B2B, OWN}),
    "IND-DAT-VAL": frozenset({B2B}),
    "IND-DAT-ACK": frozenset({B2B}),
    "AGG-DAT-VAL": frozenset({B2B}),
    "AGG-DAT-ACK": frozenset({B2B}),
    "TECH-FLEX-REQ": frozenset({B2B, OWN}),
    "TECH-FLEX-RESP": frozenset({B2B, OWN}),
}
"""The business objects of FLEXICIENCY's data model (document 003, table 3), and in whose schemas each is."""
_BYTES = dict.fromkeys(
    ("text/csv", "application/jsonl", "application/x-ndjson", "application/xml"), "application/octet-stream"
)
"""Documents that the maker of clients does not know are bytes to it."""


def titles(value: Any) -> Iterator[str]:
    """Of a description's schemas, and of their parts."""
    if isinstance(value, Mapping):
        if isinstance(value.get("title"), str):
            yield value["title"]
        for part in value.values():
            yield from titles(part)
    elif isinstance(value, list):
        for part in value:
            yield from titles(part)


@pytest.mark.parametrize("path", ALL)
def test_each_interface_has_a_description_of_its_own(path: str) -> None:
    document = ALL[path].description
    validator = jsonschema_rs.validator_for(OPENAPI_31)
    assert document["openapi"].startswith("3.1")
    assert [error.message for error in validator.iter_errors(document)] == []
    prefix = path.removesuffix("/openapi.json")
    assert all(one.startswith(f"{prefix}/") for one in document["paths"])
    schemas = document["components"]["schemas"]
    named = [schema.get("title", name) for name, schema in schemas.items()]
    assert sorted(set(named)) == sorted(named), "a client has one type of each title"
    assert not [name for name in schemas if "__" in name]
    for pointer in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document))):
        at: Any = document
        for part in pointer.split("/"):
            at = at[part]
    for methods in document["paths"].values():
        for operation in methods.values():
            assert len(operation["summary"]) > 3, operation["operationId"]
            assert operation["description"], operation["operationId"]
            assert set(operation["tags"]) <= {tag["name"] for tag in document["tags"]}, operation["operationId"]
            for parameter in operation.get("parameters", ()):
                assert "$ref" in parameter or parameter["description"], (
                    operation["operationId"],
                    parameter["name"],
                )


def test_no_operation_has_the_name_of_another() -> None:
    """But those that are the same on the market and on a platform."""
    named = [
        (operation["operationId"], path)
        for interface in ALL.values()
        for path, methods in interface.description["paths"].items()
        for operation in methods.values()
    ]
    assert len({name for name, _ in named}) == len(named)


@pytest.mark.parametrize("path", ALL)
def test_a_client_can_be_made_of_each(path: str) -> None:
    config = Config.from_sources(
        ConfigFile(content_type_overrides=_BYTES), MetaType.NONE, Path("none"), "utf-8", False, None
    )
    made = GeneratorData.from_dict(dict(ALL[path].description), config=config)
    assert isinstance(made, GeneratorData), made
    assert [str(error.detail) for error in made.errors] == []
    collections = made.endpoint_collections_by_tag.values()
    assert [(error.header, str(error.detail)) for one in collections for error in one.parse_errors] == []
    n_described = sum(len(methods) for methods in ALL[path].description["paths"].values())
    assert sum(len(one.endpoints) for one in collections) == n_described


def test_every_business_object_is_in_the_descriptions_that_are_to_have_it() -> None:
    assert len(OBJECTS) == 26
    found = {
        name: frozenset(
            path
            for path, interface in ALL.items()
            if any(
                re.search(rf"(?<![A-Z-]){name}(?![A-Z-])", title)
                for title in titles(interface.description["components"]["schemas"])
            )
        )
        for name in OBJECTS
    }
    assert found == OBJECTS
