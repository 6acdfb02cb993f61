"""What every operation has, in the description: problem details, `pretty`, and the key of a POST."""

from __future__ import annotations

from typing import Any

from app.rest.problems import Problem

_PRETTY = {
    "name": "pretty",
    "in": "query",
    "required": False,
    "description": "Indented JSON; false for the shortest.",
    "schema": {"type": "string", "enum": ["true", "1", "false", "0"], "default": "true"},
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body again within 24 hours: the same answer, and nothing is done twice.",
    "schema": {"type": "string", "pattern": "^[!#-\\[\\]-~]{1,255}$"},
}
_PARAMETERS = {"pretty": _PRETTY, "idempotency_key": _KEY}


def describe(document: dict[str, Any], keyed: frozenset[str]) -> None:
    """Add it to a description of OpenAPI.

    keyed : paths whose POST takes a key though anybody may send it; with a token all do
    """
    definitions = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    inner = definitions.pop("$defs", {})
    components = document["components"]
    components["schemas"].update(inner, Problem=definitions)
    components.setdefault("parameters", {}).update(_PARAMETERS)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            takes_key = method == "post" and ("security" in operation or path in keyed)
            names = ["pretty", "idempotency_key"] if takes_key else ["pretty"]
            known = operation.setdefault("parameters", [])
            known.extend(ref for name in names if (ref := _reference(name)) not in known)


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{name}"}
