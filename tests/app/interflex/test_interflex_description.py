"""Our OpenAPI document as a generator of clients reads it."""

from __future__ import annotations

from collections import Counter

from app.rest import MARKET


def test_every_schema_and_operation_has_a_name_of_its_own() -> None:
    """Generators name classes and functions by them; a second one of the same name is left out."""
    document = MARKET.description
    titles = Counter(schema.get("title", name) for name, schema in document["components"]["schemas"].items())
    assert [title for title, n in titles.items() if n > 1] == []
    operations = Counter(
        operation["operationId"] for methods in document["paths"].values() for operation in methods.values()
    )
    assert [name for name, n in operations.items() if n > 1] == []


def test_interflex_operations_are_named_by_verb_and_thing() -> None:
    named = {
        operation["operationId"]
        for path, methods in MARKET.description["paths"].items()
        if path.startswith("/interflex/")
        for operation in methods.values()
    }
    things = ("request", "offer", "activation", "ack", "nack")
    assert named == {
        *(f"interflex_{verb}_{thing}" for verb in ("post", "delete") for thing in things),
        *(f"interflex_list_{thing}s" for thing in things),
        *(f"interflex_get_{thing}_id" for thing in things),
        "interflex_get_token",
        "interflex_refresh_token",
    }
